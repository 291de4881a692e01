//! What was changed in a submission so that it can be stored.

use std::fmt;

/// A change, which the lead keeps in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    NulRemoved,
    SurrogateReplaced,
    /// The text is not in the charset that was expected, so it was read in this one.
    ReadAs(&'static str),
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NulRemoved => f.write_str("NUL characters were removed."),
            Self::SurrogateReplaced => f.write_str("Half characters (lone surrogates) were replaced by \u{fffd}."),
            Self::ReadAs(charset) => write!(f, "Text that does not fit the charset was read as {charset}."),
        }
    }
}
