//! HTTP Basic authentication (RFC 7617), used by the systems of accounts and sellers.

use crate::base::SecretHash;
use axum::http::{HeaderMap, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};

/// The username and the hash of the secret. Only hashes are compared.
#[derive(Debug, Clone)]
pub struct BasicAuth {
    pub user: Vec<u8>,
    pub secret: SecretHash,
}

impl BasicAuth {
    /// Reads the `Authorization` header. `None` unless there is exactly one and it is readable.
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
        Some(Self { user: user.to_owned(), secret: SecretHash::of(secret) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn presented(values: &[&[u8]]) -> Option<BasicAuth> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        BasicAuth::read(&headers)
    }

    fn basic(scheme: &str, pair: &[u8]) -> Option<BasicAuth> {
        presented(&[format!("{scheme} {}", BASE64_STANDARD.encode(pair)).as_bytes()])
    }

    #[test]
    fn the_scheme_ignores_case_and_the_secret_may_contain_colons() {
        for scheme in ["Basic", "basic", "BASIC", "Basic  "] {
            let read = basic(scheme, b"source:a:b").unwrap();
            assert_eq!(read.user, b"source", "{scheme}");
            assert_eq!(read.secret, SecretHash::of(b"a:b"), "{scheme}");
        }
        assert_eq!(basic("Basic", b"API:key").unwrap().user, b"API");
        assert_eq!(basic("Basic", b":key").unwrap().user, b"");
    }

    #[test]
    fn anything_but_one_pair_of_name_and_secret_is_ignored() {
        for value in
            [&b""[..], b"Basic", b"Basic ", b"Basic !!!!", b"Basic c291cmNl", b"Bearer src_00", b"Basic \xff\xfe"]
        {
            assert!(presented(&[value]).is_none(), "{value:?}");
        }
        let right = b"Basic c291cmNlOmE=";
        assert!(presented(&[right]).is_some());
        assert!(presented(&[right, right]).is_none(), "two headers are ambiguous");
    }
}
