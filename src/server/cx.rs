//! The context of one request: state, time and viewer, loaded from the database once per request.

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
    /// The network address of the caller.
    pub address: Option<String>,
    pub browser: String,
    /// The audience of the route; `None` for background work.
    pub admission: Option<Admission>,
}

/// How the caller was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    Session(SessionId),
    /// A system of an account, by API key. The viewer's id, name and email are then those of the member in whose name
    /// emails and invitations are sent.
    Key(ApiKeyId),
}

/// The caller: a signed-in person with all their current accounts and partners, or a system of one account.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub auth: AuthMethod,
    pub user_id: UserId,
    pub name: String,
    /// The verified address, as typed.
    pub email: String,
    pub email_key: String,
    /// The account chosen in the session, which lists and "new" pages use.
    pub active: Option<AccountId>,
    pub memberships: Vec<Membership>,
    pub partners: Vec<PartnerMembership>,
}

/// An account a person is a member of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Membership {
    pub account_id: AccountId,
    pub name: String,
    pub role: Role,
    pub plan: Option<Plan>,
    pub trustedform: bool,
    /// True if it has a flow, active or archived. An account with the Partners plan can have one, and restores it under
    /// Flows if it is archived.
    pub has_flows: bool,
}

/// A partner the person is a user of. Archived partners are not included.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PartnerMembership {
    pub partner_id: PartnerId,
    /// The account that owns the partner.
    pub account_id: AccountId,
    pub name: String,
    /// The name of that account.
    pub buyer: String,
    pub role: PartnerRole,
}

impl Viewer {
    /// The browser session; systems have none.
    pub fn session(&self) -> Result<SessionId, Fault> {
        match self.auth {
            AuthMethod::Session(id) => Ok(id),
            AuthMethod::Key(_) => Err(Fault::NOT_FOUND),
        }
    }

    /// The person to record as the actor; `None` for a system.
    pub fn person(&self) -> Option<UserId> {
        matches!(self.auth, AuthMethod::Session(_)).then_some(self.user_id)
    }

    /// The account that lists use: the chosen one while the person belongs to it, otherwise the first.
    pub fn active_membership(&self) -> Option<&Membership> {
        let chosen = self.memberships.iter().find(|membership| Some(membership.account_id) == self.active);
        chosen.or_else(|| self.memberships.first())
    }

    /// The accounts this person is an Admin of.
    pub fn admin_of(&self) -> Vec<AccountId> {
        self.memberships
            .iter()
            .filter(|membership| membership.role == Role::Admin)
            .map(|membership| membership.account_id)
            .collect()
    }

    pub fn partner(&self, partner_id: PartnerId) -> Option<&PartnerMembership> {
        self.partners.iter().find(|membership| membership.partner_id == partner_id)
    }

    /// True for members of this account and users of its partners.
    pub fn belongs_to(&self, account_id: AccountId) -> bool {
        self.membership(account_id).is_some()
            || self.partners.iter().any(|membership| membership.account_id == account_id)
    }

    pub fn membership(&self, account_id: AccountId) -> Option<&Membership> {
        self.memberships.iter().find(|membership| membership.account_id == account_id)
    }
}

impl Cx {
    pub fn viewer(&self) -> Result<&Viewer, Fault> {
        self.viewer.as_deref().ok_or(Fault::Expected(AppError::SignedOut))
    }

    /// The account that lists and "new" pages use.
    pub fn active_membership(&self) -> Result<&Membership, Fault> {
        self.viewer()?.active_membership().ok_or(Fault::NOT_FOUND)
    }
}
