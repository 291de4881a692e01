//! Further headers of a webhook. Their values are often keys, so they are stored encrypted and never shown again.

use crate::{
    base::{DeliveryId, Id as _, Problem},
    server::AppState,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

/// Maximum headers of a delivery, and maximum bytes of a value.
const MAX_HEADERS: usize = 10;
const MAX_VALUE: usize = 2_000;
/// What the connection, the body and the signature need.
const OURS: [&str; 14] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// A header as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredHeader {
    pub name: String,
    /// The encrypted value, in base64.
    sealed: String,
}

impl StoredHeader {
    fn value(&self, state: &AppState, id: DeliveryId) -> Option<HeaderValue> {
        let sealed = STANDARD.decode(&self.sealed).ok()?;
        let mut value = HeaderValue::from_bytes(&state.seal.open(&about(id, &self.name), &sealed)?).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// What a value belongs to, so that it opens nowhere else.
fn about(id: DeliveryId, name: &str) -> Vec<u8> {
    [b"delivery header ", &id.bytes()[..], name.as_bytes()].concat()
}

/// Reads headers as they are typed, one a line, such as `X-Api-Key: secret`.
pub fn read(text: &str) -> Result<Vec<(String, String)>, Problem> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once(':').ok_or(Problem::DeliveryHeadersUnreadable)?;
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            let is_readable = HeaderName::from_bytes(name.as_bytes()).is_ok()
                && HeaderValue::from_str(value).is_ok()
                && !value.is_empty()
                && value.len() <= MAX_VALUE;
            match is_readable {
                false => Err(Problem::DeliveryHeadersUnreadable),
                true if is_ours(&name) => Err(Problem::DeliveryHeaderIsOurs),
                true => Ok((name, value.to_owned())),
            }
        })
        .collect()
}

fn is_ours(name: &str) -> bool {
    OURS.contains(&name) || name.starts_with("webhook-")
}

/// The headers that are kept, with new ones, which replace those of the same name.
pub fn merge(
    state: &AppState,
    id: DeliveryId,
    kept: Vec<StoredHeader>,
    new: &[(String, String)],
) -> Result<Vec<StoredHeader>, Problem> {
    let mut headers = kept;
    for (name, value) in new {
        headers.retain(|known| known.name != *name);
        let sealed = STANDARD.encode(state.seal.close(&about(id, name), value.as_bytes()));
        headers.push(StoredHeader { name: name.clone(), sealed });
    }
    if headers.len() > MAX_HEADERS { Err(Problem::DeliveryHeadersTooMany) } else { Ok(headers) }
}

/// The headers to send. None if one cannot be decrypted, because `SECRET_KEY` has changed.
pub fn reveal(state: &AppState, id: DeliveryId, stored: &[StoredHeader]) -> Option<HeaderMap> {
    stored
        .iter()
        .map(|header| Some((HeaderName::from_bytes(header.name.as_bytes()).ok()?, header.value(state, id)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_line_by_line_and_ours_are_refused() {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(read(""), Ok(Vec::new()));
        assert_eq!(
            read("X-Api-Key: a:b\r\n\n Authorization:Bearer x \n"),
            Ok(pairs(&[("x-api-key", "a:b"), ("authorization", "Bearer x")]))
        );
        for unreadable in ["X-Key", "X Key: a", ": a", "X-Key:", "X-Key: a\u{1}", "Schlüssel: a"] {
            assert_eq!(read(unreadable), Err(Problem::DeliveryHeadersUnreadable), "{unreadable:?}");
        }
        assert_eq!(read(&format!("a: {}", "x".repeat(MAX_VALUE + 1))), Err(Problem::DeliveryHeadersUnreadable));
        for ours in [
            "Host: a",
            "CONTENT-LENGTH: 1",
            "webhook-signature: x",
            "Webhook-Anything: x",
            "Transfer-Encoding: chunked",
        ] {
            assert_eq!(read(ours), Err(Problem::DeliveryHeaderIsOurs), "{ours}");
        }
    }
}
