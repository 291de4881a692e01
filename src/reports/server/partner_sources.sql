select fs.id as "id: SourceId", f.id as "flow_id: FlowId", e.name, f.name as flow_name,
       e.kind as "kind: EntityKind", c.id is not null as "connected!", i.state as "state?: StoredState",
       invitation_time_is_over(i.expires_at, $3) as expired, fs.duplicate_of is not null as "is_duplicate!",
       jsonb_array_length(fs.mappings) as "mappings!",
       exists (select from source_credentials sc where sc.source_id = fs.id and sc.ends_at is null)
           as "has_credential!",
       fs.require_authentication, coalesce(days.leads, 0) as "leads!",
       coalesce(days.accepted, 0) as "accepted!", last.at as last_lead_at
from (
    select s.* from flow_sources s
    join flows f on f.id = s.flow_id and f.archived_at is null
    join entities e on e.id = s.entity_id
    where s.account_id = $1 and s.partner_id = $2
      and ($4 = '' or position(lower($4) in lower(e.name)) > 0 or position(lower($4) in lower(f.name)) > 0)
    order by lower(f.name), f.id, lower(e.name), s.id
    limit $5 offset $6
) as fs
join flows f on f.id = fs.flow_id
join accounts a on a.id = fs.account_id
join entities e on e.id = fs.entity_id
left join live_connections c on c.seller_account_id = e.connected_account_id
     and c.buyer_account_id = fs.account_id
left join lateral latest_invitation(e.id) i on true
cross join lateral (
    select sum(d.count)::bigint as leads,
           sum(d.count) filter (where d.outcome = 'success')::bigint as accepted
    from source_days d
    where d.source_id = fs.id and not d.test
      and d.day > ($3::timestamptz at time zone a.time_zone)::date - 30
) as days
cross join lateral (
    select max(t.last_at) as at from source_totals t where t.source_id = fs.id and not t.test
) as last
order by lower(f.name), f.id, lower(e.name), fs.id
