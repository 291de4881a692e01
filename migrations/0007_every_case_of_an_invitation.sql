-- What the days that are not good days need: merges, notices, asking an Admin, stopping mails, and people in full.

-- A merge of two entities can bring two sources of one entity into a flow: the live one, and those kept as its duplicates,
-- off, until somebody uses one of them instead or removes it.
alter table flow_sources
    add column duplicate_of bytea,
    add constraint flow_sources_duplicate_of_fkey
        foreign key (account_id, duplicate_of) references flow_sources (account_id, id),
    add constraint flow_sources_duplicate_off_check check (duplicate_of is null or not enabled);
alter table flow_sources drop constraint flow_sources_flow_id_entity_id_key;
create unique index flow_sources_flow_id_entity_id_key on flow_sources (flow_id, entity_id) where duplicate_of is null;

alter table invitations
    -- the invitee was reminded, three days before expiry, once
    add column reminded_at timestamptz,
    -- the inviter was told that its time is over; emptied when it is sent again
    add column expiry_noted_at timestamptz,
    -- the inviter was told that its mail did not arrive; emptied when it is sent again
    add column undeliverable_noted_at timestamptz,
    -- when the invitee last asked for a new one; at most once a day
    add column requested_at timestamptz;
create index invitations_expires_at_idx on invitations (expires_at) where state = 'pending' and superseded_at is null;
create index invitations_mail_id_idx on invitations (mail_id);

-- What the people of an account should look at, shown on its first page until somebody dismisses it or acts on it. Each
-- was mailed too.
create table notices (
    id bytea not null constraint notices_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    invitation_id bytea not null,
    kind text not null check (kind in ('accepted', 'declined', 'expired', 'undeliverable', 'requested', 'void')),
    at timestamptz not null,
    dismissed_at timestamptz,
    dismissed_by bytea references users (id),
    constraint notices_invitation_fkey foreign key (account_id, invitation_id) references invitations (account_id, id)
);
create index notices_open_idx on notices (account_id, id desc) where dismissed_at is null;
create index notices_invitation_id_idx on notices (invitation_id) where dismissed_at is null;

-- Somebody who may not accept for a company has asked its Admins to; they see the invitation from then on.
create table invitation_asks (
    invitation_id bytea not null references invitations (id),
    account_id bytea not null references accounts (id),
    asked_by bytea not null references users (id),
    at timestamptz not null,
    constraint invitation_asks_pkey primary key (invitation_id, account_id)
);
create index invitation_asks_account_id_idx on invitation_asks (account_id);

-- Addresses whose owner wants no invitations from Accord, whoever sends them.
create table suppressed_addresses (
    -- canonical
    email_key text not null constraint suppressed_addresses_pkey primary key,
    at timestamptz not null
);

-- A sign-up that began on an invitation's page goes on there once its address is proved.
alter table signups
    add column invitation_id bytea references invitations (id),
    -- the secret of the link it began with, sealed with the sign-up's id as associated data
    add column sealed_link bytea;

-- A forgotten password: the mailed link sets a new one, once.
create table password_resets (
    token_hash bytea not null constraint password_resets_pkey primary key check (octet_length(token_hash) = 32),
    user_id bytea not null references users (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index password_resets_user_id_idx on password_resets (user_id) where used_at is null;

-- A person wants another address; it counts once the link mailed to it is followed.
create table address_changes (
    token_hash bytea not null constraint address_changes_pkey primary key check (octet_length(token_hash) = 32),
    user_id bytea not null references users (id),
    email text not null,
    email_key text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index address_changes_user_id_idx on address_changes (user_id) where used_at is null;

-- Whether a person wants mails about Submission Docs.
alter table users add column docs_mails boolean not null default true;
