//! [ssr] Room: deliveries, which send the accepted leads of a flow to the buyer's systems (leads.md, section 5).

pub mod model;
pub mod pages;
pub mod routes;
pub mod server;
