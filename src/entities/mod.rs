//! Room: how one account sees the parties it trades with, and who is connected with whom.

pub mod model;
pub mod words;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
