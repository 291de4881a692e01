//! Room: flows, their fields, their sources, and the Submission Docs of each.

pub mod functions;
pub mod islands;
pub mod model;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
