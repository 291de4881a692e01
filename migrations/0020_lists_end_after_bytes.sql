-- A page of a list ends after a number of bytes, so that rows of a megabyte cannot fill the server's memory. The ids of
-- the page are read first; this function returns the first of them whose content fits. It stops at the first row that
-- does not fit, so it reads hardly more than the page shows. A window function would read the content of every row.
create function ids_within(kind text, owner bytea, ids bytea[], budget bigint) returns setof bytea
    language sql stable parallel safe rows 50 as $$
        with recursive page(n, bytes) as (
            select 0, 0::bigint
            union all
            select page.n + 1, page.bytes + size.bytes
            from page
            cross join lateral (select ($3)[page.n + 1] as id) next
            cross join lateral (
                select coalesce(case $1
                    when 'lead' then (
                        select octet_length(l.input::text) + octet_length(l.fields::text)
                        from leads l where l.account_id = $2 and l.id = next.id)
                    when 'lead fields' then (
                        select octet_length(l.fields::text) from leads l where l.account_id = $2 and l.id = next.id)
                    when 'lead input' then (
                        select octet_length(l.input::text) from leads l where l.account_id = $2 and l.id = next.id)
                    when 'activity' then (
                        select coalesce(octet_length(a.before::text), 0) + coalesce(octet_length(a.after::text), 0)
                        from activity a where a.account_id = $2 and a.id = next.id)
                    when 'source' then (
                        select octet_length(fs.mappings::text) + coalesce(octet_length(fs.acceptance_criteria::text), 0)
                        from flow_sources fs where fs.account_id = $2 and fs.id = next.id)
                    when 'flow' then (
                        select coalesce(octet_length(f.acceptance_criteria::text), 0) + coalesce((
                            select sum(octet_length(fs.mappings::text)
                                       + coalesce(octet_length(fs.acceptance_criteria::text), 0))
                            from flow_sources fs where fs.flow_id = f.id), 0)
                        from flows f where f.account_id = $2 and f.id = next.id)
                end, 0)::bigint as bytes
            ) size
            where page.n < cardinality($3) and (page.n = 0 or page.bytes + size.bytes <= $4)
        )
        select ($3)[n] from page where n > 0
    $$;
comment on function ids_within is
    'The first of these ids, in their order, whose rows have at most `budget` bytes of content together, but at least one.';
