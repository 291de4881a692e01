-- Leads have a partition a week, made and dropped by functions of the owner, because the application's role owns
-- nothing. The default partition keeps what has no other; what it holds is moved to weeks while leads come in.
-- Everything here is quick on a table with millions of leads: no row is read or written.

-- How many days the leads of an account are kept.
alter table accounts add column lead_days int not null default 400
    constraint accounts_lead_days_check check (lead_days between 7 and 1830);

-- How far the default partition has been copied, in pages of the table. One row while it is being moved.
create table lead_move (
    next_page bigint not null,
    pages bigint not null,
    -- the copy has taken the place of the default partition, and its weeks become partitions one by one
    swapped boolean not null default false
);

create function lead_id_at(at timestamptz) returns bytea
    language sql immutable parallel safe as $$
        select substring(int8send(least(greatest(floor(extract(epoch from $1) * 1000), 0), 281474976710655)::bigint) from 3)
               || '\x000000000000'::bytea
    $$;
comment on function lead_id_at is 'The lowest id of a moment: 48 bits of milliseconds, then zeros.';

create function lead_horizon(days int, now timestamptz) returns bytea
    language sql immutable parallel safe as $$
        select lead_id_at(to_timestamp(extract(epoch from $2)::float8 - $1 * 86400.0))
    $$;
comment on function lead_horizon is
    'The lowest id that an account still keeps. retention::horizon says the same. Leads below it are removed, and nobody sees them.';

create function lead_week(id bytea) returns int
    language sql immutable parallel safe as $$
        select floor((('x' || encode(substring($1 for 6), 'hex'))::bit(48)::bigint - 345600000) / 604800000.0)::int
    $$;
comment on function lead_week is 'The week of an id: 0 begins on Monday, 5 January 1970, UTC.';
create function lead_week_start(week int) returns timestamptz
    language sql immutable parallel safe as $$ select to_timestamp(345600 + $1 * 604800.0) $$;
create function lead_week_table(week int) returns text
    language sql immutable parallel safe as $$
        select 'leads_' || to_char(lead_week_start($1) at time zone 'UTC', 'YYYYMMDD')
    $$;
comment on function lead_week_table is 'The name of the partition of a week: leads_ and the date of its Monday.';

-- Keeps a copy of what is written to the default partition while that is being moved.
create function mirror_lead() returns trigger
    language plpgsql security definer
    set search_path = public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        delete from leads_moving where account_id = old.account_id and id = old.id;
    end if;
    if tg_op <> 'DELETE' then
        insert into leads_moving values (new.*) on conflict do nothing;
    end if;
    return null;
end
$$;

-- Makes the empty table of a week. Its check proves to Postgres which leads it has, so that nothing reads it when it is
-- attached.
create function create_lead_week(week int) returns text
    language plpgsql as $$
declare
    name constant text := lead_week_table(week);
begin
    execute format(
        'create table %I (like leads including all,
             constraint leads_week_check check (id >= %L::bytea and id < %L::bytea))',
        name, lead_id_at(lead_week_start(week)), lead_id_at(lead_week_start(week + 1)));
    if exists (select from pg_roles where rolname = 'accord_app') then
        execute format('revoke all on %I from accord_app', name);
    end if;
    return name;
end
$$;
create function attach_lead_week(parent regclass, week int) returns void
    language plpgsql as $$
begin
    execute format('alter table %s attach partition %I for values from (%L) to (%L)', parent, lead_week_table(week),
        lead_id_at(lead_week_start(week)), lead_id_at(lead_week_start(week + 1)));
end
$$;

-- Keeps autovacuum away from tables that are about to be locked. Waiting for it blocks nobody, and it gives way after a
-- second, which is longer than anybody should wait for the locks that follow.
create function hold_lead_tables(tables regclass[]) returns void
    language plpgsql as $$
declare
    held regclass;
begin
    perform set_config('lock_timeout', '3s', true);
    foreach held in array tables loop
        execute format('lock table only %s in share update exclusive mode', held);
    end loop;
    perform set_config('lock_timeout', '200ms', true);
end
$$;

-- Adds the partition of a week, with the leads of that week that are in the default partition. Only for a default
-- partition that is small, because it is read twice under the lock. With the lock on the whole table, no statement can
-- have been planned without the new partition and see the default partition without these leads.
create function add_lead_week(week int) returns bigint
    language plpgsql as $$
declare
    name text;
    moved bigint;
begin
    perform hold_lead_tables(array['leads_all']::regclass[]);
    name := create_lead_week(week);
    lock table only leads in access exclusive mode;
    execute format(
        'with old as (delete from leads_all where id >= $1 and id < $2 returning *) insert into %I select * from old', name)
        using lead_id_at(lead_week_start(week)), lead_id_at(lead_week_start(week + 1));
    get diagnostics moved = row_count;
    perform attach_lead_week('leads', week);
    return moved;
end
$$;

-- The weeks of the leads in some pages of the default partition. Ids that no clock makes stay where they are.
create function lead_weeks_of_pages(first bigint, past bigint) returns setof int
    language sql stable as $$
        select distinct lead_week(id) from leads_all
        where ctid >= format('(%s,0)', $1)::tid and ctid < format('(%s,0)', $2)::tid
          and id >= lead_id_at('2015-01-01 00:00 UTC') and id < lead_id_at('2100-01-01 00:00 UTC')
    $$;

-- Adds a week to the copy, unless the rest of the copy already has leads of it. Those are moved in the next round.
create function add_moving_week(week int) returns void
    language plpgsql as $$
begin
    if to_regclass(lead_week_table(week)) is null then
        perform create_lead_week(week);
        perform attach_lead_week('leads_moving', week);
    end if;
exception when check_violation then
    null;
end
$$;

-- Begins to move a large default partition. A copy of it, with weeks, is filled page by page while everything is still
-- read from and written to the default partition. In the end the copy takes its place.
create function begin_lead_move(this_week int) returns void
    language plpgsql as $$
declare
    size constant bigint := pg_relation_size('leads_all') / current_setting('block_size')::bigint;
    week int;
begin
    perform hold_lead_tables(array['leads_all']::regclass[]);
    create table leads_moving (like leads including all, foreign key (account_id) references accounts (id))
        partition by range (id);
    create table leads_moving_rest partition of leads_moving default;
    if exists (select from pg_roles where rolname = 'accord_app') then
        revoke all on leads_moving, leads_moving_rest from accord_app;
    end if;
    for week in select generate_series(this_week, this_week + 8) union select lead_weeks_of_pages(size - 16, size) loop
        perform add_moving_week(week);
    end loop;
    create trigger mirror after insert or update or delete on leads_all for each row execute function mirror_lead();
    insert into lead_move (next_page, pages)
    values (0, pg_relation_size('leads_all') / current_setting('block_size')::bigint);
end
$$;

-- Copies some pages. Their leads are locked, so that a change waits and then finds the copy.
create function copy_leads(first bigint, past bigint) returns void
    language plpgsql as $$
declare
    week int;
begin
    for week in select lead_weeks_of_pages(first, past) loop
        perform add_moving_week(week);
    end loop;
    insert into leads_moving
    select * from (
        select * from leads_all
        where ctid >= format('(%s,0)', first)::tid and ctid < format('(%s,0)', past)::tid
        for share
    ) l
    on conflict do nothing;
    update lead_move set next_page = past;
end
$$;

-- Puts the copy, with its weeks, in the place of the default partition.
create function swap_leads() returns void
    language plpgsql as $$
begin
    perform hold_lead_tables(array(
        select 'leads_all'::regclass union all
        select inhrelid from pg_inherits where inhparent = 'leads_moving'::regclass));
    -- Detaching changes the triggers of the foreign key there. Statements that store leads lock accounts before leads.
    lock table accounts in access exclusive mode;
    lock table only leads in access exclusive mode;
    drop trigger mirror on leads_all;
    alter table leads detach partition leads_all;
    alter table leads attach partition leads_moving default;
    drop table leads_all;
    update lead_move set swapped = true;
end
$$;

-- Moves one week out of the default partition. After the last one, what is left becomes the default partition.
create function promote_lead_week() returns void
    language plpgsql as $$
declare
    week record;
    index text;
begin
    perform hold_lead_tables(array(select inhrelid from pg_inherits where inhparent = 'leads_moving'::regclass));
    lock table accounts in access exclusive mode;
    lock table only leads in access exclusive mode;
    select c.oid::regclass as name, pg_get_expr(c.relpartbound, c.oid) as bounds into week
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'leads_moving'::regclass and c.oid <> 'leads_moving_rest'::regclass
    order by c.relname desc limit 1;
    if found then
        execute format('alter table leads_moving detach partition %s', week.name);
        execute format('alter table leads attach partition %s %s', week.name, week.bounds);
        return;
    end if;
    alter table leads detach partition leads_moving;
    alter table leads_moving detach partition leads_moving_rest;
    drop table leads_moving;
    alter table leads_moving_rest rename to leads_all;
    for index in
        select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 'leads_all'::regclass
    loop
        execute format('alter index %I rename to %I', index, replace(index, 'leads_moving_rest', 'leads_all'));
    end loop;
    alter table leads attach partition leads_all default;
    if exists (select from pg_roles where rolname = 'accord_app') then
        grant select on leads_all to accord_app;
    end if;
    delete from lead_move;
end
$$;

create function stop_lead_move() returns void
    language plpgsql as $$
begin
    if exists (select from lead_move where not swapped) then
        drop trigger mirror on leads_all;
        drop table leads_moving;
        delete from lead_move;
    end if;
end
$$;
comment on function stop_lead_move is
    'For migrations: one that changes columns, indexes, constraints or triggers of leads calls this first, because the copy would not change with them. The move begins again afterwards.';

create function tend_lead_partitions() returns bigint
    language plpgsql security definer
    set search_path = public, pg_temp
    set bytea_output = 'hex'
    set lock_timeout = '200ms' as $$
declare
    this_week constant int := lead_week(lead_id_at(now()));
    week int;
    place lead_move;
begin
    if not pg_try_advisory_xact_lock(hashtext('partitions of leads')) then
        return 0;
    end if;
    select * into place from lead_move;
    if found then
        if place.next_page < place.pages then
            perform copy_leads(place.next_page, least(place.next_page + 16, place.pages));
        elsif place.swapped then
            perform promote_lead_week();
        else
            perform swap_leads();
        end if;
        return 1;
    end if;
    select lead_week(id) into week from leads_all
    where id >= lead_id_at('2015-01-01 00:00 UTC') and id < lead_id_at('2100-01-01 00:00 UTC') limit 1;
    if week is not null and pg_table_size('leads_all') > 4 << 20 then
        perform begin_lead_move(this_week);
        return 1;
    end if;
    if week is null then
        select number into week from generate_series(this_week, this_week + 8) number
        where to_regclass(lead_week_table(number)) is null order by number limit 1;
    end if;
    if week is null then
        return 0;
    end if;
    perform add_lead_week(week);
    return 1;
exception when lock_not_available or deadlock_detected then
    return 0;
end
$$;
comment on function tend_lead_partitions is
    'One step of the work on the partitions of leads: makes the one of a week, from the current one to eight weeks ahead, or moves leads out of the default partition. Returns 0 if nothing is to do, or if it can only be done later.';

create function drop_lead_partition() returns text
    language plpgsql security definer
    set search_path = public, pg_temp
    set bytea_output = 'hex'
    set lock_timeout = '200ms' as $$
declare
    oldest regclass;
    dropped text;
begin
    if not pg_try_advisory_xact_lock(hashtext('partitions of leads')) then
        return null;
    end if;
    select week.name into oldest
    from (select c.oid::regclass as name,
                 decode(substring(pg_get_expr(c.relpartbound, c.oid) from $re$TO \('\\x([0-9a-f]{24})'\)$re$), 'hex') as past
          from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = 'leads'::regclass) week
    where week.past <= lead_id_at(now() - make_interval(days => 1 + coalesce((select max(lead_days) from accounts), 1830)))
    order by week.past limit 1;
    if oldest is null then
        return null;
    end if;
    perform hold_lead_tables(array[oldest]);
    lock table only leads in access exclusive mode;
    dropped := oldest::text;
    execute format('drop table %s', oldest);
    return dropped;
exception when lock_not_available or deadlock_detected then
    return null;
end
$$;
comment on function drop_lead_partition is
    'Drops the oldest partition of leads if it is older than what any account keeps, and returns its name.';

create function lead_partitions()
    returns table (weeks bigint, has_next_week boolean, default_has_rows boolean, is_moving boolean)
    language plpgsql stable security definer
    set search_path = public, pg_temp as $$
declare
    rest constant regclass := (select partdefid from pg_partitioned_table where partrelid = 'leads'::regclass);
begin
    execute format('select exists (select from %s)', rest) into default_has_rows;
    return query select
        (select count(*) from pg_inherits where inhparent = 'leads'::regclass and inhrelid <> rest),
        exists (select from pg_inherits
                where inhrelid = to_regclass(lead_week_table(lead_week(lead_id_at(now())) + 1))),
        default_has_rows,
        exists (select from lead_move);
end
$$;
comment on function lead_partitions is 'How the partitions of leads stand, for `accord doctor`.';

-- The application may ask for a step, and cannot say of which table.
revoke execute on function lead_week_start, lead_week_table, mirror_lead, create_lead_week, attach_lead_week,
    hold_lead_tables, add_lead_week, lead_weeks_of_pages, add_moving_week, begin_lead_move, copy_leads, swap_leads,
    promote_lead_week, stop_lead_move, tend_lead_partitions, drop_lead_partition, lead_partitions from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'accord_app') then
        revoke insert, update, delete on lead_move, leads_all from accord_app;
        grant execute on function tend_lead_partitions, drop_lead_partition, lead_partitions to accord_app;
    end if;
end
$$;

-- As in migration 0025. What is read of leads is planned for the ids at hand, so that Postgres opens only the partitions
-- that have them, however many there are.
create or replace function ids_within(kind text, owner bytea, ids bytea[], budget bigint) returns setof bytea
    language plpgsql stable parallel safe rows 50 as $$
declare
    size text := case kind
        when 'lead' then 'select coalesce(l.input_bytes, octet_length(l.input::text))
                                 + coalesce(l.fields_bytes, octet_length(l.fields::text))'
        when 'lead fields' then 'select coalesce(l.fields_bytes, octet_length(l.fields::text))'
        when 'lead input' then 'select coalesce(l.input_bytes, octet_length(l.input::text))' end
        || ' from leads l where l.account_id = $1 and l.id = next.id and l.id between $4 and $5';
begin
    if kind not like 'lead%' then
        size := case kind
            when 'activity' then 'select coalesce(octet_length(a.before::text), 0) + coalesce(octet_length(a.after::text), 0)
                from activity a where a.account_id = $1 and a.id = next.id'
            when 'source' then
                'select octet_length(fs.mappings::text) + coalesce(octet_length(fs.acceptance_criteria::text), 0)
                from flow_sources fs where fs.account_id = $1 and fs.id = next.id'
            when 'flow' then 'select coalesce(octet_length(f.acceptance_criteria::text), 0) + coalesce((
                    select sum(octet_length(fs.mappings::text) + coalesce(octet_length(fs.acceptance_criteria::text), 0))
                    from flow_sources fs where fs.flow_id = f.id), 0)
                from flows f where f.account_id = $1 and f.id = next.id' end;
    end if;
    return query execute format($query$
        with recursive page(n, bytes) as (
            select 0, 0::bigint
            union all
            select page.n + 1, page.bytes + size.bytes
            from page
            cross join lateral (select ($2)[page.n + 1] as id) next
            cross join lateral (select coalesce((%s), 0)::bigint as bytes) size
            where page.n < cardinality($2) and (page.n = 0 or page.bytes + size.bytes <= $3)
        )
        select ($2)[n] from page where n > 0$query$, coalesce(size, 'select 0'))
        using owner, ids, budget,
            (select id from unnest(ids) id order by id limit 1), (select id from unnest(ids) id order by id desc limit 1);
end
$$;
