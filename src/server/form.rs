//! The fields of a posted form, and errors as plain-text responses.

use super::{Cx, Fault};
use crate::base::{AccountId, AppError, FormState, Problem};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{collections::BTreeMap, str::FromStr};

/// The fields of a posted form, in order.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

/// Maximum fields of a form. The rule editor has the most: four for each of its rows.
const MAX_FIELDS: usize = 12_000;

impl Fields {
    /// `None` if the body is no form, or has too many fields; each costs much more memory than its two characters.
    pub fn parse(body: &[u8]) -> Option<Self> {
        if body.iter().filter(|byte| **byte == b'&').count() >= MAX_FIELDS {
            return None;
        }
        let fields = serde_urlencoded::from_bytes::<Vec<(String, String)>>(body).ok()?;
        // Postgres text cannot contain NUL, and nobody types one.
        (!fields.iter().any(|(name, value)| name.contains('\0') || value.contains('\0'))).then_some(Self(fields))
    }

    /// The value of a field as typed; empty if it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The values of all fields with this name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names of the fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Values by name; the first one if a name repeats.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.0.iter().rev().cloned().collect()
    }

    /// The same form with its editor rows replaced.
    pub fn with_rows(&self, rows: impl IntoIterator<Item = (String, String)>) -> Self {
        let other_fields = self.0.iter().filter(|(name, _)| !name.starts_with("row-") && name != "do").cloned();
        Self(other_fields.chain(rows).collect())
    }

    pub fn is_checked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// The id in a hidden field. Our page wrote it, so an unreadable one means the form is not ours.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.get(name).parse().map_err(|_| Fault::NOT_FOUND)
    }

    /// The account the form belongs to. Fails if the viewer is no longer a member, rather than act in another account.
    pub fn acting_account(&self, cx: &Cx) -> Result<AccountId, Fault> {
        let account_id = self.id("as")?;
        let membership = cx.viewer()?.membership(account_id);
        membership.map(|membership| membership.account_id).ok_or(Fault::Expected(Problem::ActsElsewhere.into()))
    }

    /// The state for showing the page again: all submitted values except secrets, and the error, if any.
    pub fn back(&self, error: Option<AppError>) -> FormState {
        let values: BTreeMap<_, _> =
            self.0.iter().filter(|(name, _)| !name.contains("password") && name != "form").cloned().collect();
        FormState { form: self.get("form").to_owned(), values, error }
    }
}

/// The path to continue to after sign-in. Anything that could lead to another site becomes Home.
pub fn local_path(next: &str) -> &str {
    let is_local =
        next.starts_with('/') && !next.starts_with("//") && !next.contains(|c: char| c == '\\' || c.is_ascii_control());
    if is_local && next.is_ascii() { next } else { "/" }
}

/// An error as a plain-text response, for handlers other than pages.
#[derive(Debug)]
pub struct ErrorResponse(pub AppError);

impl From<Fault> for ErrorResponse {
    fn from(fault: Fault) -> Self {
        Self(fault.report())
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response =
            (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], self.0.to_string()).into_response();
        let retry_after = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some("2"),
            StatusCode::TOO_MANY_REQUESTS => Some("60"),
            _ => None,
        };
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        for (next, path) in [
            ("/flows?page=2", "/flows?page=2"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https:evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/\u{1}", "/"),
            ("/\u{7f}x", "/"),
            ("", "/"),
        ] {
            assert_eq!(local_path(next), path, "{next:?}");
        }
    }

    #[test]
    fn a_form_has_a_limited_number_of_fields() {
        assert!(Fields::parse("a=1&".repeat(MAX_FIELDS - 1).as_bytes()).is_some());
        assert!(Fields::parse("a=1&".repeat(MAX_FIELDS).as_bytes()).is_none());
    }

    #[test]
    fn a_rejected_form_keeps_everything_except_secrets() {
        let fields = Fields::parse(b"form=signup&name=Ann&password=hunter22&password_again=hunter22").unwrap();
        let back = fields.back(Some(AppError::NotFound));
        assert_eq!(back.form, "signup");
        assert_eq!(back.values.into_iter().collect::<Vec<_>>(), [("name".to_owned(), "Ann".to_owned())]);
    }
}
