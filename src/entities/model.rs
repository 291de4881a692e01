//! [both] Kinds of entity, directions of a connection, and the tag that a source bears.

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

/// The state of a source at one moment: the tag beside its name everywhere (pages.md). `invitations::model::source_tag`
/// derives it.
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
    /// Whether leads may come from it, as far as the entity goes.
    pub fn may_send(self) -> bool {
        matches!(self, Self::AccountSource | Self::Custom | Self::Standard)
    }
}
