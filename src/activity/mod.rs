//! Room: what happened. The other rooms record it in the transaction of the change.

pub mod model;

pub mod pages;
pub mod routes;
pub mod server;
