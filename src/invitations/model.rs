//! [both] The states of an invitation and what each of them allows.

use crate::{base::Problem, entities::model::Ending};
use serde::{Deserialize, Serialize};

/// What a row says about its state; the facts of an ending stand with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    pub state: Ending,
    /// Its time is over.
    pub expired: bool,
    /// A newer invitation of the same address followed it.
    pub superseded: bool,
}

/// How an invitation stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Can be accepted and declined.
    Open,
    Accepted,
    Declined,
    Revoked,
    Expired,
    /// A newer invitation was sent.
    Replaced,
}

impl Facts {
    /// Time and succession only matter while nobody has answered.
    pub fn standing(self) -> Standing {
        match self.state {
            Ending::Accepted => Standing::Accepted,
            Ending::Declined => Standing::Declined,
            Ending::Revoked => Standing::Revoked,
            Ending::Pending if self.superseded => Standing::Replaced,
            Ending::Pending if self.expired => Standing::Expired,
            Ending::Pending => Standing::Open,
        }
    }
}

impl Standing {
    /// Whether it can still be answered; else why not.
    pub fn answerable(self) -> Result<(), Problem> {
        match self {
            Self::Open => Ok(()),
            Self::Accepted => Err(Problem::InvitationAccepted),
            Self::Declined => Err(Problem::InvitationDeclined),
            Self::Revoked => Err(Problem::InvitationRevoked),
            Self::Expired => Err(Problem::InvitationExpired),
            Self::Replaced => Err(Problem::InvitationReplaced),
        }
    }
}

/// How sending an invitation ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sending {
    /// Made, and its mail is on the way.
    Sent,
    /// One is pending for this address: the same entity and invitation, no second mail.
    AlreadyInvited,
    /// The companies are connected: the existing entity.
    AlreadyConnected,
}

/// Characters of a personal note.
pub const NOTE_LENGTH: usize = 500;

/// A personal note, if it is not too long.
pub fn note(text: &str) -> Result<String, Problem> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > NOTE_LENGTH { Err(Problem::NoteTooLong) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_outlives_time_and_succession() {
        for (state, standing) in [
            (Ending::Accepted, Standing::Accepted),
            (Ending::Declined, Standing::Declined),
            (Ending::Revoked, Standing::Revoked),
        ] {
            assert_eq!(Facts { state, expired: true, superseded: true }.standing(), standing);
        }
    }

    #[test]
    fn only_an_open_one_can_be_answered() {
        let pending =
            |expired, superseded| Facts { state: Ending::Pending, expired, superseded }.standing().answerable();
        assert_eq!(pending(false, false), Ok(()));
        assert_eq!(pending(true, false), Err(Problem::InvitationExpired));
        assert_eq!(pending(false, true), Err(Problem::InvitationReplaced));
    }

    #[test]
    fn a_note_has_500_characters_however_many_bytes_they_take() {
        assert_eq!(note(&"é".repeat(500)).unwrap().chars().count(), 500);
        assert_eq!(note(&"x".repeat(501)), Err(Problem::NoteTooLong));
        assert_eq!(note(" a\r\nb ").unwrap(), "a\nb");
    }
}
