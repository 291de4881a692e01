//! Encrypts values that we must read again but nobody else may: the secret of a queued email must not be readable in
//! the database, nor the content of some cookies in the browser. XChaCha20-Poly1305, key derived from `SECRET_KEY`.

use super::ids::random_bytes;
use crate::base::Secret;
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use sha2::{Digest, Sha256};
use std::fmt;

const NONCE: usize = 24;

#[derive(Clone)]
pub struct Seal(XChaCha20Poly1305);

impl Seal {
    pub fn new(key: &Secret) -> Self {
        let digest = Sha256::new().chain_update(b"accord seal 1\0").chain_update(key.reveal()).finalize();
        Self(XChaCha20Poly1305::new(&digest))
    }

    /// Encrypts the secret. It can only be opened with the same `about`, which names what it belongs to.
    pub fn close(&self, about: &[u8], secret: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE>();
        let payload = Payload { msg: secret, aad: about };
        let sealed = self.0.encrypt(XNonce::from_slice(&nonce), payload).unwrap_or_default();
        [&nonce[..], &sealed].concat()
    }

    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE)?;
        self.0.decrypt(XNonce::from_slice(nonce), Payload { msg: text, aad: about }).ok()
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_with_the_same_subject_and_key() {
        let seal = Seal::new(&Secret::new("a"));
        let closed = seal.close(b"mail 1", b"token");
        assert_eq!(seal.open(b"mail 1", &closed).as_deref(), Some(&b"token"[..]));
        assert_eq!(seal.open(b"mail 2", &closed), None);
        assert_eq!(Seal::new(&Secret::new("b")).open(b"mail 1", &closed), None);
        assert_eq!(seal.open(b"mail 1", &closed[..10]), None);
    }
}
