//! Authentication of sellers' systems: HTTP Basic with the credential of the source or an API key of the connected
//! account.

use super::queries::{self, Target};
use crate::{
    base::SecretHash,
    flows::server::credentials::USER_NAME,
    server::{Fault, Tx, basic::BasicAuth},
};
use axum::http::HeaderMap;

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

/// True if the credential is valid for the source now. Records its use.
pub async fn is_valid(tx: &mut Tx, target: &Target, presented: PresentedCredential) -> Result<bool, Fault> {
    let now = tx.now();
    if presented.is_source && queries::use_credential(tx, target, presented.hash, now).await? {
        return Ok(true);
    }
    match target.seller.filter(|_| target.connected) {
        Some(seller) => queries::use_api_key(tx, seller, presented.hash, now).await,
        None => Ok(false),
    }
}
