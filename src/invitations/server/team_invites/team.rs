//! A team's people and pending invitations as its pages show them, and the actions on each.

use super::{inviter, resend, revoke};
use crate::{
    accounts::{
        model::Permission,
        server::{members, queries as accounts},
    },
    base::{Problem, UserId},
    invitations::{
        model::{OfferedRole, SendOutcome, Team, TeamAction, TeamLists, TeamOutcome, TeamPerson, TeamRole},
        server::queries,
    },
    partners::{
        model::PartnerPermission,
        server::{people, policy, queries as partners},
    },
    server::{Db, Fault, Tx, clock::display_time},
};

/// The content of a team's pages. All members see the members of their account, but only those who manage them see the
/// rest. A partner's team is visible to the account's people and to those who manage it in the portal.
pub async fn load_lists(db: &mut impl Db, team: Team) -> Result<TeamLists, Fault> {
    let (viewer, now) = (db.cx().viewer()?.user_id, db.now());
    match team {
        Team::Account(id) => {
            let actor = db.cx().actor(id, Permission::See)?;
            let can_manage = actor.role.may(Permission::ManageAccount);
            let people = accounts::list_members(db, id).await?;
            let invites = if can_manage { queries::list_team_invites(db, id, team, now).await? } else { Vec::new() };
            let people = people.into_iter().map(|member| TeamPerson {
                user_id: member.user_id,
                name: member.name,
                email: member.email,
                role: member.role.into(),
                last_seen: None,
                is_viewer: member.user_id == viewer,
                keys: if can_manage { member.keys.0 } else { Vec::new() },
            });
            Ok(TeamLists { team, name: actor.account_name, people: people.collect(), connected: Vec::new(), invites })
        }
        Team::Partner(id) => {
            let partner = visible(db, id).await?;
            let users = partners::list_users(db, id).await?;
            let connected = partners::list_connected(db, id).await?;
            let invites = queries::list_team_invites(db, partner.account_id, team, now).await?;
            let people = users.into_iter().map(|user| TeamPerson {
                user_id: user.user_id,
                name: user.name,
                email: user.email,
                role: user.role.into(),
                last_seen: user.last_seen_at.map(|at| display_time(at, now)),
                is_viewer: user.user_id == viewer,
                keys: Vec::new(),
            });
            Ok(TeamLists { team, name: partner.name, people: people.collect(), connected, invites })
        }
    }
}

/// The partner, if the viewer may see its users: anyone in the account, and in the portal those who may manage users.
async fn visible(db: &mut impl Db, id: crate::base::PartnerId) -> Result<partners::Partner, Fault> {
    match policy::find_in_account(db, id, Permission::See).await {
        Ok((partner, _)) => Ok(partner),
        Err(Fault::Expected(crate::base::AppError::NotFound)) => {
            Ok(policy::find_in_portal(db, id, PartnerPermission::ManageUsers).await?.partner)
        }
        Err(fault) => Err(fault),
    }
}

/// Performs the action of a button on these pages.
pub async fn act(tx: &mut Tx, (team, act): (Team, TeamAction)) -> Result<TeamOutcome, Fault> {
    match act {
        TeamAction::Resend(id) => Ok(match resend(tx, team, id).await? {
            SendOutcome::Stopped => TeamOutcome::ResentUnmailed,
            _ => TeamOutcome::Resent,
        }),
        TeamAction::Revoke(id) => revoke(tx, team, id).await.map(|()| TeamOutcome::Revoked),
        TeamAction::SetRole(user_id, shown, role) => {
            set_role(tx, team, user_id, shown, role).await.map(|()| TeamOutcome::RoleChanged)
        }
        TeamAction::Remove(user_id, keys) => {
            match team {
                Team::Account(id) => members::remove(tx, id, user_id, &keys).await?,
                Team::Partner(id) => people::remove(tx, id, user_id).await?,
            }
            Ok(TeamOutcome::Removed)
        }
    }
}

async fn set_role(
    tx: &mut Tx,
    team: Team,
    user_id: UserId,
    shown: OfferedRole,
    role: OfferedRole,
) -> Result<(), Fault> {
    use TeamRole::{Account, Partner};
    match (team, shown.team_role(), role.team_role()) {
        (Team::Account(id), Account(shown), Account(role)) => members::set_role(tx, id, user_id, (shown, role)).await,
        (Team::Partner(id), Partner(shown), Partner(role)) => people::set_role(tx, id, user_id, (shown, role)).await,
        _ => {
            // A missing permission comes before the unknown role.
            inviter(tx, team).await?;
            Err(Fault::field("role", Problem::RoleUnknown))
        }
    }
}
