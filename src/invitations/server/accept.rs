//! An invitation is accepted once, by whoever is first.

use super::{
    answer::{self, settled},
    invitation::{Connect, ConnectInvitation, Open},
    letters, notices, queries, receive,
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
    base::{AccountId, AppError, EntityId, FlowId, Hashed, InvitationId, Problem},
    entities::{
        model::Direction,
        server::{self as entities, queries as entity_queries},
    },
    flows::server::{self as flows, FlowChoice, queries::FlowRow},
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
    /// Where a buyer that a seller asked receives the leads.
    pub flow: FlowChoice,
    /// The page named both addresses, and the person confirmed it.
    pub other_address_confirmed: bool,
    /// The link that led here, if one did: it must still be the latest.
    pub link: Option<Hashed>,
}

/// Accepts: the invitation is claimed, the companies are connected, the pending entity becomes the account's in place,
/// its sources are switched on, the plan is granted where there is none, the partner is linked, all of it is written
/// down and the mails are queued; or nothing of it. Where the companies have an entity already, the pending one goes up
/// in it. A buyer that accepts gets the seller as a source of a flow, which is told.
pub async fn accept(tx: &mut Tx, acceptance: Acceptance) -> Result<Option<FlowId>, Fault> {
    let now = tx.now();
    let actor = tx.cx.actor(acceptance.account_id, Permission::AcceptInvitations)?;
    // Whoever else wants this invitation waits here, and then sees what happened.
    queries::lock(tx, acceptance.invitation_id).await?;
    let invitation = queries::find_to_connect(tx, acceptance.invitation_id, now).await?;
    let Connect { direction, entity_id: pending, .. } = invitation.connect;
    let open = check(tx, &invitation, &actor, &acceptance).await?;
    if !queries::claim_acceptance(tx, open, &actor).await? {
        return Err(Problem::InvitationReplaced.into());
    }
    if direction == Direction::Buyer {
        // The account before its subscription, as whoever changes its plan does.
        accounts::queries::lock_plan(tx, actor.account_id).await?;
    }
    let granted = accounts::grant_partners_plan(tx, actor.account_id).await?;
    let flow = match direction {
        Direction::Buyer => Some(flows::find_receiving(tx, &actor, acceptance.flow, &invitation.company).await?),
        Direction::Seller => None,
    };
    let connected = become_account(tx, &invitation, &actor).await?;
    let inviter = stand_for_inviter(tx, &invitation, &actor).await?;
    write_down(tx, &invitation, connected, &actor, granted).await?;
    match &flow {
        Some(flow) => receive::receive(tx, &invitation, inviter, flow, &actor).await?,
        None => link_partner(tx, &invitation, connected, &actor).await?,
    }
    settled(tx, &invitation).await?;
    let letter = letters::accepted(&invitation, &actor, connected != pending);
    notices::tell_inviter(tx, &invitation, NoticeKind::Accepted, letter).await?;
    tell_accepting(tx, &invitation, &actor, flow.as_ref()).await?;
    Ok(flow.map(|flow| flow.id))
}

/// Accepts for somebody; that nobody can accept because the inviting account has lost its plan is told to its Admins,
/// in a transaction of its own, since a refused one leaves nothing behind. The flow that leads come in through, if it
/// is a buyer who accepted.
pub async fn accept_or_tell(cx: &Cx, acceptance: Acceptance) -> Result<Option<FlowId>, Fault> {
    let id = acceptance.invitation_id;
    let done = cx.write(acceptance, |tx, acceptance| Box::pin(accept_and_act(tx, acceptance))).await;
    if matches!(done, Err(Fault::Told(AppError::Refused(Problem::InvitationVoid)))) {
        cx.write(id, |tx, id| Box::pin(notices::note_void(tx, id))).await?;
    }
    done
}

/// From now on lists act in the company that accepted.
async fn accept_and_act(tx: &mut Tx, acceptance: Acceptance) -> Result<Option<FlowId>, Fault> {
    let account_id = acceptance.account_id;
    let session_id = tx.cx.viewer()?.session()?;
    let accepted = accept(tx, acceptance).await?;
    session::choose_account(tx, session_id, account_id).await?;
    Ok(accepted)
}

/// Connects the companies; the entity that stands for the accepting one from now on: the pending one, converted in
/// place, or the one that was there before, which takes over the pending one's sources.
async fn become_account(tx: &mut Tx, invitation: &ConnectInvitation, actor: &Actor) -> Result<EntityId, Fault> {
    let (inviting, accepting) = (invitation.account_id, actor.account_id);
    let Connect { direction, entity_id: pending, .. } = invitation.connect;
    match direction {
        Direction::Seller => entities::connect(tx, accepting, inviting, Some(pending)).await?,
        Direction::Buyer => entities::connect(tx, inviting, accepting, Some(pending)).await?,
    };
    let known = entity_queries::find_of_account(tx, inviting, accepting).await?;
    if let Some(known) = known.filter(|known| *known != pending) {
        if direction == Direction::Seller {
            flows::merge_sources(tx, inviting, pending, known).await?;
        }
        entity_queries::deprecate(tx, inviting, pending, known, direction).await?;
        return Ok(known);
    }
    if !entity_queries::convert(tx, pending, inviting, accepting, &actor.account_name).await? {
        return Err(Fault::ImpossibleRow("entities", format!("{pending} cannot be converted")));
    }
    if direction == Direction::Seller {
        flows::turn_on_accepted(tx, inviting, pending).await?;
    }
    Ok(pending)
}

/// The entity by which the accepting company sees the inviting one: what that is for it is the other half of the
/// connection.
async fn stand_for_inviter(tx: &mut Tx, invitation: &ConnectInvitation, actor: &Actor) -> Result<EntityId, Fault> {
    let direction = invitation.connect.direction.mirrored();
    entities::ensure_connected(tx, actor.account_id, invitation.account_id, &invitation.company, direction).await
}

async fn check(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    actor: &Actor,
    acceptance: &Acceptance,
) -> Result<Open, Fault> {
    let open = answer::open(tx, invitation, acceptance.link).await?;
    if invitation.account_id == actor.account_id {
        return Err(Problem::OwnInvitation.into());
    }
    if !invitation.backed {
        return Err(Problem::InvitationVoid.into());
    }
    let confirmed = acceptance.other_address_confirmed
        || actor.email_key == invitation.email_key
        || queries::was_asked(tx, invitation.id, actor.account_id).await?;
    if confirmed { Ok(open) } else { Err(Fault::field("confirm", Problem::OtherAddressUnconfirmed)) }
}

async fn link_partner(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    entity_id: EntityId,
    actor: &Actor,
) -> Result<(), Fault> {
    let Some(partner_id) = invitation.connect.partner_id else { return Ok(()) };
    let buyer = invitation.account_id;
    let linked = partners::link(tx, buyer, Some(partner_id), actor.account_id, &actor.account_name).await?;
    flows::queries::assign_partner(tx, buyer, entity_id, Some(partner_id), linked).await?;
    if linked == partner_id { Ok(()) } else { partners::retire(tx, buyer, partner_id).await }
}

async fn write_down(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    connected_entity: EntityId,
    actor: &Actor,
    granted: bool,
) -> Result<(), Fault> {
    let inviting = invitation.account_id;
    let other_address = actor.email_key != invitation.email_key;
    let facts = json!({ "by": actor.user_name, "address": actor.email, "under_another_address": other_address });
    let accepted = Entry::about(inviting, Deed::Accepted, invitation.id, &invitation.email);
    record(tx, accepted.after(facts.clone())).await?;
    let connected = Entry::about(inviting, Deed::Connected, actor.account_id, &actor.account_name);
    record(tx, connected).await?;
    let Connect { direction, entity_id, .. } = invitation.connect;
    let deed = match (direction, entity_id == connected_entity) {
        (Direction::Seller, true) => Deed::SourceConverted,
        (Direction::Seller, false) => Deed::Merged,
        (Direction::Buyer, true) => Deed::RecipientConverted,
        (Direction::Buyer, false) => Deed::RecipientMerged,
    };
    let converted = Entry::about(inviting, deed, entity_id, &actor.account_name);
    record(tx, converted.before(json!({ "name": invitation.email })).after(json!({ "name": actor.account_name })))
        .await?;
    let theirs = Entry::about(actor.account_id, Deed::Accepted, invitation.id, &invitation.company);
    record(tx, theirs.after(facts)).await?;
    if granted {
        let plan = Entry::about(actor.account_id, Deed::PlanGranted, actor.account_id, Plan::Partners.word());
        record(tx, plan).await?;
    }
    Ok(())
}

async fn tell_accepting(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    actor: &Actor,
    flow: Option<&FlowRow>,
) -> Result<(), Fault> {
    let letter = match flow {
        Some(flow) => letters::receiving(invitation, actor, flow),
        None => letters::connected(invitation, actor),
    };
    let (to, to_name) = (actor.email.clone(), actor.user_name.clone());
    mail::queue(tx, Outgoing { to, to_name, reply_to: None, letter, secret: None }).await?;
    Ok(())
}
