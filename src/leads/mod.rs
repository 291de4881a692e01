//! [ssr] Room: receiving, judging and storing leads.

mod input;
pub mod model;
pub mod pages;
pub mod routes;
pub mod server;
pub mod words;
