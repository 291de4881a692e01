//! [ssr] Room: submission, evaluation, storage.

mod input;
pub mod model;
pub mod pages;
pub mod routes;
pub mod server;
pub mod words;
