//! [both] What pages and islands know of flows and their sources.

use crate::{
    base::{AccountId, EntityId, FlowId, InvitationId, Problem, SourceId, When},
    entities::model::{EntityKind, SourceTag},
};
use serde::{Deserialize, Serialize};

/// A flow as the head of its pages.
#[derive(Debug, Clone)]
pub struct FlowHead {
    pub id: FlowId,
    pub account_id: AccountId,
    pub account_name: String,
    pub name: String,
    pub enabled: bool,
    pub version: i32,
}

/// A field that a rule or mapping can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOption {
    pub name: String,
    pub label: String,
}

/// One source of a flow, as its row shows it. Everything in it may be seen by every member of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    pub id: SourceId,
    pub flow_id: FlowId,
    pub name: String,
    pub tag: SourceTag,
    pub enabled: bool,
    pub turn_on_when_accepted: bool,
    pub mappings: u32,
    pub rules: u32,
    /// Stored leads, without test leads.
    pub leads: u32,
    /// Submissions turned away before they became leads.
    pub refused: u32,
    pub awaiting: Option<Awaiting>,
}

impl SourceRow {
    /// Whether leads come through: wanted, and possible.
    pub fn is_on(&self) -> bool {
        self.enabled && self.tag.may_send()
    }
}

/// What a pending source waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaiting {
    pub invitation_id: InvitationId,
    pub sent: When,
    pub expires: When,
    pub mail: MailProgress,
}

/// Where the mail of an invitation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailProgress {
    Queued,
    /// It failed before and will be tried again.
    Retrying {
        reason: String,
        next: When,
    },
    Sent(When),
    Failed {
        reason: String,
    },
}

/// What the Sources tab shows: its rows, and what can be added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourcesNow {
    pub rows: Vec<SourceRow>,
    pub offers: Vec<Offer>,
}

/// An entity that the Add Source select offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub entity_id: EntityId,
    pub name: String,
    pub tag: SourceTag,
    /// In how many flows of the account it is used.
    pub used_in: u32,
    /// Already in this flow: shown, not to be chosen.
    pub in_this_flow: bool,
}

impl Offer {
    /// Connected accounts, then pending ones, then custom, then standard sources (product.md section 2, step 1).
    pub fn rank(&self) -> u8 {
        match self.tag {
            SourceTag::AccountSource => 0,
            SourceTag::Custom => 2,
            SourceTag::Standard => 3,
            _ => 1,
        }
    }

    pub fn hint(&self) -> String {
        let flows = if self.used_in == 1 { "flow" } else { "flows" };
        if self.in_this_flow { "already in this flow".to_owned() } else { format!("used in {} {flows}", self.used_in) }
    }
}

/// Whether a source may be switched to `on` right now.
pub fn may_switch(kind: EntityKind, connected: bool, on: bool) -> Result<(), Problem> {
    if on && kind == EntityKind::Account && !connected { Err(Problem::SourcePending) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_is_not_connected_can_be_switched_off_but_not_on() {
        assert_eq!(may_switch(EntityKind::Account, false, true), Err(Problem::SourcePending));
        assert_eq!(may_switch(EntityKind::Account, false, false), Ok(()));
        assert_eq!(may_switch(EntityKind::Account, true, true), Ok(()));
        assert_eq!(may_switch(EntityKind::Custom, false, true), Ok(()));
    }
}
