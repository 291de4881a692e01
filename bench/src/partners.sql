-- One big account: partners with four sources, ten users and a thousand leads each, over the last 90 days. Ids, addresses and
-- cookies are derived from a kind and a number: see scenario.rs.
\set QUIET on
begin;
set local synchronous_commit = off;
create function pg_temp.id(kind text, number bigint) returns bytea language sql immutable
    return decode(kind || '000000', 'hex') || int8send(number);
create function pg_temp.cookie_hash(kind text, number bigint) returns bytea language sql immutable
    return sha256(decode(kind || repeat('0', 46), 'hex') || int8send(number));
create temp table ps as select generate_series(:first_partner, :first_partner + :partners - 1)::bigint as p;

-- The account, with its Admin, signed in, and four flows.
insert into accounts (id, name, time_zone, created_at, updated_at)
    values (pg_temp.id('41', :big), 'Big Buyer', 'America/New_York', now(), now());
insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
    values (pg_temp.id('42', :big), 'Ann Big', 'ann@big.example', 'ann@big.example', now(), :'hash', now(), now());
insert into members (account_id, user_id, role, created_at) values (pg_temp.id('41', :big), pg_temp.id('42', :big), 'admin', now());
insert into subscriptions (account_id, product, plan, created_at) values (pg_temp.id('41', :big), 'leadconduit', 'base', now());
insert into sessions (id, token_hash, user_id, account_id, created_at, last_seen_at, expires_at, address, browser)
    values (pg_temp.id('43', :big), pg_temp.cookie_hash('43', :big), pg_temp.id('42', :big), pg_temp.id('41', :big), now(),
            now(), now() + interval '90 days', '', '');
insert into flows (id, account_id, name, created_at, updated_at)
    select pg_temp.id('44', f), pg_temp.id('41', :big), 'Flow ' || f, now(), now() from generate_series(0, 3) as f;

-- Partners, each an entity that is a source in every flow.
insert into partners (id, account_id, name, named_by_hand, created_at, updated_at)
    select pg_temp.id('46', p), pg_temp.id('41', :big), 'Partner ' || p, true, now(), now() from ps;
insert into entities (id, account_id, kind, name, source, created_at, updated_at)
    select pg_temp.id('45', p), pg_temp.id('41', :big), 'custom', 'Form ' || p, 'form', now(), now() from ps;
insert into flow_sources (id, account_id, flow_id, entity_id, partner_id, enabled, created_at, updated_at)
    select pg_temp.id('47', p * 4 + f), pg_temp.id('41', :big), pg_temp.id('44', f), pg_temp.id('45', p), pg_temp.id('46', p), true,
           now(), now()
    from ps, generate_series(0, 3) as f;

-- Ten users each, the first of them signed in.
insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
    select pg_temp.id('49', p * 10 + u), 'User ' || u, 'user' || u || '@partner' || p || '.example',
           'user' || u || '@partner' || p || '.example', now(), :'hash', now(), now()
    from ps, generate_series(0, 9) as u;
insert into partner_users (account_id, partner_id, user_id, role, created_at)
    select pg_temp.id('41', :big), pg_temp.id('46', p), pg_temp.id('49', p * 10 + u),
           case when u = 0 then 'partner_admin' else 'partner_user' end, now()
    from ps, generate_series(0, 9) as u;
insert into sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, address, browser)
    select pg_temp.id('4a', p), pg_temp.cookie_hash('4a', p), pg_temp.id('49', p * 10), now(), now(), now() + interval '90 days', '', ''
    from ps;

-- Leads: each source has 250, a third of them rejected for one of three reasons, a few of them tests.
insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, reason, test, input, fields, received_at, day)
    select pg_temp.id('48', n * 10000 + (p - :first_partner) * 4 + f), pg_temp.id('41', :big), pg_temp.id('44', f),
           pg_temp.id('47', p * 4 + f), 'Flow ' || f, 'Form ' || p, outcome,
           case outcome when 'failure' then 'Reason ' || n % 9 / 3 end, n % 50 = 0,
           '{"st": "CA", "email": "lea@example.com", "phone": "5125550123"}',
           '{"state": {"value": "CA", "raw": "CA", "valid": true}, "email": {"value": "lea@example.com", "raw": "lea@example.com", "valid": true}}',
           at, (at at time zone 'America/New_York')::date
    from generate_series(1, 250) as n
    cross join ps
    cross join generate_series(0, 3) as f
    cross join lateral (select now() - (251 - n) * interval '8 hours 30 minutes' as at,
                               case when n % 3 = 0 then 'failure' else 'success' end as outcome) as lead;
insert into source_days (account_id, source_id, day, test, outcome, reason, share, count, last_at)
    select account_id, source_id, day, test, outcome, coalesce(reason, ''), 0, count(*), max(received_at)
    from leads where account_id = pg_temp.id('41', :big)
    group by account_id, source_id, day, test, outcome, coalesce(reason, '');
insert into source_totals (account_id, source_id, test, outcome, share, count, last_at)
    select account_id, source_id, test, outcome, 0, sum(count), max(last_at) from source_days
    where account_id = pg_temp.id('41', :big)
    group by account_id, source_id, test, outcome;
insert into flow_totals (account_id, flow_id, test, outcome, share, count)
    select fs.account_id, fs.flow_id, t.test, t.outcome, 0, sum(t.count)
    from source_totals t join flow_sources fs on fs.id = t.source_id
    where t.account_id = pg_temp.id('41', :big)
    group by fs.account_id, fs.flow_id, t.test, t.outcome;
commit;
vacuum analyze;
