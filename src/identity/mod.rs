//! Room: people. Signing up, in and out.

pub mod pages;
pub mod routes;
pub mod server;
mod words;
