//! [both] The text of tags, exactly as in pages.md, with tone and icon.

use super::model::{Direction, SourceTag};
use crate::ui::{Icon, Tone};

impl SourceTag {
    pub fn word(self) -> &'static str {
        match self {
            Self::AccountSource => "Account Source",
            Self::ConnectionPending => "Account Source (Connection Pending)",
            Self::Declined => "Account Source (Declined)",
            Self::Expired => "Account Source (Expired)",
            Self::Revoked => "Account Source (Revoked)",
            Self::Disconnected => "Account Source (Disconnected)",
            Self::Custom => "Custom Source",
            Self::Standard => "Standard Source",
        }
    }

    /// The tag's text for a recipient, on pages that list only recipients.
    pub fn of_recipient(self) -> &'static str {
        match self {
            Self::AccountSource => "Connected",
            Self::ConnectionPending => "Connection Pending",
            Self::Declined => "Declined",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
            Self::Disconnected => "Disconnected",
            Self::Custom | Self::Standard => "",
        }
    }

    pub fn tone(self) -> Tone {
        match self {
            Self::AccountSource => Tone::Positive,
            Self::ConnectionPending => Tone::Warning,
            Self::Declined | Self::Revoked | Self::Disconnected => Tone::Danger,
            Self::Expired => Tone::Warning,
            Self::Custom | Self::Standard => Tone::Neutral,
        }
    }

    pub fn icon(self) -> Icon {
        match self {
            Self::AccountSource => Icon::Link,
            Self::ConnectionPending | Self::Expired => Icon::Clock,
            Self::Declined | Self::Revoked | Self::Disconnected => Icon::Cross,
            Self::Custom | Self::Standard => Icon::Flow,
        }
    }
}

impl Direction {
    /// Follows the company's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Seller => "sells to you",
            Self::Buyer => "buys from you",
        }
    }
}
