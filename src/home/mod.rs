//! [ssr] Room: Home.

mod attention;
mod chooser;
mod figures;
mod first_steps;
mod flows;
mod page;
pub mod routes;
