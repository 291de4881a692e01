-- What has been used of each rate limit. It is in the database so that all processes count together and a restart
-- forgets nothing. A row is one bucket; there is no row for a full one.
create table rate_limits (
    -- the first 16 bytes of the SHA-256 of the limit's name and its key, which may be an email address
    key bytea not null constraint rate_limits_pkey primary key check (octet_length(key) = 16),
    -- when everything is available again, so that the row can be deleted
    full_at timestamptz not null,
    -- when the latest ones were taken, in order, at most as many as allowed; null if the bucket refills steadily
    taken timestamptz[]
);
create index rate_limits_full_at_idx on rate_limits (full_at);

create function rate_limit_wait(full_at timestamptz, taken timestamptz[], burst int, period float8, moment timestamptz)
    returns float8
    language sql immutable parallel safe as $$
        select case when $2 is null then extract(epoch from greatest($1, $5) - $5)::float8 + $4 / $3 - $4
                    else coalesce(extract(epoch from $2[cardinality($2) - $3 + 1] - $5)::float8 + $4, 0) end
    $$;
comment on function rate_limit_wait is
    'Seconds until one more may be taken; 0 or less means now. Without `taken` the bucket regains `burst` evenly over `period` (GCRA), otherwise at most `burst` are taken in any `period`.';

create function take_rate_limits(
    keys bytea[], shared_keys bytea[], bursts int[], periods float8[], refills boolean[], shift float8, max_rows int
) returns table (refused int, seconds float8)
    language plpgsql as $$
declare
    moment constant timestamptz := now() + make_interval(secs => shift);
    used bytea[] := keys;
    step interval;
begin
    -- Losing the last fraction of a second in a crash of Postgres does no harm, and nobody waits for the disk.
    perform set_config('synchronous_commit', 'off', true);
    if pg_stat_get_live_tuples('rate_limits'::regclass) >= max_rows then
        used := array(select case when exists (select from rate_limits r where r.key = k.own) then k.own else k.shared end
                      from unnest(keys, shared_keys) with ordinality as k (own, shared, position) order by position);
    end if;
    -- If one is refused, the block is undone.
    begin
        for i in 1 .. cardinality(used) loop
            step := make_interval(secs => case when refills[i] then periods[i] / bursts[i] else periods[i] end);
            insert into rate_limits as r (key, full_at, taken)
            values (used[i], moment + step, case when not refills[i] then array[moment] end)
            on conflict on constraint rate_limits_pkey do update
            set full_at = case when r.taken is null then greatest(r.full_at, moment) + step else excluded.full_at end,
                taken = (r.taken || moment)[cardinality(r.taken) + 2 - bursts[i] :]
            where rate_limit_wait(r.full_at, r.taken, bursts[i], periods[i], moment) <= 0;
            if not found then
                raise sqlstate 'RL000';
            end if;
        end loop;
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
comment on function take_rate_limits is
    'Takes one from each bucket, or nothing from any of them if one is empty; then returns the position of the one with the longest wait. Callers pass buckets in the order of the limits, so they lock rows in one order. With max_rows buckets, keys without a row use their shared key, so a flood of keys cannot fill the disk.';

-- Counts the open invitations of an account, of which there are at most 200.
create index invitations_account_id_expires_at_idx on invitations (account_id, expires_at)
    where state = 'pending' and superseded_at is null;
