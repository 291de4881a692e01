//! [ssr] Room: Home.

mod attention;
mod chooser;
mod page;
pub mod routes;
