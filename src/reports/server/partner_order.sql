-- All partners of an account in the order of one of their figures, those without it last.
select p.id as "id: PartnerId"
from partners p
join accounts a on a.id = p.account_id
cross join lateral partner_status(p.account_id, p.id, p.linked_account_id, $2) s
where p.account_id = $1 and (p.archived_at is not null) = $3
order by case $4
             when 'status' then array_position(array['invited', 'connected', 'disconnected'], s.status)::float8
             when 'sources' then (
                 select count(*) from flow_sources fs join flows f on f.id = fs.flow_id
                 where fs.partner_id = p.id and fs.duplicate_of is null and f.archived_at is null)::float8
             when 'users' then (select count(*) from partner_users pu where pu.partner_id = p.id)::float8
             when 'leads' then (
                 select coalesce(sum(d.count), 0)
                 from flow_sources fs join source_days d on d.source_id = fs.id
                 where fs.partner_id = p.id and not d.test
                   and d.day > ($2::timestamptz at time zone a.time_zone)::date - 30)::float8
             when 'rate' then (
                 select coalesce(sum(d.count) filter (where d.outcome = 'success'), 0) / sum(d.count)
                 from flow_sources fs join source_days d on d.source_id = fs.id
                 where fs.partner_id = p.id and not d.test
                   and d.day > ($2::timestamptz at time zone a.time_zone)::date - 30)::float8
             when 'last_lead' then (
                 select extract(epoch from max(t.last_at))
                 from flow_sources fs join source_totals t on t.source_id = fs.id
                 where fs.partner_id = p.id and not t.test)::float8
         end * case when $5 then -1 else 1 end nulls last,
         lower(p.name), p.id
