//! The context of one request: state, time, and who is there. Read once per request, from the database.

use super::{Admission, AppState, Fault};
use crate::accounts::model::{Plan, Role};
use crate::base::{AccountId, ApiKeyId, AppError, PartnerId, SessionId, UserId};
use crate::partners::model::PartnerRole;
use serde::Deserialize;
use std::sync::Arc;
use time::OffsetDateTime;

#[derive(Clone, Debug)]
pub struct Cx {
    pub state: AppState,
    /// The time of this request: the database's, shifted by the test clock.
    pub now: OffsetDateTime,
    pub viewer: Option<Arc<Viewer>>,
    /// The network address the request came from.
    pub address: Option<String>,
    pub browser: String,
    /// The audience of the route; work of the system itself has none.
    pub admission: Option<Admission>,
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Session(SessionId),
    /// A system of an account, in whose name the person below is written to.
    Key(ApiKeyId),
}

/// Who acts: a signed-in person, with all the accounts and partners they belong to right now, or the system of one account.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub door: Door,
    pub user_id: UserId,
    pub name: String,
    /// The verified address, as typed.
    pub email: String,
    pub email_key: String,
    /// The account chosen in the session; lists and "new" pages act in it.
    pub active: Option<AccountId>,
    pub places: Vec<Place>,
    pub partners: Vec<PartnerPlace>,
}

/// An account a person is a member of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    pub account_id: AccountId,
    pub name: String,
    pub role: Role,
    pub plan: Option<Plan>,
    pub trustedform: bool,
    /// It has a flow, active or archived. The plan Partners may have one, and an archived one is restored under Flows.
    pub has_flows: bool,
}

/// A partner a person logs in for. Archived ones are not among them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PartnerPlace {
    pub partner_id: PartnerId,
    /// The account whose partner it is.
    pub account_id: AccountId,
    pub name: String,
    /// The name of that account.
    pub buyer: String,
    pub role: PartnerRole,
}

impl Viewer {
    /// The session of a browser; a system has none.
    pub fn session(&self) -> Result<SessionId, Fault> {
        match self.door {
            Door::Session(id) => Ok(id),
            Door::Key(_) => Err(Fault::NOT_FOUND),
        }
    }

    /// The person who did it, for the records; nobody where it was a system.
    pub fn person(&self) -> Option<UserId> {
        matches!(self.door, Door::Session(_)).then_some(self.user_id)
    }

    /// The account that lists act in: the chosen one while it lasts, else the first.
    pub fn active_place(&self) -> Option<&Place> {
        let chosen = self.places.iter().find(|place| Some(place.account_id) == self.active);
        chosen.or_else(|| self.places.first())
    }

    /// The accounts this person is an Admin of.
    pub fn admin_of(&self) -> Vec<AccountId> {
        self.places.iter().filter(|place| place.role == Role::Admin).map(|place| place.account_id).collect()
    }

    pub fn partner(&self, partner_id: PartnerId) -> Option<&PartnerPlace> {
        self.partners.iter().find(|place| place.partner_id == partner_id)
    }

    /// Works in this account, or for one of its partners.
    pub fn belongs_to(&self, account_id: AccountId) -> bool {
        self.place(account_id).is_some() || self.partners.iter().any(|place| place.account_id == account_id)
    }

    pub fn place(&self, account_id: AccountId) -> Option<&Place> {
        self.places.iter().find(|place| place.account_id == account_id)
    }
}

impl Cx {
    pub fn viewer(&self) -> Result<&Viewer, Fault> {
        self.viewer.as_deref().ok_or(Fault::Told(AppError::SignedOut))
    }

    /// The account that lists and "new" pages act in.
    pub fn active_place(&self) -> Result<&Place, Fault> {
        self.viewer()?.active_place().ok_or(Fault::NOT_FOUND)
    }
}
