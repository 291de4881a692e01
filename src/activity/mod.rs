//! Room: the record of who did what. The other rooms add entries in the transaction of the change.

pub mod model;

pub mod pages;
pub mod routes;
pub mod server;
