//! [both] Kinds of entity, and what their invitations and connections make of them.

use crate::base::text_enum::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What an entity stands for.
    EntityKind {
        /// A well-known integration.
        Standard = "standard",
        /// The account's own form or system.
        Custom = "custom",
        /// Another account, connected or asked to connect.
        Account = "account",
    }
}

impl EntityKind {
    /// Whether leads may come from such an entity: an account sends only while it is connected. The SQL function
    /// `source_may_send` says the same.
    pub fn may_send(self, connected: bool) -> bool {
        connected || self != Self::Account
    }
}

text_enum! {
    /// Where a connection invitation has ended, as stored; expiry is a matter of time.
    Ending {
        Pending = "pending",
        Accepted = "accepted",
        Declined = "declined",
        Revoked = "revoked",
    }
}

text_enum! {
    /// What the company at the other end of a connection is for the account that looks at it.
    Direction {
        /// It sells leads to us.
        Seller = "seller",
        /// It buys leads from us.
        Buyer = "buyer",
    }
}

impl Direction {
    /// What both columns of an entity say of it: as a source, as a recipient.
    pub fn columns(self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Seller => (Some("seller"), None),
            Self::Buyer => (None, Some("buyer")),
        }
    }

    /// The same connection, seen from the other account.
    pub fn mirrored(self) -> Self {
        match self {
            Self::Seller => Self::Buyer,
            Self::Buyer => Self::Seller,
        }
    }
}

/// The state of a source at one moment: the tag beside its name everywhere (pages.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceTag {
    AccountSource,
    ConnectionPending,
    Declined,
    Expired,
    Revoked,
    Disconnected,
    Custom,
    Standard,
}

impl SourceTag {
    /// Derived, never stored, so that it cannot disagree with its facts: the kind, whether the connection lives, how the
    /// latest invitation stands, and whether its time is over.
    pub fn of(kind: EntityKind, connected: bool, invitation: Option<Ending>, expired: bool) -> Self {
        match (kind, connected, invitation) {
            (EntityKind::Standard, ..) => Self::Standard,
            (EntityKind::Custom, ..) => Self::Custom,
            (EntityKind::Account, true, _) => Self::AccountSource,
            (EntityKind::Account, false, Some(Ending::Pending)) if expired => Self::Expired,
            (EntityKind::Account, false, Some(Ending::Pending)) => Self::ConnectionPending,
            (EntityKind::Account, false, Some(Ending::Declined)) => Self::Declined,
            (EntityKind::Account, false, Some(Ending::Revoked)) => Self::Revoked,
            (EntityKind::Account, false, Some(Ending::Accepted) | None) => Self::Disconnected,
        }
    }

    /// Whether leads may come from it, as far as the entity goes.
    pub fn may_send(self) -> bool {
        matches!(self, Self::AccountSource | Self::Custom | Self::Standard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connected_account_and_ones_own_systems_may_send() {
        for ending in
            [None, Some(Ending::Pending), Some(Ending::Accepted), Some(Ending::Declined), Some(Ending::Revoked)]
        {
            for expired in [false, true] {
                assert!(!SourceTag::of(EntityKind::Account, false, ending, expired).may_send());
                assert_eq!(SourceTag::of(EntityKind::Account, true, ending, expired), SourceTag::AccountSource);
            }
        }
        assert!(SourceTag::of(EntityKind::Custom, false, None, false).may_send());
    }

    #[test]
    fn time_turns_a_pending_one_into_an_expired_one() {
        let tag = |expired| SourceTag::of(EntityKind::Account, false, Some(Ending::Pending), expired);
        assert_eq!((tag(false), tag(true)), (SourceTag::ConnectionPending, SourceTag::Expired));
    }
}
