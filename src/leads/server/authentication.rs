//! Authentication of sellers' systems: HTTP Basic with the credential of the source or an API key of the connected
//! account.

use super::queries::{self, Target};
use crate::{
    base::SecretHash,
    flows::server::credentials::USER_NAME,
    server::{Fault, Tx, basic::BasicAuth},
};
use axum::http::HeaderMap;
use std::sync::{Mutex, PoisonError};
use time::OffsetDateTime;

/// The credential a sender presents. It keeps only the hash of the secret, which is all that is compared.
#[derive(Debug, Clone, Copy)]
pub struct PresentedCredential {
    /// True if the username is that of sources. API keys work with any username.
    is_source: bool,
    hash: SecretHash,
}

impl PresentedCredential {
    /// An unreadable header counts as no credential.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let BasicAuth { user, secret } = BasicAuth::read(headers)?;
        Some(Self { is_source: user == USER_NAME.as_bytes(), hash: secret })
    }
}

/// What a sender was let in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofKind {
    /// A credential of the source.
    Source,
    /// An API key of the connected account.
    ApiKey,
}

/// A credential that was valid for a source. Whoever relies on it later checks that it still is.
#[derive(Debug, Clone, Copy)]
pub struct Proof {
    pub kind: ProofKind,
    pub hash: SecretHash,
}

/// The proof that the credential is valid for the source now; None if it is not. Records its use.
pub async fn find_proof(tx: &mut Tx, target: &Target, presented: PresentedCredential) -> Result<Option<Proof>, Fault> {
    let (now, hash) = (tx.now(), presented.hash);
    if presented.is_source && queries::use_credential(tx, target, hash, now).await? {
        return Ok(Some(Proof { kind: ProofKind::Source, hash }));
    }
    let Some(seller) = target.seller.filter(|_| target.connected) else { return Ok(None) };
    let is_valid = queries::use_api_key(tx, seller, hash, now).await?;
    Ok(is_valid.then_some(Proof { kind: ProofKind::ApiKey, hash }))
}

/// Maximum proofs that are kept of a source.
pub const MAX_PROOFS: usize = 16;

/// The proofs of a source in memory, each with the time when its use was recorded.
#[derive(Debug, Default)]
pub struct Proofs(Mutex<Vec<(Proof, OffsetDateTime)>>);

impl Proofs {
    /// The proof of a credential whose use need not be recorded again yet.
    pub fn find(&self, presented: PresentedCredential, now: OffsetDateTime) -> Option<Proof> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |proof: &Proof| {
            proof.hash.bytes() == presented.hash.bytes() && (presented.is_source || proof.kind == ProofKind::ApiKey)
        };
        let is_recent = |at: OffsetDateTime| now < at + queries::LAST_USED_INTERVAL;
        known.iter().find(|(proof, at)| is_it(proof) && is_recent(*at)).map(|(proof, _)| *proof)
    }

    /// Keeps a proof in the place of the oldest, if there are too many.
    pub fn keep(&self, proof: Proof, now: OffsetDateTime) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(old, _)| old.hash.bytes() != proof.hash.bytes());
        if known.len() == MAX_PROOFS {
            known.remove(0);
        }
        known.push((proof, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    #[test]
    fn a_proof_holds_for_its_own_credential_until_its_use_is_recorded_again() {
        let (proofs, now) = (Proofs::default(), OffsetDateTime::UNIX_EPOCH);
        let presented = |is_source, secret: &[u8]| PresentedCredential { is_source, hash: SecretHash::of(secret) };
        let found = |is_source, secret, after| proofs.find(presented(is_source, secret), now + after).map(|p| p.kind);
        proofs.keep(Proof { kind: ProofKind::Source, hash: SecretHash::of(b"secret") }, now);
        proofs.keep(Proof { kind: ProofKind::ApiKey, hash: SecretHash::of(b"key") }, now);
        for (is_source, secret, seconds, expected) in [
            (true, &b"secret"[..], 0, Some(ProofKind::Source)),
            (true, b"secret", 59, Some(ProofKind::Source)),
            (true, b"secret", 60, None),
            (false, b"secret", 0, None),
            (true, b"key", 0, Some(ProofKind::ApiKey)),
            (false, b"key", 0, Some(ProofKind::ApiKey)),
            (true, b"other", 0, None),
        ] {
            assert_eq!(found(is_source, secret, Duration::seconds(seconds)), expected, "{is_source} {seconds}");
        }
        for number in 0..MAX_PROOFS {
            proofs.keep(Proof { kind: ProofKind::Source, hash: SecretHash::of(&[number as u8]) }, now);
        }
        assert_eq!(found(true, b"secret", Duration::ZERO), None, "the oldest made room");
    }
}
