//! Room: asking somebody to connect. The main job of Accord.

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
