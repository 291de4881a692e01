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
    accounts::{
        model::{Permission, Plan},
        server::policy::Actor,
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, EntityId, InvitationId, MailId, PartnerId, Problem, UserId},
    entities::{
        model::Direction,
        server::queries::{self as entities, UsableEntity},
    },
    flows::server::{self as flows, queries::FlowRow},
    invitations::model::{InviteFacts, Kind, SendOutcome},
    partners::server as partners,
    server::{
        Db, Fault, Tx,
        mail::{self, Letter, Outgoing, Reason},
    },
};
use queries::{KnownAddress, NewCompany};
use serde_json::json;
use time::{Duration, OffsetDateTime};

/// Invites a company, or finds its existing entity if it is already invited or connected. With a flow, the entity is a
/// source of it afterwards. Of concurrent calls for one address, one invites and the others find it.
pub async fn send(tx: &mut Tx, request: CompanyInvite) -> Result<SendResult, Fault> {
    let (flow, actor) = find_flow_and_actor(tx, &request).await?;
    actor.must_have_inviting_plan()?;
    let CompanyInvite { target, email, note, .. } = &request;
    queries::lock_address(tx, actor.account_id, email.key()).await?;
    let (known, has_flow) = lock_and_find(tx, &actor, target.direction(), email, flow.as_ref()).await?;
    let done = known.existing();
    if done.is_none() && known.is_full {
        return Err(Problem::TooManyPending.into());
    }
    if let Some(partner_id) = target.partner() {
        lock_for_chosen_partner(tx, &actor, done.map(|done| done.entity_id).or(known.unconnected)).await?;
        check_chosen_partner(tx, &actor, partner_id, email, done).await?;
    }
    if let Some(done) = done {
        ensure_in_flow(tx, flow.as_ref(), &actor, done.entity_id).await?;
        return Ok(done);
    }
    if !has_flow {
        return Err(Fault::NOT_FOUND);
    }
    let days = request.expires_in_days.map_or(known.invitation_days, i32::from);
    let (connect, new) = company_to_invite(tx, &actor, &request, flow.as_ref(), &known).await?;
    let expires_at = tx.now() + Duration::days(days.into());
    let flow = flow.as_ref().map(|flow| flow.name.as_str());
    let draft = InvitationDraft { actor: &actor, email, note, flow, connect, expires_at, new, known: &known };
    let outcome = invite(tx, draft).await?;
    if known.unconnected.is_some() {
        // The entity may also be in other flows, from an ended invitation.
        flows::announce_entity(tx, actor.account_id, connect.entity_id).await?;
    }
    Ok(SendResult { outcome, entity_id: connect.entity_id })
}

/// Takes the locks of inviting and reads what is known about the address, which the caller has locked. Also returns
/// false if the flow is gone.
pub(super) async fn lock_and_find(
    tx: &mut Tx,
    actor: &Actor,
    direction: Direction,
    email: &EmailAddress,
    flow: Option<&FlowRow>,
) -> Result<(KnownAddress, bool), Fault> {
    let (account_id, now) = (actor.account_id, tx.now());
    let flow_id = flow.map(|flow| flow.id);
    let has_flow = queries::lock_to_invite(tx, account_id, direction, email.key(), flow_id).await?;
    let known = queries::find_known_address(tx, account_id, direction, email.key(), now).await?;
    known.check_owner()?;
    Ok((known, has_flow))
}

impl KnownAddress {
    pub(super) fn check_owner(&self) -> Result<(), Fault> {
        if self.is_own { Err(Fault::field("email", Problem::OwnAddress)) } else { Ok(()) }
    }

    /// The entity that is connected or has an open invitation.
    pub(super) fn existing(&self) -> Option<SendResult> {
        let found = |outcome| move |entity_id| SendResult { outcome, entity_id };
        let connected = self.connected.map(found(SendOutcome::AlreadyConnected));
        connected.or_else(|| self.invited.map(found(SendOutcome::AlreadyInvited)))
    }
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

/// The company as it is to be invited, and which of its rows are new. If an ended invitation left an entity, that one is
/// used, with its sources, rules and mappings.
async fn company_to_invite(
    tx: &mut Tx,
    actor: &Actor,
    request: &CompanyInvite,
    flow: Option<&FlowRow>,
    known: &KnownAddress,
) -> Result<(Connect, NewCompany), Fault> {
    let (account_id, email, direction) = (actor.account_id, &request.email, request.target.direction());
    let chosen = request.target.partner();
    if known.unconnected.is_none() && chosen.is_none() {
        return new_company(tx, actor, request, flow, known).await;
    }
    let entity_id = match known.unconnected {
        Some(entity_id) => entity_id,
        None => {
            let id = tx.make_id::<EntityId>();
            entities::insert_pending(tx, id, account_id, direction, email).await?;
            id
        }
    };
    let partner_id = match (direction, chosen) {
        (Direction::Seller, Some(chosen)) => Some(assign_to_chosen(tx, actor, chosen, email, entity_id).await?),
        (Direction::Seller, None) => Some(partners::for_invitation(tx, account_id, email, known.partner_id).await?),
        (Direction::Buyer, _) => None,
    };
    ensure_in_flow(tx, flow, actor, entity_id).await?;
    Ok((Connect { direction, entity_id, partner_id }, NewCompany::default()))
}

/// A company that was never invited at this address. Its rows are inserted together with the invitation.
async fn new_company(
    tx: &mut Tx,
    actor: &Actor,
    request: &CompanyInvite,
    flow: Option<&FlowRow>,
    known: &KnownAddress,
) -> Result<(Connect, NewCompany), Fault> {
    let (direction, name) = (request.target.direction(), request.email.shown());
    let entity_id = tx.make_id::<EntityId>();
    let needs_partner = direction == Direction::Seller && known.partner_id.is_none();
    let partner_id = match direction {
        Direction::Seller => Some(known.partner_id.unwrap_or_else(|| tx.make_id())),
        Direction::Buyer => None,
    };
    if let Some(id) = partner_id.filter(|_| needs_partner) {
        record(tx, Entry::about(actor.account_id, Deed::PartnerCreated, id, name)).await?;
    }
    let source = match flow {
        Some(flow) => Some(flows::prepare_source(tx, flow, entity_id, &UsableEntity::pending(name), partner_id).await?),
        None => None,
    };
    let new = NewCompany { entity: true, partner: needs_partner, source };
    Ok((Connect { direction, entity_id, partner_id }, new))
}

/// Locks what comes before partners in the lock order: the address's entity with its sources, which may be reassigned
/// to the chosen partner.
async fn lock_for_chosen_partner(tx: &mut Tx, actor: &Actor, known: Option<EntityId>) -> Result<(), Fault> {
    let account_id = actor.account_id;
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

async fn ensure_in_flow(tx: &mut Tx, flow: Option<&FlowRow>, actor: &Actor, entity_id: EntityId) -> Result<(), Fault> {
    let Some(flow) = flow else { return Ok(()) };
    if flows::queries::find_source_of_entity(tx, flow.id, entity_id).await?.is_none() {
        flows::add_source_to(tx, flow, actor, entity_id).await?;
    }
    Ok(())
}

/// A new invitation.
pub(super) struct InvitationDraft<'a> {
    pub actor: &'a Actor,
    pub email: &'a EmailAddress,
    pub note: &'a str,
    /// The name of the flow that a seller is invited to.
    pub flow: Option<&'a str>,
    pub connect: Connect,
    pub expires_at: OffsetDateTime,
    pub new: NewCompany,
    pub known: &'a KnownAddress,
}

/// Creates the invitation and emails it, unless the address has stopped invitations.
pub(super) async fn invite(tx: &mut Tx, draft: InvitationDraft<'_>) -> Result<SendOutcome, Fault> {
    let id = tx.make_id::<InvitationId>();
    let InvitationDraft { actor, email, note, flow, connect, expires_at, new, known } = draft;
    let Connect { direction, entity_id, .. } = connect;
    limits::count_new(tx, &actor.into(), email).await?;
    if known.has_expired {
        queries::supersede_expired(tx, actor.account_id, direction, email.key()).await?;
    }
    let facts =
        json!({ "kind": Kind::from(direction), "entity": entity_id, "expires_at": expires_at.unix_timestamp() });
    record(tx, Entry::about(actor.account_id, Deed::Invited, id, email.shown()).after(facts)).await?;
    let links = MailLinks::new();
    let letter = invitation_letter(actor, direction, flow, note, expires_at);
    let mail = invitation_mail(email, Some(actor.email.clone()), letter, &links);
    let (mail_id, outcome) = queue(tx, mail, known.is_suppressed).await?;
    let row = queries::NewInvitation {
        id,
        account_id: actor.account_id,
        connect,
        email,
        note,
        invited_by: actor.user_id,
        mail_id,
        links: &links,
        expires_at,
        new: &new,
    };
    queries::insert_invitation(tx, &row).await?;
    Ok(outcome)
}

/// When an invitation sent now expires, by the account's setting.
pub(super) async fn expiry(tx: &mut Tx, account_id: AccountId) -> Result<OffsetDateTime, Fault> {
    let days = queries::invitation_days(tx, account_id).await?;
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

/// What the form shows of an invitation that is sent now. `flow` is the one that a seller is invited to.
pub async fn invite_facts(
    db: &mut impl Db,
    actor: &Actor,
    direction: Direction,
    flow: Option<&str>,
) -> Result<InviteFacts, Fault> {
    let days = queries::invitation_days(db, actor.account_id).await?;
    let expires_at = db.now() + Duration::days(days.into());
    // Only the place of the note matters. The form shows the note itself.
    let letter = invitation_letter(actor, direction, flow, "-", expires_at);
    let mail::MailPreview { subject, before_note, after_note } = mail::preview(&letter);
    let lines =
        |lines: Vec<mail::PreviewLine>| lines.into_iter().map(|(class, text)| (class.to_owned(), text)).collect();
    Ok(InviteFacts {
        inviter: actor.user_name.clone(),
        subject,
        before_note: lines(before_note),
        after_note: lines(after_note),
        plan_allows: actor.plan.is_some_and(Plan::may_invite),
    })
}

/// The email that invites a company to connect.
pub(super) fn invitation_letter(
    actor: &Actor,
    direction: Direction,
    flow: Option<&str>,
    note: &str,
    expires_at: OffsetDateTime,
) -> Letter {
    let (inviter, company) = (actor.user_name.as_str(), actor.account_name.as_str());
    letters::invitation(&letters::InvitationContent { direction, inviter, company, flow, note, expires_at })
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

/// Emails a link to the invited address.
pub(super) async fn mail_to_invitee(
    tx: &mut Tx,
    email: &EmailAddress,
    reply_to: Option<String>,
    letter: Letter,
    links: &MailLinks,
) -> Result<(MailId, SendOutcome), Fault> {
    let is_suppressed = queries::is_suppressed(tx, email.key()).await?;
    queue(tx, invitation_mail(email, reply_to, letter, links), is_suppressed).await
}

fn invitation_mail(email: &EmailAddress, reply_to: Option<String>, letter: Letter, links: &MailLinks) -> Outgoing {
    let secret = Some(links.secret());
    Outgoing { to: email.deliverable(), to_name: String::new(), reply_to, letter, secret }
}

/// Queues the email and stores it now, because the invitation refers to it.
async fn queue(tx: &mut Tx, mail: Outgoing, is_suppressed: bool) -> Result<(MailId, SendOutcome), Fault> {
    let queued = if is_suppressed {
        (mail::queue_failed(tx, mail, Reason::Suppressed).await?, SendOutcome::Stopped)
    } else {
        (mail::queue(tx, mail).await?, SendOutcome::Sent)
    };
    tx.store_gathered().await?;
    Ok(queued)
}
