-- Sending an invitation in few statements.

create function open_invitations(account bytea, of_partner bytea, now timestamptz) returns setof invitations
    language sql stable parallel safe as $$
        select i.* from invitations i
        left join partner_users pu on pu.partner_id = i.partner_id and pu.user_id = i.invited_by
        where i.account_id = $1 and invitation_is_open(i.state, i.superseded_at, i.expires_at, $3)
          and pu.partner_id is not distinct from $2
    $$;
comment on function open_invitations is
    'The open invitations that an account''s members sent, or with a partner those that its own people sent. Use it in from.';

-- Takes from all buckets by one statement: one for each was planned again in every call (measured: 0.71 ms of CPU for
-- five buckets, now 0.18). It locks the rows in the order of the buckets, as before.
create or replace function take_rate_limits(
    keys bytea[], shared_keys bytea[], bursts int[], periods float8[], refills boolean[], shift float8, max_rows int
) returns table (refused int, seconds float8)
    language plpgsql as $$
declare
    moment constant timestamptz := now() + make_interval(secs => shift);
    used bytea[] := keys;
    count int;
begin
    perform set_config('synchronous_commit', 'off', true);
    if pg_stat_get_live_tuples('rate_limits'::regclass) >= max_rows then
        used := array(select case when exists (select from rate_limits r where r.key = k.own) then k.own else k.shared end
                      from unnest(keys, shared_keys) with ordinality as k (own, shared, position) order by position);
    end if;
    -- If one is refused, the block is undone.
    begin
        insert into rate_limits as r (key, full_at, taken)
        select b.key, moment + make_interval(secs => case when b.refills then b.period / b.burst else b.period end),
               case when not b.refills then array[moment] end
        from unnest(used, bursts, periods, refills) with ordinality as b (key, burst, period, refills, position)
        order by b.position
        on conflict on constraint rate_limits_pkey do update
        set full_at = case when r.taken is null
                           then greatest(r.full_at, moment)
                                + make_interval(secs => periods[array_position(used, r.key)]
                                                        / bursts[array_position(used, r.key)])
                           else excluded.full_at end,
            taken = (r.taken || moment)[cardinality(r.taken) + 2 - bursts[array_position(used, r.key)] :]
        where rate_limit_wait(r.full_at, r.taken, bursts[array_position(used, r.key)],
                              periods[array_position(used, r.key)], moment) <= 0;
        get diagnostics count = row_count;
        if count < cardinality(used) then
            raise sqlstate 'RL000';
        end if;
        return;
    exception when sqlstate 'RL000' then
        null;
    end;
    return query
        select b.position::int, greatest(rate_limit_wait(r.full_at, r.taken, b.burst, b.period, moment), 0)
        from unnest(used, bursts, periods) with ordinality as b (key, burst, period, position)
        join rate_limits r on r.key = b.key
        order by 2 desc limit 1;
end
$$;
