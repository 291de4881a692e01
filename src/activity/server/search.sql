-- The newest entries of an account ($1), or of one thing of it ($11), that a filter matches. In two parts, so that the
-- plan for any parameters suits both.
with found as materialized (
    (select id from (
         select id, user_id, api_key_id, deed, subject_kind, subject_name, at from activity
         where $11::bytea is null and account_id = $1 and id >= $2 and id < $3
         order by id desc limit $12
     ) newest
     where ($4::bytea is null or user_id = $4) and (not $5 or api_key_id is not null)
       and ($6::text is null or deed = $6) and ($7::text is null or subject_kind = $7)
       and ($8 = '' or position(lower($8) in lower(subject_name)) > 0)
       and ($9::timestamptz is null or at >= $9) and ($10::timestamptz is null or at < $10)
     order by id desc limit $13)
    union all
    (select id from (
         select id, user_id, api_key_id, deed, subject_kind, subject_name, at from activity
         where account_id = $1 and subject_id = $11 and id >= $2 and id < $3
         order by id desc limit $12
     ) newest
     where ($4::bytea is null or user_id = $4) and (not $5 or api_key_id is not null)
       and ($6::text is null or deed = $6) and ($7::text is null or subject_kind = $7)
       and ($8 = '' or position(lower($8) in lower(subject_name)) > 0)
       and ($9::timestamptz is null or at >= $9) and ($10::timestamptz is null or at < $10)
     order by id desc limit $13)
)
select array(select id from found order by id desc) as "ids!: Vec<ActivityId>",
       case when (select count(*) from found) < $13 then (
           select (array_agg(id) filter (where at is not null))[$12::int]
           from (
               (select id, at from activity
                where $11::bytea is null and account_id = $1 and id >= $2 and id < $3
                order by id desc limit $12)
               union all
               (select id, at from activity
                where account_id = $1 and subject_id = $11 and id >= $2 and id < $3
                order by id desc limit $12)
           ) last
       ) end as "searched: ActivityId"
