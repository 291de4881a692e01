//! [ssr] Labels of the room's enums.

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
