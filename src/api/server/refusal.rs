//! How the API refuses: one shape for all errors (http-api.md, conventions).

use crate::{
    base::{AppError, FieldError, Problem},
    server::Fault,
};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// Of every body that the API answers.
pub const JSON: &str = "application/json; charset=utf-8";

/// Seconds after which a sending does not count any more.
const RESENDS_COUNT_FOR: u64 = 24 * 60 * 60;

/// What is wrong, for people and for programs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Error {
    /// A sentence that says what would be right.
    pub error: String,
    /// What programs tell it apart by.
    #[schema(pattern = "^[a-z][a-z_]*$", example = "plan_required")]
    pub code: String,
    /// Each property or parameter that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<WrongField>,
}

/// One wrong property or parameter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WrongField {
    /// Its path, such as `email` or `mappings.0.value`.
    pub field: String,
    #[schema(pattern = "^[a-z][a-z_]*$", example = "email_invalid")]
    pub code: String,
    pub message: String,
}

/// A refusal on its way to the caller.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub error: Error,
    pub retry_after: Option<HeaderValue>,
}

pub type Refused<T> = Result<T, Refusal>;

impl Refusal {
    pub fn of(status: StatusCode, code: &str, sentence: &str) -> Self {
        let error = Error { error: sentence.to_owned(), code: code.to_owned(), errors: Vec::new() };
        Self { status, error, retry_after: None }
    }

    /// 422 for one property or parameter.
    pub fn field(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        let wrong = WrongField { field: field.into(), code: code.to_owned(), message: message.into() };
        Self::invalid(vec![wrong])
    }

    /// Whether this is its code, or that of one of its fields.
    pub fn names(&self, code: &str) -> bool {
        self.error.code == code || self.error.errors.iter().any(|wrong| wrong.code == code)
    }

    fn invalid(errors: Vec<WrongField>) -> Self {
        let error = match errors.as_slice() {
            [only] => only.message.clone(),
            _ => "Some properties are not right.".to_owned(),
        };
        let error = Error { error, code: "invalid".to_owned(), errors };
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, error, retry_after: None }
    }

    fn told(error: &AppError) -> Self {
        let (status, code) = match error {
            AppError::Invalid(errors) => match errors.as_slice() {
                [FieldError { problem, .. }] if clashes(*problem) => (409, problem.code()),
                errors => return Self::invalid(errors.iter().map(wrong).collect()),
            },
            AppError::Refused(problem) => (problem.status(), problem.code()),
            AppError::NotFound => (404, "not_found"),
            AppError::SignedOut => (401, "authentication_failed"),
            AppError::Unavailable => (503, "unavailable"),
            AppError::Internal => (500, "internal"),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::of(status, code, &error.to_string())
    }
}

/// Nothing is wrong with the property by itself: something that is there stands against it. Forms show it beside the field.
fn clashes(problem: Problem) -> bool {
    matches!(problem, Problem::FlowNameTaken | Problem::SourceNameTaken | Problem::SameAddress | Problem::AlreadyHere)
}

fn wrong(error: &FieldError) -> WrongField {
    WrongField {
        field: error.field.clone(),
        code: error.problem.code().to_owned(),
        message: error.problem.sentence().to_owned(),
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let retry_after = fault.retry_after();
        let told = fault.report();
        let mut refusal = Self::told(&told);
        refusal.retry_after = retry_after.or_else(|| match refusal.status {
            StatusCode::SERVICE_UNAVAILABLE => Some(HeaderValue::from_static("2")),
            StatusCode::TOO_MANY_REQUESTS if told == Problem::ResendTooOften.into() => {
                Some(HeaderValue::from(RESENDS_COUNT_FOR))
            }
            StatusCode::TOO_MANY_REQUESTS => Some(HeaderValue::from_static("60")),
            _ => None,
        });
        refusal
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Fault::from(problem).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.error)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Accord API\""));
        }
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, after);
        }
        response
    }
}
