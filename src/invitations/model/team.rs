//! [both] The people of an account or of a partner, and the invitations to join them.

use super::Sending;
use crate::{
    accounts::model::Role,
    base::{AccountId, ApiKeyId, InvitationId, PartnerId, Problem, UserId, When, text_enum::text_enum},
    flows::model::MailProgress,
    partners::model::PartnerRole,
};
use serde::{Deserialize, Serialize};

/// Whom somebody is invited to join: the members of an account, or the users of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Team {
    Account(AccountId),
    Partner(PartnerId),
}

text_enum! {
    /// A role as an invitation offers it.
    OfferedRole {
        PartnerAdmin = "partner_admin",
        PartnerUser = "partner_user",
        Admin = "admin",
        Manager = "manager",
        Viewer = "viewer",
    }
}

/// A role, and whose it is.
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

/// What an invitation to join gives: a role of the team that it names.
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
    /// The roles it knows, the lesser first: what is chosen when nobody chooses.
    pub fn roles(self) -> &'static [OfferedRole] {
        match self {
            Self::Account(_) => &[OfferedRole::Viewer, OfferedRole::Manager, OfferedRole::Admin],
            Self::Partner(_) => &[OfferedRole::PartnerUser, OfferedRole::PartnerAdmin],
        }
    }

    /// A role by its word in forms and calls; those of another kind of team are no roles here.
    pub fn role(self, word: &str) -> Result<OfferedRole, Problem> {
        OfferedRole::parse(word).filter(|role| self.roles().contains(role)).ok_or(Problem::RoleUnknown)
    }
}

/// What a Users, Invites or Members page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamNow {
    pub team: Team,
    /// What the team is called: the partner's or the account's name.
    pub name: String,
    pub people: Vec<TeamPerson>,
    /// Members of the connected account, by name and role only.
    pub connected: Vec<(String, Role)>,
    pub invites: Vec<TeamInvite>,
}

/// Somebody who belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamPerson {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: OfferedRole,
    /// When they last looked at a page of the partner; nothing is known of members.
    pub last_seen: Option<When>,
    pub is_viewer: bool,
    /// The living API keys they made: what to ask about when they are removed.
    pub keys: Vec<(ApiKeyId, String)>,
}

/// An invitation to join that nobody has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamInvite {
    pub id: InvitationId,
    pub email: String,
    pub role: OfferedRole,
    pub sent: When,
    pub expires: When,
    pub expired: bool,
    /// Whoever sent it may not grant the role any more.
    pub void: bool,
    pub mail: MailProgress,
}

/// What is done about somebody on these pages, right where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamAct {
    /// The same invitation, with a new link and a new expiry.
    Resend(InvitationId),
    /// Takes an invitation back.
    Revoke(InvitationId),
    /// From the role that was shown to another.
    SetRole(UserId, OfferedRole, OfferedRole),
    /// Ends somebody's access at once, and revokes these API keys they made.
    Remove(UserId, Vec<ApiKeyId>),
}

/// How that, or inviting, ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamDone {
    Sent(Sending),
    Resent,
    /// The address wants no mails.
    ResentUnmailed,
    Revoked,
    RoleChanged,
    Removed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_knows_its_own_roles_and_no_others() {
        let account = Team::Account("5fd4371e940df5a34a3888b2".parse().unwrap());
        let partner = Team::Partner("5fd4371e940df5a34a3888b2".parse().unwrap());
        assert_eq!(partner.role("partner_admin"), Ok(OfferedRole::PartnerAdmin));
        assert_eq!(account.role("viewer"), Ok(OfferedRole::Viewer));
        for (team, word) in [(partner, "admin"), (account, "partner_admin"), (account, "owner"), (partner, "")] {
            assert_eq!(team.role(word), Err(Problem::RoleUnknown), "{word}");
        }
    }
}
