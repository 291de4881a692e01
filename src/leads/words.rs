//! [ssr] Labels of the room's enums.

use super::model::{FixedColumn, Outcome, Period};

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Rejected => "Rejected",
            Self::Error => "Error",
        }
    }
}

impl Period {
    pub fn word(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Yesterday => "Yesterday",
            Self::Week => "Last 7 days",
            Self::Month => "Last 30 days",
            Self::Quarter => "Last 90 days",
        }
    }
}

impl FixedColumn {
    pub fn word(self) -> &'static str {
        match self {
            Self::Lead => "Lead id",
            Self::Received => "Received",
            Self::Flow => "Flow",
            Self::Source => "Source",
            Self::Outcome => "Outcome",
            Self::Reason => "Reason",
            Self::Test => "Test lead",
            Self::Erased => "Erased",
        }
    }
}
