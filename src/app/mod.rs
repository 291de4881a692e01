//! [ssr] The frame: routes, layouts, pages that belong to no room, and how requests reach them.

mod attention;
pub mod audience;
pub mod doctor;
mod frame;
mod functions;
pub mod home;
pub mod mailbox;
pub mod operator;
mod places;
pub mod posts;
pub mod router;
pub mod said;
pub mod screen;
pub mod seed;
pub mod serve;
pub mod shell;
