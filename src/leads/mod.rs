//! Room: submission, evaluation, storage.

#[cfg(feature = "ssr")]
mod input;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod server;
