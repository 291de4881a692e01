//! The input for inviting a company to connect, from a page, an island or the API.

use crate::{
    base::{AccountId, EmailAddress, EmailProblem, EntityId, FlowId, PartnerId, Problem},
    entities::model::Direction,
    invitations::model::{self, SendOutcome},
    server::{Fault, FieldChecks},
};

/// A validated request to invite a company.
#[derive(Debug, Clone)]
pub struct CompanyInvite {
    pub target: Target,
    pub email: EmailAddress,
    pub note: String,
    /// Days until it expires, 1 to 30. None means the account's setting.
    pub expires_in_days: Option<u8>,
}

/// What the invited company becomes. It also determines the inviting account. Only a seller can join a flow or a
/// partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A source of the flow. Without a chosen partner, one is found or created.
    Flow { flow_id: FlowId, partner_id: Option<PartnerId> },
    /// The company of a chosen partner.
    Partner(PartnerId),
    /// A seller of the account, not in any flow yet.
    Seller(AccountId),
    /// A buyer of the account.
    Recipient(AccountId),
}

impl Target {
    pub fn flow(flow_id: FlowId) -> Self {
        Self::Flow { flow_id, partner_id: None }
    }

    pub fn direction(self) -> Direction {
        match self {
            Self::Flow { .. } | Self::Partner(_) | Self::Seller(_) => Direction::Seller,
            Self::Recipient(_) => Direction::Buyer,
        }
    }

    /// The partner chosen for the company.
    pub fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Flow { partner_id, .. } => partner_id,
            Self::Partner(id) => Some(id),
            Self::Seller(_) | Self::Recipient(_) => None,
        }
    }
}

impl CompanyInvite {
    /// From a form, which reads the address leniently.
    pub fn parse(target: Target, email: &str, note: &str) -> Result<Self, Fault> {
        Self::check(target, EmailAddress::parse_typed(email), note, None)
    }

    /// From the API, which takes an address alone, and an expiry in days, 1 to 30.
    pub fn parse_expiring(target: Target, email: &str, note: &str, expires_in_days: Option<u8>) -> Result<Self, Fault> {
        Self::check(target, EmailAddress::parse(email), note, expires_in_days)
    }

    fn check(
        target: Target,
        email: Result<EmailAddress, EmailProblem>,
        note: &str,
        expires_in_days: Option<u8>,
    ) -> Result<Self, Fault> {
        let mut checked = FieldChecks::default();
        let email = checked.take("email", email);
        let note = checked.take("note", model::note(note));
        let allowed = expires_in_days.is_none_or(|days| (1..=30).contains(&days));
        checked.take("expires_in_days", allowed.then_some(()).ok_or(Problem::InvitationDaysInvalid));
        checked.finish(|| Some(Self { target, email: email?, note: note?, expires_in_days }))
    }
}

/// The result of inviting a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendResult {
    pub outcome: SendOutcome,
    /// The entity of the address: new, already invited or already connected.
    pub entity_id: EntityId,
}
