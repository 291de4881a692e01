//! Room: inviting companies to connect and people to join. This is Accord's main job.

pub mod functions;
pub mod islands;
pub mod model;
pub mod words;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
