-- Sources in active flows that a partner does not have, the chosen ones first.
select s.id as "id!: SourceId", s.name as "name!", s.flow_name as "flow_name!", s.kind as "kind!: EntityKind",
       c.id is not null as "connected!", i.state as "state?: StoredState", invitation_time_is_over(i.expires_at, $6) as expired,
       s.is_duplicate as "is_duplicate!", s.partner_id as "partner_id: PartnerId",
       s.partner_name as "partner_name?"
from (
    (select fs.id, e.name, f.name as flow_name, e.kind, e.id as entity_id, e.connected_account_id,
            fs.duplicate_of is not null as is_duplicate, fs.partner_id, p.name as partner_name
     from flow_sources fs
     join flows f on f.id = fs.flow_id and f.archived_at is null
     join entities e on e.id = fs.entity_id
     left join partners p on p.id = fs.partner_id
     where fs.account_id = $1 and fs.partner_id is distinct from $2 and fs.id = any($4))
    union all
    -- Without a search, flow by flow, until there are enough.
    (select fs.id, fs.name, f.name, fs.kind, fs.entity_id, fs.connected_account_id, fs.is_duplicate,
            fs.partner_id, fs.partner_name
     from (select id, name from flows where account_id = $1 and archived_at is null order by lower(name), id) f
     cross join lateral (
         select fs.id, e.name, e.kind, e.id as entity_id, e.connected_account_id,
                fs.duplicate_of is not null as is_duplicate, fs.partner_id, p.name as partner_name
         from flow_sources fs
         join entities e on e.id = fs.entity_id
         left join partners p on p.id = fs.partner_id
         where $3 = '' and fs.account_id = $1 and fs.flow_id = f.id and fs.partner_id is distinct from $2
           and not fs.id = any($4)
         order by lower(e.name), fs.id
     ) fs
     limit $5)
    union all
    -- A search reads all names once.
    (select fs.id, e.name, f.name, e.kind, e.id, e.connected_account_id, fs.duplicate_of is not null,
            fs.partner_id, p.name
     from flow_sources fs
     join flows f on f.id = fs.flow_id and f.archived_at is null
     join entities e on e.id = fs.entity_id
     left join partners p on p.id = fs.partner_id
     where $3 <> '' and fs.account_id = $1 and fs.partner_id is distinct from $2 and not fs.id = any($4)
       and position(lower($3) in lower(concat_ws(' ', f.name, '·', e.name, p.name))) > 0
     order by lower(f.name), lower(e.name), fs.id
     limit $5)
) as s
left join live_connections c on c.seller_account_id = s.connected_account_id and c.buyer_account_id = $1
left join lateral latest_invitation(s.entity_id) i on true
order by s.id = any($4) desc, lower(s.flow_name), lower(s.name), s.id
