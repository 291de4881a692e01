//! Serves server functions. Rejects unreadable requests with the right status, because arguments that do not parse
//! never reach `server::call`, and Postgres text cannot contain NUL.

use crate::base::{AppError, Problem};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

const MAX_BODY: usize = 1 << 20;
/// Maximum names and values of a call. The editor of rules with its maximum of 500 rules has fewer.
const MAX_VALUES: usize = 20_000;

/// Runs the server function at the request's path.
pub(super) async fn serve_function(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if !is_storable(&bytes) {
        return unreadable();
    }
    with_status(leptos_axum::handle_server_fns(Request::from_parts(parts, Body::from(bytes))).await.into_response())
        .await
}

/// True for JSON without NUL and with a limited number of values. Keeps nothing, because a tree of the values would cost
/// many times what was sent.
fn is_storable(body: &[u8]) -> bool {
    let mut json = serde_json::Deserializer::from_slice(body);
    let mut count = 0;
    Storable { count: &mut count }.deserialize(&mut json).and_then(|()| json.end()).is_ok()
}

struct Storable<'c> {
    count: &'c mut usize,
}

impl Storable<'_> {
    fn next(&mut self) -> Storable<'_> {
        Storable { count: self.count }
    }
}

impl<'de> DeserializeSeed<'de> for Storable<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        *self.count += 1;
        if *self.count > MAX_VALUES {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Storable<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') { Err(E::custom("a NUL character")) } else { Ok(()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut values: A) -> Result<(), A::Error> {
        while values.next_element_seed(self.next())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        while fields.next_key_seed(self.next())?.is_some() {
            fields.next_value_seed(self.next())?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

fn unreadable() -> Response {
    let error = AppError::Refused(Problem::RequestUnreadable);
    let body = serde_json::to_string(&error).unwrap_or_default();
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Corrects the status: the framework returns 500 for arguments of the wrong type, although the body has the real
/// error.
async fn with_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<AppError>(&bytes) {
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
    Response::from_parts(parts, Body::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_without_nul_and_of_a_limited_size_reaches_a_function() {
        for good in ["{}", r#"{"a":[1,-2,0.5,true,null,"x",{"b":[]}]}"#, "null"] {
            assert!(is_storable(good.as_bytes()), "{good}");
        }
        for bad in ["", "{", "{} {}", r#"{"a":"\u0000"}"#, r#"{"\u0000":1}"#, r#"[[["\u0000"]]]"#, "\u{feff}{}"] {
            assert!(!is_storable(bad.as_bytes()), "{bad:?}");
        }
        assert!(!is_storable(&[b'['; 100_000]));
        let list = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert!(is_storable(list(MAX_VALUES - 1).as_bytes()));
        assert!(!is_storable(list(MAX_VALUES).as_bytes()));
    }
}
