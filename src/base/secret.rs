//! Secrets in types that cannot be serialised and have a silent `Debug`.

use sha2::{Digest, Sha256};
use std::fmt;

/// A text nobody may print: a password, an API key, a connection string.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The clear text; every use is a place to look at.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// 32 random bytes that open something: the link of an invitation, a session. On the wire 64 hex characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

/// The SHA-256 of a token or key: all that the database keeps (ASVS 6.5.2: enough entropy for a plain hash).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hashed([u8; 32]);

impl Token {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads what `reveal` wrote; anything else is no token.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The clear value, for a link or a cookie.
    pub fn reveal(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn hashed(&self) -> Hashed {
        Hashed::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl Hashed {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hashed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_half_a_token_does_not() {
        let token = Token::from_bytes([7; 32]);
        assert_eq!(Token::parse(&token.reveal()), Some(token.clone()));
        assert_eq!(Token::parse(&token.reveal()[..32]), None);
        assert_eq!(Token::parse(&token.reveal().to_uppercase().replace('0', "G")), None);
    }

    #[test]
    fn nothing_secret_is_printed() {
        assert_eq!(format!("{:?} {:?}", Secret::new("hunter2"), Token::from_bytes([1; 32])), "Secret Token");
    }
}
