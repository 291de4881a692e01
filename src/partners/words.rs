//! [both] Display names of roles and statuses.

use super::model::{PartnerRole, PartnerStatus};
use crate::ui::{Icon, Tone};

impl PartnerRole {
    pub fn word(self) -> &'static str {
        match self {
            Self::PartnerAdmin => "Partner Admin",
            Self::PartnerUser => "Partner User",
        }
    }
}

impl PartnerStatus {
    pub fn word(self) -> &'static str {
        match self {
            Self::Invited => "Invited",
            Self::Connected => "Connected",
            Self::Disconnected => "Disconnected",
            Self::NotConnected => "Not connected",
        }
    }

    pub fn tone(self) -> Tone {
        match self {
            Self::Invited => Tone::Warning,
            Self::Connected => Tone::Positive,
            Self::Disconnected => Tone::Danger,
            Self::NotConnected => Tone::Neutral,
        }
    }

    pub fn icon(self) -> Icon {
        match self {
            Self::Invited => Icon::Clock,
            Self::Connected => Icon::Link,
            Self::Disconnected => Icon::Cross,
            Self::NotConnected => Icon::Partners,
        }
    }
}
