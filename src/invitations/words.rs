//! [both] What the room says after a sending or an act: the island shows the sentence, and a page without script the
//! message after the redirect (`routes.rs`).

use super::model::{Act, Sending, Team, TeamDone};

impl Act {
    /// As its form names it.
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

    /// What is said when it was done.
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

impl TeamDone {
    /// What is said when it was done.
    pub fn said(self) -> Said {
        match self {
            Self::Sent(Sending::Sent) => Said::JoiningInvited,
            Self::Sent(Sending::Stopped) | Self::ResentUnmailed => Said::InvitedUnmailed,
            Self::Sent(Sending::AlreadyInvited | Sending::AlreadyConnected) => Said::StillInvited,
            Self::Resent => Said::Resent,
            Self::Revoked => Said::Revoked,
            Self::RoleChanged => Said::RoleChanged,
            Self::Removed => Said::PersonRemoved,
        }
    }
}

/// How the pages of a team call what they show.
#[derive(Debug, Clone, Copy)]
pub struct TeamWords {
    pub people: &'static str,
    pub invite: &'static str,
    /// What the roles may do.
    pub roles: &'static str,
}

pub fn team_words(team: Team) -> TeamWords {
    match team {
        Team::Account(_) => TeamWords {
            people: "Members",
            invite: "Invite member",
            roles: "A Viewer sees everything of the account. A Manager changes flows, sources and partners, and invites them. An Admin also manages members and settings, and accepts invitations.",
        },
        Team::Partner(_) => TeamWords {
            people: "Users",
            invite: "Invite User",
            roles: "A Partner User sees performance, leads and Submission Docs, and sends test leads. A Partner Admin also manages credentials, the profile and the users.",
        },
    }
}

/// What is said after a sending or an act on a team: by the island, or after the redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    JoiningInvited,
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
            Self::JoiningInvited => "The invitation was sent. It is on the list until it is answered.",
            Self::RoleChanged => "The role was changed.",
            Self::PersonRemoved => "Their access has ended.",
            Self::Invited => "The invitation was sent.",
            Self::Resent => "The invitation was sent again. Older links say so.",
            Self::InvitedUnmailed => "This address does not accept invitations. Yours is there, but no mail was sent.",
            Self::Revoked => "The invitation was revoked.",
            Self::StillInvited => "This address is invited already. No second mail was sent.",
            Self::StillConnected => "You are connected with this company already. Nothing was sent.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_its_own_name() {
        for act in [Act::Resend, Act::InviteAgain] {
            assert_eq!(Act::parse(act.key()), Some(act));
        }
    }
}
