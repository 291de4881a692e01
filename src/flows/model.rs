//! [both] Flows and their sources, as pages and islands show them.

use crate::{
    base::{DisplayTime, EntityId, FlowId, InvitationId, Problem, SourceId},
    entities::model::{EntityKind, SourceTag},
};
use serde::{Deserialize, Serialize};

/// The default fields of a new flow.
pub const USUAL_FIELDS: [&str; 6] = ["first_name", "last_name", "email", "phone_1", "state", "postal_code"];

/// A field that rules and mappings can use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOption {
    pub name: String,
    pub label: String,
}

/// One source of a flow, as its row shows it. Every member of the account may see all of it.
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
    /// Submissions refused before they became leads.
    pub refused: u32,
    /// The live source of the same entity. This one is kept as its duplicate, off.
    pub duplicate_of: Option<SourceId>,
    /// The invitation that is pending, or ended without a connection.
    pub invitation: Option<LatestInvitation>,
}

impl SourceRow {
    /// True if it accepts leads: enabled, and allowed to send.
    pub fn is_on(&self) -> bool {
        self.enabled && self.tag.may_send()
    }

    /// True if it was on when the connection ended. It will be on again after reconnecting.
    pub fn is_off_by_disconnect(&self) -> bool {
        self.enabled && self.tag == SourceTag::Disconnected
    }

    /// True if it can be turned on.
    pub fn may_be_on(&self) -> bool {
        self.tag.may_send() && self.duplicate_of.is_none()
    }
}

/// The latest invitation of a source that is not connected. Its state is the tag of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestInvitation {
    pub invitation_id: InvitationId,
    pub sent: DisplayTime,
    pub expires: DisplayTime,
    pub mail: MailProgress,
    /// When it was declined or revoked.
    pub ended: Option<DisplayTime>,
    /// Why it was declined; empty if no reason was given.
    pub reason: String,
}

/// The delivery state of an invitation's email.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailProgress {
    Queued,
    /// The last attempt failed; another one is scheduled.
    Retrying {
        reason: String,
        next: DisplayTime,
    },
    Sent(DisplayTime),
    Failed {
        reason: String,
    },
}

/// The part of a flow's sources that its page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcesShown {
    /// Part of a source's name; empty for all.
    pub search: String,
    /// Counted from 1; anything invalid is the first.
    pub page: i64,
}

/// What the Sources tab shows: the rows, and the entities that can be added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceList {
    pub rows: Vec<SourceRow>,
    pub offers: Vec<Offer>,
}

/// An entity that Add Source offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub entity_id: EntityId,
    pub name: String,
    pub tag: SourceTag,
    /// The number of flows of the account that use it.
    pub used_in: u32,
    /// True if it is already in this flow: shown, but cannot be chosen.
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

/// Checks whether the entity of a source allows it to be on. A source that was never connected needs its invitation
/// accepted, whatever the invitation's state; one that was connected needs a new connection.
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
    fn a_disconnected_account_and_one_that_was_never_connected_cannot_be_on_for_different_reasons() {
        assert_eq!(may_be_on(EntityKind::Account, false, false), Err(Problem::SourcePending));
        assert_eq!(may_be_on(EntityKind::Account, false, true), Err(Problem::SourceNotConnected));
        assert_eq!(may_be_on(EntityKind::Account, true, true), Ok(()));
        assert_eq!(may_be_on(EntityKind::Custom, false, false), Ok(()));
    }
}
