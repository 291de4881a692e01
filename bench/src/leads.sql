-- Sources that sellers post leads to: each a connected seller of a buyer of its own, with 20 rules of the flow, 30 rules
-- and 6 mappings of the source. Ids are derived from a kind and a number: see scenario/mod.rs. The leads that pass these
-- rules are in scenario/leads.rs.
\set QUIET on
begin;
set local synchronous_commit = off;
create function pg_temp.id(kind text, number bigint) returns bytea language sql immutable
    return decode(kind || '000000', 'hex') || int8send(number);
create temp table ls as select generate_series(:first_lead_source, :first_lead_source + :lead_sources - 1)::bigint as l;

create temp table rules (number serial, owner text, field text, op text, value text);
insert into rules (owner, field, op, value) values
    ('flow', 'first_name', 'is not blank', null),
    ('flow', 'last_name', 'is not blank', null),
    ('flow', 'email', 'is not blank', null),
    ('flow', 'email', 'format is valid', null),
    ('flow', 'phone_1', 'is not blank', null),
    ('flow', 'phone_1', 'format is valid', null),
    ('flow', 'address_1', 'is not blank', null),
    ('flow', 'city', 'is not blank', null),
    ('flow', 'state', 'is not included in', 'AK, HI, PR, GU, VI'),
    ('flow', 'country', 'is equal to', 'US'),
    ('flow', 'postal_code', 'format is valid', null),
    ('flow', 'dob', 'is less than', '2006-01-01'),
    ('flow', 'dob', 'is greater than', '1935-12-31'),
    ('flow', 'gender', 'is included in', 'male, female, other'),
    ('flow', 'homeowner', 'is true', null),
    ('flow', 'home_value', 'is greater than', '100000'),
    ('flow', 'income', 'is greater than', '40000'),
    ('flow', 'credit_rating', 'is not blank', null),
    ('flow', 'consent_at', 'is greater than', '2026-01-01'),
    ('flow', 'ip_address', 'format is valid', null),
    ('source', 'postal_code', 'is not included in', (select string_agg(zip::text, ', ') from generate_series(60001, 60100) as zip)),
    ('source', 'postal_code', 'is not between', '96700-96899'),
    ('source', 'postal_code', 'is not between', '99500-99999'),
    ('source', 'email', 'does not include', '@mailinator.com'),
    ('source', 'email', 'does not include', '@test.'),
    ('source', 'email', 'is not equal to', 'test@example.com'),
    ('source', 'phone_1', 'is not included in', (select string_agg((2125550100 + n)::text, ', ') from generate_series(0, 49) as n)),
    ('source', 'phone_1', 'is not between', '9000000000-9009999999'),
    ('source', 'first_name', 'is not obscene', null),
    ('source', 'last_name', 'is not obscene', null),
    ('source', 'first_name', 'is not included in', 'test, asdf, none, n/a'),
    ('source', 'last_name', 'is not included in', 'test, asdf, none, n/a'),
    ('source', 'city', 'is not equal to', 'Nowhere'),
    ('source', 'address_1', 'does not include', 'PO Box'),
    ('source', 'loan_amount', 'is between', '5000-90000'),
    ('source', 'income', 'is less than', '2000000'),
    ('source', 'home_value', 'is less than', '5000000'),
    ('source', 'dob', 'is between', '1940 to 2005'),
    ('source', 'landing_page_url', 'includes', 'https://'),
    ('source', 'landing_page_url', 'does not include', 'staging'),
    ('source', 'trustedform_cert_url', 'is not blank', null),
    ('source', 'trustedform_cert_url', 'includes', 'cert.trustedform.com'),
    ('source', 'comments', 'is not obscene', null),
    ('source', 'comments', 'does not include', 'unsubscribe'),
    ('source', 'campaign', 'is not blank', null),
    ('source', 'campaign', 'includes', 'solar-'),
    ('source', 'consent_at', 'is less than', '2040-01-01'),
    ('source', 'gender', 'is not blank', null),
    ('source', 'homeowner', 'is not false', null),
    ('source', 'state', 'is included in', 'AL, AZ, AR, CA, CO, CT, FL, GA, ID, IL, IN, IA, KS, KY, LA, ME, MD, MA, MI, MN, NV, NJ, NM, NY, NC, OH, TX');
create temp table criteria as
    select owner, jsonb_build_object('rule_set', jsonb_build_object('op', 'and', 'rules', jsonb_agg(
               jsonb_strip_nulls(jsonb_build_object('lhv', 'lead.' || field, 'op', op, 'rhv', value)) order by number))) as rules
    from rules group by owner;

insert into accounts (id, name, created_at, updated_at) select pg_temp.id('61', l), 'Lead Buyer ' || l, now(), now() from ls;
insert into accounts (id, name, created_at, updated_at) select pg_temp.id('65', l), 'Lead Seller ' || l, now(), now() from ls;
insert into subscriptions (account_id, product, plan, created_at) select pg_temp.id('61', l), 'leadconduit', 'base', now() from ls;
insert into flows (id, account_id, name, acceptance_criteria, created_at, updated_at)
    select pg_temp.id('62', l), pg_temp.id('61', l), 'Solar ' || l, criteria.rules, now(), now() from ls, criteria where owner = 'flow';
insert into flow_fields (account_id, flow_id, position, name)
    select pg_temp.id('61', l), pg_temp.id('62', l), position, name
    from ls, unnest(array['first_name', 'last_name', 'email', 'phone_1', 'address_1', 'city', 'state', 'postal_code', 'country', 'dob',
                          'gender', 'ip_address', 'homeowner', 'home_value', 'loan_amount', 'income', 'credit_rating', 'consent_at',
                          'landing_page_url', 'trustedform_cert_url', 'campaign', 'comments']) with ordinality as field (name, position);
insert into connections (id, seller_account_id, buyer_account_id, connected_at)
    select pg_temp.id('66', l), pg_temp.id('65', l), pg_temp.id('61', l), now() from ls;
insert into entities (id, account_id, kind, name, source, connected_account_id, created_at, updated_at)
    select pg_temp.id('63', l), pg_temp.id('61', l), 'account', 'Lead Seller ' || l, 'seller', pg_temp.id('65', l), now(), now() from ls;
insert into flow_sources (id, account_id, flow_id, entity_id, enabled, mappings, acceptance_criteria, created_at, updated_at)
    select pg_temp.id('64', l), pg_temp.id('61', l), pg_temp.id('62', l), pg_temp.id('63', l), true,
           '[{"property": "first_name", "value": "{{fname}}"}, {"property": "last_name", "value": "{{lname}}"},
             {"property": "phone_1", "value": "{{phone}}"}, {"property": "postal_code", "value": "{{zip}}"},
             {"property": "dob", "value": "{{birthday}}"}, {"property": "campaign", "value": "solar-{{sub_id}}"}]',
           criteria.rules, now(), now()
    from ls, criteria where owner = 'source';
insert into flow_versions (account_id, flow_id, version, at, configuration)
    select account_id, id, version, now(), flow_configuration(flows) from flows where account_id in (select pg_temp.id('61', l) from ls);
insert into source_versions (account_id, source_id, version, flow_id, at, configuration)
    select account_id, id, version, flow_id, now(), source_configuration(flow_sources) from flow_sources
    where account_id in (select pg_temp.id('61', l) from ls);
commit;
vacuum analyze;
