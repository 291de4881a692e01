//! [ssr] Room: Home.

mod attention;
mod page;
mod places;
pub mod routes;
