//! Joining by invitation: once, with the invited address, and never by the link alone.

use crate::{
    accounts::server::members,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AppError, EmailAddress, InvitationId, Problem, Secret, UserId},
    identity::server::{self as identity, Device},
    invitations::{
        model::{NoticeKind, Offer, Team},
        server::{
            access::{self, Access},
            answer,
            invitation::{Invitation, JoinInvitation},
            letters::team_invites as letters,
            notices, queries,
        },
    },
    partners::server::people,
    server::{Cx, Fault, Tx, session},
};
use axum::http::HeaderValue;
use serde_json::json;

/// A request to join. The caller must have checked with `access::find` that the viewer may see the invitation.
#[derive(Debug, Clone)]
pub struct JoinRequest {
    pub invitation_id: InvitationId,
    /// Why the person may see the invitation.
    pub access: Access,
}

/// The person who joins, with a verified address.
struct Person {
    user_id: UserId,
    name: String,
    email: String,
    email_key: String,
}

/// The signed-in viewer joins. Returns the team.
pub async fn join(tx: &mut Tx, request: JoinRequest) -> Result<Team, Fault> {
    let viewer = tx.cx.viewer()?;
    let person = Person {
        user_id: viewer.user_id,
        name: viewer.name.clone(),
        email: viewer.email.clone(),
        email_key: viewer.email_key.clone(),
    };
    let session_id = viewer.session()?;
    let team = add_to_team(tx, &request, &person).await?;
    if let Team::Account(account_id) = team {
        session::choose_account(tx, session_id, account_id).await?;
    }
    Ok(team)
}

/// Joins, and notifies the Admins if that fails because the inviter can no longer grant the role. The notice needs its
/// own transaction, because the failed one is rolled back.
pub async fn join_or_notify(cx: &Cx, request: JoinRequest) -> Result<Team, Fault> {
    let id = request.invitation_id;
    let done = cx.write(request, |tx, request| Box::pin(join(tx, request))).await;
    notify_if_void(cx, id, done).await
}

async fn notify_if_void<T>(cx: &Cx, id: InvitationId, done: Result<T, Fault>) -> Result<T, Fault> {
    if matches!(done, Err(Fault::Expected(AppError::Refused(Problem::InvitationVoid)))) {
        cx.write(id, |tx, id| Box::pin(notices::notify_void(tx, id))).await?;
    }
    done
}

/// What a new person enters. Their address is the invited one, which the emailed link proves.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub name: String,
    pub password: Secret,
}

/// Creates a user without a company, signs them in and joins, in one transaction. Returns the team and the browser's
/// cookies.
pub async fn sign_up_and_join(
    cx: &Cx,
    newcomer: Newcomer,
    request: JoinRequest,
    device: &Device,
) -> Result<(Team, [HeaderValue; 2]), Fault> {
    let hash = identity::hash_sign_up_password(cx, &newcomer.password).await?;
    let id = request.invitation_id;
    let done = cx
        .write((newcomer.name, hash, request), |tx, (name, hash, request)| {
            Box::pin(async move {
                let now = tx.now();
                let invitation = queries::find(tx, request.invitation_id, now).await?.ok_or(Fault::NOT_FOUND)?;
                let email = EmailAddress::parse(&invitation.email).map_err(|_| not_an_address(&invitation))?;
                let user_id = identity::create_person(tx, &name, &email, &hash).await?;
                let (shown, key) = (email.shown().to_owned(), email.key().to_owned());
                let person = Person { user_id, name, email: shown, email_key: key };
                let team = add_to_team(tx, &request, &person).await?;
                let active = match team {
                    Team::Account(id) => Some(id),
                    Team::Partner(_) => None,
                };
                Ok((team, user_id, session::start(tx, user_id, active).await?))
            })
        })
        .await;
    let (team, user_id, session) = notify_if_void(cx, id, done).await?;
    Ok((team, [session, device.cookie(&cx.state, cx.now, user_id)]))
}

fn not_an_address(invitation: &Invitation) -> Fault {
    Fault::ImpossibleRow("invitations", format!("{} has an invalid email address", invitation.id))
}

async fn add_to_team(tx: &mut Tx, request: &JoinRequest, person: &Person) -> Result<Team, Fault> {
    let (id, now) = (request.invitation_id, tx.now());
    // Concurrent answers wait here and then see the result. The team's lock does the same for an inviter
    // who is just losing their permission.
    queries::lock(tx, id).await?;
    let seen = queries::find_to_join(tx, id, now).await?;
    super::lock_team(tx, seen.join.offer.team()).await?;
    let (invitation, link) = access::find_again(tx, id, request.access).await?;
    let invitation = invitation.to_join().ok_or(Fault::NOT_FOUND)?;
    let open = answer::open(tx, &invitation, link, request.access)?;
    if !invitation.backed {
        return Err(Problem::InvitationVoid.into());
    }
    if person.email_key != invitation.email_key {
        return Err(Problem::OtherAddress.into());
    }
    if !queries::claim_join(tx, open, person.user_id, &person.email, &person.email_key).await? {
        return Err(Problem::InvitationReplaced.into());
    }
    let offer = invitation.join.offer;
    match offer {
        Offer::Member { account_id, role } => members::add(tx, account_id, person.user_id, role).await?,
        Offer::PartnerUser { partner_id, role } => {
            people::add(tx, invitation.account_id, partner_id, person.user_id, role).await?
        }
    };
    record_joining(tx, &invitation, person).await?;
    let letter = letters::joined(&invitation, &person.name);
    notices::close_and_notify(tx, &invitation, NoticeKind::Accepted, letter).await?;
    Ok(offer.team())
}

async fn record_joining(tx: &mut Tx, invitation: &JoinInvitation, person: &Person) -> Result<(), Fault> {
    let account_id = invitation.account_id;
    let accepted = Entry::about(account_id, Deed::Accepted, invitation.id, &invitation.email);
    record(tx, accepted.by(person.user_id)).await?;
    let joined = Entry::about(account_id, Deed::Joined, person.user_id, invitation.join.team_name.as_str());
    let facts = json!({ "name": person.name, "role": invitation.join.offer.role() });
    record(tx, joined.by(person.user_id).after(facts)).await
}
