-- The parameters: $1, $2 sources with their stamps; $3 to $5 proofs; $6 to $17 leads; $18 the share of each day's count;
-- $19 how far the clock is ahead; $20 the maximum wait for a lock. The arrays are in sub-selects, so that the plan for
-- any arrays is as good as one for these, and Postgres keeps it. The stamp is that of find_target.
with targets as (
    select wanted.number, fs.account_id, fs.flow_id, fs.id as source_id, f.name as flow_name,
           e.name as source_name, case when c.id is not null then e.connected_account_id end as seller_account_id,
           f.version as flow_version, fs.version as source_version
    from (select set_config('lock_timeout', coalesce($20, current_setting('lock_timeout')), true)) as wait
    cross join unnest((select $1::bytea[]), (select $2::text[])) with ordinality as wanted (source_id, stamp, number)
    join flow_sources fs on fs.id = wanted.source_id
    join flows f on f.id = fs.flow_id
    join accounts a on a.id = f.account_id
    join entities e on e.id = fs.entity_id
    left join live_connections c on c.seller_account_id = e.connected_account_id
         and c.buyer_account_id = fs.account_id
    where concat_ws(' ', f.xmin, f.updated_at, fs.xmin, fs.updated_at, e.xmin, e.updated_at, c.id, a.time_zone)
          = wanted.stamp
    for key share of fs skip locked
), proofs as (
    select wanted.number
    from unnest((select $3::bytea[]), (select $4::boolean[]), (select $5::bytea[]))
         with ordinality as wanted (owner, is_key, hash, number)
    where case when is_key
        then exists (select from api_keys k
                     where k.account_id = owner and k.key_hash = hash and k.revoked_at is null)
        else exists (select from source_credentials s
                     where s.source_id = owner and s.secret_hash = hash
                       and (s.ends_at is null or s.ends_at > now() + make_interval(secs => $19)))
    end
), incoming as (
    select lead.*, t.account_id, t.flow_id, t.source_id, t.flow_name, t.source_name, t.seller_account_id,
           t.flow_version, t.source_version
    from unnest((select $6::bytea[]), (select $7::bigint[]), (select $8::bigint[]), (select $9::bytea[]),
                (select $10::text[]), (select $11::boolean[]), (select $12::text[]), (select $13::text[]),
                (select $14::text[]), (select $15::text[]), (select $16::timestamptz[]), (select $17::date[]))
         as lead (id, target, proof, key_hash, reason, test, input, fields, received, contacts, received_at, day)
    join targets t on t.number = lead.target
    where lead.proof is null or lead.proof in (select number from proofs)
), claimed as (
    insert into lead_keys as k (source_id, key_hash, lead_id, created_at)
    select source_id, key_hash, id, received_at from incoming where key_hash is not null
    order by source_id, key_hash
    on conflict (source_id, key_hash) do update
    set lead_id = case when k.created_at <= excluded.created_at - interval '24 hours'
                       then excluded.lead_id else k.lead_id end,
        created_at = case when k.created_at <= excluded.created_at - interval '24 hours'
                          then excluded.created_at else k.created_at end
    returning source_id, key_hash, lead_id
), stored as (
    insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, seller_account_id, outcome,
                       reason, test, input, fields, received_at, day, received, flow_version,
                       source_version, contacts, input_bytes, fields_bytes)
    select id, account_id, flow_id, source_id, flow_name, source_name, seller_account_id,
           case when reason is null then 'success' else 'failure' end, reason, test, input, fields,
           received_at, day, received::jsonb, flow_version, source_version, contacts::bigint[],
           pg_column_size(input), pg_column_size(fields)
    from (select id, account_id, flow_id, source_id, flow_name, source_name, seller_account_id, reason, test,
                 input::jsonb as input, fields::jsonb as fields, received_at, day, received, flow_version,
                 source_version, contacts
          from incoming
          where key_hash is null or id in (select lead_id from claimed)
          offset 0) as lead
    returning id, account_id, flow_id, source_id, day, test, outcome, coalesce(reason, '') as reason, received_at
), counted as (
    insert into source_days (account_id, source_id, day, test, outcome, reason, share, count, last_at)
    select account_id, source_id, day, test, outcome, reason, $18::smallint, count(*), max(received_at)
    from stored
    group by account_id, source_id, day, test, outcome, reason
    order by source_id, day, test, outcome, md5(reason)
    on conflict (source_id, day, test, outcome, md5(reason), share) do update
    set count = source_days.count + excluded.count, last_at = greatest(source_days.last_at, excluded.last_at)
), queued as (
    insert into lead_deliveries (delivery_id, account_id, lead_id, since, next_at)
    select d.id, stored.account_id, stored.id, stored.received_at, stored.received_at
    from stored join deliveries d on d.flow_id = stored.flow_id
    where stored.outcome = 'success' and not stored.test and d.state in ('on', 'paused')
    order by d.id, stored.id
    returning lead_id
), added_to_sources as (
    insert into source_totals as t (account_id, source_id, test, outcome, share, count, last_at)
    select account_id, source_id, test, outcome, $18::smallint, count(*), max(received_at)
    from stored
    group by account_id, source_id, test, outcome
    order by source_id, test, outcome
    on conflict on constraint source_totals_pkey do update
    set count = t.count + excluded.count, last_at = greatest(t.last_at, excluded.last_at)
), added_to_flows as (
    insert into flow_totals as t (account_id, flow_id, test, outcome, share, count)
    select account_id, flow_id, test, outcome, $18::smallint, count(*)
    from stored
    group by account_id, flow_id, test, outcome
    order by flow_id, test, outcome
    on conflict on constraint flow_totals_pkey do update set count = t.count + excluded.count
)
select id as "id!: LeadId", null as "source_id: SourceId", null as "key_hash: Vec<u8>",
       id in (select lead_id from queued) as "is_queued!"
from stored
union all
select lead_id, source_id, key_hash, false from claimed where lead_id not in (select id from incoming)
