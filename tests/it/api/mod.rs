//! The public API (http-api.md), called as an account's own systems call it: through the router, with keys.

mod conformance;
mod connected_account;
mod conventions;
mod flows;
mod idempotency;
mod invitations;
mod keys;
mod leads;
mod limits;
mod lists;
mod missing_check;
mod partners;
mod story;
mod tenants;
pub mod world;
