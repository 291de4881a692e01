//! `/invitations`: the calls of the documented original, and the others.

use crate::{
    accounts::model::Permission,
    api::server::{
        body::{Body, integer},
        call::Call,
        error::Error,
        paging::{Id, Limit, Query},
        queries::{
            entities::{self, Entity},
            invitations::{self as queries, Filter, Invitation, State},
        },
        response::{ApiResponse, Reply},
        schemas::{Email, Note},
    },
    base::{AccountId, AppError, EmailAddress, EntityId, FlowId, InvitationId, PartnerId, Problem},
    invitations::{
        model::{Kind, SendOutcome, Team, TeamAction},
        server::{self as invitations, CompanyInvite, SendResult, Target, team_invites},
    },
    server::{Fault, Tx},
};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The seller to invite.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "mike.jones@example.com" }))]
pub struct InviteSource {
    email: Email,
    /// A personal note in the email.
    note: Option<Note>,
    /// Adds the entity to this flow as a source, even if the address was invited before.
    #[schema(value_type = Option<FlowId>)]
    flow_id: Option<FlowId>,
    /// The partner to link to the company. If left out, it is found by the address or created.
    #[schema(value_type = Option<PartnerId>)]
    partner_id: Option<PartnerId>,
    /// Default: the account's setting.
    #[serde(default, deserialize_with = "integer")]
    #[schema(minimum = 1, maximum = 30)]
    expires_in_days: Option<u8>,
}

/// The buyer to invite.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "mike.jones@example.com" }))]
pub struct InviteRecipient {
    email: Email,
    /// A personal note in the email.
    note: Option<Note>,
    /// Default: the account's setting.
    #[serde(default, deserialize_with = "integer")]
    #[schema(minimum = 1, maximum = 30)]
    expires_in_days: Option<u8>,
}

/// The new address.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Readdress {
    email: Email,
}

/// An invitation was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitationSent {
    #[schema(example = "Invitation was sent successfully")]
    message: &'static str,
    entity: Entity,
}

/// Nothing was sent: the address is already invited or connected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitationExists {
    entity: Entity,
}

const SENT: &str = "Invitation was sent successfully";

/// Invites a seller.
///
/// If the address has a pending invitation or a connection, the existing entity is returned and nothing is sent.
#[utoipa::path(post, path = "/invitations/source", operation_id = "invite_source", tag = "Invitations",
    request_body = InviteSource,
    responses((status = 201, description = "Created and emailed.", body = InvitationSent),
              (status = 200, description = "Already exists.", body = InvitationExists),
              (status = 403, description = "`plan_required`: inviting needs LeadConduit Base or Pro.", body = Error)))]
pub async fn invite_source(call: Call, body: Body<InviteSource>) -> Reply {
    call.post(&body.bytes, (call.account_id, body.value), |tx, (account_id, new)| {
        Box::pin(async move {
            let target = match (new.flow_id, new.partner_id) {
                (Some(flow_id), partner_id) => Target::Flow { flow_id, partner_id },
                (None, Some(partner_id)) => Target::Partner(partner_id),
                (None, None) => Target::Seller(account_id),
            };
            let invite = parse(target, &new.email, new.note.as_ref(), new.expires_in_days)?;
            send(tx, account_id, invite).await
        })
    })
    .await
}

/// Invites a buyer.
///
/// If the address has a pending invitation or a connection, the existing entity is returned and nothing is sent.
#[utoipa::path(post, path = "/invitations/recipient", operation_id = "invite_recipient", tag = "Invitations",
    request_body = InviteRecipient,
    responses((status = 201, description = "Created and emailed.", body = InvitationSent),
              (status = 200, description = "Already exists.", body = InvitationExists),
              (status = 403, description = "`plan_required`: inviting needs LeadConduit Base or Pro.", body = Error)))]
pub async fn invite_recipient(call: Call, body: Body<InviteRecipient>) -> Reply {
    call.post(&body.bytes, (call.account_id, body.value), |tx, (account_id, new)| {
        Box::pin(async move {
            let target = Target::Recipient(account_id);
            let invite = parse(target, &new.email, new.note.as_ref(), new.expires_in_days)?;
            send(tx, account_id, invite).await
        })
    })
    .await
}

fn parse(target: Target, email: &Email, note: Option<&Note>, days: Option<u8>) -> Result<CompanyInvite, Fault> {
    CompanyInvite::parse_expiring(target, &email.0, note.map_or("", |note| &note.0), days)
}

async fn send(tx: &mut Tx, account_id: AccountId, invite: CompanyInvite) -> Result<ApiResponse, Fault> {
    let (SendResult { outcome, entity_id }, now) = (invitations::send(tx, invite).await?, tx.now());
    let entity = entities::find(tx, account_id, entity_id, now).await?;
    match outcome {
        // If the address has stopped invitations, the email has already failed; the invitation shows that.
        SendOutcome::Sent | SendOutcome::Stopped => ApiResponse::created(&InvitationSent { message: SENT, entity }),
        SendOutcome::AlreadyInvited | SendOutcome::AlreadyConnected => ApiResponse::ok(&InvitationExists { entity }),
    }
}

/// Resends the invitation of a pending or expired entity: emails a new link with a new expiry.
///
/// Earlier links no longer work.
#[utoipa::path(put, path = "/invitations/{entity_id}/resend", operation_id = "resend_invitation", tag = "Invitations",
    params(("entity_id" = EntityId, Path, description = "The pending or expired entity.")),
    responses((status = 200, description = "Resent.", body = InvitationSent),
              (status = 409, description = "The entity is neither pending nor expired.", body = Error)))]
pub async fn resend(call: Call, Id(id): Id<EntityId>) -> Reply {
    call.write((call.account_id, id), |tx, (account_id, id)| {
        Box::pin(async move {
            let now = tx.now();
            let entity = entities::find(tx, account_id, id, now).await?;
            let latest = entity.invitation_id.ok_or(Problem::NotPending)?;
            invitations::resend(tx, latest).await?;
            ApiResponse::ok(&InvitationSent { message: SENT, entity: entities::find(tx, account_id, id, now).await? })
        })
    })
    .await
}

/// The kinds of invitation in the API.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListedKind {
    Source,
    Recipient,
    PartnerUser,
}

impl From<ListedKind> for Kind {
    fn from(kind: ListedKind) -> Self {
        match kind {
            ListedKind::Source => Self::Source,
            ListedKind::Recipient => Self::Recipient,
            ListedKind::PartnerUser => Self::PartnerUser,
        }
    }
}

/// Filters invitations.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InvitationFilter {
    /// Only invitations in this state.
    state: Option<State>,
    /// Only invitations of this kind.
    kind: Option<ListedKind>,
    /// The page size. A page that has 2 MiB ends earlier, but has at least one entry.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// The last id of the previous page.
    after: Option<InvitationId>,
}

/// Lists invitations to connect and invitations to join partners.
#[utoipa::path(get, path = "/invitations", operation_id = "list_invitations", tag = "Invitations", params(InvitationFilter),
    responses((status = 200, description = "The invitations.", body = Vec<Invitation>)))]
pub async fn list(call: Call, Query(which): Query<InvitationFilter>) -> Reply {
    let mut conn = call.cx.read().await?;
    let limit = which.limit.unwrap_or_default();
    let kind = which.kind.map(Kind::from);
    let filter = Filter { state: which.state, kind, after: which.after, ..Filter::default() };
    let rows = queries::list(&mut conn, call.readable_account()?, filter, limit.plus_one(), call.cx.now).await?;
    Ok(limit.page(&call, rows, |invitation| invitation.id)?)
}

/// Returns one invitation.
#[utoipa::path(get, path = "/invitations/{invitation_id}", operation_id = "find_invitation", tag = "Invitations",
    params(("invitation_id" = InvitationId, Path, description = "The invitation.")),
    responses((status = 200, description = "The invitation.", body = Invitation)))]
pub async fn find(call: Call, Id(id): Id<InvitationId>) -> Reply {
    let mut conn = call.cx.read().await?;
    Ok(ApiResponse::ok(&queries::find(&mut conn, call.readable_account()?, id, call.cx.now).await?)?)
}

/// Sends a connection invitation to another address.
///
/// The old link no longer works; the entity is renamed to the new address and keeps everything else. Returns the new
/// invitation.
#[utoipa::path(put, path = "/invitations/{invitation_id}", operation_id = "readdress_invitation", tag = "Invitations",
    params(("invitation_id" = InvitationId, Path, description = "The invitation.")), request_body = Readdress,
    responses((status = 200, description = "The invitation to the new address.", body = Invitation),
              (status = 409, description = "The invitation was already answered, or the address already has an entity.", body = Error)))]
pub async fn readdress(call: Call, Id(id): Id<InvitationId>, body: Body<Readdress>) -> Reply {
    call.write((call.account_id, id, body.value.email), |tx, (account_id, id, email)| {
        Box::pin(async move {
            let now = tx.now();
            let (sent, _) = invitations::find_for(tx, id).await?;
            let entity_id = sent.connect.entity_id;
            let email = EmailAddress::parse(&email.0).map_err(|problem| Fault::field("email", problem.into()))?;
            if let Err(fault) = invitations::readdress(tx, id, email.clone()).await {
                return address_taken(tx, account_id, id, &email, fault).await;
            }
            let latest = invitations::queries::find_latest_of_entity(tx, account_id, entity_id).await?;
            ApiResponse::ok(&queries::find(tx, account_id, latest.unwrap_or(id), now).await?)
        })
    })
    .await
}

/// Adds the existing entity to the error if the address already has one (product.md section 2).
async fn address_taken(
    tx: &mut Tx,
    account_id: AccountId,
    id: InvitationId,
    email: &EmailAddress,
    fault: Fault,
) -> Result<ApiResponse, Fault> {
    let Fault::Expected(AppError::Refused(problem @ (Problem::AddressTaken | Problem::RecipientTaken))) = fault else {
        return Err(fault);
    };
    let now = tx.now();
    let (invitation, actor) = invitations::find_for(tx, id).await?;
    let Some(entity_id) = invitations::find_entity_at_address(tx, &actor, invitation.connect.direction, email).await?
    else {
        return Err(problem.into());
    };
    let entity = entities::find(tx, account_id, entity_id, now).await?;
    let error = format!("{} It is {}, {entity_id}.", problem.sentence(), entity.name);
    ApiResponse::of(StatusCode::CONFLICT, &Error { error, code: problem.code().to_owned(), errors: Vec::new() })
}

/// Revokes an invitation: its links stop working immediately.
///
/// Repeating this has no effect.
#[utoipa::path(delete, path = "/invitations/{invitation_id}", operation_id = "revoke_invitation", tag = "Invitations",
    params(("invitation_id" = InvitationId, Path, description = "The invitation.")),
    responses((status = 204, description = "Revoked."),
              (status = 409, description = "The invitation was already answered.", body = Error)))]
pub async fn revoke(call: Call, Id(id): Id<InvitationId>) -> Reply {
    call.write((call.account_id, id), |tx, (account_id, id)| {
        Box::pin(async move {
            tx.cx.actor(account_id, Permission::Invite)?;
            let now = tx.now();
            let invitation = queries::find(tx, account_id, id, now).await?;
            match (invitation.kind, invitation.partner_id) {
                (Kind::PartnerUser, Some(partner_id)) => {
                    team_invites::act(tx, (Team::Partner(partner_id), TeamAction::Revoke(id))).await?;
                }
                _ => invitations::revoke(tx, id).await?,
            }
            Ok(ApiResponse::no_content())
        })
    })
    .await
}
