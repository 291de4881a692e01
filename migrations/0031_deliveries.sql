-- Deliveries: where the accepted leads of a flow go.

create table deliveries (
    id bytea not null constraint deliveries_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null references accounts (id),
    flow_id bytea not null,
    name text not null,
    -- paused: leads wait; off: leads are not queued; removed: kept only for the stories of its leads
    state text not null constraint deliveries_state_check check (state in ('on', 'paused', 'off', 'removed')),
    -- why Accord turned it off
    off_reason text,
    url text not null,
    format text not null constraint deliveries_format_check check (format in ('json', 'form', 'xml')),
    -- [{"name", "sealed"}]: the values are encrypted
    headers jsonb not null default '[]',
    sealed_secret bytea not null,
    -- signs too until then, after a rotation
    sealed_previous bytea,
    previous_ends_at timestamptz,
    -- since when no lead could be delivered, and when the Admins were told
    failing_since timestamptz,
    alerted_at timestamptz,
    -- leads are tried for a day, counted from here if this is later than when they were queued
    resumed_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint deliveries_flow_fkey foreign key (account_id, flow_id) references flows (account_id, id) on delete cascade
);
create index deliveries_flow_id_idx on deliveries (flow_id, id);
create index deliveries_account_id_idx on deliveries (account_id);

-- A lead on its way to one destination. The statement that stores the lead makes it. Leads have partitions, so there is
-- no foreign key to them.
create table lead_deliveries (
    delivery_id bytea not null constraint lead_deliveries_delivery_fkey references deliveries (id) on delete cascade,
    account_id bytea not null,
    lead_id bytea not null,
    -- sent by hand, with sample values; there is no such lead
    test boolean not null default false,
    state text not null default 'waiting'
        constraint lead_deliveries_state_check check (state in ('waiting', 'delivered', 'failed', 'canceled')),
    attempts int not null default 0,
    -- attempts before it was last sent again
    earlier int not null default 0,
    -- since when it is tried
    since timestamptz not null,
    next_at timestamptz not null,
    finished_at timestamptz,
    constraint lead_deliveries_pkey primary key (delivery_id, lead_id)
);
create index lead_deliveries_due_idx on lead_deliveries (delivery_id, next_at) where state = 'waiting';
create index lead_deliveries_waiting_idx on lead_deliveries (delivery_id, lead_id) where state = 'waiting';
create index lead_deliveries_failed_idx on lead_deliveries (delivery_id, lead_id) where state = 'failed';
create index lead_deliveries_test_idx on lead_deliveries (delivery_id, lead_id) where test;
create index lead_deliveries_lead_id_idx on lead_deliveries (account_id, lead_id);

create table delivery_attempts (
    delivery_id bytea not null,
    lead_id bytea not null,
    number int not null,
    at timestamptz not null,
    duration_ms int not null,
    status int,
    -- why there was no answer
    error text,
    -- the first 2 kB of the answer
    answer text,
    -- what was sent, of test leads only
    request text,
    constraint delivery_attempts_pkey primary key (delivery_id, lead_id, number),
    constraint delivery_attempts_lead_fkey foreign key (delivery_id, lead_id)
        references lead_deliveries (delivery_id, lead_id) on delete cascade
);
