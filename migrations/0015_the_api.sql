-- What the public API needs.

-- Deeds of an account's own systems: done with this key, by nobody who was signed in.
alter table api_keys add constraint api_keys_account_id_id_key unique (account_id, id);
alter table activity
    add column api_key_id bytea,
    add constraint activity_api_key_fkey foreign key (account_id, api_key_id) references api_keys (account_id, id),
    add constraint activity_api_key_check check (api_key_id is null or user_id is null);

-- What was answered to a post with an Idempotency-Key, so that its repetition gets the same for 24 hours.
create table api_answers (
    account_id bytea not null references accounts (id),
    key_hash bytea not null check (octet_length(key_hash) = 32),
    -- SHA-256 of method, path and body: the same key with another request is refused
    request_hash bytea not null check (octet_length(request_hash) = 32),
    -- empty while the transaction that answers runs; nobody else ever sees it so
    status smallint,
    body bytea,
    at timestamptz not null,
    constraint api_answers_pkey primary key (account_id, key_hash)
);
create index api_answers_at_idx on api_answers (account_id, at);
