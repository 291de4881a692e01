-- Partners with their figures of the last 30 days, in the order of their ids. All figures are of these partners only.
select p.id as "id!: PartnerId", p.name as "name!", s.status as "status!: PartnerStatus",
       (select count(*) from flow_sources fs join flows f on f.id = fs.flow_id
        where fs.partner_id = p.id and fs.duplicate_of is null and f.archived_at is null) as "sources!",
       (select count(*) from partner_users pu where pu.partner_id = p.id) as "users!",
       (select count(*) from invitations i
        where i.partner_id = p.id and i.kind = 'partner_user'
          and invitation_is_open(i.state, i.superseded_at, i.expires_at, $3)) as "invites!",
       coalesce(days.leads, 0) as "leads!", coalesce(days.accepted, 0) as "accepted!",
       (select max(t.last_at) from flow_sources fs join source_totals t on t.source_id = fs.id
        where fs.partner_id = p.id and not t.test) as last_lead_at
from unnest($2::bytea[]) with ordinality as shown (id, position)
join partners p on p.account_id = $1 and p.id = shown.id
join accounts a on a.id = p.account_id
cross join lateral partner_status(p.account_id, p.id, p.linked_account_id, $3) s
cross join lateral (
    select sum(d.count)::bigint as leads, sum(d.count) filter (where d.outcome = 'success')::bigint as accepted
    from flow_sources fs join source_days d on d.source_id = fs.id
    where fs.partner_id = p.id and not d.test and d.day > ($3::timestamptz at time zone a.time_zone)::date - 30
) as days
order by shown.position
