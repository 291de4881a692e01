//! An invitation is accepted once, by whoever is first.

use super::{
    answer::{must_be_latest_link, settled},
    letters, notices,
    queries::{self, Invitation},
};
use crate::{
    accounts::{
        model::{Permission, Plan},
        server::{self as accounts, policy::Actor},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, AppError, EntityId, Hashed, InvitationId, Problem},
    entities::server::{self as entities, queries as entity_queries},
    flows::server as flows,
    invitations::model::NoticeKind,
    partners::server as partners,
    server::{
        Cx, Fault, Tx,
        mail::{self, Outgoing},
        session,
    },
};
use serde_json::json;

/// Who accepts for which company. That the caller may see the invitation at all was asked before (`access::find`).
#[derive(Debug, Clone)]
pub struct Acceptance {
    pub invitation_id: InvitationId,
    pub account_id: AccountId,
    /// The page named both addresses, and the person confirmed it.
    pub other_address_confirmed: bool,
    /// The link that led here, if one did: it must still be the latest.
    pub link: Option<Hashed>,
}

/// Accepts: the invitation is claimed, the companies are connected, the pending entity becomes the account's in place, its
/// sources are switched on, the plan is granted where there is none, the partner is linked, all of it is written down and
/// the mails are queued; or nothing of it. Where the companies have an entity already, the pending one goes up in it.
pub async fn accept(tx: &mut Tx, acceptance: Acceptance) -> Result<Invitation, Fault> {
    let (cx, now) = (tx.cx.clone(), tx.now());
    let actor = cx.actor(acceptance.account_id, Permission::AcceptInvitations)?;
    // Whoever else wants this invitation waits here, and then sees what happened.
    queries::lock(tx, acceptance.invitation_id).await?;
    let invitation = queries::find(tx, acceptance.invitation_id, now).await?.ok_or(Fault::NOT_FOUND)?;
    // People join by another verb; companies do not.
    if invitation.kind.is_joining() {
        return Err(Fault::NOT_FOUND);
    }
    check(tx, &invitation, &actor, &acceptance).await?;
    if !queries::claim_acceptance(tx, invitation.id, &actor, now).await? {
        return Err(Problem::InvitationReplaced.into());
    }
    let pending = invitation.entity_id.ok_or(Fault::NOT_FOUND)?;
    let connected = become_account(tx, &invitation, pending, &actor).await?;
    let granted = accounts::grant_partners_plan(tx, actor.account_id).await?;
    link_partner(tx, &invitation, connected, &actor).await?;
    write_down(tx, &invitation, connected, &actor, granted).await?;
    settled(tx, &invitation).await?;
    let letter = letters::accepted(&invitation, &actor, connected != pending);
    notices::tell_inviter(tx, &invitation, NoticeKind::Accepted, letter).await?;
    tell_seller(tx, &invitation, &actor).await?;
    Ok(invitation)
}

/// Accepts for somebody; that nobody can accept because the inviting account has lost its plan is told to its Admins, in
/// a transaction of its own, since a refused one leaves nothing behind.
pub async fn accept_or_tell(cx: &Cx, acceptance: Acceptance) -> Result<(), Fault> {
    let id = acceptance.invitation_id;
    let done = cx.write(acceptance, |tx, acceptance| Box::pin(accept_and_act(tx, acceptance))).await;
    if matches!(done, Err(Fault::Told(AppError::Refused(Problem::InvitationVoid)))) {
        cx.write(id, |tx, id| Box::pin(notices::note_void(tx, id))).await?;
    }
    done.map(drop)
}

/// From now on lists act in the company that accepted.
async fn accept_and_act(tx: &mut Tx, acceptance: Acceptance) -> Result<Invitation, Fault> {
    let account_id = acceptance.account_id;
    let session_id = tx.cx.viewer()?.session()?;
    let accepted = accept(tx, acceptance).await?;
    session::choose_account(tx, session_id, account_id).await?;
    Ok(accepted)
}

/// Connects the companies; the entity that stands for the seller from now on: the pending one, converted in place, or the
/// one that was there before, which takes over the pending one's sources.
async fn become_account(
    tx: &mut Tx,
    invitation: &Invitation,
    pending: EntityId,
    actor: &Actor,
) -> Result<EntityId, Fault> {
    let (buyer, seller, now) = (invitation.account_id, actor.account_id, tx.now());
    entities::connect(tx, seller, buyer).await?;
    if let Some(known) = entity_queries::find_of_account(tx, buyer, seller).await?.filter(|known| *known != pending) {
        flows::merge_sources(tx, buyer, pending, known).await?;
        entity_queries::deprecate(tx, buyer, pending, known, now).await?;
        return Ok(known);
    }
    if !entity_queries::convert(tx, pending, buyer, seller, &actor.account_name, now).await? {
        return Err(Fault::ImpossibleRow("entities", format!("{pending} cannot be converted")));
    }
    flows::turn_on_accepted(tx, buyer, pending).await?;
    Ok(pending)
}

async fn check(tx: &mut Tx, invitation: &Invitation, actor: &Actor, acceptance: &Acceptance) -> Result<(), Fault> {
    invitation.standing().answerable()?;
    must_be_latest_link(tx, acceptance.link).await?;
    if invitation.account_id == actor.account_id {
        return Err(Problem::OwnInvitation.into());
    }
    if !invitation.backed {
        return Err(Problem::InvitationVoid.into());
    }
    let confirmed = acceptance.other_address_confirmed
        || actor.email_key == invitation.email_key
        || queries::was_asked(tx, invitation.id, actor.account_id).await?;
    if confirmed { Ok(()) } else { Err(Fault::field("confirm", Problem::OtherAddressUnconfirmed)) }
}

async fn link_partner(tx: &mut Tx, invitation: &Invitation, entity_id: EntityId, actor: &Actor) -> Result<(), Fault> {
    let Some(partner_id) = invitation.partner_id else { return Ok(()) };
    let buyer = invitation.account_id;
    let linked = partners::link(tx, buyer, partner_id, actor.account_id, &actor.account_name).await?;
    flows::queries::assign_partner(tx, buyer, entity_id, Some(partner_id), linked).await?;
    if linked == partner_id { Ok(()) } else { partners::retire(tx, buyer, partner_id).await }
}

async fn write_down(
    tx: &mut Tx,
    invitation: &Invitation,
    connected_entity: EntityId,
    actor: &Actor,
    granted: bool,
) -> Result<(), Fault> {
    let buyer = invitation.account_id;
    let other_address = actor.email_key != invitation.email_key;
    let facts = json!({ "by": actor.user_name, "address": actor.email, "under_another_address": other_address });
    let accepted = Entry::new(buyer, Deed::Accepted, "invitation").about(invitation.id, &invitation.email);
    record(tx, accepted.after(facts.clone())).await?;
    let connected = Entry::new(buyer, Deed::Connected, "account").about(actor.account_id, &actor.account_name);
    record(tx, connected).await?;
    if let Some(entity_id) = invitation.entity_id {
        let deed = if entity_id == connected_entity { Deed::SourceConverted } else { Deed::Merged };
        let converted = Entry::new(buyer, deed, "entity").about(entity_id, &actor.account_name);
        record(tx, converted.before(json!({ "name": invitation.email })).after(json!({ "name": actor.account_name })))
            .await?;
    }
    let theirs = Entry::new(actor.account_id, Deed::Accepted, "invitation").about(invitation.id, &invitation.company);
    record(tx, theirs.after(facts)).await?;
    if granted {
        let plan =
            Entry::new(actor.account_id, Deed::PlanGranted, "account").about(actor.account_id, Plan::Partners.word());
        record(tx, plan).await?;
    }
    Ok(())
}

async fn tell_seller(tx: &mut Tx, invitation: &Invitation, actor: &Actor) -> Result<(), Fault> {
    let letter = letters::connected(invitation, actor);
    let (to, to_name) = (actor.email.clone(), actor.user_name.clone());
    mail::queue(tx, Outgoing { to, to_name, reply_to: None, letter, secret: None }).await?;
    Ok(())
}
