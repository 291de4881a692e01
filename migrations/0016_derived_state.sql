-- State that depends on time or on other rows is derived here, once. Every query uses these views and functions; the
-- pure rules in the models say the same for Rust, and tests/it/derived_state.rs compares both.
-- Each is a plain select or expression without settings of its own, so that Postgres puts it into the query that uses it
-- and plans both together. They are parallel safe, or queries that use them could have no parallel plan. The bodies of
-- functions are text, so that tables can still get further columns.

create view live_connections with (security_invoker = true) as
    select id, seller_account_id, buyer_account_id, connected_at from connections where disconnected_at is null;
comment on view live_connections is
    'Connections that have not ended. A row means: the seller is connected with the buyer right now.';

create function live_connections_between(one bytea, other bytea) returns setof live_connections
    language sql stable parallel safe as $$
        select * from live_connections
        where (seller_account_id, buyer_account_id) in (($1, $2), ($2, $1))
    $$;
comment on function live_connections_between is
    'The live connections of two accounts, whichever of them sells: none, one or two rows.';

create function connected_name(disconnected_at timestamptz, current_name text, kept_name text) returns text
    language sql immutable parallel safe as $$ select case when $1 is null then $2 else coalesce($3, $2) end $$;
comment on function connected_name is
    'The name of the other company of a connection: its current one; after the end the one that was kept, if one was.';

create function source_may_send(kind text, connected boolean) returns boolean
    language sql immutable parallel safe as $$ select $1 <> 'account' or $2 $$;
comment on function source_may_send is
    'Whether an entity of this kind may send leads: an account only while it is connected. EntityKind::may_send says the same.';

create function invitation_time_is_over(expires_at timestamptz, now timestamptz) returns boolean
    language sql immutable parallel safe as $$ select $1 <= $2 $$;
comment on function invitation_time_is_over is
    'An invitation is valid until its expires_at, and no longer at that moment.';

create function invitation_is_unanswered(state text, superseded_at timestamptz) returns boolean
    language sql immutable parallel safe as $$ select $1 = 'pending' and $2 is null $$;
comment on function invitation_is_unanswered is
    'Neither answered nor revoked nor replaced, in time or expired. At most one per address and target (the unique indexes).';

create function invitation_is_open(state text, superseded_at timestamptz, expires_at timestamptz, now timestamptz)
    returns boolean
    language sql immutable parallel safe as $$
        select invitation_is_unanswered($1, $2) and not invitation_time_is_over($3, $4)
    $$;
comment on function invitation_is_open is
    'It can be accepted and declined: unanswered, and its time is not over. Standing::Open says the same.';

create function invitation_standing(state text, superseded_at timestamptz, expires_at timestamptz, now timestamptz)
    returns text
    language sql immutable parallel safe as $$
        select case when $1 <> 'pending' then $1
                    when $2 is not null then 'replaced'
                    when invitation_time_is_over($3, $4) then 'expired'
                    else 'pending' end
    $$;
comment on function invitation_standing is
    'How an invitation stands: an answer counts for ever; time and a newer invitation matter only before it. Facts::standing says the same, under the names of Standing::key.';

create function latest_invitation(entity bytea) returns setof invitations
    language sql stable parallel safe as $$ select * from invitations where entity_id = $1 order by id desc limit 1 $$;
comment on function latest_invitation is
    'The invitation that has the last word on an entity, answered or not: the newest. Use it in from, with lateral.';

create view current_links with (security_invoker = true) as
    select token_hash, invitation_id, generation, verifies_address, created_at
    from invitation_tokens where superseded_at is null;
comment on view current_links is
    'Links of invitations that no newer one has followed. Whether such a link still opens anything depends on its invitation.';

create function partner_status(account bytea, partner bytea, linked_account bytea, now timestamptz)
    returns table (status text)
    language sql stable parallel safe as $$
        select case when exists (select from live_connections c
                                 where c.buyer_account_id = $1 and c.seller_account_id = $3) then 'connected'
                    when exists (select from invitations i
                                 where i.partner_id = $2 and i.kind = 'source'
                                   and invitation_is_open(i.state, i.superseded_at, i.expires_at, $4)) then 'invited'
                    when $3 is not null then 'disconnected'
                    else 'not_connected' end
    $$;
comment on function partner_status is
    'How a partner of an account stands with the company behind it; the first that applies: connected, invited, linked once, none of it. PartnerStatus::of says the same. Use it in from, with lateral.';

-- Views get the rights of tables by default. These are for reading only; with the rights of whoever reads.
do $$
begin
    if exists (select from pg_roles where rolname = 'accord_app') then
        revoke insert, update, delete on live_connections, current_links from accord_app;
        grant select on live_connections, current_links to accord_app;
    end if;
end
$$;
