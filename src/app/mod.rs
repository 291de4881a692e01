//! [ssr] The program: the router, starting and stopping, and the operator's commands.

pub mod doctor;
pub mod operator;
pub mod router;
pub mod seed;
pub mod serve;
