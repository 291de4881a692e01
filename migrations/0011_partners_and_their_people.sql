-- Who logs in for a partner, what its sources authenticate with, and what they did by day.

-- A person who logs in for a partner, with a role of its own; membership of an account is another thing.
create table partner_users (
    account_id bytea not null,
    partner_id bytea not null,
    user_id bytea not null references users (id),
    role text not null check (role in ('partner_admin', 'partner_user')),
    created_at timestamptz not null,
    -- when they last looked at a page of this partner, to five minutes
    last_seen_at timestamptz,
    constraint partner_users_pkey primary key (partner_id, user_id),
    constraint partner_users_partner_fkey foreign key (account_id, partner_id) references partners (account_id, id)
);
create index partner_users_user_id_idx on partner_users (user_id);

alter table partners
    -- raised by every change; a form made from an older version is refused
    add column version int not null default 1,
    -- an archived partner makes room for another one of its account
    add constraint partners_notes_check check (char_length(notes) <= 5000);
create index partners_account_id_name_idx on partners (account_id, lower(name), id) where archived_at is null;

-- The role that is offered; connection invitations offer none.
alter table invitations add constraint invitations_kind_role_check check (
    case kind
        when 'partner_user' then coalesce(role in ('partner_admin', 'partner_user'), false) and partner_id is not null
        when 'member' then coalesce(role in ('admin', 'manager', 'viewer'), false) and partner_id is null
        else role is null
    end
);
-- One living invitation per address and place, however many ask at once.
create unique index invitations_living_partner_user_key on invitations (partner_id, email_key)
    where state = 'pending' and superseded_at is null and kind = 'partner_user';
create unique index invitations_living_member_key on invitations (account_id, email_key)
    where state = 'pending' and superseded_at is null and kind = 'member';
create index invitations_partner_id_idx on invitations (partner_id, id desc);

-- Whether a source must authenticate, and with what: user name 'source', a secret that is shown once.
alter table flow_sources add column require_authentication boolean not null default false;
create table source_credentials (
    id bytea not null constraint source_credentials_pkey primary key check (octet_length(id) = 12),
    account_id bytea not null,
    source_id bytea not null,
    -- recognisable start, shown on pages; the secret itself is kept only as SHA-256
    prefix text not null,
    secret_hash bytea not null check (octet_length(secret_hash) = 32),
    created_by bytea references users (id),
    created_at timestamptz not null,
    last_used_at timestamptz,
    -- set when a newer one took its place: until then both count
    ends_at timestamptz,
    constraint source_credentials_source_fkey foreign key (account_id, source_id)
        references flow_sources (account_id, id) on delete cascade
);
create unique index source_credentials_current_key on source_credentials (source_id) where ends_at is null;
create index source_credentials_source_id_idx on source_credentials (source_id);

-- The day of a lead in its account's time zone, as it was when it came.
alter table leads add column day date;
update leads l set day = (l.received_at at time zone a.time_zone)::date from accounts a where a.id = l.account_id;
alter table leads alter column day set not null;

-- What a source's stored leads add up to, by day, outcome and reason; counted in the statement that stores the lead, so
-- that it always equals them. A few rows share a day's count, or every lead would wait for the one before.
create table source_days (
    account_id bytea not null,
    source_id bytea not null,
    day date not null,
    test boolean not null,
    outcome text not null check (outcome in ('success', 'failure', 'error')),
    -- as the lead says; empty where there is none
    reason text not null,
    share smallint not null,
    count bigint not null,
    last_at timestamptz not null,
    constraint source_days_source_fkey foreign key (account_id, source_id)
        references flow_sources (account_id, id) on delete cascade
);
-- A reason may be longer than what an index takes.
create unique index source_days_key on source_days (source_id, day, test, outcome, md5(reason), share);
insert into source_days (account_id, source_id, day, test, outcome, reason, share, count, last_at)
select l.account_id, l.source_id, l.day, l.test, l.outcome, coalesce(l.reason, ''), 0, count(*), max(l.received_at)
from leads l join flow_sources fs on fs.account_id = l.account_id and fs.id = l.source_id
group by l.account_id, l.source_id, l.day, l.test, l.outcome, coalesce(l.reason, '');

-- Who was removed from an account or a partner: a page that was open then says so. Grants nothing.
create table departures (
    user_id bytea not null references users (id),
    account_id bytea not null references accounts (id),
    -- null: from the account itself
    partner_id bytea,
    at timestamptz not null,
    constraint departures_partner_fkey foreign key (account_id, partner_id) references partners (account_id, id)
        on delete cascade
);
create index departures_user_id_idx on departures (user_id, at);
