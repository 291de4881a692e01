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

/// The fields that nearly every flow has: those of a new one, unless somebody chooses others.
pub const USUAL_FIELDS: [&str; 6] = ["first_name", "last_name", "email", "phone_1", "state", "postal_code"];

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
    /// The source that stands for the same entity: this one is kept as its duplicate, off.
    pub duplicate_of: Option<SourceId>,
    /// The invitation that it waits for, or that ended without a connection.
    pub awaiting: Option<Awaiting>,
}

impl SourceRow {
    /// Whether leads come through: wanted, and possible.
    pub fn is_on(&self) -> bool {
        self.enabled && self.tag.may_send()
    }

    /// It was on when its connection ended, and is on again once it is connected again.
    pub fn is_off_by_disconnect(&self) -> bool {
        self.enabled && self.tag == SourceTag::Disconnected
    }

    /// Whether it can be switched on.
    pub fn may_be_on(&self) -> bool {
        self.tag.may_send() && self.duplicate_of.is_none()
    }
}

/// The latest invitation of a source that is not connected; how it stands is the tag of its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaiting {
    pub invitation_id: InvitationId,
    pub sent: When,
    pub expires: When,
    pub mail: MailProgress,
    /// When it was declined or revoked.
    pub ended: Option<When>,
    /// Why it was declined; empty where nobody said.
    pub reason: String,
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

/// Whether a source can be on, as far as its entity goes; else why not. One that was never connected waits for its
/// invitation, however that stands; one that was connected needs a new connection.
pub fn may_be_on(kind: EntityKind, connected: bool, was_connected: bool) -> Result<(), Problem> {
    match (kind, connected, was_connected) {
        (EntityKind::Standard | EntityKind::Custom, ..) | (EntityKind::Account, true, _) => Ok(()),
        (EntityKind::Account, false, true) => Err(Problem::SourceNotConnected),
        (EntityKind::Account, false, false) => Err(Problem::SourcePending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_is_not_connected_cannot_be_on_and_is_told_apart_from_one_that_never_was() {
        assert_eq!(may_be_on(EntityKind::Account, false, false), Err(Problem::SourcePending));
        assert_eq!(may_be_on(EntityKind::Account, false, true), Err(Problem::SourceNotConnected));
        assert_eq!(may_be_on(EntityKind::Account, true, true), Ok(()));
        assert_eq!(may_be_on(EntityKind::Custom, false, false), Ok(()));
    }
}
