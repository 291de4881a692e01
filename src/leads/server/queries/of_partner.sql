with sources as materialized (
    select id from flow_sources where account_id = $1 and partner_id = $11
      and ($12::bytea is null or id = $12) and ($13::bytea is null or flow_id = $13)
), depth as materialized (
    select greatest($14, $10 / greatest(count(*), 1)) as leads from sources
), matching as materialized (
    select s.id as source_id, l.id from sources s
    cross join lateral (
        select id from (
            select id, outcome, reason, test, received_at from leads
            where account_id = $1 and source_id = s.id and id >= $2 and id < $3
            order by id desc limit (select leads from depth)
        ) newest
        where ($4::text is null or outcome = $4) and ($5::text is null or strpos(lower(reason), lower($5)) > 0)
          and ($6::boolean is null or test = $6) and ($7::timestamptz is null or received_at >= $7)
          and ($8::timestamptz is null or received_at < $8)
        order by id desc limit $9
    ) l
), searched as materialized (
    select l.id from sources s
    cross join lateral (
        select (array_agg(id) filter (where received_at is not null))[(select leads from depth)::int] as id
        from (select id, received_at from leads
              where account_id = $1 and source_id = s.id and id >= $2 and id < $3
              order by id desc limit (select leads from depth)) last
    ) l
    where l.id is not null and s.id not in (select source_id from matching group by source_id having count(*) >= $9)
    order by l.id desc limit 1
), found as materialized (
    select id from matching where not exists (select from searched where searched.id > matching.id)
    order by id desc limit $9
)
select array(select id from found order by id desc) as "ids!: Vec<LeadId>",
       case when (select count(*) from found) < $9 then (select id from searched) end as "searched: LeadId"
