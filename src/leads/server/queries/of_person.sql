-- The leads with an address or number: see of_person in search.rs.
with recent as materialized (
    select id, contacts from leads where account_id = $1 and id >= $2 and id < $3 order by id desc limit $15
), near as materialized (
    select id from recent where contacts @> array[$13::bigint]
), days (step, first, after) as materialized (
    select step, t.newest - (2 ^ (step + 1) - 1) * interval '1 day', t.newest - (2 ^ step - 1) * interval '1 day'
    from generate_series(0, 12) as step, (select least(now(), $14::timestamptz) as newest) t
), windows as materialized (
    select step, case when step < 12 then greatest(lead_id_at(first), $2) else $2 end as first,
           case when step > 0 then least(lead_id_at(after), $3) else $3 end as after
    from days
    where (select count(*) from near) < $16
), far as materialized (
    select l.id
    from (select first, after from windows where first < after order by step) back
    -- The hash contains the account. Without a condition on it here, no other index than that of the hashes helps.
    cross join lateral (
        select id from leads
        where contacts @> array[$13::bigint] and id >= back.first and id < back.after
        order by id desc
    ) l
    limit $15
), named as materialized (
    select id from near where (select count(*) from near) >= $16
    union all
    select id from far
), found as materialized (
    select l.id from named n join leads l on l.account_id = $1 and l.id = n.id
    where ($4::text is null or l.outcome = $4)
      and ($5::text is null or strpos(lower(l.reason), lower($5)) > 0)
      and ($6::boolean is null or l.test = $6)
      and ($7::timestamptz is null or l.received_at >= $7) and ($8::timestamptz is null or l.received_at < $8)
      and ($10::bytea is null or l.flow_id = $10) and ($11::bytea is null or l.source_id = $11)
      and ($12::bytea is null or l.source_id in (
          select id from flow_sources where account_id = $1 and partner_id = $12))
    order by l.id desc limit $9
)
select array(select id from found order by id desc) as "ids!: Vec<LeadId>",
       case when (select count(*) from found) >= $9 then null
            when (select count(*) from near) >= $16
            then (select id from recent order by id desc offset $15 - 1 limit 1)
            else (select id from far order by id desc offset $15 - 1 limit 1) end as "searched: LeadId"
