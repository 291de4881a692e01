//! Mail: a letter is data, queued in the transaction of its cause, made into text and HTML when it is sent, and sent by
//! a worker that survives its mail server (docs/adr/0004-outbox.md).

pub mod letter;
pub mod mailbox;
pub mod outbox;
pub mod reason;
pub mod render;
pub mod smtp;
pub mod worker;

pub use letter::{Block, Letter, Link, clean_line, clean_text};
pub use mailbox::DevMail;
pub use outbox::{Outgoing, queue, queue_failed, withdraw};
pub use reason::Reason;
pub use render::{Rendered, render};
pub use smtp::Transport;
pub use worker::{AfterMail, deliver_due, run};
