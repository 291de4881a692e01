//! [ssr] Room: submission, evaluation, storage.

mod input;
pub mod model;
pub mod pages;
pub mod server;
pub mod words;
