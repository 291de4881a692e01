//! [ssr] Room: the first page, and what waits there for the viewer.

mod attention;
mod page;
mod places;
pub mod routes;
