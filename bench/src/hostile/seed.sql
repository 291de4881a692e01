-- What the hostile requests are aimed at: one account with a source that anyone may send to, an API key, and a flow
-- with a hundred leads of a megabyte. The Admin's session has the cookie of kind 51 (see scenario.rs).
\set QUIET on
begin;
create function pg_temp.id(kind text) returns bytea language sql immutable
    return decode(kind || '0000000000000000000000', 'hex');
insert into accounts (id, name, created_at, updated_at) values (pg_temp.id('51'), 'Target', now(), now());
insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
    values (pg_temp.id('52'), 'Ann Target', 'ann@target.example', 'ann@target.example', now(), :'hash', now(), now());
insert into members (account_id, user_id, role, created_at) values (pg_temp.id('51'), pg_temp.id('52'), 'admin', now());
insert into subscriptions (account_id, product, plan, created_at) values (pg_temp.id('51'), 'leadconduit', 'base', now());
insert into sessions (id, token_hash, user_id, account_id, created_at, last_seen_at, expires_at, address, browser)
    values (pg_temp.id('53'), sha256(decode('51' || repeat('0', 62), 'hex')), pg_temp.id('52'), pg_temp.id('51'), now(), now(),
            now() + interval '90 days', '', '');
insert into api_keys (id, account_id, name, prefix, key_hash, created_by, created_at)
    values (pg_temp.id('54'), pg_temp.id('51'), 'Hostile', 'accord_hosti', sha256('accord_hostile'), pg_temp.id('52'), now());

-- Flow 55 with source 58, whose rules compare every value with a long list and with patterns; flow 56 has big leads.
insert into flows (id, account_id, name, created_at, updated_at)
    select pg_temp.id(f), pg_temp.id('51'), 'Flow ' || f, now(), now() from unnest(array['55', '56']) as f;
insert into flow_fields (account_id, flow_id, position, name)
    select pg_temp.id('51'), pg_temp.id(f), position, name
    from unnest(array['55', '56']) as f,
         unnest(array['first_name', 'last_name', 'email', 'phone_1', 'state', 'postal_code', 'city', 'comments'])
             with ordinality as field (name, position);
insert into partners (id, account_id, name, named_by_hand, created_at, updated_at)
    values (pg_temp.id('59'), pg_temp.id('51'), 'Partner', true, now(), now());
insert into entities (id, account_id, kind, name, source, created_at, updated_at)
    values (pg_temp.id('57'), pg_temp.id('51'), 'custom', 'Form', 'form', now(), now());
insert into flow_sources (id, account_id, flow_id, entity_id, partner_id, enabled, acceptance_criteria, created_at, updated_at)
    select pg_temp.id(source), pg_temp.id('51'), pg_temp.id(flow), pg_temp.id('57'), pg_temp.id('59'), enabled,
           jsonb_build_object('rule_set', jsonb_build_object('op', 'or', 'rules', rules)), now(), now()
    from (values ('58', '55', true), ('5a', '56', false)) as s (source, flow, enabled),
         lateral (
             select jsonb_agg(rule) as rules from (
                 select jsonb_build_object('lhv', 'lead.postal_code', 'op', 'is included in',
                            'rhv', (select string_agg(zip::text, ',') from generate_series(60000, 61400) as zip)) as rule
                 union all
                 select jsonb_build_object('lhv', 'lead.comments', 'op', 'matches pattern',
                            'rhv', '/(x+)+' || n || '[a-z]{9}$/')
                 from generate_series(1, 20) as n
             ) as all_rules
         ) as r;
insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, test, input, fields, input_bytes,
                   fields_bytes, received_at, day)
    select decode('5b000000', 'hex') || int8send(n), pg_temp.id('51'), pg_temp.id('56'), pg_temp.id('5a'), 'Flow 56', 'Form', 'success',
           false, jsonb_build_object('comments', text),
           jsonb_build_object('comments', jsonb_build_object('value', text, 'raw', text, 'valid', true)),
           length(text), 2 * length(text), now(), current_date
    from generate_series(1, 100) as n, lateral (select n || string_agg(md5(n || '.' || i), '') as text from generate_series(1, 15000) as i) as t;
commit;
vacuum analyze;
