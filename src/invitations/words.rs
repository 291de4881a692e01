//! [both] The status messages after an action on an invitation or a team. Islands show them in place; without script
//! they appear after the redirect (`routes.rs`).

use super::model::{Act, Sending, Team, TeamOutcome};

impl Act {
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

    pub fn said(self, how: Sending) -> Said {
        match (self, how) {
            (Self::Resend, Sending::Sent) => Said::Resent,
            (Self::InviteAgain, Sending::Sent) => Said::Invited,
            (_, Sending::Stopped) => Said::InvitedUnmailed,
            (_, Sending::AlreadyInvited) => Said::StillInvited,
            (_, Sending::AlreadyConnected) => Said::StillConnected,
        }
    }
}

impl TeamOutcome {
    pub fn said(self) -> Said {
        match self {
            Self::Sent(Sending::Sent) => Said::TeamInvited,
            Self::Sent(Sending::Stopped) | Self::ResentUnmailed => Said::InvitedUnmailed,
            Self::Sent(Sending::AlreadyInvited | Sending::AlreadyConnected) => Said::StillInvited,
            Self::Resent => Said::Resent,
            Self::Revoked => Said::Revoked,
            Self::RoleChanged => Said::RoleChanged,
            Self::Removed => Said::PersonRemoved,
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
            roles: "Viewers can see everything in the account. Managers can also change flows, sources and partners, and send invitations. Admins can also manage members and settings, and accept invitations.",
        },
        Team::Partner(_) => TeamWords {
            people: "Users",
            invite: "Invite User",
            roles: "Partner Users can see performance, leads and Submission Docs, and send test leads. Partner Admins can also manage credentials, the profile and users.",
        },
    }
}

/// A status message that both islands and redirects use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
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

impl Said {
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
        for act in [Act::Resend, Act::InviteAgain] {
            assert_eq!(Act::parse(act.key()), Some(act));
        }
    }
}
