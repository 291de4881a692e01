//! Room: flows, their fields and sources, and the Submission Docs of each source.

pub mod functions;
pub mod islands;
pub mod model;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
