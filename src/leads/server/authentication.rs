//! What a seller's system presents to show that it may send: HTTP Basic with the credential of its source, or with an API
//! key of the connected account.

use super::queries::{self, Target};
use crate::{
    base::Hashed,
    flows::server::credentials::USER_NAME,
    server::{Fault, Tx, basic::BasicAuth},
};
use axum::http::HeaderMap;

/// Of the secret only its hash: that is all it is compared by.
#[derive(Debug, Clone, Copy)]
pub struct Presented {
    /// Under the user name of sources; keys take any.
    is_source: bool,
    hash: Hashed,
}

impl Presented {
    /// What cannot be read proves as little as none.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let BasicAuth { user, secret } = BasicAuth::read(headers)?;
        Some(Self { is_source: user == USER_NAME.as_bytes(), hash: secret })
    }
}

/// Whether this opens that source right now; notes that it was used.
pub async fn proves(tx: &mut Tx, target: &Target, presented: Presented) -> Result<bool, Fault> {
    let now = tx.now();
    if presented.is_source && queries::use_credential(tx, target, presented.hash, now).await? {
        return Ok(true);
    }
    match target.seller.filter(|_| target.connected) {
        Some(seller) => queries::use_api_key(tx, seller, presented.hash, now).await,
        None => Ok(false),
    }
}
