//! [both] Kinds of entity, directions of a connection, and the tags of sources.

use crate::base::text_enum::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What an entity represents.
    EntityKind {
        /// A well-known integration.
        Standard = "standard",
        /// The account's own form or system.
        Custom = "custom",
        /// Another account, connected or invited.
        Account = "account",
    }
}

impl EntityKind {
    /// True if such an entity may send leads. An account may only while connected. The SQL function `source_may_send`
    /// has the same rule.
    pub fn may_send(self, connected: bool) -> bool {
        connected || self != Self::Account
    }
}

text_enum! {
    /// The role of the other company in a connection, seen from the viewing account.
    Direction {
        /// It sells leads to us.
        Seller = "seller",
        /// It buys leads from us.
        Buyer = "buyer",
    }
}

impl Direction {
    /// The values of an entity's columns `source` and `recipient`.
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

/// The current state of a source, shown as a tag next to its name (pages.md). `invitations::model::source_tag` derives
/// it.
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
    /// True if the entity may send leads. The source and its flow must also be on.
    pub fn may_send(self) -> bool {
        matches!(self, Self::AccountSource | Self::Custom | Self::Standard)
    }
}
