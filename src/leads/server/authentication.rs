//! What a seller's system presents to show that it may send: HTTP Basic with the credential of its source, or with an API
//! key of the connected account.

use super::queries::{self, Target};
use crate::{
    base::Hashed,
    flows::server::credentials::USER_NAME,
    server::{Fault, Tx},
};
use axum::http::{HeaderMap, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};

/// Of the secret only its hash: that is all it is compared by.
#[derive(Debug, Clone, Copy)]
pub struct Presented {
    /// Under the user name of sources; keys take any.
    is_source: bool,
    hash: Hashed,
}

impl Presented {
    /// What the one `Authorization` header says. What cannot be read proves as little as none.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(only), None) = (all.next(), all.next()) else { return None };
        let (scheme, encoded) = only.to_str().ok()?.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
        let mut halves = decoded.splitn(2, |byte| *byte == b':');
        let (user, secret) = (halves.next()?, halves.next()?);
        Some(Self { is_source: user == USER_NAME.as_bytes(), hash: Hashed::of(secret) })
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn presented(values: &[&[u8]]) -> Option<Presented> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        Presented::read(&headers)
    }

    fn basic(scheme: &str, pair: &[u8]) -> Option<Presented> {
        presented(&[format!("{scheme} {}", BASE64_STANDARD.encode(pair)).as_bytes()])
    }

    #[test]
    fn the_scheme_may_be_written_in_any_case_and_the_secret_may_hold_colons() {
        for scheme in ["Basic", "basic", "BASIC", "Basic  "] {
            let read = basic(scheme, b"source:a:b").unwrap();
            assert!(read.is_source, "{scheme}");
            assert_eq!(read.hash, Hashed::of(b"a:b"), "{scheme}");
        }
        assert!(!basic("Basic", b"API:key").unwrap().is_source);
        assert!(!basic("Basic", b":key").unwrap().is_source);
    }

    #[test]
    fn what_is_no_pair_of_name_and_secret_presents_nothing() {
        for value in
            [&b""[..], b"Basic", b"Basic ", b"Basic !!!!", b"Basic c291cmNl", b"Bearer src_00", b"Basic \xff\xfe"]
        {
            assert!(presented(&[value]).is_none(), "{value:?}");
        }
        let right = b"Basic c291cmNlOmE=";
        assert!(presented(&[right]).is_some());
        assert!(presented(&[right, right]).is_none(), "which of the two?");
    }
}
