//! Email addresses: one parser for every address we send to, compare or show.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};
use unicode_normalization::UnicodeNormalization;

/// Maximum characters before the `@` (RFC 5321).
const MAX_LOCAL: usize = 64;
/// Maximum characters of the whole address as we send to it (RFC 5321, without the angle brackets).
const MAX_ADDRESS: usize = 254;

/// Why text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailProblem {
    Empty,
    NotAnAddress,
    TooLong,
    SeveralAddresses,
}

impl EmailProblem {
    /// The message to show beside the field.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "Enter an email address.",
            Self::NotAnAddress => "Enter an email address like name@example.com.",
            Self::TooLong => "This address is too long.",
            Self::SeveralAddresses => "Enter only one email address.",
        }
    }
}

impl fmt::Display for EmailProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for EmailProblem {}

/// A plain address. Two addresses are equal if we may assume that they reach the same mailbox: case and the spelling of
/// the domain (Unicode or punycode) do not matter. The part before the `@` is ASCII, so look-alike letters never
/// compare equal.
#[derive(Clone)]
pub struct EmailAddress {
    shown: String,
    local: String,
    domain: String,
    key: String,
}

impl EmailAddress {
    /// Parses one address. Surrounding whitespace is trimmed; nothing else is corrected.
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

    /// Parses one address as people paste it into a form: with invisible marks around it, or as `Name <address>`. A name
    /// that is an address must be the same one, otherwise two people are meant.
    pub fn parse_typed(text: &str) -> Result<Self, EmailProblem> {
        let text = without_marks(text);
        let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
            return Self::parse(text);
        };
        let (name, address) = (without_marks(name), Self::parse(without_marks(address)));
        match address {
            Ok(address) if name.contains('@') && Self::parse(name).as_ref() != Ok(&address) => {
                Err(EmailProblem::SeveralAddresses)
            }
            parsed => parsed,
        }
    }

    /// The address as typed.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The key for comparing and looking up: lower case, with the domain in punycode.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address to send to. The part before the `@` stays as typed, because only its host may ignore case.
    pub fn deliverable(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The domain in punycode and lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Enough to recognise your own address, too little to learn someone else's.
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

/// Masked, because `Debug` output ends up in logs.
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

/// The text without white space and invisible marks around it, such as those for the direction of text.
fn without_marks(text: &str) -> &str {
    let is_mark = |c: char| matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    text.trim_matches(|c: char| c.is_whitespace() || is_mark(c))
}

/// True if the text seems to contain several addresses. None of the separators is allowed within an address.
fn names_several(text: &str) -> bool {
    let separated = text.contains([',', ';', '\r', '\n']);
    let spaced = text.split_whitespace().filter(|word| word.contains('@')).count() > 1;
    spaced || (separated && text.contains('@'))
}

/// True if a character only looks like another one, such as a full-width `＠`. Programs that normalise later than we do
/// would send the email elsewhere. Composed and decomposed accents do not count.
fn has_look_alikes(text: &str) -> bool {
    !text.nfc().eq(text.nfkc())
}

fn is_dot_atom(local: &str) -> bool {
    // Excludes `%`, which some old servers use for relaying, and the backtick, which no provider allows.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+/=?^_{|}~-".contains(&byte);
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(allowed))
}

/// The domain in punycode and lower case; `None` unless it is a plain name that contains a dot.
fn ascii_domain(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let (_, top) = ascii.rsplit_once('.')?;
    let named = !top.is_empty() && !top.bytes().all(|byte| byte.is_ascii_digit());
    (named && keeps_its_labels(domain, &ascii)).then_some(ascii)
}

/// True if every non-ASCII label became punycode. A label that became plain ASCII contained invisible characters or
/// other kinds of dots, so the address would show one domain and mean another.
fn keeps_its_labels(domain: &str, ascii: &str) -> bool {
    domain.split('.').count() == ascii.split('.').count()
        && domain.split('.').zip(ascii.split('.')).all(|(typed, label)| typed.is_ascii() || label.starts_with("xn--"))
}

#[cfg(test)]
mod tests;
