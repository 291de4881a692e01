//! [ssr] The public HTTP API for an account's own systems (http-api.md), and its document. It is thin: a call reads its
//! input, runs a verb of another room, and returns the result.

pub mod pages;
pub mod routes;
pub mod server;
