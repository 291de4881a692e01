//! Inviting people to join an account or a partner, and what is done about them afterwards.

mod join;
mod team;

pub use join::{Joining, Newcomer, join_or_tell, sign_up_and_join};
pub use team::{act, now_of};

use super::{
    invitation::JoinInvitation,
    letters::joining as letters,
    queries::{self, NewJoining, TokenKind},
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
    base::{AccountId, EmailAddress, InvitationId, Problem, Token, UserId},
    invitations::model::{OfferedRole, Sending, Team},
    partners::{
        model::{PartnerPermission, Side},
        server::{
            policy::{self, PartnerActor},
            queries as partners,
        },
    },
    server::{Checked, Db, Fault, Tx, ids::random_bytes},
};
use serde_json::json;

/// Whom to invite to join what, parsed.
#[derive(Debug, Clone)]
pub struct Ask {
    pub team: Team,
    pub email: EmailAddress,
    pub role: OfferedRole,
}

impl Ask {
    pub fn parse(team: Team, email: &str, role: &str) -> Result<Self, Fault> {
        let mut checked = Checked::default();
        let email = checked.take("email", EmailAddress::parse(email));
        let role = checked.take("role", team.role(role));
        checked.finish(|| Some(Self { team, email: email?, role: role? }))
    }
}

/// Who may invite to a team and decide about its people, and in whose name.
#[derive(Debug, Clone)]
pub struct Inviter {
    pub user_id: UserId,
    pub user_name: String,
    pub email: String,
    /// The account whose people, or whose partner's people, these are.
    pub account_id: AccountId,
    /// The company the inviter speaks for.
    pub company: String,
    /// The team by name.
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
            team_name: actor.account_name.clone(),
            company: actor.account_name,
            archived: false,
        }
    }
}

impl From<PartnerActor> for Inviter {
    fn from(actor: PartnerActor) -> Self {
        let PartnerActor { user_id, user_name, email, side, partner } = actor;
        let company = if matches!(side, Side::Account(_)) { partner.company } else { partner.name.clone() };
        let (account_id, archived) = (partner.account_id, partner.archived);
        Self { user_id, user_name, email, account_id, company, team_name: partner.name, archived }
    }
}

/// The viewer as who decides about the people of a team; a team that is not theirs is not there.
pub async fn inviter(db: &mut impl Db, team: Team) -> Result<Inviter, Fault> {
    match team {
        Team::Account(id) => Ok(db.cx().actor(id, Permission::ManageAccount)?.into()),
        Team::Partner(id) => Ok(policy::find_for(db, id, PartnerPermission::ManageUsers).await?.into()),
    }
}

/// Invites, or finds that it is done already: one invitation and one mail, however many ask at once.
pub async fn invite(tx: &mut Tx, ask: Ask) -> Result<Sending, Fault> {
    let now = tx.now();
    let Ask { team, email, role } = ask;
    let inviter = inviter(tx, team).await?;
    let viewer = tx.cx.viewer()?;
    if viewer.person().is_some() && viewer.email_key == email.key() {
        return Err(Fault::field("email", Problem::InvitingYourself));
    }
    queries::lock_address(tx, inviter.account_id, email.key()).await?;
    // What is pending is held, so that an acceptance on its way is seen or waits; then the team, so that it is still
    // there and open when the invitation is.
    if let Some((id, _)) = queries::find_joining(tx, inviter.account_id, team, email.key(), now).await? {
        queries::lock(tx, id).await?;
    }
    hold_team(tx, team).await?;
    let inviter = self::inviter(tx, team).await?;
    if inviter.archived {
        return Err(Problem::PartnerArchived.into());
    }
    if queries::belongs(tx, team, email.key()).await? {
        return Err(Fault::field("email", Problem::AlreadyHere));
    }
    if let Some((id, expired)) = queries::find_joining(tx, inviter.account_id, team, email.key(), now).await? {
        // One that nobody can accept, because whoever sent it may not grant the role any more, is followed by a new
        // one.
        let lives = !expired && queries::find(tx, id, now).await?.is_some_and(|pending| pending.backed);
        if lives {
            return Ok(Sending::AlreadyInvited);
        }
        queries::supersede(tx, id).await?;
        queries::dismiss_of_invitation(tx, id).await?;
    }
    let id = tx.make_id::<InvitationId>();
    let expires_at = send::expiry(tx, inviter.account_id, None).await?;
    let token = Token::from_bytes(random_bytes());
    let letter = letters::invitation(&inviter, team, role, expires_at);
    let (mail_id, how) = send::mail_link(tx, &(&inviter).into(), &email, letter, &token).await?;
    let new = NewJoining {
        id,
        account_id: inviter.account_id,
        team,
        email: &email,
        role,
        invited_by: inviter.user_id,
        mail_id,
        expires_at,
    };
    queries::insert_joining(tx, &new).await?;
    queries::insert_token(tx, id, &token, TokenKind::Sent).await?;
    let entry = Entry::about(inviter.account_id, Deed::Invited, id, email.shown());
    let facts = json!({ "to": inviter.team_name, "role": role, "expires_at": expires_at.unix_timestamp() });
    record(tx, entry.after(facts)).await?;
    Ok(how)
}

/// Whoever else wants to change who belongs to a team, or to archive a partner, waits.
async fn hold_team(tx: &mut Tx, team: Team) -> Result<(), Fault> {
    match team {
        Team::Account(id) => accounts::lock_account(tx, id).await,
        Team::Partner(id) => partners::lock_users(tx, id).await,
    }
}

/// The invitation to a team that the viewer decides about, held until the end of the transaction.
async fn hold(tx: &mut Tx, team: Team, id: InvitationId) -> Result<(JoinInvitation, Inviter), Fault> {
    inviter(tx, team).await?;
    let seen = find_of_team(tx, team, id).await?;
    queries::lock_address(tx, seen.account_id, &seen.email_key).await?;
    queries::lock(tx, id).await?;
    hold_team(tx, team).await?;
    Ok((find_of_team(tx, team, id).await?, inviter(tx, team).await?))
}

async fn find_of_team(tx: &mut Tx, team: Team, id: InvitationId) -> Result<JoinInvitation, Fault> {
    let now = tx.now();
    let invitation = queries::find_to_join(tx, id, now).await?;
    if invitation.join.offer.team() == team { Ok(invitation) } else { Err(Fault::NOT_FOUND) }
}

/// Renews the same invitation: a new link, a new expiry; the older links say so. Whoever sends it stands for it from
/// now on, so one whose first sender may not grant the role any more lives again.
async fn resend(tx: &mut Tx, team: Team, id: InvitationId) -> Result<Sending, Fault> {
    let (invitation, inviter) = hold(tx, team, id).await?;
    if inviter.archived {
        return Err(Problem::PartnerArchived.into());
    }
    renew::may_resend(tx, &invitation).await?;
    let role = invitation.join.offer.role();
    let email = renew::address(&invitation.email)?;
    let expires_at = send::expiry(tx, inviter.account_id, None).await?;
    let token = Token::from_bytes(random_bytes());
    let letter = letters::invitation(&inviter, team, role, expires_at);
    let (mail_id, how) = send::mail_link(tx, &(&inviter).into(), &email, letter, &token).await?;
    renew::renewed(tx, &invitation, mail_id, expires_at, &token).await?;
    queries::set_inviter(tx, id, inviter.user_id).await?;
    Ok(how)
}

/// Takes an invitation back: its links are dead at once. Once more does nothing.
async fn revoke(tx: &mut Tx, team: Team, id: InvitationId) -> Result<(), Fault> {
    let (invitation, _) = hold(tx, team, id).await?;
    renew::revoke_held(tx, &invitation).await
}
