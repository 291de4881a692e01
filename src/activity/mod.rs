//! Room: what happened, fed by all the others, in the transaction of the change itself.

pub mod model;

pub mod pages;
pub mod routes;
pub mod server;
