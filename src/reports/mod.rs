//! [ssr] Room: reads that join other rooms, and the page parts that show them.

pub mod parts;
pub mod server;
