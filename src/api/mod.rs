//! [ssr] The public HTTP API of an account's own systems (http-api.md), and its document. It is thin: a call reads its
//! input, runs a verb of another room, and writes the answer.

pub mod pages;
pub mod routes;
pub mod server;
