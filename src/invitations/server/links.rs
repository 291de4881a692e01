//! The secrets of an invitation's email: one opens the invitation, the other only stops invitations to its address. They
//! are separate because mail programs and scanners read the stop link, and post to it without asking.

use crate::{
    base::Token,
    server::{ids::random_bytes, mail::MailSecret},
};

/// The secrets of one email about an invitation. The database has their hashes, and the queued email has them sealed.
#[derive(Debug, Clone)]
pub struct MailLinks {
    /// Opens the invitation and proves the address.
    pub invitation: Token,
    /// Stops invitations to the address, and allows them again.
    pub stop: Token,
}

impl MailLinks {
    pub fn new() -> Self {
        Self { invitation: Token::from_bytes(random_bytes()), stop: Token::from_bytes(random_bytes()) }
    }

    pub fn secret(&self) -> MailSecret {
        MailSecret { link: self.invitation.reveal(), stop: Some(self.stop.reveal()) }
    }
}
