//! [both] The kinds and statuses of an invitation, and what each status allows.

pub mod team;

pub use team::{Offer, OfferedRole, Team, TeamAction, TeamInvite, TeamLists, TeamOutcome, TeamPerson, TeamRole};

use crate::{
    base::{Problem, text_enum::text_enum},
    entities::model::{Direction, EntityKind, SourceTag},
};
use serde::{Deserialize, Serialize};

text_enum! {
    /// The kinds of invitation.
    Kind {
        /// A buyer invites a seller to connect.
        Source = "source",
        /// A seller invites a buyer to connect.
        Recipient = "recipient",
        /// A person is invited to join a partner.
        PartnerUser = "partner_user",
        /// A person is invited to join an account.
        Member = "member",
    }
}

impl Kind {
    /// True if it invites a person to join, false if it invites a company to connect.
    pub fn is_team_invite(self) -> bool {
        matches!(self, Self::PartnerUser | Self::Member)
    }
}

impl From<Direction> for Kind {
    /// `direction` is what the invited company becomes for the inviting account.
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Seller => Self::Source,
            Direction::Buyer => Self::Recipient,
        }
    }
}

impl From<Offer> for Kind {
    fn from(offer: Offer) -> Self {
        match offer {
            Offer::Member { .. } => Self::Member,
            Offer::PartnerUser { .. } => Self::PartnerUser,
        }
    }
}

text_enum! {
    /// The state as the row stores it. Expired and replaced are not stored; `Facts` derives them.
    StoredState {
        Pending = "pending",
        Accepted = "accepted",
        Declined = "declined",
        Revoked = "revoked",
    }
}

/// What an invitation's status is derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    pub state: StoredState,
    pub expired: bool,
    /// A newer invitation to the same address was sent.
    pub superseded: bool,
}

/// The status of an invitation at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationStatus {
    /// It can be accepted and declined.
    Open,
    Accepted,
    Declined,
    Revoked,
    Expired,
    /// A newer invitation was sent.
    Replaced,
}

impl Facts {
    /// Expiry and newer invitations only matter until someone answers. The SQL function `invitation_standing` applies
    /// the same rule.
    pub fn status(self) -> InvitationStatus {
        match self.state {
            StoredState::Accepted => InvitationStatus::Accepted,
            StoredState::Declined => InvitationStatus::Declined,
            StoredState::Revoked => InvitationStatus::Revoked,
            StoredState::Pending if self.superseded => InvitationStatus::Replaced,
            StoredState::Pending if self.expired => InvitationStatus::Expired,
            StoredState::Pending => InvitationStatus::Open,
        }
    }
}

/// The tag next to a source's name. It depends on the entity's kind, its connection and its latest invitation, and is
/// derived on each read so that it can't disagree with them.
pub fn source_tag(kind: EntityKind, connected: bool, latest: Option<StoredState>, expired: bool) -> SourceTag {
    let status = latest.map(|state| Facts { state, expired, superseded: false }.status());
    match (kind, connected, status) {
        (EntityKind::Standard, ..) => SourceTag::Standard,
        (EntityKind::Custom, ..) => SourceTag::Custom,
        (EntityKind::Account, true, _) => SourceTag::AccountSource,
        (EntityKind::Account, false, Some(InvitationStatus::Open)) => SourceTag::ConnectionPending,
        // Only an expired invitation is ever replaced by a newer one.
        (EntityKind::Account, false, Some(InvitationStatus::Expired | InvitationStatus::Replaced)) => {
            SourceTag::Expired
        }
        (EntityKind::Account, false, Some(InvitationStatus::Declined)) => SourceTag::Declined,
        (EntityKind::Account, false, Some(InvitationStatus::Revoked)) => SourceTag::Revoked,
        (EntityKind::Account, false, Some(InvitationStatus::Accepted) | None) => SourceTag::Disconnected,
    }
}

impl InvitationStatus {
    /// Ok if it can still be answered, otherwise why not.
    pub fn check_answerable(self) -> Result<(), Problem> {
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

/// What an inviter can do to a sent invitation with one click. All other actions are confirmed on their own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InviteAction {
    /// The same invitation, with a new link and a new expiry.
    Resend,
    /// A new invitation to the same address, after an answer, a revocation or expiry.
    InviteAgain,
}

impl InviteAction {
    /// Parses the `form` value of a posted button.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Resend, Self::InviteAgain].into_iter().find(|act| act.key() == text)
    }
}

text_enum! {
    /// Why an invitation needs its inviter's attention.
    NoticeKind {
        Accepted = "accepted",
        Declined = "declined",
        Expired = "expired",
        /// Its email can't be delivered.
        Undeliverable = "undeliverable",
        /// The invitee asked for a new one.
        Requested = "requested",
        /// Someone tried to accept, but the account may no longer invite.
        Void = "void",
    }
}

/// Maximum resends of an invitation per day.
pub const RESENDS_A_DAY: i64 = 5;

/// Maximum open invitations of an account, of all kinds.
pub const MAX_OPEN: i64 = 200;

/// The successful outcomes of sending an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SendOutcome {
    /// Created, and its email is queued.
    Sent,
    /// Created but not emailed, because the address has stopped invitations.
    Stopped,
    /// The address already has a pending invitation. It is used, and no email is sent.
    AlreadyInvited,
    /// The companies are already connected. The existing entity is used.
    AlreadyConnected,
}

impl InvitationStatus {
    /// The value in URLs and lists.
    pub fn key(self) -> &'static str {
        match self {
            Self::Open => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Replaced => "replaced",
        }
    }

    /// It can be resent until someone answers it.
    pub fn check_resendable(self) -> Result<(), Problem> {
        if matches!(self, Self::Open | Self::Expired) { Ok(()) } else { Err(Problem::NotPending) }
    }

    /// The address can be invited again once the invitation has ended.
    pub fn check_invitable_again(self) -> Result<(), Problem> {
        match self {
            Self::Declined | Self::Expired | Self::Revoked => Ok(()),
            Self::Open => Err(Problem::NotEnded),
            Self::Accepted | Self::Replaced => Err(Problem::NotPending),
        }
    }

    /// The invitation can go to another address until someone accepts.
    pub fn check_readdressable(self) -> Result<(), Problem> {
        match self {
            Self::Open | Self::Declined | Self::Expired | Self::Revoked => Ok(()),
            Self::Accepted | Self::Replaced => Err(Problem::NotPending),
        }
    }
}

/// What the form and preview of an invitation show. It is sent to the browser, so it holds only what the viewer may
/// see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteFacts {
    pub inviter: String,
    pub subject: String,
    /// The lines of the email before and after the note, each with its class on the page.
    pub before_note: Vec<(String, String)>,
    pub after_note: Vec<(String, String)>,
    /// True if the account's plan allows inviting. Otherwise the form says which plan is needed.
    pub plan_allows: bool,
}

/// Maximum length of a personal note, in characters.
pub const NOTE_LENGTH: usize = 500;

/// Trims a personal note and checks its length.
pub fn note(text: &str) -> Result<String, Problem> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > NOTE_LENGTH { Err(Problem::NoteTooLong) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_outlasts_expiry_and_replacement() {
        for (state, status) in [
            (StoredState::Accepted, InvitationStatus::Accepted),
            (StoredState::Declined, InvitationStatus::Declined),
            (StoredState::Revoked, InvitationStatus::Revoked),
        ] {
            assert_eq!(Facts { state, expired: true, superseded: true }.status(), status);
        }
    }

    #[test]
    fn only_an_open_invitation_can_be_answered() {
        let pending = |expired, superseded| {
            Facts { state: StoredState::Pending, expired, superseded }.status().check_answerable()
        };
        assert_eq!(pending(false, false), Ok(()));
        assert_eq!(pending(true, false), Err(Problem::InvitationExpired));
        assert_eq!(pending(false, true), Err(Problem::InvitationReplaced));
    }

    #[test]
    fn only_connected_accounts_and_own_systems_may_send() {
        for state in StoredState::ALL.iter().copied().map(Some).chain([None]) {
            for expired in [false, true] {
                assert!(!source_tag(EntityKind::Account, false, state, expired).may_send());
                assert_eq!(source_tag(EntityKind::Account, true, state, expired), SourceTag::AccountSource);
            }
        }
        assert!(source_tag(EntityKind::Custom, false, None, false).may_send());
    }

    #[test]
    fn a_pending_source_becomes_expired_over_time() {
        let tag = |expired| source_tag(EntityKind::Account, false, Some(StoredState::Pending), expired);
        assert_eq!((tag(false), tag(true)), (SourceTag::ConnectionPending, SourceTag::Expired));
    }

    #[test]
    fn each_standing_allows_its_own_actions() {
        for (status, resend, again, readdress) in [
            (InvitationStatus::Open, true, false, true),
            (InvitationStatus::Expired, true, true, true),
            (InvitationStatus::Declined, false, true, true),
            (InvitationStatus::Revoked, false, true, true),
            (InvitationStatus::Accepted, false, false, false),
            (InvitationStatus::Replaced, false, false, false),
        ] {
            assert_eq!(status.check_resendable().is_ok(), resend, "{status:?}");
            assert_eq!(status.check_invitable_again().is_ok(), again, "{status:?}");
            assert_eq!(status.check_readdressable().is_ok(), readdress, "{status:?}");
        }
    }

    #[test]
    fn a_note_is_limited_to_500_characters_whatever_their_bytes() {
        assert_eq!(note(&"é".repeat(500)).unwrap().chars().count(), 500);
        assert_eq!(note(&"x".repeat(501)), Err(Problem::NoteTooLong));
        assert_eq!(note(" a\r\nb ").unwrap(), "a\nb");
    }
}
