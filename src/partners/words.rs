//! [both] The room's closed sets in English.

use super::model::PartnerRole;

impl PartnerRole {
    pub fn word(self) -> &'static str {
        match self {
            Self::PartnerAdmin => "Partner Admin",
            Self::PartnerUser => "Partner User",
        }
    }
}
