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

-- What is due on invitations. Work that failed is due again after due_retry_at.
create function due_expiries(now timestamptz) returns setof invitations
    language sql stable parallel safe as $$
        select * from invitations
        where invitation_is_unanswered(state, superseded_at) and invitation_time_is_over(expires_at, $1)
          and expiry_noted_at is null and (due_retry_at is null or due_retry_at <= $1)
    $$;
comment on function due_expiries is
    'Expired invitations whose inviter was not notified yet.';

create function due_reminders(now timestamptz, expires_before timestamptz) returns setof invitations
    language sql stable parallel safe as $$
        select i.* from invitations i join mails m on m.id = i.mail_id
        where invitation_is_open(i.state, i.superseded_at, i.expires_at, $1)
          and i.expires_at <= $2 and i.sent_at <= i.expires_at - interval '4 days'
          and i.reminded_at is null and m.state = 'sent'
          and not exists (select from suppressed_addresses s where s.email_key = i.email_key)
          and (i.due_retry_at is null or i.due_retry_at <= $1)
    $$;
comment on function due_reminders is
    'Open invitations that need a reminder. DueWork::Reminder says which.';

create function due_undeliverable(now timestamptz) returns setof invitations
    language sql stable parallel safe as $$
        select i.* from invitations i join mails m on m.id = i.mail_id
        where invitation_is_unanswered(i.state, i.superseded_at) and i.undeliverable_noted_at is null
          and m.state = 'failed' and (i.due_retry_at is null or i.due_retry_at <= $1)
    $$;
comment on function due_undeliverable is
    'Unanswered invitations whose email can''t be delivered, and whose inviter was not notified yet.';
