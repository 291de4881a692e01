//! Accepting an invitation to connect. Only the first acceptance succeeds.

use super::{
    access::Access,
    answer::{self, close_out},
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
    base::{AccountId, AppError, EntityId, FlowId, InvitationId, Problem},
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

/// A request to accept an invitation for a company. The caller must have checked with `access::find` that the viewer
/// may see the invitation.
#[derive(Debug, Clone)]
pub struct Acceptance {
    pub invitation_id: InvitationId,
    pub account_id: AccountId,
    /// The flow in which a buyer receives the leads. Unused if a seller accepts.
    pub flow: FlowChoice,
    /// The page showed the invited and the signed-in address, and the person confirmed.
    pub other_address_confirmed: bool,
    /// Why the person may see the invitation.
    pub access: Access,
}

/// Accepts in one transaction: claims the invitation, connects the companies, converts the pending entity in place (or
/// merges it into an existing one), switches its sources on, grants a plan if there is none, links the partner, records
/// the activity and queues the emails. If a buyer accepts, the seller becomes a source of a flow, which is returned.
pub async fn accept(tx: &mut Tx, acceptance: Acceptance) -> Result<Option<FlowId>, Fault> {
    let now = tx.now();
    let actor = tx.cx.actor(acceptance.account_id, Permission::AcceptInvitations)?;
    // Concurrent answers wait here and then see the result.
    queries::lock(tx, acceptance.invitation_id).await?;
    let invitation = queries::find_to_connect(tx, acceptance.invitation_id, now).await?;
    let Connect { direction, entity_id: pending, .. } = invitation.connect;
    let open = check(tx, &invitation, &actor, &acceptance).await?;
    if !queries::claim_acceptance(tx, open, &actor).await? {
        return Err(Problem::InvitationReplaced.into());
    }
    if direction == Direction::Buyer {
        // Lock order: the account before its subscription, as in a change of plan.
        accounts::queries::lock_plan(tx, actor.account_id).await?;
    }
    let granted = accounts::grant_partners_plan(tx, actor.account_id).await?;
    let flow = match direction {
        Direction::Buyer => Some(flows::find_receiving(tx, &actor, acceptance.flow, &invitation.company).await?),
        Direction::Seller => None,
    };
    let connected = connect_companies(tx, &invitation, &actor).await?;
    let inviter = entity_for_inviter(tx, &invitation, &actor).await?;
    record_acceptance(tx, &invitation, connected, &actor, granted).await?;
    match &flow {
        Some(flow) => receive::receive(tx, &invitation, inviter, flow, &actor).await?,
        None => link_partner(tx, &invitation, connected, &actor).await?,
    }
    close_out(tx, &invitation).await?;
    let letter = letters::accepted(&invitation, &actor, connected != pending).mentioning(&actor.email);
    notices::notify_inviter(tx, &invitation, NoticeKind::Accepted, letter).await?;
    notify_acceptor(tx, &invitation, &actor, flow.as_ref()).await?;
    Ok(flow.map(|flow| flow.id))
}

/// Accepts, and notifies the inviting account's Admins if that fails because that account lost its plan. The notice
/// needs its own transaction, because the failed one is rolled back. Returns the flow that receives the leads if a
/// buyer accepted.
pub async fn accept_or_notify(cx: &Cx, acceptance: Acceptance) -> Result<Option<FlowId>, Fault> {
    let id = acceptance.invitation_id;
    let done = cx.write(acceptance, |tx, acceptance| Box::pin(accept_and_switch(tx, acceptance))).await;
    if matches!(done, Err(Fault::Expected(AppError::Refused(Problem::InvitationVoid)))) {
        cx.write(id, |tx, id| Box::pin(notices::notify_void(tx, id))).await?;
    }
    done
}

/// Accepts and switches the session to the accepting company.
async fn accept_and_switch(tx: &mut Tx, acceptance: Acceptance) -> Result<Option<FlowId>, Fault> {
    let account_id = acceptance.account_id;
    let session_id = tx.cx.viewer()?.session()?;
    let accepted = accept(tx, acceptance).await?;
    session::choose_account(tx, session_id, account_id).await?;
    Ok(accepted)
}

/// Connects the companies and returns the inviter's entity for the accepting one: the pending entity, converted in
/// place, or an existing entity, which takes over the pending one's sources.
async fn connect_companies(tx: &mut Tx, invitation: &ConnectInvitation, actor: &Actor) -> Result<EntityId, Fault> {
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

/// The accepting company's entity for the inviting one, with the mirrored direction.
async fn entity_for_inviter(tx: &mut Tx, invitation: &ConnectInvitation, actor: &Actor) -> Result<EntityId, Fault> {
    let direction = invitation.connect.direction.mirrored();
    entities::ensure_connected(tx, actor.account_id, invitation.account_id, &invitation.company, direction).await
}

async fn check(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    actor: &Actor,
    acceptance: &Acceptance,
) -> Result<Open, Fault> {
    let open = answer::open(tx, invitation, acceptance.access).await?;
    if invitation.account_id == actor.account_id {
        return Err(Problem::OwnInvitation.into());
    }
    if !invitation.backed {
        return Err(Problem::InvitationVoid.into());
    }
    let asked = queries::was_asked(tx, invitation.id, actor.account_id).await?;
    if acceptance.access == Access::Asked && !asked {
        return Err(Fault::field("account", Problem::AskedForAnother));
    }
    let confirmed = acceptance.other_address_confirmed || actor.email_key == invitation.email_key || asked;
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
    flows::assign_entity(tx, buyer, entity_id, Some(partner_id), linked).await?;
    if linked == partner_id { Ok(()) } else { partners::retire(tx, buyer, partner_id).await }
}

async fn record_acceptance(
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

async fn notify_acceptor(
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
