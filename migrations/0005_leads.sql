-- One submission, stored whatever its outcome. Partitioned by id, that is by time; the first partition takes all until
-- there is a reason to cut it.
create table leads (
    id bytea not null check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    flow_id bytea not null,
    source_id bytea not null,
    -- names as they were, for when flow or source are gone
    flow_name text not null,
    source_name text not null,
    -- the account that sent it, where the source is a connected account
    seller_account_id bytea,
    outcome text not null check (outcome in ('success', 'failure', 'error')),
    reason text,
    price numeric not null default 0,
    test boolean not null default false,
    -- as it came, flattened to dotted names
    input jsonb not null,
    -- after mappings and parsing: {"state": {"value": "CA", "raw": "California", "valid": true}, …}
    fields jsonb not null,
    received_at timestamptz not null,
    constraint leads_pkey primary key (account_id, id)
) partition by range (id);
create table leads_all partition of leads default;
create index leads_flow_id_idx on leads (account_id, flow_id, id desc);
create index leads_source_id_idx on leads (account_id, source_id, id desc);
create index leads_seller_account_id_idx on leads (seller_account_id, id desc);

-- Two posts are two leads, unless both carry the same Idempotency-Key for the source within 24 hours.
create table lead_keys (
    source_id bytea not null,
    key_hash bytea not null check (octet_length(key_hash) = 32),
    lead_id bytea not null,
    created_at timestamptz not null,
    constraint lead_keys_pkey primary key (source_id, key_hash)
);
