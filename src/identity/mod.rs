//! Room: people. Sign-up, sign-in, sign-out, profile.

pub mod pages;
pub mod routes;
pub mod server;
mod words;
