//! The answer to an invitation: accepted or declined, once, by whoever is first.

use super::{
    letters,
    queries::{self, Invitation},
};
use crate::{
    accounts::{
        model::{Permission, Plan},
        server::{self as accounts, policy::Actor, queries as account_queries},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, AppError, InvitationId, Problem},
    entities::server::{self as entities, queries as entity_queries},
    flows::server as flows,
    partners::server as partners,
    server::{
        Fault, Tx,
        mail::{self, Letter, Outgoing},
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
}

/// Accepts: the invitation is claimed, the companies are connected, the pending entity becomes the account's in place, its
/// sources are switched on, the plan is granted where there is none, the partner is linked, all of it is written down and
/// the mails are queued; or nothing of it.
pub async fn accept(tx: &mut Tx, acceptance: Acceptance) -> Result<Invitation, Fault> {
    let (cx, now) = (tx.cx.clone(), tx.now());
    let actor = cx.actor(acceptance.account_id, Permission::AcceptInvitations)?;
    let invitation = queries::find(tx, acceptance.invitation_id, now).await?.ok_or(Fault::NOT_FOUND)?;
    invitation.standing().answerable()?;
    check(tx, &invitation, &actor, acceptance.other_address_confirmed).await?;
    if !queries::claim_acceptance(tx, invitation.id, &actor, now).await? {
        return Err(lost(tx, invitation.id).await?);
    }
    let entity_id = invitation.entity_id.ok_or(Fault::NOT_FOUND)?;
    let buyer = invitation.account_id;
    entities::connect(tx, actor.account_id, buyer).await?;
    if !entity_queries::convert(tx, entity_id, buyer, actor.account_id, &actor.account_name, now).await? {
        return Err(Fault::ImpossibleRow("entities", format!("{entity_id} cannot be converted")));
    }
    flows::turn_on_accepted(tx, buyer, entity_id).await?;
    let granted = accounts::grant_partners_plan(tx, actor.account_id).await?;
    link_partner(tx, &invitation, &actor).await?;
    write_down(tx, &invitation, &actor, granted).await?;
    tell_inviter(tx, &invitation, letters::accepted(&invitation, &actor)).await?;
    tell_seller(tx, &invitation, &actor).await?;
    Ok(invitation)
}

async fn check(tx: &mut Tx, invitation: &Invitation, actor: &Actor, confirmed: bool) -> Result<(), Fault> {
    if invitation.account_id == actor.account_id {
        return Err(Problem::OwnInvitation.into());
    }
    if !invitation.inviter_plan.is_some_and(Plan::may_invite) {
        return Err(Problem::InvitationVoid.into());
    }
    if actor.email_key != invitation.email_key && !confirmed {
        return Err(Fault::field("confirm", Problem::OtherAddressUnconfirmed));
    }
    if entity_queries::find_connected_seller(tx, invitation.account_id, actor.account_id).await?.is_some() {
        return Err(Problem::AlreadyConnected.into());
    }
    Ok(())
}

/// Somebody was faster: what happened, from the row as it is now.
async fn lost(tx: &mut Tx, id: InvitationId) -> Result<Fault, Fault> {
    let now = tx.now();
    let invitation = queries::find(tx, id, now).await?.ok_or(Fault::NOT_FOUND)?;
    let problem = invitation.standing().answerable().err().unwrap_or(Problem::InvitationReplaced);
    Ok(Fault::Told(AppError::Refused(problem)))
}

async fn link_partner(tx: &mut Tx, invitation: &Invitation, actor: &Actor) -> Result<(), Fault> {
    let (Some(partner_id), Some(entity_id)) = (invitation.partner_id, invitation.entity_id) else { return Ok(()) };
    let buyer = invitation.account_id;
    let linked = partners::link(tx, buyer, partner_id, actor.account_id, &actor.account_name).await?;
    flows::queries::assign_partner(tx, buyer, entity_id, Some(partner_id), linked).await
}

async fn write_down(tx: &mut Tx, invitation: &Invitation, actor: &Actor, granted: bool) -> Result<(), Fault> {
    let buyer = invitation.account_id;
    let other_address = actor.email_key != invitation.email_key;
    let facts = json!({ "by": actor.user_name, "address": actor.email, "under_another_address": other_address });
    let accepted = Entry::new(buyer, Deed::Accepted, "invitation").about(invitation.id, &invitation.email);
    record(tx, accepted.after(facts.clone())).await?;
    let connected = Entry::new(buyer, Deed::Connected, "account").about(actor.account_id, &actor.account_name);
    record(tx, connected).await?;
    if let Some(entity_id) = invitation.entity_id {
        let converted = Entry::new(buyer, Deed::SourceConverted, "entity").about(entity_id, &actor.account_name);
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

/// Declines, with an optional reason; needs no account. The set-up of the inviter stays.
pub async fn decline(tx: &mut Tx, (id, reason): (InvitationId, String)) -> Result<Invitation, Fault> {
    let now = tx.now();
    if reason.chars().count() > 500 {
        return Err(Fault::field("reason", Problem::DeclineReasonTooLong));
    }
    let invitation = queries::find(tx, id, now).await?.ok_or(Fault::NOT_FOUND)?;
    invitation.standing().answerable()?;
    if !queries::claim_decline(tx, id, reason.trim(), now).await? {
        return Err(lost(tx, id).await?);
    }
    let entry = Entry::new(invitation.account_id, Deed::Declined, "invitation").about(id, &invitation.email);
    record(tx, entry.after(json!({ "reason": reason.trim() }))).await?;
    tell_inviter(tx, &invitation, letters::declined(&invitation, reason.trim())).await?;
    if let Some(entity_id) = invitation.entity_id {
        flows::announce_entity(tx, invitation.account_id, entity_id).await?;
    }
    Ok(invitation)
}

/// To who invited; if gone, to the Admins of the account.
async fn tell_inviter(tx: &mut Tx, invitation: &Invitation, letter: Letter) -> Result<(), Fault> {
    let inviter = match invitation.invited_by {
        Some(user_id) => queries::find_member_contact(tx, invitation.account_id, user_id).await?,
        None => None,
    };
    let contacts = match inviter {
        Some(contact) => vec![contact],
        None => account_queries::list_admins(tx, invitation.account_id).await?,
    };
    for contact in contacts {
        queue(tx, contact.email, contact.name, letter.clone()).await?;
    }
    Ok(())
}

async fn tell_seller(tx: &mut Tx, invitation: &Invitation, actor: &Actor) -> Result<(), Fault> {
    queue(tx, actor.email.clone(), actor.user_name.clone(), letters::connected(invitation, actor)).await
}

async fn queue(tx: &mut Tx, to: String, to_name: String, letter: Letter) -> Result<(), Fault> {
    mail::queue(tx, Outgoing { to, to_name, reply_to: None, letter, secret: None }).await?;
    Ok(())
}
