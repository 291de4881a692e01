//! [both] What the room says after a sending: once for pages with script, where the island shows the sentence, and for
//! those without, where a code leads to it across the redirect.

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

    /// The code of what is said when it was done.
    pub fn said(self, how: Sending) -> &'static str {
        match (self, how) {
            (Self::Resend, Sending::Sent) => "resent",
            (Self::InviteAgain, Sending::Sent) => "invited",
            (_, Sending::Stopped) => "invited-unmailed",
            (_, Sending::AlreadyInvited) => "still-invited",
            (_, Sending::AlreadyConnected) => "still-connected",
        }
    }
}

impl TeamDone {
    /// The code of what is said when it was done.
    pub fn said(self) -> &'static str {
        match self {
            Self::Sent(Sending::Sent) => "joining-invited",
            Self::Sent(Sending::Stopped) => "invited-unmailed",
            Self::Sent(Sending::AlreadyInvited | Sending::AlreadyConnected) => "still-invited",
            Self::Resent => "resent",
            Self::ResentUnmailed => "invited-unmailed",
            Self::Revoked => "revoked",
            Self::RoleChanged => "role-changed",
            Self::Removed => "person-removed",
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

/// The sentence of a code; of others nothing.
pub fn sentence(code: &str) -> Option<&'static str> {
    Some(match code {
        "joining-invited" => "The invitation was sent. It is on the list until it is answered.",
        "role-changed" => "The role was changed.",
        "person-removed" => "Their access has ended.",
        "invited" => "The invitation was sent.",
        "resent" => "The invitation was sent again. Older links say so.",
        "invited-unmailed" => "This address does not accept invitations. Yours is there, but no mail was sent.",
        "revoked" => "The invitation was revoked.",
        "still-invited" => "This address is invited already. No second mail was sent.",
        "still-connected" => "You are connected with this company already. Nothing was sent.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_sentence_and_every_act_its_own_name() {
        for act in [Act::Resend, Act::InviteAgain] {
            assert_eq!(Act::parse(act.key()), Some(act));
            for how in [Sending::Sent, Sending::Stopped, Sending::AlreadyInvited, Sending::AlreadyConnected] {
                assert!(sentence(act.said(how)).is_some(), "{act:?} {how:?}");
            }
        }
    }
}
