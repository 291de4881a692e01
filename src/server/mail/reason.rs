//! Why an email was not sent: a closed list, with sentences for the sender. We show the mail server's reply code but
//! never its text, which could say anything.

use std::fmt;

/// Why one attempt, or the email as a whole, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No connection, or the connection was lost.
    Unreachable,
    /// No response in time.
    TimedOut,
    /// 4xx: try again later.
    Deferred(u16),
    /// The server rejects our sign-in. The email waits, because the operator can fix this.
    AuthenticationFailed(u16),
    /// A panic, a letter written by a newer version, or an unreadable sender.
    OurFault,
    /// 5xx.
    Rejected(u16),
    /// The address, name or subject cannot be used in an email.
    Unaddressable,
    /// The letter needs a secret that was wiped or sealed with another key.
    SecretLost,
    /// We retried for three days.
    GaveUp,
    /// Cancelled before it was sent, for example because its invitation was revoked.
    Withdrawn,
    /// The owner of the address has stopped invitations from Accord.
    Suppressed,
}

impl Reason {
    /// True if retrying would not help.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Rejected(_)
                | Self::Unaddressable
                | Self::SecretLost
                | Self::GaveUp
                | Self::Withdrawn
                | Self::Suppressed
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str("The mail server cannot be reached."),
            Self::TimedOut => f.write_str("The mail server took too long to respond."),
            Self::Deferred(code) => write!(f, "The mail server asked us to try again later ({code})."),
            Self::AuthenticationFailed(code) => {
                write!(f, "Our mail server does not accept Accord's sign-in ({code}). The operator can fix this.")
            }
            Self::OurFault => f.write_str("Something went wrong on our side."),
            Self::Rejected(code) => write!(f, "The mail server rejected this address or email ({code})."),
            Self::Unaddressable => f.write_str("No email can be sent to this address."),
            Self::SecretLost => f.write_str("The link in this email was lost. Resend the email."),
            Self::GaveUp => f.write_str("The mail server did not accept this email within three days."),
            Self::Withdrawn => f.write_str("Withdrawn before it was sent."),
            Self::Suppressed => f.write_str("This address does not accept invitations."),
        }
    }
}
