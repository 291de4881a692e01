//! Inviting people to join an account or a partner, and managing them.

mod join;
mod team;

pub use join::{JoinRequest, Newcomer, join_or_notify, sign_up_and_join};
pub use team::{act, load_lists};

use super::{
    invitation::JoinInvitation,
    letters::team_invites as letters,
    limits,
    links::MailLinks,
    queries::{self, NewTeamInvite, TokenKind},
    renew, send,
};
use crate::{
    accounts::{
        model::Permission,
        server::{policy::Actor, queries as accounts},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, EmailProblem, InvitationId, PartnerId, Problem, UserId},
    invitations::model::{OfferedRole, SendOutcome, Team},
    partners::{
        model::{PartnerPermission, Side},
        server::{
            policy::{self, PartnerActor},
            queries as partners,
        },
    },
    server::{Db, Fault, FieldChecks, Tx},
};
use serde_json::json;

/// A validated request to invite someone to a team.
#[derive(Debug, Clone)]
pub struct UserInvite {
    pub team: Team,
    pub email: EmailAddress,
    pub role: OfferedRole,
}

impl UserInvite {
    /// Forms read the address with `EmailAddress::parse_typed`, the API with `EmailAddress::parse`.
    pub fn parse(team: Team, email: Result<EmailAddress, EmailProblem>, role: &str) -> Result<Self, Fault> {
        let mut checked = FieldChecks::default();
        let email = checked.take("email", email);
        let role = checked.take("role", team.role(role));
        checked.finish(|| Some(Self { team, email: email?, role: role? }))
    }
}

/// Someone who may invite people to a team and manage them.
#[derive(Debug, Clone)]
pub struct Inviter {
    pub user_id: UserId,
    pub user_name: String,
    pub email: String,
    /// The account that the team or its partner belongs to.
    pub account_id: AccountId,
    /// The partner, if the inviter is one of its own people.
    pub of_partner: Option<PartnerId>,
    /// The inviter's company.
    pub company: String,
    pub team_name: String,
    pub archived: bool,
}

impl From<Actor> for Inviter {
    fn from(actor: Actor) -> Self {
        Self {
            user_id: actor.user_id,
            user_name: actor.user_name,
            email: actor.email,
            account_id: actor.account_id,
            of_partner: None,
            team_name: actor.account_name.clone(),
            company: actor.account_name,
            archived: false,
        }
    }
}

impl From<PartnerActor> for Inviter {
    fn from(actor: PartnerActor) -> Self {
        let PartnerActor { user_id, user_name, email, side, partner } = actor;
        let is_account = matches!(side, Side::Account(_));
        let of_partner = (!is_account).then_some(partner.id);
        let company = if is_account { partner.company } else { partner.name.clone() };
        let (account_id, archived) = (partner.account_id, partner.archived);
        Self { user_id, user_name, email, account_id, of_partner, company, team_name: partner.name, archived }
    }
}

/// The viewer, if they may manage the team's people. Other teams return 404.
pub async fn inviter(db: &mut impl Db, team: Team) -> Result<Inviter, Fault> {
    match team {
        Team::Account(id) => Ok(db.cx().actor(id, Permission::ManageAccount)?.into()),
        Team::Partner(id) => Ok(policy::find_for(db, id, PartnerPermission::ManageUsers).await?.into()),
    }
}

/// Invites a person, or finds their pending invitation. Concurrent calls for one address send one invitation and one
/// email.
pub async fn invite(tx: &mut Tx, request: UserInvite) -> Result<SendOutcome, Fault> {
    let now = tx.now();
    let UserInvite { team, email, role } = request;
    let inviter = inviter(tx, team).await?;
    let viewer = tx.cx.viewer()?;
    if viewer.person().is_some() && viewer.email_key == email.key() {
        return Err(Fault::field("email", Problem::InvitingYourself));
    }
    queries::lock_address(tx, inviter.account_id, email.key()).await?;
    // Lock what is pending, so that a concurrent acceptance is seen or waits. Then lock the team, so that it still
    // exists and isn't archived when the invitation is inserted.
    let pending = queries::find_pending_team_invite(tx, inviter.account_id, team, email.key(), now).await?;
    if let Some((id, _)) = pending {
        queries::lock(tx, id).await?;
    }
    if pending.is_none_or(|(_, expired)| expired) {
        limits::check_open(tx, &(&inviter).into()).await?;
    }
    lock_team(tx, team).await?;
    let inviter = self::inviter(tx, team).await?;
    if inviter.archived {
        return Err(Problem::PartnerArchived.into());
    }
    if queries::is_in_team(tx, team, email.key()).await? {
        return Err(Fault::field("email", Problem::AlreadyHere));
    }
    if let Some((id, expired)) =
        queries::find_pending_team_invite(tx, inviter.account_id, team, email.key(), now).await?
    {
        // A void invitation, whose inviter can no longer grant the role, is replaced by a new one.
        let is_open = !expired && queries::find(tx, id, now).await?.is_some_and(|pending| pending.backed);
        if is_open {
            return Ok(SendOutcome::AlreadyInvited);
        }
        queries::supersede(tx, id).await?;
        queries::dismiss_of_invitation(tx, id).await?;
    }
    let id = tx.make_id::<InvitationId>();
    limits::count_new(tx, &(&inviter).into(), &email).await?;
    let expires_at = send::expiry(tx, inviter.account_id).await?;
    let links = MailLinks::new();
    let letter = letters::invitation(&inviter, team, role, expires_at);
    let (mail_id, outcome) = send::mail_link(tx, &(&inviter).into(), &email, letter, &links).await?;
    let new = NewTeamInvite {
        id,
        account_id: inviter.account_id,
        team,
        email: &email,
        role,
        invited_by: inviter.user_id,
        mail_id,
        expires_at,
    };
    queries::insert_team_invite(tx, &new).await?;
    queries::insert_links(tx, id, &links, TokenKind::Sent).await?;
    let entry = Entry::about(inviter.account_id, Deed::Invited, id, email.shown());
    let facts = json!({ "to": inviter.team_name, "role": role, "expires_at": expires_at.unix_timestamp() });
    record(tx, entry.after(facts)).await?;
    Ok(outcome)
}

/// Locks the account or partner, so that changes to its people and the archiving of a partner wait.
async fn lock_team(tx: &mut Tx, team: Team) -> Result<(), Fault> {
    match team {
        Team::Account(id) => accounts::lock_account(tx, id).await,
        Team::Partner(id) => partners::lock_users(tx, id).await,
    }
}

/// An invitation to a team that the viewer manages, locked until the end of the transaction.
async fn lock_invitation(tx: &mut Tx, team: Team, id: InvitationId) -> Result<(JoinInvitation, Inviter), Fault> {
    inviter(tx, team).await?;
    let seen = find_of_team(tx, team, id).await?;
    queries::lock_address(tx, seen.account_id, &seen.email_key).await?;
    queries::lock(tx, id).await?;
    lock_team(tx, team).await?;
    Ok((find_of_team(tx, team, id).await?, inviter(tx, team).await?))
}

async fn find_of_team(tx: &mut Tx, team: Team, id: InvitationId) -> Result<JoinInvitation, Fault> {
    let now = tx.now();
    let invitation = queries::find_to_join(tx, id, now).await?;
    if invitation.join.offer.team() == team { Ok(invitation) } else { Err(Fault::NOT_FOUND) }
}

/// Renews the invitation with a new link and expiry. Older links say that a newer one was sent. The viewer becomes its
/// inviter, so an invitation that was void because of its first inviter is valid again.
async fn resend(tx: &mut Tx, team: Team, id: InvitationId) -> Result<SendOutcome, Fault> {
    let inviter = inviter(tx, team).await?;
    let seen = find_of_team(tx, team, id).await?;
    limits::check_reopening(tx, &seen, &(&inviter).into()).await?;
    let (invitation, inviter) = lock_invitation(tx, team, id).await?;
    if inviter.archived {
        return Err(Problem::PartnerArchived.into());
    }
    limits::check_resend(tx, &invitation, &(&inviter).into()).await?;
    let role = invitation.join.offer.role();
    let email = renew::address(&invitation.email)?;
    let expires_at = send::expiry(tx, inviter.account_id).await?;
    let links = MailLinks::new();
    let letter = letters::invitation(&inviter, team, role, expires_at);
    let (mail_id, outcome) = send::mail_link(tx, &(&inviter).into(), &email, letter, &links).await?;
    renew::apply_renewal(tx, &invitation, mail_id, expires_at, &links).await?;
    queries::set_inviter(tx, id, inviter.user_id).await?;
    Ok(outcome)
}

/// Revokes the invitation; its links stop working immediately. Revoking twice is fine.
async fn revoke(tx: &mut Tx, team: Team, id: InvitationId) -> Result<(), Fault> {
    let (invitation, _) = lock_invitation(tx, team, id).await?;
    renew::revoke_locked(tx, &invitation).await
}
