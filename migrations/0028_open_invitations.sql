-- Sending reads everything about an address in one statement, including whether the account has too many open ones.
create function open_invitations(account bytea, of_partner bytea, now timestamptz) returns setof invitations
    language sql stable parallel safe as $$
        select i.* from invitations i
        left join partner_users pu on pu.partner_id = i.partner_id and pu.user_id = i.invited_by
        where i.account_id = $1 and invitation_is_open(i.state, i.superseded_at, i.expires_at, $3)
          and pu.partner_id is not distinct from $2
    $$;
comment on function open_invitations is
    'The open invitations that an account''s members sent, or with a partner those that its own people sent. Use it in from.';
