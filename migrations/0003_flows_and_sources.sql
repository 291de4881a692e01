-- Who sells to whom.
create table connections (
    id bytea not null constraint connections_pkey primary key check (octet_length(id) = 12),
    seller_account_id bytea not null references accounts (id),
    buyer_account_id bytea not null references accounts (id),
    connected_at timestamptz not null,
    disconnected_at timestamptz,
    constraint connections_pair_key unique (seller_account_id, buyer_account_id),
    constraint connections_two_accounts_check check (seller_account_id <> buyer_account_id)
);
create index connections_buyer_account_id_idx on connections (buyer_account_id);

-- How one account sees one party it trades with.
create table entities (
    id bytea not null constraint entities_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    kind text not null check (kind in ('standard', 'custom', 'account')),
    -- the address while pending, the account's name once connected
    name text not null check (char_length(name) between 1 and 320),
    -- null: is no source; 'seller' for accounts, 'form' or 'other' for standard and custom ones
    source text check (source in ('form', 'seller', 'other')),
    recipient text check (recipient in ('buyer', 'crm', 'analytics', 'enhancement', 'esp', 'other')),
    -- the address its invitation went to, canonical; finds its partner while there is no account
    invited_email_key text,
    -- the other account, from the first acceptance on; kept when the connection ends
    connected_account_id bytea references accounts (id),
    -- emptied by a merge; 'see' names what took its place
    deprecated boolean not null default false,
    see bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint entities_account_id_id_key unique (account_id, id),
    constraint entities_see_fkey foreign key (account_id, see) references entities (account_id, id)
);
create unique index entities_connected_account_id_key on entities (account_id, connected_account_id)
    where connected_account_id is not null and not deprecated;
create unique index entities_name_key on entities (account_id, lower(name)) where kind <> 'account';

create table partners (
    id bytea not null constraint partners_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    name text not null check (char_length(name) between 1 and 320),
    -- false: named by an address, takes the account's name on acceptance
    named_by_hand boolean not null,
    website text,
    notes text not null default '',
    -- the address its connection invitation went to, canonical
    invited_email_key text,
    linked_account_id bytea references accounts (id),
    archived_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint partners_account_id_id_key unique (account_id, id)
);
create unique index partners_linked_account_id_key on partners (account_id, linked_account_id)
    where linked_account_id is not null;
create index partners_invited_email_key_idx on partners (account_id, invited_email_key);

create table flows (
    id bytea not null constraint flows_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    name text not null check (char_length(name) between 1 and 100),
    enabled boolean not null default true,
    -- {"rule_set": …, "reason"?}: the shape of http-api.md; null accepts every lead
    acceptance_criteria jsonb,
    -- raised by every change; a form made from an older version is refused
    version int not null default 1,
    archived_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint flows_account_id_id_key unique (account_id, id)
);
create unique index flows_name_key on flows (account_id, lower(name)) where archived_at is null;

create table flow_fields (
    account_id bytea not null,
    flow_id bytea not null,
    position int not null,
    -- the name of a standard field (src/rules/fields.rs)
    name text not null,
    constraint flow_fields_pkey primary key (flow_id, name),
    constraint flow_fields_flow_fkey foreign key (account_id, flow_id) references flows (account_id, id) on delete cascade
);

-- An entity used as a source in one flow. Its id is the source_id of URLs and leads and never changes.
create table flow_sources (
    id bytea not null constraint flow_sources_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    flow_id bytea not null,
    entity_id bytea not null,
    partner_id bytea,
    -- what the buyer wants; whether it may send is derived: enabled, flow enabled, entity connected
    enabled boolean not null,
    turn_on_when_accepted boolean not null default true,
    mappings jsonb not null default '[]',
    acceptance_criteria jsonb,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint flow_sources_account_id_id_key unique (account_id, id),
    constraint flow_sources_flow_id_entity_id_key unique (flow_id, entity_id),
    constraint flow_sources_flow_fkey foreign key (account_id, flow_id) references flows (account_id, id),
    constraint flow_sources_entity_fkey foreign key (account_id, entity_id) references entities (account_id, id),
    constraint flow_sources_partner_fkey foreign key (account_id, partner_id) references partners (account_id, id)
);
create index flow_sources_entity_id_idx on flow_sources (entity_id);
create index flow_sources_partner_id_idx on flow_sources (partner_id);

-- Submissions that were refused before they became leads, counted per source and day.
create table source_refusals (
    account_id bytea not null,
    source_id bytea not null,
    day date not null,
    count bigint not null,
    constraint source_refusals_pkey primary key (source_id, day),
    constraint source_refusals_source_fkey foreign key (account_id, source_id) references flow_sources (account_id, id)
);
