//! What an inviter can do with a sent invitation: resend, revoke, invite again, send to another address, copy its link.
//! Other accounts' invitations return 404.

use super::{
    invitation::{Connect, ConnectInvitation, Invitation},
    limits,
    links::MailLinks,
    queries::{self, KnownAddress, NewCompany, TokenKind},
    send::{self, InvitationDraft},
};
use crate::{
    accounts::{model::Permission, server::policy::Actor},
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, EntityId, InvitationId, MailId, Problem, SourceId, Token},
    entities::{model::Direction, server::queries as entities},
    flows::server as flows,
    invitations::model::{InvitationStatus, InviteAction, SendOutcome},
    partners::server as partners,
    server::{Db, Fault, Tx, ids::random_bytes, mail},
};
use serde_json::json;
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

/// The connection invitation, if the viewer may invite for its account.
pub async fn find_for(db: &mut impl Db, id: InvitationId) -> Result<(ConnectInvitation, Actor), Fault> {
    db.cx().viewer()?;
    let now = db.now();
    let invitation = queries::find_to_connect(db, id, now).await?;
    let actor = db.cx().actor(invitation.account_id, Permission::Invite)?;
    Ok((invitation, actor))
}

/// Like `find_for`, and locks the address and then the row until the end of the transaction, in lock order.
async fn lock_invitation(tx: &mut Tx, id: InvitationId) -> Result<(ConnectInvitation, Actor), Fault> {
    let (seen, _) = find_for(tx, id).await?;
    queries::lock_address(tx, seen.account_id, &seen.email_key).await?;
    queries::lock(tx, id).await?;
    find_for(tx, id).await
}

/// Like `lock_invitation`, and also locks the new address and what is pending for it. The addresses are locked in a
/// fixed order, so that two invitations swapping addresses don't deadlock.
async fn lock_with_address(
    tx: &mut Tx,
    id: InvitationId,
    to: &EmailAddress,
) -> Result<(ConnectInvitation, Actor), Fault> {
    let (seen, _) = find_for(tx, id).await?;
    for key in BTreeSet::from([seen.email_key.as_str(), to.key()]) {
        queries::lock_address(tx, seen.account_id, key).await?;
    }
    queries::lock_with_pending(tx, id, seen.account_id, seen.connect.direction, to.key()).await?;
    find_for(tx, id).await
}

pub(super) fn address(text: &str) -> Result<EmailAddress, Fault> {
    EmailAddress::parse(text).map_err(|_| Fault::ImpossibleRow("invitations", "an invalid email address".to_owned()))
}

/// Performs the action of a button next to an invitation.
pub async fn act(tx: &mut Tx, (id, act): (InvitationId, InviteAction)) -> Result<SendOutcome, Fault> {
    match act {
        InviteAction::Resend => resend(tx, id).await,
        InviteAction::InviteAgain => invite_again(tx, id).await,
    }
}

/// Renews a pending or expired invitation with a new link and expiry, at most once a minute and five times a day. Older
/// links then say that a newer one was sent.
pub async fn resend(tx: &mut Tx, id: InvitationId) -> Result<SendOutcome, Fault> {
    let (invitation, actor) = lock_invitation(tx, id).await?;
    actor.must_have_inviting_plan()?;
    limits::check_reopening(tx, &invitation, &(&actor).into()).await?;
    limits::check_resend(tx, &invitation, &(&actor).into()).await?;
    let email = address(&invitation.email)?;
    let expires_at = send::expiry(tx, actor.account_id).await?;
    let links = MailLinks::new();
    let flow = invitation.flow_name();
    let letter = send::invitation_letter(&actor, invitation.connect.direction, flow, &invitation.note, expires_at);
    let (mail_id, outcome) = send::mail_link(tx, &(&actor).into(), &email, letter, &links).await?;
    apply_renewal(tx, &invitation, mail_id, expires_at, &links).await?;
    Ok(outcome)
}

/// Stores the new expiry and link, replaces all earlier links and withdraws unsent emails.
pub(super) async fn apply_renewal(
    tx: &mut Tx,
    invitation: &Invitation,
    mail_id: MailId,
    expires_at: OffsetDateTime,
    links: &MailLinks,
) -> Result<(), Fault> {
    let id = invitation.id;
    if !queries::renew(tx, id, mail_id, expires_at).await? {
        return Err(limits::resent_just_now(60));
    }
    queries::supersede_tokens(tx, id).await?;
    queries::insert_links(tx, id, links, TokenKind::Sent).await?;
    withdraw_mails(tx, invitation).await?;
    let entry = Entry::about(invitation.account_id, Deed::Resent, id, &invitation.email);
    record(tx, entry.after(json!({ "expires_at": expires_at.unix_timestamp() }))).await?;
    dismiss_and_announce(tx, invitation).await
}

/// Withdraws the invitation's emails that were not sent yet.
pub(super) async fn withdraw_mails(tx: &mut Tx, invitation: &Invitation) -> Result<(), Fault> {
    mail::withdraw(tx, &invitation.mails()).await
}

/// Revokes the invitation; its links stop working immediately. Revoking twice is fine.
pub async fn revoke(tx: &mut Tx, id: InvitationId) -> Result<(), Fault> {
    let (invitation, _) = lock_invitation(tx, id).await?;
    revoke_locked(tx, &invitation).await
}

/// Like `revoke`, for a locked invitation.
pub(super) async fn revoke_locked(tx: &mut Tx, invitation: &Invitation) -> Result<(), Fault> {
    match invitation.status() {
        InvitationStatus::Revoked => Ok(()),
        status => {
            status.check_resendable()?;
            revoke_pending(tx, invitation).await
        }
    }
}

/// Locks the latest invitation of a source's entity, so that the caller can then change the source in lock order.
pub async fn lock_of_source(tx: &mut Tx, account_id: AccountId, source_id: SourceId) -> Result<(), Fault> {
    tx.cx.actor(account_id, Permission::Invite)?;
    match queries::find_latest_of_source(tx, account_id, source_id).await? {
        Some(id) => {
            lock_invitation(tx, id).await?;
            // A newer invitation would have to be locked too, but after the source. That would break the lock order.
            let still = queries::find_latest_of_source(tx, account_id, source_id).await?;
            if still.is_none_or(|latest| latest == id) { Ok(()) } else { Err(Problem::NotPending.into()) }
        }
        None => Ok(()),
    }
}

/// Revokes the entity's latest invitation if it is unanswered, even if it has expired.
pub async fn revoke_of_entity(tx: &mut Tx, account_id: AccountId, entity_id: EntityId) -> Result<(), Fault> {
    tx.cx.actor(account_id, Permission::Invite)?;
    match queries::find_latest_of_entity(tx, account_id, entity_id).await? {
        Some(id) => {
            let (invitation, _) = lock_invitation(tx, id).await?;
            // Someone may have invited again before the lock.
            if queries::find_latest_of_entity(tx, account_id, entity_id).await? != Some(id) {
                return Err(Problem::NotPending.into());
            }
            if invitation.status().check_resendable().is_ok() { revoke_pending(tx, &invitation).await } else { Ok(()) }
        }
        None => Ok(()),
    }
}

async fn revoke_pending(tx: &mut Tx, invitation: &Invitation) -> Result<(), Fault> {
    if !queries::claim_revocation(tx, invitation.id).await? {
        return Err(Problem::NotPending.into());
    }
    withdraw_mails(tx, invitation).await?;
    record(tx, Entry::about(invitation.account_id, Deed::Revoked, invitation.id, &invitation.email)).await?;
    dismiss_and_announce(tx, invitation).await
}

/// Sends a new invitation to the same address, on the same entity, after the previous one ended.
pub async fn invite_again(tx: &mut Tx, id: InvitationId) -> Result<SendOutcome, Fault> {
    let (invitation, actor) = lock_invitation(tx, id).await?;
    actor.must_have_inviting_plan()?;
    let email = address(&invitation.email)?;
    let (known, _) = send::lock_and_find(tx, &actor, invitation.connect.direction, &email, None).await?;
    if let Some(done) = known.existing() {
        return Ok(done.outcome);
    }
    invitation.status().check_invitable_again()?;
    must_be_latest(tx, &invitation).await?;
    if known.is_full {
        return Err(Problem::TooManyPending.into());
    }
    reissue(tx, &invitation, &actor, &email, &known).await
}

/// Sends a new invitation with the entity, partner and note of an ended one.
async fn reissue(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    actor: &Actor,
    email: &EmailAddress,
    known: &KnownAddress,
) -> Result<SendOutcome, Fault> {
    let expires_at = tx.now() + Duration::days(known.invitation_days.into());
    let (connect, note, new) = (invitation.connect, invitation.note.as_str(), NewCompany::default());
    let flow = invitation.flow_name();
    let draft = InvitationDraft { actor, email, note, flow, connect, expires_at, new, known };
    let outcome = send::invite(tx, draft).await?;
    dismiss_and_announce(tx, invitation).await?;
    Ok(outcome)
}

/// Fails if the entity is gone or has a newer invitation, possibly to another address.
async fn must_be_latest(tx: &mut Tx, invitation: &ConnectInvitation) -> Result<(), Fault> {
    let entity_id = invitation.connect.entity_id;
    let latest = queries::find_latest_of_entity(tx, invitation.account_id, entity_id).await?;
    let is_there = entities::is_active(tx, invitation.account_id, entity_id).await?;
    if is_there && latest == Some(invitation.id) { Ok(()) } else { Err(Problem::NotPending.into()) }
}

/// Sends it to another address. The old link stops working, and the entity is named after the new address and keeps
/// everything else. An address that already has an entity is rejected.
pub async fn readdress(tx: &mut Tx, id: InvitationId, to: EmailAddress) -> Result<SendOutcome, Fault> {
    let now = tx.now();
    let (invitation, actor) = lock_with_address(tx, id, &to).await?;
    actor.must_have_inviting_plan()?;
    invitation.status().check_readdressable()?;
    if to.key() == invitation.email_key {
        return Err(Fault::field("email", Problem::SameAddress));
    }
    let Connect { direction, entity_id, partner_id } = invitation.connect;
    must_be_latest(tx, &invitation).await?;
    let known = queries::find_known_address(tx, actor.account_id, direction, to.key(), now).await?;
    if known.entity()?.is_some() {
        return Err(match direction {
            Direction::Seller => Problem::AddressTaken,
            Direction::Buyer => Problem::RecipientTaken,
        }
        .into());
    }
    // An open one is replaced by the new one.
    if invitation.status() != InvitationStatus::Open {
        limits::check_open(tx, &(&actor).into()).await?;
    }
    if queries::claim_revocation(tx, id).await? {
        withdraw_mails(tx, &invitation).await?;
    }
    if !queries::rename_entity(tx, actor.account_id, entity_id, &to).await? {
        return Err(Problem::NotPending.into());
    }
    if let Some(partner_id) = partner_id {
        partners::readdress(tx, actor.account_id, partner_id, &to).await?;
    }
    let entry = Entry::about(actor.account_id, Deed::Readdressed, id, &invitation.email);
    record(tx, entry.before(json!({ "email": invitation.email })).after(json!({ "email": to.shown() }))).await?;
    reissue(tx, &invitation, &actor, &to, &known).await
}

/// The existing entity of an address in this direction: connected, invited, or left by an ended invitation.
pub async fn find_entity_at_address(
    db: &mut impl Db,
    actor: &Actor,
    direction: Direction,
    email: &EmailAddress,
) -> Result<Option<EntityId>, Fault> {
    let now = db.now();
    queries::find_known_address(db, actor.account_id, direction, email.key(), now).await?.entity()
}

impl KnownAddress {
    fn entity(&self) -> Result<Option<EntityId>, Fault> {
        self.check_owner()?;
        Ok(self.connected.or(self.unconnected))
    }
}

/// Creates another link to an open invitation, to share outside of email. It is shown once, doesn't prove an address,
/// and stops working together with the others.
pub async fn copy_link(tx: &mut Tx, id: InvitationId) -> Result<Token, Fault> {
    let (invitation, actor) = lock_invitation(tx, id).await?;
    if invitation.status() != InvitationStatus::Open {
        return Err(Problem::NotPending.into());
    }
    let token = Token::from_bytes(random_bytes());
    queries::insert_token(tx, id, &token, TokenKind::Copied).await?;
    record(tx, Entry::about(actor.account_id, Deed::LinkCopied, id, &invitation.email)).await?;
    Ok(token)
}

/// Dismisses the notices about this invitation and its entity, and updates the open pages that show it.
async fn dismiss_and_announce(tx: &mut Tx, invitation: &Invitation) -> Result<(), Fault> {
    let by = tx.cx.viewer()?.user_id;
    let Some(entity_id) = invitation.entity_id() else {
        return queries::dismiss_of_invitation(tx, invitation.id).await;
    };
    queries::dismiss_of_entity(tx, invitation.account_id, entity_id, by).await?;
    flows::announce_entity(tx, invitation.account_id, entity_id).await
}
