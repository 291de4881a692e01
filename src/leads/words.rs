//! [ssr] The room's closed sets in English.

use super::model::Outcome;

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Rejected => "Rejected",
            Self::Error => "Error",
        }
    }
}
