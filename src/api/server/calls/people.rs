//! Partner users, and invitations to become one.

use crate::{
    accounts::model::Permission,
    api::server::{
        body::Body,
        call::Call,
        error::Error,
        paging::{Id, Ids, Page, Query},
        queries::{
            invitations::{self as invitation_queries, Filter, Invitation, State},
            partners::{self as queries, PartnerUser},
        },
        response::{ApiResponse, Reply},
        schemas::Email,
    },
    base::{AccountId, EmailAddress, InvitationId, PartnerId, Problem, UserId},
    invitations::{
        model::{Kind, SendOutcome, Team, TeamAction},
        server::{queries as invitations, team_invites},
    },
    partners::{
        model::PartnerRole,
        server::{people, policy},
    },
    server::{Fault, Tx},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// The person to invite to a partner.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    email: Email,
    role: PartnerRole,
}

/// The new role.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    role: PartnerRole,
}

/// Lists the users of a partner.
#[utoipa::path(get, path = "/partners/{partner_id}/users", operation_id = "list_partner_users", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."), Page<UserId>),
    responses((status = 200, description = "The users.", body = Vec<PartnerUser>)))]
pub async fn users(call: Call, Id(id): Id<PartnerId>, Query(page): Query<Page<UserId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    policy::find_in_account(&mut conn, id, Permission::See).await?;
    let whose = (call.readable_account()?, id);
    let rows = queries::list_users(&mut conn, whose, None, page.after, page.limit().plus_one()).await?;
    Ok(page.limit().page(&call, rows, |user| user.id)?)
}

/// Requires that the partner is the account's own record. Keys of the linked company only see the portal.
async fn require_own_partner(tx: &mut Tx, id: PartnerId) -> Result<(), Fault> {
    policy::find_in_account(tx, id, Permission::ChangeFlows).await.map(drop)
}

async fn find_user(tx: &mut Tx, account_id: AccountId, id: PartnerId, user: UserId) -> Result<PartnerUser, Fault> {
    let found = queries::list_users(tx, (account_id, id), Some(user), None, 1).await?;
    found.into_iter().next().ok_or(Fault::NOT_FOUND)
}

/// Changes the role of a partner user.
#[utoipa::path(put, path = "/partners/{partner_id}/users/{user_id}", operation_id = "change_partner_user",
    tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."),
           ("user_id" = UserId, Path, description = "The user.")),
    request_body = RoleChange,
    responses((status = 200, description = "The user.", body = PartnerUser),
              (status = 409, description = "Someone else changed the role. Read it again.", body = Error)))]
pub async fn set_role(call: Call, Ids(id, user_id): Ids<PartnerId, UserId>, body: Body<RoleChange>) -> Reply {
    call.write((call.account_id, id, user_id, body.value.role), |tx, (account_id, id, user_id, role)| {
        Box::pin(async move {
            let user = find_user(tx, account_id, id, user_id).await?;
            people::set_role(tx, id, user_id, (user.role, role)).await?;
            ApiResponse::ok(&find_user(tx, account_id, id, user_id).await?)
        })
    })
    .await
}

/// Removes a user of a partner: their access ends with the next request.
#[utoipa::path(delete, path = "/partners/{partner_id}/users/{user_id}", operation_id = "remove_partner_user",
    tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."),
           ("user_id" = UserId, Path, description = "The user.")),
    responses((status = 204, description = "Removed.")))]
pub async fn remove(call: Call, Ids(id, user_id): Ids<PartnerId, UserId>) -> Reply {
    call.write((call.account_id, id, user_id), |tx, (account_id, id, user_id)| {
        Box::pin(async move {
            find_user(tx, account_id, id, user_id).await?;
            people::remove(tx, id, user_id).await?;
            Ok(ApiResponse::no_content())
        })
    })
    .await
}

/// Lists the pending invitations to a partner.
#[utoipa::path(get, path = "/partners/{partner_id}/invites", operation_id = "list_partner_invites", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."), Page<InvitationId>),
    responses((status = 200, description = "The invitations.", body = Vec<Invitation>)))]
pub async fn invites(call: Call, Id(id): Id<PartnerId>, Query(page): Query<Page<InvitationId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    policy::find_in_account(&mut conn, id, Permission::See).await?;
    let filter = Filter {
        state: Some(State::Pending),
        kind: Some(Kind::PartnerUser),
        partner: Some(id),
        after: page.after,
        one: None,
    };
    let rows =
        invitation_queries::list(&mut conn, call.readable_account()?, filter, page.limit().plus_one(), call.cx.now)
            .await?;
    Ok(page.limit().page(&call, rows, |invitation| invitation.id)?)
}

/// Invites someone to a partner.
///
/// If the address has a pending invitation, it is returned and nothing is sent.
#[utoipa::path(post, path = "/partners/{partner_id}/invites", operation_id = "invite_partner_user", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner.")), request_body = NewInvite,
    responses((status = 201, description = "Created and emailed.", body = Invitation),
              (status = 200, description = "Already pending.", body = Invitation),
              (status = 409, description = "The partner is archived, or a request with the same Idempotency-Key is still running.", body = Error)))]
pub async fn invite(call: Call, Id(id): Id<PartnerId>, body: Body<NewInvite>) -> Reply {
    call.post(&body.bytes, (call.account_id, id, body.value), |tx, (account_id, id, new)| {
        Box::pin(async move {
            require_own_partner(tx, id).await?;
            let (team, now) = (Team::Partner(id), tx.now());
            let invite = team_invites::UserInvite::parse(team, EmailAddress::parse(&new.email.0), new.role.as_str())?;
            let email_key = invite.email.key().to_owned();
            let outcome = team_invites::invite(tx, invite).await?;
            let pending = invitations::find_pending_team_invite(tx, account_id, team, &email_key, now).await?;
            let (invitation_id, _) = pending.ok_or(Problem::NotPending)?;
            let invitation = invitation_queries::find(tx, account_id, invitation_id, now).await?;
            match outcome {
                SendOutcome::Sent | SendOutcome::Stopped => ApiResponse::created(&invitation),
                SendOutcome::AlreadyInvited | SendOutcome::AlreadyConnected => ApiResponse::ok(&invitation),
            }
        })
    })
    .await
}

/// Resends an invitation to a partner: emails a new link with a new expiry.
///
/// Earlier links no longer work.
#[utoipa::path(post, path = "/partners/{partner_id}/invites/{invitation_id}/resend",
    operation_id = "resend_partner_invite", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."),
           ("invitation_id" = InvitationId, Path, description = "The invitation.")),
    responses((status = 200, description = "Resent.", body = Invitation),
              (status = 409, description = "The invitation is not pending, or a request with the same Idempotency-Key is still running.", body = Error)))]
pub async fn resend(call: Call, Ids(id, invitation_id): Ids<PartnerId, InvitationId>) -> Reply {
    call.post(&[], (call.account_id, id, invitation_id), |tx, (account_id, id, invitation_id)| {
        Box::pin(async move {
            require_own_partner(tx, id).await?;
            team_invites::act(tx, (Team::Partner(id), TeamAction::Resend(invitation_id))).await?;
            let now = tx.now();
            ApiResponse::ok(&invitation_queries::find(tx, account_id, invitation_id, now).await?)
        })
    })
    .await
}

/// Revokes an invitation to a partner.
///
/// Repeating this has no effect.
#[utoipa::path(delete, path = "/partners/{partner_id}/invites/{invitation_id}",
    operation_id = "revoke_partner_invite", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."),
           ("invitation_id" = InvitationId, Path, description = "The invitation.")),
    responses((status = 204, description = "Revoked."),
              (status = 409, description = "The invitation was already answered.", body = Error)))]
pub async fn revoke(call: Call, Ids(id, invitation_id): Ids<PartnerId, InvitationId>) -> Reply {
    call.write((id, invitation_id), |tx, (id, invitation_id)| {
        Box::pin(async move {
            require_own_partner(tx, id).await?;
            team_invites::act(tx, (Team::Partner(id), TeamAction::Revoke(invitation_id))).await?;
            Ok(ApiResponse::no_content())
        })
    })
    .await
}
