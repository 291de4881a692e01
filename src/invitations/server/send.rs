//! Inviting a company to connect, and what every later send shares.

use super::{
    company_invite::{CompanyInvite, SendResult, Target},
    invitation::Connect,
    letters, limits,
    links::MailLinks,
    queries,
    team_invites::Inviter,
};
use crate::{
    accounts::{model::Permission, server::policy::Actor},
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, EntityId, InvitationId, MailId, PartnerId, Problem, UserId},
    entities::{model::Direction, server::queries as entities},
    flows::server::{self as flows, queries::FlowRow},
    invitations::model::{Kind, SendOutcome},
    partners::server as partners,
    server::{
        Fault, Tx,
        mail::{self, Letter, Outgoing, Reason},
    },
};
use queries::TokenKind;
use serde_json::json;
use time::{Duration, OffsetDateTime};

/// Invites a company, or finds its existing entity if it is already invited or connected. With a flow, the entity is a
/// source of it afterwards. Of concurrent calls for one address, one invites and the others find it.
pub async fn send(tx: &mut Tx, request: CompanyInvite) -> Result<SendResult, Fault> {
    let (flow, actor) = find_flow_and_actor(tx, &request).await?;
    actor.must_have_inviting_plan()?;
    queries::lock_address(tx, actor.account_id, request.email.key()).await?;
    let direction = request.target.direction();
    let done = find_existing(tx, &actor, direction, &request.email).await?;
    if done.is_none() {
        limits::check_open(tx, &(&actor).into()).await?;
    }
    if let Some(partner_id) = request.target.partner() {
        lock_for_chosen_partner(tx, flow.as_ref(), &actor, &request.email, done).await?;
        check_chosen_partner(tx, &actor, partner_id, &request.email, done).await?;
    }
    if let Some(done) = done {
        ensure_in_flow(tx, flow.as_ref(), &actor, done.entity_id).await?;
        return Ok(done);
    }
    let entity_id = pending_entity(tx, &actor, direction, &request.email).await?;
    let partner_id = partner_for(tx, &actor, &request, entity_id).await?;
    ensure_in_flow(tx, flow.as_ref(), &actor, entity_id).await?;
    let expires_at = expiry(tx, actor.account_id, request.expires_in_days).await?;
    let CompanyInvite { email, note, .. } = &request;
    let connect = Connect { direction, entity_id, partner_id };
    let new = InvitationDraft { actor: &actor, email, note, connect, expires_at };
    let outcome = invite(tx, &new).await?;
    // The entity may also be in other flows, from an ended invitation.
    flows::announce_entity(tx, actor.account_id, entity_id).await?;
    Ok(SendResult { outcome, entity_id })
}

/// The flow, if any, and the actor. A chosen partner must belong to the flow's account.
async fn find_flow_and_actor(tx: &mut Tx, request: &CompanyInvite) -> Result<(Option<FlowRow>, Actor), Fault> {
    match request.target {
        Target::Flow { flow_id, partner_id } => {
            let owner = match partner_id {
                Some(id) => Some(partners::policy::find_in_account(tx, id, Permission::Invite).await?.1.account_id),
                None => None,
            };
            let (flow, actor) = flows::find_for(tx, flow_id, Permission::Invite).await?;
            let elsewhere = owner.is_some_and(|owner| owner != actor.account_id);
            if elsewhere { Err(Fault::NOT_FOUND) } else { Ok((Some(flow), actor)) }
        }
        Target::Partner(id) => {
            let (_, actor) = partners::policy::find_in_account(tx, id, Permission::Invite).await?;
            Ok((None, actor))
        }
        Target::Seller(account_id) | Target::Recipient(account_id) => {
            Ok((None, tx.cx.actor(account_id, Permission::Invite)?))
        }
    }
}

/// The partner of the invitation: the chosen one, or the one found or created for the address. Buyers have none.
async fn partner_for(
    tx: &mut Tx,
    actor: &Actor,
    request: &CompanyInvite,
    entity_id: EntityId,
) -> Result<Option<PartnerId>, Fault> {
    match (request.target.direction(), request.target.partner()) {
        (Direction::Seller, Some(chosen)) => {
            assign_to_chosen(tx, actor, chosen, &request.email, entity_id).await.map(Some)
        }
        (Direction::Seller, None) => partners::for_invitation(tx, actor.account_id, &request.email).await.map(Some),
        (Direction::Buyer, _) => Ok(None),
    }
}

/// Locks what comes before partners in the lock order: the flow, and the address's entity with its sources, which may
/// be reassigned to the chosen partner.
async fn lock_for_chosen_partner(
    tx: &mut Tx,
    flow: Option<&FlowRow>,
    actor: &Actor,
    email: &EmailAddress,
    done: Option<SendResult>,
) -> Result<(), Fault> {
    let account_id = actor.account_id;
    if let Some(flow) = flow {
        flows::queries::share_lock_flow(tx, flow.id).await?;
    }
    let known = match done {
        Some(done) => Some(done.entity_id),
        None => queries::find_entity_of_address(tx, account_id, Direction::Seller, email.key()).await?,
    };
    if let Some(entity_id) = known {
        flows::queries::lock_entity(tx, account_id, entity_id).await?;
        flows::queries::lock_sources_of_entities(tx, account_id, &[entity_id]).await?;
    }
    Ok(())
}

/// Checks that the chosen partner can be invited at this address: it is neither connected nor archived, it has no other
/// open invitation, and the address isn't invited for another partner.
async fn check_chosen_partner(
    tx: &mut Tx,
    actor: &Actor,
    partner_id: PartnerId,
    email: &EmailAddress,
    done: Option<SendResult>,
) -> Result<(), Fault> {
    let (account_id, now) = (actor.account_id, tx.now());
    partners::lock_chosen(tx, account_id, partner_id, email).await?;
    match done.map(|done| done.outcome) {
        Some(SendOutcome::AlreadyInvited) => {
            let invited = queries::find_partner_of_address(tx, account_id, email.key(), now).await?;
            if invited == Some(partner_id) { Ok(()) } else { Err(Problem::InvitedForAnother.into()) }
        }
        Some(_) => Ok(()),
        None if queries::has_open_connection(tx, account_id, partner_id, now).await? => {
            Err(Problem::PartnerInvited.into())
        }
        None => Ok(()),
    }
}

/// Gives the address to the chosen partner. Sources of partners that had this address move to it.
async fn assign_to_chosen(
    tx: &mut Tx,
    actor: &Actor,
    partner_id: PartnerId,
    email: &EmailAddress,
    entity_id: EntityId,
) -> Result<PartnerId, Fault> {
    let account_id = actor.account_id;
    for former in partners::take_address(tx, account_id, partner_id, email).await? {
        flows::assign_entity(tx, account_id, entity_id, Some(former), partner_id).await?;
        partners::retire(tx, account_id, former).await?;
    }
    Ok(partner_id)
}

/// The existing entity of this address in this direction, if it is connected or has an open invitation. The caller
/// holds the address lock.
pub(super) async fn find_existing(
    tx: &mut Tx,
    actor: &Actor,
    direction: Direction,
    email: &EmailAddress,
) -> Result<Option<SendResult>, Fault> {
    if queries::is_own_address(tx, actor.account_id, email.key()).await? {
        return Err(Fault::field("email", Problem::OwnAddress));
    }
    queries::lock_pending(tx, actor.account_id, direction, email.key()).await?;
    if let Some(entity_id) = queries::find_connected(tx, actor.account_id, direction, email.key()).await? {
        return Ok(Some(SendResult { outcome: SendOutcome::AlreadyConnected, entity_id }));
    }
    let now = tx.now();
    let open = queries::find_open(tx, actor.account_id, direction, email.key(), now).await?;
    Ok(open.map(|entity_id| SendResult { outcome: SendOutcome::AlreadyInvited, entity_id }))
}

/// The entity left by an ended invitation to this address, with its sources, rules and mappings. Otherwise a new one.
async fn pending_entity(
    tx: &mut Tx,
    actor: &Actor,
    direction: Direction,
    email: &EmailAddress,
) -> Result<EntityId, Fault> {
    if let Some(known) = queries::find_entity_of_address(tx, actor.account_id, direction, email.key()).await? {
        return Ok(known);
    }
    let id = tx.make_id::<EntityId>();
    entities::insert_pending(tx, id, actor.account_id, direction, email).await?;
    Ok(id)
}

async fn ensure_in_flow(tx: &mut Tx, flow: Option<&FlowRow>, actor: &Actor, entity_id: EntityId) -> Result<(), Fault> {
    let Some(flow) = flow else { return Ok(()) };
    if flows::queries::find_source_of_entity(tx, flow.id, entity_id).await?.is_none() {
        flows::add_source_to(tx, flow, actor, entity_id).await?;
    }
    Ok(())
}

/// A new invitation for an existing entity.
pub(super) struct InvitationDraft<'a> {
    pub actor: &'a Actor,
    pub email: &'a EmailAddress,
    pub note: &'a str,
    pub connect: Connect,
    pub expires_at: OffsetDateTime,
}

/// Creates the invitation and emails it, unless the address has stopped invitations.
pub(super) async fn invite(tx: &mut Tx, new: &InvitationDraft<'_>) -> Result<SendOutcome, Fault> {
    let id = tx.make_id::<InvitationId>();
    let InvitationDraft { actor, email, note, connect, expires_at } = *new;
    let Connect { direction, entity_id, .. } = connect;
    limits::count_new(tx, &actor.into(), email).await?;
    queries::supersede_expired(tx, actor.account_id, direction, email.key()).await?;
    let links = MailLinks::new();
    let letter = invitation_letter(actor, direction, note, expires_at);
    let (mail_id, outcome) = mail_link(tx, &actor.into(), email, letter, &links).await?;
    let row = queries::NewInvitation {
        id,
        account_id: actor.account_id,
        connect,
        email,
        note,
        invited_by: actor.user_id,
        mail_id,
        expires_at,
    };
    queries::insert_invitation(tx, &row).await?;
    queries::insert_links(tx, id, &links, TokenKind::Sent).await?;
    let entry = Entry::about(actor.account_id, Deed::Invited, id, email.shown());
    record(
        tx,
        entry.after(
            json!({ "kind": Kind::from(direction), "entity": entity_id, "expires_at": expires_at.unix_timestamp() }),
        ),
    )
    .await?;
    Ok(outcome)
}

/// When an invitation sent now expires: after `days`, or after the account's setting.
pub(super) async fn expiry(tx: &mut Tx, account_id: AccountId, days: Option<u8>) -> Result<OffsetDateTime, Fault> {
    let days = match days {
        Some(days) => days.into(),
        None => queries::invitation_days(tx, account_id).await?,
    };
    Ok(tx.now() + Duration::days(days.into()))
}

/// The user an invitation is sent for: their rate limits apply, and replies to its email go to them.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    pub user_id: UserId,
    pub account_id: AccountId,
    /// The partner, if one of its own people sends. They have limits of their own, apart from the account's.
    pub of_partner: Option<PartnerId>,
    pub email: String,
}

impl From<&Actor> for Sender {
    fn from(actor: &Actor) -> Self {
        Self { user_id: actor.user_id, account_id: actor.account_id, of_partner: None, email: actor.email.clone() }
    }
}

impl From<&Inviter> for Sender {
    fn from(inviter: &Inviter) -> Self {
        let Inviter { user_id, account_id, of_partner, .. } = *inviter;
        Self { user_id, account_id, of_partner, email: inviter.email.clone() }
    }
}

/// The email that invites a company to connect.
pub(super) fn invitation_letter(actor: &Actor, direction: Direction, note: &str, expires_at: OffsetDateTime) -> Letter {
    let (inviter, company) = (actor.user_name.as_str(), actor.account_name.as_str());
    letters::invitation(&letters::InvitationContent { direction, inviter, company, note, expires_at })
}

/// Emails the link of an invitation. If the address has stopped invitations, the email is stored as failed, with that
/// reason.
pub(super) async fn mail_link(
    tx: &mut Tx,
    sender: &Sender,
    email: &EmailAddress,
    letter: Letter,
    links: &MailLinks,
) -> Result<(MailId, SendOutcome), Fault> {
    mail_to_invitee(tx, email, Some(sender.email.clone()), letter, links).await
}

/// Queues an email with a link, to the invited address.
pub(super) async fn mail_to_invitee(
    tx: &mut Tx,
    email: &EmailAddress,
    reply_to: Option<String>,
    letter: Letter,
    links: &MailLinks,
) -> Result<(MailId, SendOutcome), Fault> {
    let secret = Some(links.secret());
    let mail = Outgoing { to: email.deliverable(), to_name: String::new(), reply_to, letter, secret };
    if queries::is_suppressed(tx, email.key()).await? {
        Ok((mail::queue_failed(tx, mail, Reason::Suppressed).await?, SendOutcome::Stopped))
    } else {
        Ok((mail::queue(tx, mail).await?, SendOutcome::Sent))
    }
}
