create table invitations (
    id bytea not null constraint invitations_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    kind text not null check (kind in ('source', 'recipient', 'partner_user', 'member')),
    -- as typed
    email text not null,
    email_key text not null,
    note text not null default '' check (char_length(note) <= 500),
    -- expired is no state but a matter of time: pending and expires_at has passed
    state text not null check (state in ('pending', 'accepted', 'declined', 'revoked')),
    entity_id bytea,
    partner_id bytea,
    role text check (role in ('partner_admin', 'partner_user', 'admin', 'manager', 'viewer')),
    invited_by bytea references users (id),
    -- the mail that carries the current link
    mail_id bytea references mails (id),
    sent_at timestamptz not null,
    expires_at timestamptz not null,
    resent_count int not null default 0,
    -- an expired one that was followed by a new invitation: no longer the living one of its address
    superseded_at timestamptz,
    accepted_at timestamptz,
    accepted_account_id bytea references accounts (id),
    accepted_by bytea references users (id),
    -- the address it was accepted under, as typed
    accepted_email text,
    declined_at timestamptz,
    decline_reason text check (char_length(decline_reason) <= 500),
    revoked_at timestamptz,
    created_at timestamptz not null,
    constraint invitations_account_id_id_key unique (account_id, id),
    constraint invitations_entity_fkey foreign key (account_id, entity_id) references entities (account_id, id),
    constraint invitations_partner_fkey foreign key (account_id, partner_id) references partners (account_id, id),
    constraint invitations_accepted_check check ((state = 'accepted') = (accepted_at is not null)),
    constraint invitations_declined_check check ((state = 'declined') = (declined_at is not null)),
    constraint invitations_revoked_check check ((state = 'revoked') = (revoked_at is not null)),
    constraint invitations_entity_check check ((kind in ('source', 'recipient')) = (entity_id is not null))
);
-- One living connection invitation per account, direction and address, however many ask at once.
create unique index invitations_living_key on invitations (account_id, kind, email_key)
    where state = 'pending' and superseded_at is null and kind in ('source', 'recipient');
create index invitations_entity_id_idx on invitations (entity_id, id desc);
create index invitations_email_key_idx on invitations (email_key) where state = 'pending';

-- Every token an invitation ever had: older ones still say that a newer invitation was sent.
create table invitation_tokens (
    token_hash bytea not null constraint invitation_tokens_pkey primary key check (octet_length(token_hash) = 32),
    invitation_id bytea not null references invitations (id),
    generation int not null,
    -- it left by mail: following it proves the address
    verifies_address boolean not null,
    created_at timestamptz not null,
    superseded_at timestamptz
);
create index invitation_tokens_invitation_id_idx on invitation_tokens (invitation_id);
