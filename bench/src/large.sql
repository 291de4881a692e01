-- A large buyer with everything that grows, one seller with many buyers, and other accounts beside them. Load it with
-- psql as the superuser, into a migrated database without leads:
--   psql -v partners=5000 -v sources=20000 -v users=50000 -v invitations=200000 -v leads=5000000 \
--       -v weeks=13 -v hash=HASH -f large.sql
-- `hash` is the password hash of every person. At least 40 partners, and at most four sources for each of them.
--
-- Ids are the kind (first byte), three zero bytes and a number of 8 bytes, except those of leads, invitations and
-- activity, which have a time first as in src/server/ids.rs. A cookie is `accord=`, the kind, zeros and the number, in
-- 64 hexadecimal digits.
--   51 accounts: 7000000 the large buyer, 7000001 a second one, 7000010 to 7000059 small buyers,
--      7100000 + p the seller behind partner p, for each even p
--   52 people: 7000000 and 7000001 Admins of these buyers; 7100000 + p Admin of that seller; 7200000 + u a partner user
--   53 cookies of sessions: the number of the person. Three people matter:
--      7000000 the large buyer's Admin, 7200000 Admin of partner 0, 7100000 the Admin of the seller behind partner 0
--   54 flows: 7000000 + f of the large buyer; 7500000 of the second, 7500010 to 7500059 of the small ones
--   55 entities: 7000000 + p of the large buyer, 7500000 … of the others
--   56 partners: 7000000 + p, partner user u is of partner u modulo partners
--   57 sources of flows: 7000000 + s of the large buyer, source s belongs to partner s modulo partners;
--      7500000 + n of the second, 7500010 to 7500059 of the small ones
--   58 is not used; the number in the id of a lead counts from 1, the highest is the newest
--   5a mails; 5b an API key of the large buyer, whose text is `accord_large_bench_key`; 5c connections; 5d entities of
--      sellers; 5e credentials; 5f keys of the others
-- Of the leads, 80 % are the large buyer's, 19 % the second one's. Half of the large buyer's come from its first 20
-- sources. One lead in 20 has the phone number 512 555 0100; lead n has the address lead{n}@people.example. The reason
-- `Very rare reason` is in one lead of 30,000.
\set QUIET on
begin;
set local synchronous_commit = off;
set local work_mem = '256MB';
set local jit = off;
-- The data is consistent; without this, each row would be checked against the rows it points to.
do $$ begin set local session_replication_role = 'replica'; exception when insufficient_privilege then null; end $$;
create function pg_temp.id(kind text, number bigint) returns bytea language sql immutable
    return decode(kind || '000000', 'hex') || int8send(number);
create function pg_temp.id_at(at timestamptz, number bigint) returns bytea language sql immutable
    return substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) || substring(int8send(number) from 3);
create function pg_temp.cookie_hash(kind text, number bigint) returns bytea language sql immutable
    return sha256(decode(kind || repeat('0', 46), 'hex') || int8send(number));
create temp table size as
    select :partners::bigint as partners, :sources::bigint as sources, :users::bigint as users,
           :invitations::bigint as invitations, :leads::bigint as leads, greatest(4, :sources / 200)::bigint as flows;
create temp table ps as select p from size, generate_series(0, partners - 1) as p;
create temp table buyers as
    select 7000000 as number, 'Large Solar' as name
    union all select 7000001, 'Second Solar'
    union all select n, 'Small Solar ' || n - 7000009 from generate_series(7000010, 7000059) as n;

-- Accounts, each with an Admin who is signed in.
create temp table people as
    select number, number as account, name, 'Ann ' || name as person, 'ann' || number || '@buyers.example' as email from buyers
    union all
    select 7100000 + p, 7100000 + p, 'Seller ' || p, 'Sam Seller ' || p, 'sam' || p || '@sellers.example'
    from ps where p % 2 = 0;
insert into accounts (id, name, time_zone, created_at, updated_at)
    select pg_temp.id('51', account), name, 'America/New_York', now() - interval '1 year', now() from people;
insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
    select pg_temp.id('52', number), person, email, email, now(), :'hash', now(), now() - interval '1 year' from people
    union all
    select pg_temp.id('52', 7200000 + u), 'User ' || u, 'user' || u || '@partners.example', 'user' || u || '@partners.example',
           now(), :'hash', now(), now() - interval '1 year'
    from size, generate_series(0, users - 1) as u;
insert into members (account_id, user_id, role, created_at)
    select pg_temp.id('51', account), pg_temp.id('52', number), 'admin', now() from people;
insert into subscriptions (account_id, product, plan, created_at)
    select pg_temp.id('51', number), 'leadconduit', 'base', now() from buyers;
insert into sessions (id, token_hash, user_id, account_id, created_at, last_seen_at, expires_at, address, browser)
    select pg_temp.id('53', number), pg_temp.cookie_hash('53', number), pg_temp.id('52', number), pg_temp.id('51', account),
           now(), now(), now() + interval '90 days', '', ''
    from people
    union all
    select pg_temp.id('53', 7200000 + p), pg_temp.cookie_hash('53', 7200000 + p), pg_temp.id('52', 7200000 + p), null,
           now(), now(), now() + interval '90 days', '', ''
    from ps;
insert into api_keys (id, account_id, name, prefix, key_hash, created_by, created_at)
    values (pg_temp.id('5b', 7000000), pg_temp.id('51', 7000000), 'Bench', 'accord_large', sha256('accord_large_bench_key'),
            pg_temp.id('52', 7000000), now());
insert into api_keys (id, account_id, name, prefix, key_hash, created_by, created_at)
    select pg_temp.id('5f', number), pg_temp.id('51', account), 'Other', 'accord_other', sha256(int8send(number)),
           pg_temp.id('52', number), now()
    from people where number <> 7000000;

-- Flows with ten fields.
insert into flows (id, account_id, name, created_at, updated_at)
    select pg_temp.id('54', 7000000 + f), pg_temp.id('51', 7000000), 'Solar flow ' || f, now() - interval '1 year', now()
    from size, generate_series(0, flows - 1) as f
    union all
    select pg_temp.id('54', number + 500000), pg_temp.id('51', number), 'Only flow', now() - interval '1 year', now()
    from buyers where number > 7000000;
insert into flow_fields (account_id, flow_id, position, name)
    select f.account_id, f.id, field.position, field.name
    from flows f, unnest(array['first_name', 'last_name', 'email', 'phone_1', 'address_1', 'city', 'state', 'postal_code', 'dob',
                               'comments']) with ordinality as field (name, position)
    where substring(f.id for 1) = '\x54';

-- Partners; every second one is a connected company. Of the others, each fifth one is archived or was never used.
insert into partners (id, account_id, name, named_by_hand, linked_account_id, archived_at, created_at, updated_at)
    select pg_temp.id('56', 7000000 + p), pg_temp.id('51', 7000000), 'Partner ' || md5(p::text), true,
           case when p % 2 = 0 then pg_temp.id('51', 7100000 + p) end, case when p % 40 = 39 then now() end,
           now() - interval '1 year', now()
    from ps
    union all
    select pg_temp.id('56', number + 500000), pg_temp.id('51', number), 'Seller 0', false, pg_temp.id('51', 7100000), null,
           now() - interval '1 year', now()
    from buyers where number > 7000000;
insert into partner_users (account_id, partner_id, user_id, role, created_at)
    select pg_temp.id('51', 7000000), pg_temp.id('56', 7000000 + u % partners), pg_temp.id('52', 7200000 + u),
           case when u < partners then 'partner_admin' else 'partner_user' end, now() - interval '1 year' + u * interval '1 minute'
    from size, generate_series(0, users - 1) as u;
insert into connections (id, seller_account_id, buyer_account_id, connected_at, disconnected_at)
    select pg_temp.id('5c', 7000000 + p), pg_temp.id('51', 7100000 + p), pg_temp.id('51', 7000000), now() - interval '300 days',
           case when p % 100 = 98 then now() - interval '3 days' end
    from ps where p % 2 = 0
    union all
    select pg_temp.id('5c', number + 500000), pg_temp.id('51', 7100000), pg_temp.id('51', number), now() - interval '300 days', null
    from buyers where number > 7000000;
insert into entities (id, account_id, kind, name, source, invited_email_key, connected_account_id, created_at, updated_at)
    select pg_temp.id('55', 7000000 + p), pg_temp.id('51', 7000000), case when p % 2 = 0 then 'account' else 'custom' end,
           case when p % 2 = 0 then 'Seller ' else 'Form ' end || p, case when p % 2 = 0 then 'seller' else 'form' end,
           case when p % 2 = 0 then 'sam' || p || '@sellers.example' end, case when p % 2 = 0 then pg_temp.id('51', 7100000 + p) end,
           now() - interval '1 year', now()
    from ps
    union all
    select pg_temp.id('55', number + 500000), pg_temp.id('51', number), 'account', 'Seller 0', 'seller', 'sam0@sellers.example',
           pg_temp.id('51', 7100000), now() - interval '1 year', now()
    from buyers where number > 7000000;
insert into entities (id, account_id, kind, name, recipient, connected_account_id, created_at, updated_at)
    select pg_temp.id('5d', 7000000 + p), pg_temp.id('51', 7100000 + p), 'account', 'Large Solar', 'buyer',
           pg_temp.id('51', 7000000), now() - interval '1 year', now()
    from ps where p % 2 = 0
    union all
    select pg_temp.id('5d', number + 500000), pg_temp.id('51', 7100000), 'account', name, 'buyer', pg_temp.id('51', number),
           now() - interval '1 year', now()
    from buyers where number > 7000000;

-- Sources: those of a partner are in flows that follow one another.
insert into flow_sources (id, account_id, flow_id, entity_id, partner_id, enabled, created_at, updated_at)
    select pg_temp.id('57', 7000000 + s), pg_temp.id('51', 7000000), pg_temp.id('54', 7000000 + (s % partners + s / partners) % flows),
           pg_temp.id('55', 7000000 + s % partners), pg_temp.id('56', 7000000 + s % partners), true, now() - interval '1 year', now()
    from size, generate_series(0, sources - 1) as s
    union all
    select pg_temp.id('57', number + 500000), pg_temp.id('51', number), pg_temp.id('54', number + 500000),
           pg_temp.id('55', number + 500000), pg_temp.id('56', number + 500000), true, now() - interval '1 year', now()
    from buyers where number > 7000000;
insert into source_credentials (id, account_id, source_id, prefix, secret_hash, created_at)
    select pg_temp.id('5e', 7000000 + s), pg_temp.id('51', 7000000), pg_temp.id('57', 7000000 + s), 'acs_', sha256('x'), now()
    from size, generate_series(0, sources - 1, 4) as s;
insert into flow_versions (account_id, flow_id, version, at, configuration)
    select f.account_id, f.id, f.version, f.updated_at, flow_configuration(f) from flows f where substring(f.id for 1) = '\x54';
insert into source_versions (account_id, source_id, version, flow_id, at, configuration)
    select fs.account_id, fs.id, fs.version, fs.flow_id, fs.updated_at, source_configuration(fs) from flow_sources fs
    where substring(fs.id for 1) = '\x57';
insert into source_refusals (account_id, source_id, day, count)
    select fs.account_id, fs.id, current_date - d, 2 from flow_sources fs, generate_series(0, 80, 20) as d
    where substring(fs.id for 1) = '\x57';
insert into source_errors (account_id, source_id, day, share, count)
    select fs.account_id, fs.id, current_date - d, 0, 1 from flow_sources fs, generate_series(5, 85, 40) as d
    where substring(fs.id for 1) = '\x57';

-- Invitations of a year. All but some 150 of the large buyer's are over: of eight, five were accepted and one each
-- declined, revoked and expired. A third of them are for partner users. Every small buyer has invited the seller.
create temp table invited as
    select i, pg_temp.id_at(now() - interval '1 year' + i * interval '364 days' / invitations, i) as id,
           now() - interval '1 year' + i * interval '364 days' / invitations as at,
           case when i % 3 = 0 then 'partner_user' else 'source' end as kind, i % partners as p,
           case when i >= invitations - 150 then 'open'
                else (array['accepted', 'accepted', 'declined', 'accepted', 'revoked', 'accepted', 'expired', 'accepted'])[i % 8 + 1]
           end as state
    from size, generate_series(0, invitations - 1) as i;
insert into mails (id, recipient, letter, state, attempts, next_try_at, created_at, sent_at)
    select pg_temp.id('5a', 7000000 + i), 'invited' || i || '@invited.example', '{}', 'sent', 1, at, at, at from invited;
insert into invitations (id, account_id, kind, email, email_key, state, entity_id, partner_id, role, invited_by, mail_id, sent_at,
                         expires_at, accepted_at, accepted_account_id, accepted_by, declined_at, revoked_at, reminded_at,
                         expiry_noted_at, created_at)
    select id, pg_temp.id('51', 7000000), kind, 'invited' || i || '@invited.example', 'invited' || i || '@invited.example',
           case when state in ('open', 'expired') then 'pending' else state end,
           case when kind = 'source' then pg_temp.id('55', 7000000 + p) end, pg_temp.id('56', 7000000 + p),
           case when kind = 'partner_user' then 'partner_user' end, pg_temp.id('52', 7000000), pg_temp.id('5a', 7000000 + i), at,
           case when state = 'open' then now() + interval '10 days' else at + interval '14 days' end,
           case when state = 'accepted' then at + interval '1 day' end,
           case when state = 'accepted' and kind = 'source' and p % 2 = 0 then pg_temp.id('51', 7100000 + p) end,
           case when state = 'accepted' then pg_temp.id('52', 7200000 + p) end, case when state = 'declined' then at end,
           case when state = 'revoked' then at end, at, case when state = 'expired' then at + interval '14 days' end, at
    from invited;
insert into invitations (id, account_id, kind, email, email_key, state, entity_id, partner_id, invited_by, sent_at, expires_at,
                         created_at)
    select pg_temp.id_at(now(), number), pg_temp.id('51', number), 'source', 'sam0@sellers.example', 'sam0@sellers.example',
           'pending', pg_temp.id('55', number + 500000), pg_temp.id('56', number + 500000), pg_temp.id('52', number), now(),
           now() + interval '10 days', now()
    from buyers where number > 7000000;
insert into invitation_tokens (token_hash, invitation_id, generation, verifies_address, created_at)
    select sha256(id), id, 1, true, at from invited;
insert into notices (id, account_id, invitation_id, kind, at, dismissed_at)
    select pg_temp.id_at(at, i), pg_temp.id('51', 7000000), id, 'declined', at, case when i % 16 <> 2 then at end
    from invited where state = 'declined';
insert into activity (id, account_id, user_id, deed, subject_kind, subject_id, subject_name, at)
    select pg_temp.id_at(at, i * 2 + n), pg_temp.id('51', 7000000), pg_temp.id('52', 7000000), 'invited', 'invitation', id,
           'invited' || i || '@invited.example', at
    from invited, generate_series(0, 1) as n
    union all
    select pg_temp.id_at(now() - interval '1 year', number), pg_temp.id('51', account), pg_temp.id('52', number), 'invited',
           'invitation', null, 'somebody@invited.example', now() - interval '1 year'
    from people;

-- Leads of 90 days, a third of them rejected for one of seven reasons, few of them tests. `offset 0` keeps Postgres from
-- working out a value once for each place that uses it.
create temp table senders as
    select ('x' || encode(substring(fs.id from 5), 'hex'))::bit(64)::bigint as source, fs.account_id, fs.flow_id, fs.id as source_id,
           f.name as flow_name
    from flow_sources fs join flows f on f.id = fs.flow_id where substring(fs.id for 1) = '\x57';
analyze senders;
-- Each week has its partition, as when leads come in over time.
create temp table weeks as
    select add_lead_week(week)
    from (select lead_week(lead_id_at(now())) as present) t, generate_series(present - :weeks, present + 8) as week
    where to_regclass(lead_week_table(week)) is null;
insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, reason, test, input, fields, received,
                   contacts, flow_version, source_version, received_at, day, input_bytes, fields_bytes)
    select pg_temp.id_at(at, n), account_id, flow_id, source_id, flow_name, 'Source ' || source, outcome, reason, n % 50 = 7,
           input, fields,
           '{"method": "POST", "content_type": "application/x-www-form-urlencoded", "user_agent": "Mozilla/5.0 (X11; Linux x86_64)", "address": "192.0.2.7", "authenticated": false}',
           array[('x' || encode(substring(sha256(account_id || convert_to('email ' || email, 'UTF8')) for 8), 'hex'))::bit(64)::bigint,
                 ('x' || encode(substring(sha256(account_id || convert_to('phone ' || phone, 'UTF8')) for 8), 'hex'))::bit(64)::bigint],
           1, 1, at, (at at time zone 'America/New_York')::date, 300, 560
    from (
        select n, account_id, flow_id, source_id, flow_name, source, at, email, phone, outcome, reason,
               ('{"first_name": "Lea", "last_name": "Leadbetter ' || n || '", "email": "' || email || '", "phone": "' || phone
                || '", "address": "' || n || ' Long Street", "city": "San Antonio", "st": "TX", "zip": "78204", "dob": "1980-02-03", '
                || '"comments": "Please call me in the evening, I have a roof of my own"}')::jsonb as input,
               ('{"first_name": {"value": "Lea", "raw": "Lea", "valid": true}, "last_name": {"value": "Leadbetter ' || n
                || '", "raw": "Leadbetter ' || n || '", "valid": true}, "email": {"value": "' || email || '", "raw": "' || email
                || '", "valid": true}, "phone_1": {"value": "' || phone || '", "raw": "' || phone || '", "valid": true}, '
                || '"state": {"value": "TX", "raw": "TX", "valid": true}, "postal_code": {"value": "78204", "raw": "78204", "valid": true}}')::jsonb
                   as fields
        from (
            select n, now() - interval '90 days' + n * (interval '90 days' / leads) as at,
                   case when n % 3 = 0 then 'failure' else 'success' end as outcome,
                   case when n % 30000 = 0 then 'Very rare reason'
                        when n % 3 = 0 then 'State is not included in list ' || n % 18 / 3 end as reason,
                   'lead' || n || '@people.example' as email,
                   case when n % 20 = 0 then '5125550100' else (2125550000 + n)::text end as phone,
                   case when n % 100 = 99 then 7500010 + n / 100 % 50
                        when n % 5 = 4 then 7500001
                        when n % 10 < 5 then 7000000 + n / 10 % least(20, sources)
                        else 7000000 + n * 2654435761 % sources end as source
            from size, generate_series(1, leads) as n
            offset 0
        ) as chosen
        join senders using (source)
        offset 0
    ) as lead;
insert into source_days (account_id, source_id, day, test, outcome, reason, share, count, last_at)
    select account_id, source_id, day, test, outcome, coalesce(reason, ''), 0, count(*), max(received_at)
    from leads
    where account_id = any(array(select pg_temp.id('51', number) from buyers))
    group by account_id, source_id, day, test, outcome, coalesce(reason, '')
    order by day, md5(source_id::text);
insert into source_totals (account_id, source_id, test, outcome, share, count, last_at)
    select account_id, source_id, test, outcome, 0, sum(count), max(last_at) from source_days
    where account_id = any(array(select pg_temp.id('51', number) from buyers))
    group by account_id, source_id, test, outcome
    on conflict do nothing;
insert into flow_totals (account_id, flow_id, test, outcome, share, count)
    select fs.account_id, fs.flow_id, t.test, t.outcome, 0, sum(t.count)
    from source_totals t join flow_sources fs on fs.id = t.source_id
    where t.account_id = any(array(select pg_temp.id('51', number) from buyers))
    group by fs.account_id, fs.flow_id, t.test, t.outcome
    on conflict do nothing;
commit;
vacuum analyze;
