//! The fields of a posted form, and refusals as plain text.

use super::{Cx, Fault};
use crate::base::{AccountId, AppError, FormReturn, Problem};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{collections::BTreeMap, str::FromStr};

/// The fields of a posted form, in their order.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn parse(body: &[u8]) -> Option<Self> {
        let fields = serde_urlencoded::from_bytes::<Vec<(String, String)>>(body).ok()?;
        // Postgres has no text with NUL, and no person types one.
        (!fields.iter().any(|(name, value)| name.contains('\0') || value.contains('\0'))).then_some(Self(fields))
    }

    /// The value of a field, as typed; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The values of all fields of that name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names of the fields, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// By name; of several of one name the first.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.0.iter().rev().cloned().collect()
    }

    /// The same form with other rows.
    pub fn with_rows(&self, rows: impl IntoIterator<Item = (String, String)>) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !name.starts_with("row-") && name != "do").cloned();
        Self(kept.chain(rows).collect())
    }

    pub fn is_checked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// A hidden id; the page wrote it, so anything else is no form of ours.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.get(name).parse().map_err(|_| Fault::NOT_FOUND)
    }

    /// The account the form was made for. Who may no longer act there is told so: nothing happens elsewhere instead.
    pub fn acting_account(&self, cx: &Cx) -> Result<AccountId, Fault> {
        let account_id = self.id("as")?;
        let place = cx.viewer()?.place(account_id);
        place.map(|place| place.account_id).ok_or(Fault::Told(Problem::ActsElsewhere.into()))
    }

    /// What the page shows again: everything that was typed but secrets, and why it was refused, if it was.
    pub fn back(&self, error: Option<AppError>) -> FormReturn {
        let values: BTreeMap<_, _> =
            self.0.iter().filter(|(name, _)| !name.contains("password") && name != "form").cloned().collect();
        FormReturn { form: self.get("form").to_owned(), values, error }
    }
}

/// A path of this site to go on to after signing in; anything that could lead elsewhere becomes the first page.
pub fn local_path(next: &str) -> &str {
    let ours =
        next.starts_with('/') && !next.starts_with("//") && !next.contains(|c: char| c == '\\' || c.is_ascii_control());
    if ours && next.is_ascii() { next } else { "/" }
}

/// An error as the answer of a handler that is no page.
#[derive(Debug)]
pub struct Refused(pub AppError);

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self(fault.report())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response =
            (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], self.0.to_string()).into_response();
        let again = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some("2"),
            StatusCode::TOO_MANY_REQUESTS => Some("60"),
            _ => None,
        };
        if let Some(seconds) = again {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_one_stays_on_this_site() {
        for (next, there) in [
            ("/flows?page=2", "/flows?page=2"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https:evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/\u{1}", "/"),
            ("/\u{7f}x", "/"),
            ("", "/"),
        ] {
            assert_eq!(local_path(next), there, "{next:?}");
        }
    }

    #[test]
    fn a_refused_form_gives_back_everything_but_secrets() {
        let fields = Fields::parse(b"form=signup&name=Ann&password=hunter22&password_again=hunter22").unwrap();
        let back = fields.back(Some(AppError::NotFound));
        assert_eq!(back.form, "signup");
        assert_eq!(back.values.into_iter().collect::<Vec<_>>(), [("name".to_owned(), "Ann".to_owned())]);
    }
}
