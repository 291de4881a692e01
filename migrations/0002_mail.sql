-- The outbox. Its state is product data: an invitation shows the state of its mail.
create table mails (
    id bytea not null constraint mails_pkey primary key check (octet_length(id) = 12),
    recipient text not null,
    recipient_name text not null default '',
    reply_to text,
    -- the letter as data (src/server/mail/letter.rs); text and HTML are made from it when it is sent
    letter jsonb not null,
    -- the secret of the letter's link, sealed with the id as associated data; wiped once the mail left
    sealed_secret bytea,
    state text not null default 'queued' check (state in ('queued', 'sent', 'failed')),
    attempts int not null default 0,
    -- when the next try is due; a worker that takes a mail moves this ahead, so a killed worker's mail comes back
    next_try_at timestamptz not null,
    -- why the last try failed, in a sentence for the sender
    reason text,
    created_at timestamptz not null,
    sent_at timestamptz,
    constraint mails_secret_wiped_check check (state <> 'sent' or sealed_secret is null)
);
create index mails_due_idx on mails (next_try_at) where state = 'queued';

-- Development only: where mails go while no SMTP server is configured, shown at /dev/mailbox.
create table dev_mails (
    id bytea not null constraint dev_mails_pkey primary key check (octet_length(id) = 12),
    recipient text not null,
    subject text not null,
    body_text text not null,
    body_html text not null,
    source text not null,
    links text[] not null,
    at timestamptz not null
);
