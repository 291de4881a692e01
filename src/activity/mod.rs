//! Room: what happened, fed by all the others, in the transaction of the change itself.

pub mod model;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod server;
