//! [both] The people of an account or of a partner, and the invitations to join them.

use super::SendOutcome;
use crate::{
    accounts::model::Role,
    base::{AccountId, ApiKeyId, DisplayTime, InvitationId, PartnerId, Problem, UserId, text_enum::text_enum},
    flows::model::MailProgress,
    partners::model::PartnerRole,
};
use serde::{Deserialize, Serialize};

/// What a person can join: the members of an account, or the users of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Team {
    Account(AccountId),
    Partner(PartnerId),
}

text_enum! {
    /// A role that an invitation offers.
    OfferedRole {
        PartnerAdmin = "partner_admin",
        PartnerUser = "partner_user",
        Admin = "admin",
        Manager = "manager",
        Viewer = "viewer",
    }
}

/// A role of either kind of team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamRole {
    Account(Role),
    Partner(PartnerRole),
}

impl OfferedRole {
    pub fn team_role(self) -> TeamRole {
        match self {
            Self::PartnerAdmin => TeamRole::Partner(PartnerRole::PartnerAdmin),
            Self::PartnerUser => TeamRole::Partner(PartnerRole::PartnerUser),
            Self::Admin => TeamRole::Account(Role::Admin),
            Self::Manager => TeamRole::Account(Role::Manager),
            Self::Viewer => TeamRole::Account(Role::Viewer),
        }
    }

    pub fn word(self) -> &'static str {
        match self.team_role() {
            TeamRole::Account(role) => role.word(),
            TeamRole::Partner(role) => role.word(),
        }
    }
}

/// What an invitation to join offers: a role in a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    Member { account_id: AccountId, role: Role },
    PartnerUser { partner_id: PartnerId, role: PartnerRole },
}

impl Offer {
    pub fn team(self) -> Team {
        match self {
            Self::Member { account_id, .. } => Team::Account(account_id),
            Self::PartnerUser { partner_id, .. } => Team::Partner(partner_id),
        }
    }

    pub fn role(self) -> OfferedRole {
        match self {
            Self::Member { role, .. } => role.into(),
            Self::PartnerUser { role, .. } => role.into(),
        }
    }
}

impl From<Role> for OfferedRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::Manager => Self::Manager,
            Role::Viewer => Self::Viewer,
        }
    }
}

impl From<PartnerRole> for OfferedRole {
    fn from(role: PartnerRole) -> Self {
        match role {
            PartnerRole::PartnerAdmin => Self::PartnerAdmin,
            PartnerRole::PartnerUser => Self::PartnerUser,
        }
    }
}

impl Team {
    /// The team's roles. The one with the fewest permissions comes first, because it is the default.
    pub fn roles(self) -> &'static [OfferedRole] {
        match self {
            Self::Account(_) => &[OfferedRole::Viewer, OfferedRole::Manager, OfferedRole::Admin],
            Self::Partner(_) => &[OfferedRole::PartnerUser, OfferedRole::PartnerAdmin],
        }
    }

    /// Parses a role of this team from its value in forms and API calls.
    pub fn role(self, word: &str) -> Result<OfferedRole, Problem> {
        OfferedRole::parse(word).filter(|role| self.roles().contains(role)).ok_or(Problem::RoleUnknown)
    }
}

/// The content of a Users, Invites or Members page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamLists {
    pub team: Team,
    /// The partner's or the account's name.
    pub name: String,
    pub people: Vec<TeamPerson>,
    /// The members of the connected account, with name and role only.
    pub connected: Vec<(String, Role)>,
    pub invites: Vec<TeamInvite>,
}

/// A person in the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamPerson {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: OfferedRole,
    /// When they last opened a page of the partner. Not recorded for members.
    pub last_seen: Option<DisplayTime>,
    pub is_viewer: bool,
    /// The active API keys they created, which can be revoked when they are removed.
    pub keys: Vec<(ApiKeyId, String)>,
}

/// An unanswered invitation to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamInvite {
    pub id: InvitationId,
    pub email: String,
    pub role: OfferedRole,
    pub sent: DisplayTime,
    pub expires: DisplayTime,
    pub expired: bool,
    /// The inviter can no longer grant the role.
    pub void: bool,
    pub mail: MailProgress,
}

/// An action on a person or invitation, from a button in their row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamAction {
    /// The same invitation, with a new link and a new expiry.
    Resend(InvitationId),
    Revoke(InvitationId),
    /// The role that was shown, and the new one.
    SetRole(UserId, OfferedRole, OfferedRole),
    /// Removes a person and revokes these API keys that they created.
    Remove(UserId, Vec<ApiKeyId>),
}

/// The successful outcomes of such an action, or of inviting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamOutcome {
    Sent(SendOutcome),
    Resent,
    /// Resent but not emailed, because the address has stopped invitations.
    ResentUnmailed,
    Revoked,
    RoleChanged,
    Removed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_accepts_only_its_own_roles() {
        let account = Team::Account("5fd4371e940df5a34a3888b2".parse().unwrap());
        let partner = Team::Partner("5fd4371e940df5a34a3888b2".parse().unwrap());
        assert_eq!(partner.role("partner_admin"), Ok(OfferedRole::PartnerAdmin));
        assert_eq!(account.role("viewer"), Ok(OfferedRole::Viewer));
        for (team, word) in [(partner, "admin"), (account, "partner_admin"), (account, "owner"), (partner, "")] {
            assert_eq!(team.role(word), Err(Problem::RoleUnknown), "{word}");
        }
    }
}
