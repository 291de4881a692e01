-- The list of partners: one row each, with its figures of the last 30 days.
select shown.id as "id!: PartnerId", shown.name as "name!", shown.status as "status!: PartnerStatus",
       shown.sources as "sources!", shown.users as "users!", shown.invites as "invites!",
       coalesce(shown.days[1], 0)::bigint as "leads!", coalesce(shown.days[2], 0)::bigint as "accepted!", shown.last_lead_at
from (
    select p.id, p.name, p.status, p.sources, p.users, p.invites, p.days, p.last_lead_at
    from (
        select p.id, p.name, p.archived_at,
               s.status,
               (select count(*) from flow_sources fs join flows f on f.id = fs.flow_id
                where fs.partner_id = p.id and fs.duplicate_of is null and f.archived_at is null) as sources,
               (select count(*) from partner_users pu where pu.partner_id = p.id) as users,
               (select count(*) from invitations i
                where i.partner_id = p.id and i.kind = 'partner_user'
                  and invitation_is_open(i.state, i.superseded_at, i.expires_at, $3)) as invites,
               (select array[sum(d.count), sum(d.count) filter (where d.outcome = 'success'),
                             coalesce(sum(d.count) filter (where d.outcome = 'success'), 0) / sum(d.count)]
                from flow_sources fs join source_days d on d.source_id = fs.id
                where fs.partner_id = p.id and not d.test
                  and d.day > ($3::timestamptz at time zone a.time_zone)::date - 30) as days,
               (select max(last.at) from flow_sources fs
                cross join lateral (
                    select max(d.last_at) as at from source_days d
                    where d.source_id = fs.id and not d.test
                      -- An account that moves to another time zone has its latest lead on the day before.
                      and d.day >= (select l.day - 2 from source_days l
                                    where l.source_id = fs.id and not l.test order by l.day desc limit 1)
                ) as last
                where fs.partner_id = p.id) as last_lead_at
        from partners p
        join accounts a on a.id = p.account_id
        cross join lateral partner_status(p.account_id, p.id, p.linked_account_id, $3) s
        where p.account_id = $1 and ($2::bytea is null or p.id = $2)
    ) as p
    cross join lateral (
        select case $6
            when 'status' then array_position(array['invited', 'connected', 'disconnected'], p.status)::float8
            when 'sources' then p.sources::float8
            when 'users' then p.users::float8
            when 'leads' then coalesce(p.days[1], 0)::float8
            when 'rate' then p.days[3]::float8
            when 'last_lead' then extract(epoch from p.last_lead_at)::float8
        end as number
    ) as key
    where (p.archived_at is not null) = $4 and ($5 = '' or position(lower($5) in lower(p.name)) > 0)
    order by key.number * case when $7 then -1 else 1 end nulls last,
             case when $7 and $6 = 'name' then null else lower(p.name) end,
             lower(p.name) desc, p.id
    limit $8 offset $9
) as shown
