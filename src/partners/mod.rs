//! Room: an account's records of the businesses that supply it with leads.

#[cfg(feature = "ssr")]
pub mod server;
