//! An invitee's actions besides accepting: decline, request a new invitation, ask an Admin, stop invitations.

use super::{
    access::{self, Access},
    invitation::{Invitation, Open},
    letters, limits,
    notices::{close_and_notify, notify_inviter, notify_void},
    queries::{self, LinkFacts},
};
use crate::{
    accounts::{
        model::Permission,
        server::{self as accounts, NewAccount},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, Id, InvitationId, Problem, SecretHash},
    entities::server::queries as entities,
    flows::server as flows,
    identity::server::parse::line,
    invitations::model::{InvitationStatus, NoticeKind},
    server::{
        Fault, Tx,
        mail::{self, Outgoing},
        throttle::Limit,
    },
};
use serde_json::json;

/// Maximum length of a reason, in characters.
const REASON_LENGTH: usize = 500;

/// Checks that a locked invitation can be answered by someone with this access, until it expires.
pub(super) fn open(
    tx: &mut Tx,
    invitation: &Invitation,
    link: Option<LinkFacts>,
    access: Access,
) -> Result<Open, Fault> {
    let open = invitation.open()?;
    access::check_again(&tx.cx, invitation, link, access)?;
    tx.must_commit_before(invitation.expires_at);
    Ok(open)
}

/// A request to decline an invitation.
#[derive(Debug, Clone)]
pub struct DeclineRequest {
    pub invitation_id: InvitationId,
    pub reason: String,
    /// Why the person may see the invitation.
    pub access: Access,
}

/// Declines, with an optional reason. It needs no account, and the inviter's entity and sources stay.
pub async fn decline(tx: &mut Tx, request: DeclineRequest) -> Result<Invitation, Fault> {
    let id = request.invitation_id;
    let reason = request.reason.trim();
    if reason.chars().count() > REASON_LENGTH {
        return Err(Fault::field("reason", Problem::DeclineReasonTooLong));
    }
    queries::lock(tx, id).await?;
    let (invitation, link) = access::find_again(tx, id, request.access).await?;
    let open = open(tx, &invitation, link, request.access)?;
    if !queries::claim_decline(tx, open, reason).await? {
        return Err(Problem::InvitationReplaced.into());
    }
    let entry = Entry::about(invitation.account_id, Deed::Declined, id, &invitation.email);
    record(tx, entry.after(json!({ "reason": reason }))).await?;
    close_and_notify(tx, &invitation, NoticeKind::Declined, letters::declined(&invitation, reason)).await?;
    if let Some(entity_id) = invitation.entity_id() {
        flows::announce_entity(tx, invitation.account_id, entity_id).await?;
    }
    Ok(invitation)
}

/// Asks the inviter for a new invitation, at most once a day. Possible if this one has expired, was declined, or is
/// void.
pub async fn request_new(tx: &mut Tx, id: InvitationId) -> Result<(), Fault> {
    let now = tx.now();
    queries::lock(tx, id).await?;
    let invitation = queries::find(tx, id, now).await?.ok_or(Fault::NOT_FOUND)?;
    let is_void = invitation.status() == InvitationStatus::Open && !invitation.backed;
    if !is_void && !matches!(invitation.status(), InvitationStatus::Expired | InvitationStatus::Declined) {
        return Err(invitation.status().check_answerable().err().unwrap_or(Problem::NotEnded).into());
    }
    if let Some(entity_id) = invitation.entity_id()
        && (queries::find_latest_of_entity(tx, invitation.account_id, entity_id).await? != Some(id)
            || !entities::is_active(tx, invitation.account_id, entity_id).await?)
    {
        return Err(Problem::InvitationReplaced.into());
    }
    if let Some(team) = invitation.team() {
        let account_id = invitation.account_id;
        let pending = queries::find_pending_team_invite(tx, account_id, team, &invitation.email_key, now).await?;
        let other = pending.is_some_and(|(pending, _)| pending != id);
        if other || queries::is_in_team(tx, team, &invitation.email_key).await? {
            return Err(Problem::InvitationReplaced.into());
        }
    }
    if !queries::mark_requested(tx, id).await? {
        return Err(limits::already_requested(tx, id).await?);
    }
    let entry = Entry::about(invitation.account_id, Deed::NewInvitationRequested, id, &invitation.email);
    record(tx, entry).await?;
    // The inviter can't send a new one, so notify the Admins who can fix that.
    if is_void {
        return notify_void(tx, id).await;
    }
    notify_inviter(tx, &invitation, NoticeKind::Requested, letters::requested(&invitation)).await
}

/// A request to the Admins of a company to accept an invitation.
#[derive(Debug, Clone)]
pub struct AdminRequest {
    pub invitation_id: InvitationId,
    pub account_id: AccountId,
    /// Why the person may see the invitation.
    pub access: Access,
}

/// Asks the Admins of the viewer's company to accept. They get an email and see the invitation on their pages; it stays
/// pending. Returns false if they were already asked. An Admin can't ask: they accept themselves and confirm their
/// address, which Admins who were asked need not do.
pub async fn ask_admin(tx: &mut Tx, request: AdminRequest) -> Result<bool, Fault> {
    let AdminRequest { invitation_id: id, account_id, access } = request;
    let viewer = tx.cx.viewer()?;
    let (user_id, name) = (viewer.user_id, viewer.name.clone());
    let membership = viewer.membership(account_id).ok_or_else(|| Fault::field("account", Problem::AskNeedsMember))?;
    if membership.role.may(Permission::AcceptInvitations) {
        return Err(Fault::field("account", Problem::AskedByAdmin));
    }
    let company = membership.name.clone();
    queries::lock(tx, id).await?;
    let (invitation, link) = access::find_again(tx, id, access).await?;
    let invitation = invitation.to_connect().ok_or(Fault::NOT_FOUND)?;
    open(tx, &invitation, link, access)?;
    if invitation.account_id == account_id {
        return Err(Problem::OwnInvitation.into());
    }
    if !queries::insert_ask(tx, id, account_id, user_id).await? {
        return Ok(false);
    }
    record(tx, Entry::about(account_id, Deed::AdminAsked, id, &invitation.company)).await?;
    for admin in accounts::queries::list_admins(tx, account_id).await? {
        let letter = letters::asked(&invitation, &name, &company);
        let mail = Outgoing { to: admin.email, to_name: admin.name, reply_to: None, letter, secret: None };
        mail::queue(tx, mail).await?;
    }
    Ok(true)
}

/// Creates another company for the viewer to accept with. It gets no plan, because accepting grants one. If the viewer
/// already has a company with this name, that one is returned.
pub async fn create_company(tx: &mut Tx, name: &str) -> Result<AccountId, Fault> {
    let viewer = tx.cx.viewer()?;
    let user_id = viewer.user_id;
    let name = line(name, Problem::CompanyNameMissing).map_err(|problem| Fault::field("company", problem))?;
    if let Some(mine) = accounts::queries::find_own_named(tx, user_id, &name).await? {
        return Ok(mine);
    }
    tx.cx.take([Limit::NewCompany.of(user_id.bytes())]).await?;
    let account = NewAccount { name, plan: None, trustedform: false };
    let id = accounts::create(tx, &account, user_id).await?;
    record(tx, Entry::about(id, Deed::AccountCreated, id, &account.name)).await?;
    Ok(id)
}

/// The invitation of a stop link, and whether its address has stopped invitations. A link that opens an invitation is
/// not found.
pub async fn find_stop_state(
    tx: &mut sqlx::PgConnection,
    token: SecretHash,
    now: time::OffsetDateTime,
) -> Result<(Invitation, bool), Fault> {
    let invitation = queries::find_by_stop_link(tx, token, now).await?.ok_or(Fault::NOT_FOUND)?;
    let stopped = queries::is_suppressed(tx, &invitation.email_key).await?;
    Ok((invitation, stopped))
}

/// Stops invitations to an address, or allows them again. Invitations already sent stay as they are.
pub async fn set_stopped(tx: &mut Tx, (token, stop): (SecretHash, bool)) -> Result<(), Fault> {
    let now = tx.now();
    let (invitation, _) = find_stop_state(tx, token, now).await?;
    let (changed, deed) = if stop {
        (queries::suppress(tx, &invitation.email_key).await?, Deed::MailsStopped)
    } else {
        (queries::allow(tx, &invitation.email_key).await?, Deed::MailsAllowed)
    };
    if changed {
        record(tx, Entry::about(invitation.account_id, deed, invitation.id, &invitation.email)).await?;
    }
    Ok(())
}

/// Masks an address for pages that anyone with the link can see: only the first character and the domain are shown.
pub fn masked(email: &str) -> String {
    let Ok(address) = EmailAddress::parse(email) else { return String::new() };
    let shown = address.shown();
    match (shown.chars().next(), shown.rsplit_once('@')) {
        (Some(first), Some((_, domain))) => format!("{first}•••@{domain}"),
        _ => String::new(),
    }
}
