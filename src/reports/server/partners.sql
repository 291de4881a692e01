-- Partners with their figures of the last 30 days, in the order of their ids. All figures are of these partners only.
with mine as materialized (
    select fs.id, shown.partner_id, fs.duplicate_of is null and f.archived_at is null as is_used
    from unnest($2::bytea[]) as shown (partner_id)
    -- `offset 0` has Postgres look the sources up one partner after the other.
    cross join lateral (
        select id, flow_id, duplicate_of from flow_sources where partner_id = shown.partner_id offset 0
    ) as fs
    join flows f on f.id = fs.flow_id
), of_sources as materialized (
    select m.partner_id, count(*) filter (where m.is_used) as sources, sum(days.leads)::bigint as leads,
           sum(days.accepted)::bigint as accepted, max(ever.last_at) as last_at
    from mine m
    join accounts a on a.id = $1
    cross join lateral (
        select sum(d.count) as leads, sum(d.count) filter (where d.outcome = 'success') as accepted
        from source_days d
        where d.source_id = m.id and not d.test and d.day > ($3::timestamptz at time zone a.time_zone)::date - 30
    ) as days
    cross join lateral (
        select max(t.last_at) as last_at from source_totals t where t.source_id = m.id and not t.test
    ) as ever
    group by m.partner_id
)
select p.id as "id!: PartnerId", p.name as "name!", s.status as "status!: PartnerStatus",
       coalesce(o.sources, 0) as "sources!",
       (select count(*) from partner_users pu where pu.partner_id = p.id) as "users!",
       (select count(*) from invitations i
        where i.partner_id = p.id and i.kind = 'partner_user'
          and invitation_is_open(i.state, i.superseded_at, i.expires_at, $3)) as "invites!",
       coalesce(o.leads, 0) as "leads!", coalesce(o.accepted, 0) as "accepted!", o.last_at as last_lead_at
from partners p
cross join lateral partner_status(p.account_id, p.id, p.linked_account_id, $3) s
left join of_sources o on o.partner_id = p.id
where p.account_id = $1 and p.id = any($2) and ($4::boolean is null or (p.archived_at is not null) = $4)
order by array_position($2, p.id)
