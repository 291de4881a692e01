-- Lists and exports of leads, and the erasure of a person's data.
alter table leads
    -- when the personal data of this lead was erased
    add column erased_at timestamptz,
    -- how much content the lead has, so that a page or batch knows it without reading the content; null for leads from
    -- before it was kept
    add column input_bytes int,
    add column fields_bytes int;

-- The columns that a person chose for exports: as a member of the account that bought the leads, or on the seller's side.
create table lead_columns (
    user_id bytea not null references users (id),
    account_id bytea not null references accounts (id),
    side text not null constraint lead_columns_side_check check (side in ('buyer', 'seller')),
    columns text[] not null,
    constraint lead_columns_pkey primary key (user_id, account_id, side)
);

create function lead_text(fields jsonb, name text) returns text
    language sql immutable parallel safe as $$
        select coalesce(nullif(btrim($1 -> $2 ->> 'value'), ''), nullif(btrim($1 -> $2 ->> 'raw'), ''))
    $$;
comment on function lead_text is 'A field of a lead as text: its normal form, or what was sent if it has none; null if it is blank.';

create function lead_title(fields jsonb) returns text
    language sql immutable parallel safe as $$
        select left(coalesce(
            nullif(concat_ws(' ', lead_text($1, 'first_name'), lead_text($1, 'last_name')), ''),
            lead_text($1, 'email'), lead_text($1, 'phone_1'), lead_text($1, 'phone_2')), 200)
    $$;
comment on function lead_title is 'What lists call a lead: the name of its person, otherwise an e-mail address or phone number; null without any.';

-- As in migration 0020, with the sizes that leads keep.
create or replace function ids_within(kind text, owner bytea, ids bytea[], budget bigint) returns setof bytea
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
                        select coalesce(l.input_bytes, octet_length(l.input::text))
                               + coalesce(l.fields_bytes, octet_length(l.fields::text))
                        from leads l where l.account_id = $2 and l.id = next.id)
                    when 'lead fields' then (
                        select coalesce(l.fields_bytes, octet_length(l.fields::text))
                        from leads l where l.account_id = $2 and l.id = next.id)
                    when 'lead input' then (
                        select coalesce(l.input_bytes, octet_length(l.input::text))
                        from leads l where l.account_id = $2 and l.id = next.id)
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

-- Leads from before migration 0021 have no hashes of their addresses and numbers yet. Numbers from abroad had no `+`, and
-- an extension is not part of who is called.
create function lead_contacts(account bytea, fields jsonb) returns bigint[]
    language sql immutable parallel safe as $$
        select array(
            select distinct ('x' || encode(substring(
                       sha256($1 || convert_to(kind.name || ' ' || normal.value, 'UTF8')) for 8), 'hex')
                   )::bit(64)::bigint
            from jsonb_each($2) as field
            join (values ('email', 'email'), ('phone_1', 'phone'), ('phone_2', 'phone')) as kind (field, name)
              on kind.field = field.key
            cross join lateral (select split_part(field.value ->> 'value', 'x', 1) as number) as phone
            cross join lateral (
                select case when kind.name = 'email' then field.value ->> 'value'
                            when phone.number ~ '^[0-9]{10}$' or phone.number ~ '^[+]' then phone.number
                            else '+' || phone.number end as value) as normal
            where field.value ->> 'valid' = 'true' and field.value ->> 'value' <> '')
    $$;
comment on function lead_contacts is 'The hashes of a lead as `leads/server/contacts.rs` makes them, for leads from before they were kept.';
update leads set contacts = lead_contacts(account_id, fields)
where contacts = '{}' and fields ?| array['email', 'phone_1', 'phone_2'];
-- Made after the rows are filled. Without a list of pending entries, which some later lead would have to work off.
create index leads_contacts_idx on leads using gin (contacts) with (fastupdate = off);
