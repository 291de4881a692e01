//! Email. A letter is data, queued in the transaction that causes it. A worker renders it as text and HTML and sends
//! it, with retries while the mail server is down (docs/adr/0004-outbox.md).

pub mod letter;
pub mod mailbox;
pub mod outbox;
mod preview;
pub mod reason;
pub mod render;
pub mod smtp;
mod unlink;
pub mod worker;

#[cfg(test)]
mod tests;

pub use letter::{Block, Letter, Link, clean_line, clean_text};
pub use mailbox::DevMail;
pub use outbox::{MailSecret, Outgoing, queue, queue_failed, withdraw};
pub use preview::{MailPreview, PreviewLine, preview};
pub use reason::Reason;
pub use render::{Rendered, render};
pub use smtp::Transport;
pub use worker::{AfterMail, deliver_due, run};
