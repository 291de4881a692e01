//! Why a mail has not left: a closed set, in sentences for who sent it. What the mail server wrote is never shown, it
//! could say anything; its code is.

use std::fmt;

/// Why an attempt, or the mail as a whole, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No connection, or it broke off.
    ServerAway,
    /// No answer in time.
    Slow,
    /// 4xx: try again later.
    Deferred(u16),
    /// The server does not take our login; the operator's to mend, so the mail waits.
    NotLetIn(u16),
    /// A panic, a letter of a newer version, a sender that cannot be read.
    OurFault,
    /// 5xx.
    Refused(u16),
    /// No mail can be made with this address, name or subject.
    Unaddressable,
    /// The letter needs a secret that is gone or sealed with another key.
    LinkGone,
    /// It was tried for as long as it made sense.
    GaveUp,
    /// What it was about ended before it left.
    Withdrawn,
    /// Its owner has stopped invitations from Accord.
    Suppressed,
}

impl Reason {
    /// Whether another try would be of no use.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Refused(_) | Self::Unaddressable | Self::LinkGone | Self::GaveUp | Self::Withdrawn | Self::Suppressed)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServerAway => f.write_str("The mail server cannot be reached."),
            Self::Slow => f.write_str("The mail server took too long to answer."),
            Self::Deferred(code) => write!(f, "The mail server asked to be tried again later ({code})."),
            Self::NotLetIn(code) => {
                write!(f, "Our mail server does not let Accord in ({code}). The operator can mend that.")
            }
            Self::OurFault => f.write_str("Something went wrong on our side."),
            Self::Refused(code) => write!(f, "The mail server refused this address or mail ({code})."),
            Self::Unaddressable => f.write_str("No mail can be sent to this address."),
            Self::LinkGone => f.write_str("The link of this mail is gone. Send it again."),
            Self::GaveUp => f.write_str("The mail server did not take it for three days."),
            Self::Withdrawn => f.write_str("Withdrawn before it was sent."),
            Self::Suppressed => f.write_str("This address does not accept invitations."),
        }
    }
}
