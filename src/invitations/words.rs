//! [both] The status messages after an action on an invitation or a team. Islands show them in place; without script
//! they appear after the redirect (`routes.rs`).

use super::model::{InviteAction, SendOutcome, Team, TeamOutcome};

impl InviteAction {
    /// The `form` value of its button.
    pub fn key(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::InviteAgain => "invite-again",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Resend => "Resend",
            Self::InviteAgain => "Invite again",
        }
    }

    pub fn message(self, outcome: SendOutcome) -> InviteMessage {
        match (self, outcome) {
            (Self::Resend, SendOutcome::Sent) => InviteMessage::Resent,
            (Self::InviteAgain, SendOutcome::Sent) => InviteMessage::Invited,
            (_, SendOutcome::Stopped) => InviteMessage::InvitedUnmailed,
            (_, SendOutcome::AlreadyInvited) => InviteMessage::StillInvited,
            (_, SendOutcome::AlreadyConnected) => InviteMessage::StillConnected,
        }
    }
}

impl TeamOutcome {
    pub fn message(self) -> InviteMessage {
        match self {
            Self::Sent(SendOutcome::Sent) => InviteMessage::TeamInvited,
            Self::Sent(SendOutcome::Stopped) | Self::ResentUnmailed => InviteMessage::InvitedUnmailed,
            Self::Sent(SendOutcome::AlreadyInvited | SendOutcome::AlreadyConnected) => InviteMessage::StillInvited,
            Self::Resent => InviteMessage::Resent,
            Self::Revoked => InviteMessage::Revoked,
            Self::RoleChanged => InviteMessage::RoleChanged,
            Self::Removed => InviteMessage::PersonRemoved,
        }
    }
}

/// The texts that differ between the pages of an account's team and a partner's.
#[derive(Debug, Clone, Copy)]
pub struct TeamWords {
    pub people: &'static str,
    pub invite: &'static str,
    /// What each role allows.
    pub roles: &'static str,
}

pub fn team_words(team: Team) -> TeamWords {
    match team {
        Team::Account(_) => TeamWords {
            people: "Members",
            invite: "Invite member",
            roles: "Viewers see everything in the account; Managers also change flows, sources and partners, and send invitations; Admins also manage members and settings, and accept invitations.",
        },
        Team::Partner(_) => TeamWords {
            people: "Users",
            invite: "Invite User",
            roles: "Partner Users see performance, leads and Submission Docs, and send test leads; Partner Admins also manage credentials, the profile and users.",
        },
    }
}

/// A status message that both islands and redirects use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteMessage {
    TeamInvited,
    RoleChanged,
    PersonRemoved,
    Invited,
    Resent,
    InvitedUnmailed,
    Revoked,
    StillInvited,
    StillConnected,
}

impl InviteMessage {
    pub fn sentence(self) -> &'static str {
        match self {
            Self::TeamInvited | Self::Invited => "Invitation sent.",
            Self::RoleChanged => "Role changed.",
            Self::PersonRemoved => "Removed. They no longer have access.",
            Self::Resent => "Invitation resent. Earlier links no longer work.",
            Self::InvitedUnmailed => "This address does not accept invitations. We saved yours but didn't email it.",
            Self::Revoked => "Invitation revoked.",
            Self::StillInvited => "This address is already invited. We didn't send another email.",
            Self::StillConnected => "You're already connected with this company. We didn't send anything.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_a_unique_name() {
        for act in [InviteAction::Resend, InviteAction::InviteAgain] {
            assert_eq!(InviteAction::parse(act.key()), Some(act));
        }
    }
}
