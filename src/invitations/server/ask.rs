//! What somebody asks for who invites a company to connect, whoever asks: a page, the browser, or a system of the account.

use crate::{
    base::{AccountId, EmailAddress, EntityId, FieldError, FlowId, PartnerId, Problem},
    invitations::model::{self, Kind, Sending},
    server::Fault,
};

/// Whom to invite, parsed. A source is asked for a flow, as a chosen partner, for both or for neither; a recipient stands
/// in no flow and is nobody's partner.
#[derive(Debug, Clone)]
pub struct Ask {
    pub kind: Kind,
    /// The account that invites, where neither flow nor partner says it.
    pub account_id: Option<AccountId>,
    /// The flow that gets the source.
    pub flow_id: Option<FlowId>,
    /// The partner that the company becomes; without one it is found, or made.
    pub partner_id: Option<PartnerId>,
    pub email: EmailAddress,
    pub note: String,
    /// How long it lives, 1 to 30 days; else as long as the account's invitations do.
    pub expires_in_days: Option<u8>,
}

impl Ask {
    /// A seller to be asked; `for_recipient` makes it a buyer.
    pub fn parse(email: &str, note: &str) -> Result<Self, Fault> {
        Self::parse_expiring(email, note, None)
    }

    /// The same for an invitation that lives 1 to 30 days of its own.
    pub fn parse_expiring(email: &str, note: &str, expires_in_days: Option<u8>) -> Result<Self, Fault> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, problem| errors.push(FieldError { field: field.to_owned(), problem });
        let email = EmailAddress::parse(email).map_err(|problem| wrong("email", problem.into()));
        let note = model::note(note).map_err(|problem| wrong("note", problem));
        if expires_in_days.is_some_and(|days| !(1..=30).contains(&days)) {
            wrong("expires_in_days", Problem::InvitationDaysInvalid);
        }
        Fault::unless_empty(errors)?;
        match (email, note) {
            (Ok(email), Ok(note)) => Ok(Self {
                kind: Kind::Source,
                account_id: None,
                flow_id: None,
                partner_id: None,
                email,
                note,
                expires_in_days,
            }),
            _ => Err(Fault::Broken("a refused field without its error".to_owned())),
        }
    }

    pub fn into_flow(self, flow_id: FlowId) -> Self {
        Self { flow_id: Some(flow_id), ..self }
    }

    pub fn as_partner(self, partner_id: PartnerId) -> Self {
        Self { partner_id: Some(partner_id), ..self }
    }

    pub fn within(self, account_id: AccountId) -> Self {
        Self { account_id: Some(account_id), ..self }
    }

    pub fn for_recipient(self) -> Self {
        Self { kind: Kind::Recipient, flow_id: None, partner_id: None, ..self }
    }
}

/// What an asking came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    pub how: Sending,
    /// The entity that stands for the address: made now, invited before, or connected.
    pub entity_id: EntityId,
}
