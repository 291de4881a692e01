//! The public API (http-api.md), called as an account's own systems call it: through the router, by keys.

mod conformance;
mod conventions;
mod flows;
mod invitations;
mod keys;
mod leads;
mod lists;
mod once;
mod other_side;
mod partners;
mod proof;
mod tenants;
pub mod world;
