//! The test support: an application on its own database, people who use it, and their email.

pub mod actor;
pub mod api;
pub mod app;
pub mod connections;
pub mod counts;
pub mod credentials;
pub mod crowd;
pub mod database;
pub mod destination;
pub mod facts;
pub mod history;
pub mod log;
pub mod mailbox;
pub mod partners;
pub mod partnership;
pub mod people;
pub mod process;
pub mod random;
pub mod recipients;
pub mod response;
pub mod sending;
pub mod smtp;
pub mod stage;
pub mod statements;
pub mod team;
pub mod wire;

pub use actor::Actor;
pub use app::TestApp;
pub use response::Response;
