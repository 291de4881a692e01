//! Accepting an invitation to connect. Only the first acceptance succeeds.

use super::{
    access::{self, Access},
    answer,
    invitation::{Connect, ConnectInvitation, Open},
    letters, notices,
    queries::{self, LinkFacts},
    receive,
};
use crate::{
    accounts::{
        model::{Permission, Plan, plan_after_acceptance},
        server::{self as accounts, policy::Actor},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, AppError, EntityId, FlowId, InvitationId, PartnerId, Problem, SourceId},
    entities::{
        model::Direction,
        server::{self as entities, queries as entity_queries},
    },
    flows::server::{self as flows, FlowChoice, queries::FlowRow},
    invitations::model::NoticeKind,
    partners::server as partners,
    server::{
        Cx, Fault, Tx,
        live::Event,
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

/// Where the person who accepted goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// A buyer: the flow that receives the leads.
    Flow(FlowId),
    /// A seller with one source at the buyer: its Submission Docs.
    Docs(FlowId, SourceId),
    Home,
}

/// Accepts in one transaction: claims the invitation, connects the companies, converts the pending entity in place (or
/// merges it into an existing one), switches its sources on, grants a plan if there is none, links the partner, records
/// the activity and queues the emails. If a buyer accepts, the seller becomes a source of a flow.
pub async fn accept(tx: &mut Tx, acceptance: Acceptance) -> Result<Onward, Fault> {
    let actor = tx.cx.actor(acceptance.account_id, Permission::AcceptInvitations)?;
    // Concurrent answers wait here and then see the result.
    queries::lock(tx, acceptance.invitation_id).await?;
    let (invitation, link) = access::find_again(tx, acceptance.invitation_id, acceptance.access).await?;
    let invitation = invitation.to_connect().ok_or(Fault::NOT_FOUND)?;
    let open = check(tx, &invitation, link, &actor, &acceptance)?;
    let granted = claim(tx, &invitation, open, &actor).await?;
    let flow = match invitation.connect.direction {
        Direction::Buyer => Some(flows::find_receiving(tx, &actor, acceptance.flow, &invitation.company).await?),
        Direction::Seller => None,
    };
    let connected = connect_companies(tx, &invitation, &actor).await?;
    record_acceptance(tx, &invitation, connected.entity_id, &actor, granted).await?;
    match (&flow, connected.linked) {
        (Some(flow), _) => receive::receive(tx, &invitation, connected.mirrored, flow, &actor).await?,
        (None, Some(partner_id)) => {
            partners::record_link(tx, invitation.account_id, partner_id, &actor.account_name).await?
        }
        (None, None) => link_partner(tx, &invitation, connected.entity_id, &actor).await?,
    }
    let is_merged = connected.entity_id != invitation.connect.entity_id;
    let letter = letters::accepted(&invitation, &actor, is_merged).mentioning(&actor.email);
    notices::close_and_notify(tx, &invitation, NoticeKind::Accepted, letter).await?;
    notify_acceptor(tx, &invitation, &actor, flow.as_ref()).await?;
    // A member of both companies would see the docs as the buyer does.
    let is_of_both = tx.cx.viewer()?.membership(invitation.account_id).is_some();
    let docs = invitation.flow.as_ref().filter(|flow| flow.is_only && !is_merged && !is_of_both);
    Ok(match (flow, docs) {
        (Some(flow), _) => Onward::Flow(flow.id),
        (None, Some(docs)) => Onward::Docs(docs.id, docs.source_id),
        (None, None) => Onward::Home,
    })
}

/// Claims the acceptance. Returns true if it granted a plan.
async fn claim(tx: &mut Tx, invitation: &ConnectInvitation, open: Open, actor: &Actor) -> Result<bool, Fault> {
    if invitation.connect.direction == Direction::Buyer {
        // Lock order: the account before its subscription, as in a change of plan.
        accounts::queries::lock_plan(tx, actor.account_id).await?;
    }
    let claimed = queries::claim_acceptance(tx, open, actor, plan_after_acceptance(None)).await?;
    if claimed.claimed { Ok(claimed.granted) } else { Err(Problem::InvitationReplaced.into()) }
}

/// Accepts, and notifies the inviting account's Admins if that fails because that account lost its plan. The notice
/// needs its own transaction, because the failed one is rolled back.
pub async fn accept_or_notify(cx: &Cx, acceptance: Acceptance) -> Result<Onward, Fault> {
    let id = acceptance.invitation_id;
    let done = cx.write(acceptance, |tx, acceptance| Box::pin(accept_and_switch(tx, acceptance))).await;
    if matches!(done, Err(Fault::Expected(AppError::Refused(Problem::InvitationVoid)))) {
        cx.write(id, |tx, id| Box::pin(notices::notify_void(tx, id))).await?;
    }
    done
}

/// Accepts and switches the session to the accepting company.
async fn accept_and_switch(tx: &mut Tx, acceptance: Acceptance) -> Result<Onward, Fault> {
    let account_id = acceptance.account_id;
    let session_id = tx.cx.viewer()?.session()?;
    let is_chosen = tx.cx.viewer()?.active == Some(account_id);
    let accepted = accept(tx, acceptance).await?;
    if !is_chosen {
        session::choose_account(tx, session_id, account_id).await?;
    }
    Ok(accepted)
}

/// The entities of two companies that are connected now.
struct Connected {
    /// The inviting company's entity for the accepting one: the pending entity, converted in place, or an existing one,
    /// which takes over the pending one's sources.
    entity_id: EntityId,
    /// The accepting company's entity for the inviting one, with the mirrored direction.
    mirrored: EntityId,
    /// The partner, if it is linked already.
    linked: Option<PartnerId>,
}

async fn connect_companies(tx: &mut Tx, invitation: &ConnectInvitation, actor: &Actor) -> Result<Connected, Fault> {
    let (inviting, accepting) = (invitation.account_id, actor.account_id);
    let Connect { direction, entity_id: pending, .. } = invitation.connect;
    let entities = match direction {
        Direction::Seller => entities::connect(tx, accepting, inviting, pending).await?,
        Direction::Buyer => entities::connect(tx, inviting, accepting, pending).await?,
    };
    let known = entities.iter().find(|entity| entity.account_id == inviting && entity.is_connected);
    match known.map(|known| known.id).filter(|known| *known != pending) {
        Some(known) => merge(tx, invitation, actor, known).await,
        None => convert(tx, invitation, actor).await,
    }
}

/// The existing entity takes over the pending one's sources.
async fn merge(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    actor: &Actor,
    known: EntityId,
) -> Result<Connected, Fault> {
    let (inviting, accepting) = (invitation.account_id, actor.account_id);
    let Connect { direction, entity_id: pending, .. } = invitation.connect;
    entity_queries::update_names(tx, inviting, accepting).await?;
    if direction == Direction::Seller {
        flows::merge_sources(tx, inviting, pending, known).await?;
    }
    entity_queries::deprecate(tx, inviting, pending, known, direction).await?;
    let (company, mirrored) = (&invitation.company, direction.mirrored());
    let mirrored = entities::ensure_connected(tx, accepting, inviting, company, mirrored).await?;
    Ok(Connected { entity_id: known, mirrored, linked: None })
}

/// The pending entity becomes the accepting company's, and the partner is linked if nothing has to be merged for that.
async fn convert(tx: &mut Tx, invitation: &ConnectInvitation, actor: &Actor) -> Result<Connected, Fault> {
    let (inviting, accepting) = (invitation.account_id, actor.account_id);
    let Connect { direction, entity_id: pending, partner_id } = invitation.connect;
    let link = match partner_id {
        Some(id) if queries::lock_to_link(tx, invitation, id, accepting).await?.is_simple() => Some(id),
        Some(_) => None,
        None => {
            if direction == Direction::Seller {
                flows::queries::lock_sources_of_entities(tx, inviting, &[pending]).await?;
            }
            None
        }
    };
    let converted = queries::convert_entity(tx, invitation, actor, link).await?;
    if !converted.converted {
        return Err(Fault::ImpossibleRow("entities", format!("{pending} cannot be converted")));
    }
    for flow_id in converted.flows {
        tx.announce(Event::FlowSources { account_id: inviting, flow_id });
    }
    Ok(Connected { entity_id: pending, mirrored: converted.mirrored, linked: link.filter(|_| converted.linked) })
}

fn check(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    link: Option<LinkFacts>,
    actor: &Actor,
    acceptance: &Acceptance,
) -> Result<Open, Fault> {
    let open = answer::open(tx, invitation, link, acceptance.access)?;
    if invitation.account_id == actor.account_id {
        return Err(Problem::OwnInvitation.into());
    }
    if !invitation.backed {
        return Err(Problem::InvitationVoid.into());
    }
    let asked = invitation.asked.contains(&actor.account_id);
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
