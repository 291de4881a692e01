//! [ssr] The program: all routes together, starting and stopping, and what the operator does.

pub mod doctor;
pub mod operator;
pub mod router;
pub mod seed;
pub mod serve;
