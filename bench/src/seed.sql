-- The data to measure with. Ids, cookies and addresses are derived from a kind (the first byte of ids) and a number: see scenario.rs.
\set QUIET on
begin;
set local synchronous_commit = off;
create function pg_temp.id(kind text, number bigint) returns bytea language sql immutable
    return decode(kind || '000000', 'hex') || int8send(number);
create function pg_temp.cookie_hash(kind text, number bigint) returns bytea language sql immutable
    return sha256(decode(kind || repeat('0', 46), 'hex') || int8send(number));
create temp table buyers as select generate_series(:first_buyer, :first_buyer + :buyers - 1)::bigint as b;
create temp table sellers as
    select s, :first_buyer + (s - :first_seller) % :buyers as b
    from generate_series(:first_seller, :first_seller + :sellers - 1) as s;
create temp table teams as select generate_series(:first_team, :first_team + :teams - 1)::bigint as t;

-- Buyers: an account with LeadConduit Base, its Admin, signed in, and a flow.
insert into accounts (id, name, created_at, updated_at) select pg_temp.id('01', b), 'Buyer ' || b, now(), now() from buyers;
insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
    select pg_temp.id('02', b), 'Ann ' || b, 'buyer' || b || '@buyers.example', 'buyer' || b || '@buyers.example', now(), :'hash', now(), now()
    from buyers;
insert into members (account_id, user_id, role, created_at) select pg_temp.id('01', b), pg_temp.id('02', b), 'admin', now() from buyers;
insert into subscriptions (account_id, product, plan, created_at) select pg_temp.id('01', b), 'leadconduit', 'base', now() from buyers;
insert into sessions (id, token_hash, user_id, account_id, created_at, last_seen_at, expires_at, address, browser)
    select pg_temp.id('04', b), pg_temp.cookie_hash('04', b), pg_temp.id('02', b), pg_temp.id('01', b), now(), now(),
           now() + interval '90 days', '', '' from buyers;
insert into flows (id, account_id, name, created_at, updated_at)
    select pg_temp.id('03', b), pg_temp.id('01', b), 'Solar California', now(), now() from buyers;
insert into flow_fields (account_id, flow_id, position, name)
    select pg_temp.id('01', b), pg_temp.id('03', b), position, name
    from buyers, unnest(array['first_name', 'last_name', 'email', 'phone_1', 'state', 'postal_code']) with ordinality as field (name, position);

-- Sellers: an account without a plan, its Admin, signed in, and an open invitation from a buyer with its rows in other tables.
insert into accounts (id, name, created_at, updated_at) select pg_temp.id('11', s), 'Seller ' || s, now(), now() from sellers;
insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
    select pg_temp.id('12', s), 'Bob ' || s, 'seller' || s || '@sellers.example', 'seller' || s || '@sellers.example', now(), :'hash', now(), now()
    from sellers;
insert into members (account_id, user_id, role, created_at) select pg_temp.id('11', s), pg_temp.id('12', s), 'admin', now() from sellers;
insert into sessions (id, token_hash, user_id, account_id, created_at, last_seen_at, expires_at, address, browser)
    select pg_temp.id('13', s), pg_temp.cookie_hash('13', s), pg_temp.id('12', s), pg_temp.id('11', s), now(), now(),
           now() + interval '90 days', '', '' from sellers;
insert into entities (id, account_id, kind, name, source, invited_email_key, created_at, updated_at)
    select pg_temp.id('21', s), pg_temp.id('01', b), 'account', 'seller' || s || '@sellers.example', 'seller',
           'seller' || s || '@sellers.example', now(), now() from sellers;
insert into partners (id, account_id, name, named_by_hand, invited_email_key, created_at, updated_at)
    select pg_temp.id('22', s), pg_temp.id('01', b), 'seller' || s || '@sellers.example', false,
           'seller' || s || '@sellers.example', now(), now() from sellers;
insert into flow_sources (id, account_id, flow_id, entity_id, partner_id, enabled, created_at, updated_at)
    select pg_temp.id('23', s), pg_temp.id('01', b), pg_temp.id('03', b), pg_temp.id('21', s), pg_temp.id('22', s), false, now(), now()
    from sellers;
insert into mails (id, recipient, letter, state, attempts, next_try_at, created_at, sent_at)
    select pg_temp.id('24', s), 'seller' || s || '@sellers.example', '{}', 'sent', 1, now(), now(), now() from sellers;
insert into invitations (id, account_id, kind, email, email_key, note, state, entity_id, partner_id, invited_by, mail_id, sent_at, expires_at, created_at)
    select pg_temp.id('25', s), pg_temp.id('01', b), 'source', 'seller' || s || '@sellers.example', 'seller' || s || '@sellers.example',
           'We met at the fair in March.', 'pending', pg_temp.id('21', s), pg_temp.id('22', s), pg_temp.id('02', b), pg_temp.id('24', s),
           now(), now() + interval '14 days', now() from sellers;
insert into invitation_tokens (token_hash, invitation_id, generation, verifies_address, created_at)
    select pg_temp.cookie_hash('25', s), pg_temp.id('25', s), 1, true, now() from sellers;

-- Teams: an account with 20 members, the first of them signed in.
insert into accounts (id, name, created_at, updated_at) select pg_temp.id('31', t), 'Team ' || t, now(), now() from teams;
insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
    select pg_temp.id('32', t * 20 + m), 'Member ' || m || ' of Team ' || t, 'member' || m || '@team' || t || '.example',
           'member' || m || '@team' || t || '.example', now(), :'hash', now(), now()
    from teams, generate_series(0, 19) as m;
insert into members (account_id, user_id, role, created_at)
    select pg_temp.id('31', t), pg_temp.id('32', t * 20 + m), case when m = 0 then 'admin' else 'viewer' end, now()
    from teams, generate_series(0, 19) as m;
insert into subscriptions (account_id, product, plan, created_at) select pg_temp.id('31', t), 'leadconduit', 'base', now() from teams;
insert into sessions (id, token_hash, user_id, account_id, created_at, last_seen_at, expires_at, address, browser)
    select pg_temp.id('33', t), pg_temp.cookie_hash('33', t), pg_temp.id('32', t * 20), pg_temp.id('31', t), now(), now(),
           now() + interval '90 days', '', '' from teams;

-- What pgbench inserts into, one row a commit.
create table bench_rows (id bigint generated always as identity primary key, at timestamptz not null, content text not null);
grant insert on bench_rows to accord_app;
commit;
vacuum analyze;
