-- What lists need so that none of them reads more with more leads, sources, invitations or days. Making the indexes
-- locks their tables against changes, and counting locks source_days; with millions of leads that takes seconds, because
-- no index of leads is made and leads are read only where their source was removed.
lock table source_days in share row exclusive mode;

-- How many leads a source and a flow have had, ever. Lists show them for many sources at once, where adding up all days of
-- each would take longer with every day. They stay when leads are deleted after their time. A few rows share a count, as in
-- source_days.
create table source_totals (
    account_id bytea not null,
    source_id bytea not null,
    test boolean not null,
    outcome text not null,
    share smallint not null,
    count bigint not null,
    last_at timestamptz not null,
    constraint source_totals_pkey primary key (source_id, test, outcome, share),
    constraint source_totals_source_fkey foreign key (account_id, source_id)
        references flow_sources (account_id, id) on delete cascade
) with (fillfactor = 50);

-- With the leads of sources that were removed. No foreign key: it would lock the flow after the counts of its source, and a
-- removal locks them the other way round. Deleting a flow deletes its totals.
create table flow_totals (
    account_id bytea not null,
    flow_id bytea not null,
    test boolean not null,
    outcome text not null,
    share smallint not null,
    count bigint not null,
    constraint flow_totals_pkey primary key (flow_id, test, outcome, share)
) with (fillfactor = 50);

-- The statement that stores leads keeps them equal to source_days.
insert into source_totals (account_id, source_id, test, outcome, share, count, last_at)
select account_id, source_id, test, outcome, 0, sum(count), max(last_at) from source_days
group by account_id, source_id, test, outcome;

-- Removed sources have no days any more. Their leads are found by jumping from source to source in the index.
with recursive senders (account_id, source_id) as (
    (select account_id, source_id from leads order by account_id, source_id limit 1)
    union all
    select next.account_id, next.source_id
    from senders s
    cross join lateral (
        select l.account_id, l.source_id from leads l
        where (l.account_id, l.source_id) > (s.account_id, s.source_id)
        order by l.account_id, l.source_id limit 1
    ) as next
), counted as (
    select fs.account_id, fs.flow_id, t.test, t.outcome, t.count
    from source_totals t join flow_sources fs on fs.id = t.source_id
    union all
    select l.account_id, l.flow_id, l.test, l.outcome, 1
    from senders s join leads l on l.account_id = s.account_id and l.source_id = s.source_id
    where not exists (select from flow_sources fs where fs.id = s.source_id)
)
insert into flow_totals (account_id, flow_id, test, outcome, share, count)
select c.account_id, c.flow_id, c.test, c.outcome, 0, sum(c.count)
from counted c join flows f on f.account_id = c.account_id and f.id = c.flow_id
group by c.account_id, c.flow_id, c.test, c.outcome;

-- The sources of a flow, duplicates too, and those of a partner. With the account, because statements name it too, and
-- Postgres would combine the index with one that has all sources of the account. The same for a partner's invitations.
create index flow_sources_flow_id_idx on flow_sources (flow_id, account_id, id);
drop index flow_sources_partner_id_idx;
create index flow_sources_partner_id_idx on flow_sources (partner_id, account_id, id);
drop index invitations_partner_id_idx;
create index invitations_partner_id_idx on invitations (partner_id, account_id, id desc);
-- The sources that an account can add to a flow, and its archived partners, by name.
create index entities_source_name_idx on entities (account_id, lower(name), id) where source is not null and not deprecated;
create index partners_archived_name_idx on partners (account_id, lower(name), id) where archived_at is not null;
-- The buyers that an account sells to or has invited, newest first.
create index entities_recipient_idx on entities (account_id, id desc)
    where kind = 'account' and recipient is not null and not deprecated;
-- Whether a partner has an open connection invitation.
create index invitations_unanswered_partner_idx on invitations (partner_id)
    where kind = 'source' and state = 'pending' and superseded_at is null;
-- The connection invitations that an account has sent, newest first, by what became of them.
create index invitations_sent_idx on invitations (account_id, state, id desc) where kind in ('source', 'recipient');

-- As in migration 0016. `exists` lets Postgres read the connections and open invitations of all accounts at once when it
-- needs the status of many partners; this reads those of each partner.
create or replace function partner_status(account bytea, partner bytea, linked_account bytea, now timestamptz)
    returns table (status text)
    language sql stable parallel safe as $$
        select case when (select true from live_connections c
                          where c.buyer_account_id = $1 and c.seller_account_id = $3 limit 1) then 'connected'
                    when (select true from invitations i
                          where i.partner_id = $2 and i.kind = 'source'
                            and invitation_is_open(i.state, i.superseded_at, i.expires_at, $4) limit 1) then 'invited'
                    when $3 is not null then 'disconnected'
                    else 'not_connected' end
    $$;

-- No list reads this: sellers see the leads of a partner's sources. Each lead was written to it.
drop index if exists leads_seller_account_id_idx;

-- Keys that are too old are removed, the oldest first.
create index lead_keys_created_at_idx on lead_keys (created_at);
