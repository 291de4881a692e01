//! E-mail addresses: one parser for everything that is mailed to, compared or shown.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};
use unicode_normalization::UnicodeNormalization;

/// Characters before the `@`, and of all of it as it is sent to (RFC 5321, less the angle brackets).
const MAX_LOCAL: usize = 64;
const MAX_ADDRESS: usize = 254;

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailProblem {
    Empty,
    NotAnAddress,
    TooLong,
    SeveralAddresses,
}

impl EmailProblem {
    /// What is wrong and what would be right.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "Enter an e-mail address.",
            Self::NotAnAddress => "Enter an e-mail address such as name@example.com.",
            Self::TooLong => "This address is too long. It may have at most 254 characters.",
            Self::SeveralAddresses => "Enter one e-mail address only.",
        }
    }
}

impl fmt::Display for EmailProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for EmailProblem {}

/// A plain address. Two are equal when mail to them reaches the same mailbox for all we may assume: the domain in
/// any of its spellings, letters in any case. The part before the `@` is ASCII, so that no look-alike letter can
/// ever be equal to another.
#[derive(Clone)]
pub struct EmailAddress {
    shown: String,
    local: String,
    domain: String,
    key: String,
}

impl EmailAddress {
    /// Reads one address. Spaces around it are dropped; nothing else is mended.
    pub fn parse(text: &str) -> Result<Self, EmailProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailProblem::Empty);
        }
        if text.chars().count() > MAX_ADDRESS {
            return Err(EmailProblem::TooLong);
        }
        if names_several(text) {
            return Err(EmailProblem::SeveralAddresses);
        }
        if has_look_alikes(text) {
            return Err(EmailProblem::NotAnAddress);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailProblem::NotAnAddress)?;
        if !is_dot_atom(local) {
            return Err(EmailProblem::NotAnAddress);
        }
        let domain = ascii_domain(domain).ok_or(EmailProblem::NotAnAddress)?;
        if local.len() > MAX_LOCAL || local.len() + 1 + domain.len() > MAX_ADDRESS {
            return Err(EmailProblem::TooLong);
        }
        let key = format!("{}@{domain}", local.to_ascii_lowercase());
        Ok(Self { shown: text.to_owned(), local: local.to_owned(), domain, key })
    }

    /// As it was typed.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// What it is compared and found by: all in lower case, the domain in punycode.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What mail is sent to: the part before the `@` as it was typed, since only its host may read it without case.
    pub fn deliverable(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The domain in punycode and lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Enough to recognise one's own address, too little to learn another's.
    pub fn masked(&self) -> String {
        let first: String = self.local.chars().take(1).collect();
        format!("{first}•••@{}", self.domain)
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// Masked, because `Debug` ends in logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

impl FromStr for EmailAddress {
    type Err = EmailProblem;

    fn from_str(text: &str) -> Result<Self, EmailProblem> {
        Self::parse(text)
    }
}

/// Whether more than one address was meant; nothing that separates them may stand in one.
fn names_several(text: &str) -> bool {
    let separated = text.contains([',', ';', '\r', '\n']);
    let spaced = text.split_whitespace().filter(|word| word.contains('@')).count() > 1;
    spaced || (separated && text.contains('@'))
}

/// Whether there is a character that only looks like another, such as a full-width `＠`: programs that normalise
/// later than we do would send the mail elsewhere. Composed and decomposed accents are no look-alikes.
fn has_look_alikes(text: &str) -> bool {
    !text.nfc().eq(text.nfkc())
}

fn is_dot_atom(local: &str) -> bool {
    // Neither `%`, which relays by an old custom, nor the backtick, which no provider gives out.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+/=?^_{|}~-".contains(&byte);
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(allowed))
}

/// The domain in punycode and lower case; None unless it is a plain name with a dot inside.
fn ascii_domain(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let (_, top) = ascii.rsplit_once('.')?;
    let named = !top.is_empty() && !top.bytes().all(|byte| byte.is_ascii_digit());
    (named && keeps_its_labels(domain, &ascii)).then_some(ascii)
}

/// Whether each label that is not ASCII has become punycode. One that became plain ASCII had invisible characters
/// or other dots in it, and would show one domain and be another.
fn keeps_its_labels(domain: &str, ascii: &str) -> bool {
    domain.split('.').count() == ascii.split('.').count()
        && domain.split('.').zip(ascii.split('.')).all(|(typed, label)| typed.is_ascii() || label.starts_with("xn--"))
}

#[cfg(test)]
mod tests;
