-- People, companies, and who belongs to which.
-- Ids are 12 bytes: 48 bits of milliseconds, 48 random (src/base/id.rs). Tables of one account carry (account_id, id)
-- as a key too, so that references between them can never point into another account.

create table accounts (
    id bytea not null constraint accounts_pkey primary key check (octet_length(id) = 12),
    name text not null check (char_length(name) between 1 and 100),
    website text,
    -- IANA name; days and times of the account are shown in it
    time_zone text not null default 'UTC',
    -- how many days its invitations live (product.md section 2)
    invitation_days int not null default 14 check (invitation_days between 1 and 30),
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table users (
    id bytea not null constraint users_pkey primary key check (octet_length(id) = 12),
    name text not null check (char_length(name) between 1 and 100),
    -- as typed; shown and mailed to
    email text not null,
    -- canonical: what addresses are compared by
    email_key text not null constraint users_email_key_key unique,
    -- a user row exists only for an address that was verified; before that there is a signups row
    email_verified_at timestamptz not null,
    -- argon2id in PHC form
    password_hash text not null,
    password_changed_at timestamptz not null,
    created_at timestamptz not null
);

-- Somebody typed an address nobody has proved yet. Nothing of it counts until the mailed link is followed.
create table signups (
    id bytea not null constraint signups_pkey primary key check (octet_length(id) = 12),
    token_hash bytea not null constraint signups_token_hash_key unique check (octet_length(token_hash) = 32),
    name text not null,
    company text not null,
    email text not null,
    email_key text not null,
    password_hash text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);

create table members (
    account_id bytea not null references accounts (id),
    user_id bytea not null references users (id),
    role text not null check (role in ('admin', 'manager', 'viewer')),
    created_at timestamptz not null,
    constraint members_pkey primary key (account_id, user_id)
);
create index members_user_id_idx on members (user_id);

create table subscriptions (
    account_id bytea not null references accounts (id),
    product text not null check (product in ('leadconduit', 'trustedform')),
    -- only LeadConduit has plans
    plan text check (plan in ('base', 'pro', 'partners')),
    created_at timestamptz not null,
    constraint subscriptions_pkey primary key (account_id, product),
    constraint subscriptions_product_plan_check check ((product = 'leadconduit') = (plan is not null))
);

create table sessions (
    id bytea not null constraint sessions_pkey primary key check (octet_length(id) = 12),
    -- SHA-256 of the cookie's value
    token_hash bytea not null constraint sessions_token_hash_key unique check (octet_length(token_hash) = 32),
    user_id bytea not null references users (id),
    -- the account that lists and "new" pages act in
    account_id bytea references accounts (id),
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    -- absolute end; the idle end is last_seen_at plus 14 days
    expires_at timestamptz not null,
    address text not null,
    browser text not null
);
create index sessions_user_id_idx on sessions (user_id);

create table api_keys (
    id bytea not null constraint api_keys_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    name text not null,
    -- recognisable start, shown in lists; the key itself is kept only as SHA-256
    prefix text not null,
    key_hash bytea not null constraint api_keys_key_hash_key unique check (octet_length(key_hash) = 32),
    created_by bytea references users (id),
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_account_id_idx on api_keys (account_id);

-- What happened. Written in the transaction of its cause, never changed: the application's role may only
-- insert and select (see the last migration).
create table activity (
    id bytea not null constraint activity_pkey primary key check (octet_length(id) = 12),
    account_id bytea references accounts (id),
    -- null when nobody was signed in, or the system acted
    user_id bytea references users (id),
    -- closed vocabulary: src/activity/model.rs
    deed text not null,
    -- kind and id of the thing it happened to, with the name it had then
    subject_kind text not null,
    subject_id bytea,
    subject_name text not null default '',
    before jsonb,
    after jsonb,
    address text,
    at timestamptz not null
);
create index activity_account_id_idx on activity (account_id, id desc);
