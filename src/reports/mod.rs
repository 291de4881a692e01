//! Room: reads that join other rooms.

#[cfg(feature = "ssr")]
pub mod server;
