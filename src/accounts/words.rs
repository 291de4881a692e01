//! [both] Display names of roles and plans.

use super::model::{Plan, Role};

impl Role {
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Manager => "Manager",
            Self::Viewer => "Viewer",
        }
    }
}

impl Plan {
    pub fn word(self) -> &'static str {
        match self {
            Self::Base => "LeadConduit Base",
            Self::Pro => "LeadConduit Pro",
            Self::Partners => "LeadConduit for Partners",
        }
    }
}
