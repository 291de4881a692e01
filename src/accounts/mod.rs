//! Room: companies, their members and account roles, their subscriptions.

pub mod model;
pub mod words;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
