//! What the tests are made of: an application on a database of its own, people who use it, and their mail.

pub mod actor;
pub mod answer;
pub mod api;
pub mod app;
pub mod connections;
pub mod credentials;
pub mod database;
pub mod facts;
pub mod history;
pub mod mailbox;
pub mod partners;
pub mod partnership;
pub mod people;
pub mod recipients;
pub mod sending;
pub mod smtp;
pub mod stage;
pub mod team;

pub use actor::Actor;
pub use answer::Answer;
pub use app::TestApp;
