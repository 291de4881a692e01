-- Secrets that only stop invitations to an address. They never open an invitation, and an invitation's link never
-- stops anything (src/invitations/server/links.rs).
create table stop_links (
    token_hash bytea not null constraint stop_links_pkey primary key check (octet_length(token_hash) = 32),
    invitation_id bytea not null references invitations (id),
    created_at timestamptz not null
);
create index stop_links_invitation_id_idx on stop_links (invitation_id);

-- Emails sent before this have the invitation's own link in their stop link. It goes on to work there.
insert into stop_links (token_hash, invitation_id, created_at)
select token_hash, invitation_id, created_at from invitation_tokens where verifies_address;

-- The partner that a source has left while this credential was valid. When the source gets another partner, the
-- credential ends. The partner may be deleted, so this is no foreign key.
alter table source_credentials
    add column former_partner_id bytea
        constraint source_credentials_former_partner_id_check check (octet_length(former_partner_id) = 12);

-- Due work on an invitation that failed: how often in a row, and when to try it again.
alter table invitations
    add column due_failures int not null default 0,
    add column due_retry_at timestamptz;
