//! [ssr] Room: reads that join other rooms, and the parts of pages that show them.

pub mod parts;
pub mod server;
