//! [ssr] Infrastructure without product rules.

pub mod audience;
pub mod basic;
pub mod call;
pub mod clock;
pub mod commands;
pub mod config;
pub mod csv;
pub mod cx;
pub mod db;
pub mod fault;
pub mod form;
pub mod guard;
pub mod health;
pub mod ids;
pub mod live;
pub mod mail;
pub mod password;
pub mod peer;
pub mod rights;
pub mod seal;
pub mod session;
pub mod site;
pub mod state;
pub mod telemetry;
pub mod throttle;

pub use audience::{Admission, Audience, Claim};
pub use cx::{AuthMethod, Cx, Membership, PartnerMembership, Viewer};
pub use db::{Db, Reader, Tx};
pub use fault::{Fault, FieldChecks};
pub use state::AppState;
