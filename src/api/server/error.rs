//! Error responses of the API: one format for all (http-api.md, conventions).

use crate::{
    base::{AppError, FieldError, Problem},
    server::Fault,
};
use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The content type of all response bodies.
pub const JSON: &str = "application/json; charset=utf-8";

/// Maximum invalid properties listed in one response.
const MAX_ERRORS: usize = 50;

/// An error, for people and for programs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Error {
    /// A sentence that says what is wrong and how to fix it.
    pub error: String,
    /// Identifies the error for programs.
    #[schema(pattern = "^[a-z][a-z_]*$", example = "plan_required")]
    pub code: String,
    /// The invalid properties or parameters, at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<WrongField>,
}

/// One invalid property or parameter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WrongField {
    /// Its path, such as `email` or `mappings.0.value`.
    pub field: String,
    #[schema(pattern = "^[a-z][a-z_]*$", example = "email_invalid")]
    pub code: String,
    pub message: String,
}

/// An error response, before it is sent.
#[derive(Debug)]
pub struct ApiError {
    pub status: StatusCode,
    pub error: Error,
    /// `Retry-After` and those of a rate limit.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub fn of(status: StatusCode, code: &str, sentence: &str) -> Self {
        let error = Error { error: sentence.to_owned(), code: code.to_owned(), errors: Vec::new() };
        Self { status, error, headers: Vec::new() }
    }

    /// 422 for one property or parameter.
    pub fn field(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        let wrong = WrongField { field: field.into(), code: code.to_owned(), message: message.into() };
        Self::invalid(vec![wrong])
    }

    /// True if this is its code or the code of one of its fields.
    pub fn has_code(&self, code: &str) -> bool {
        self.error.code == code || self.error.errors.iter().any(|wrong| wrong.code == code)
    }

    fn invalid(mut errors: Vec<WrongField>) -> Self {
        errors.truncate(MAX_ERRORS);
        let error = match errors.as_slice() {
            [only] => only.message.clone(),
            _ => "Some properties are invalid.".to_owned(),
        };
        let error = Error { error, code: "invalid".to_owned(), errors };
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, error, headers: Vec::new() }
    }

    fn from_app_error(error: &AppError) -> Self {
        let (status, code) = match error {
            AppError::Invalid(errors) => match errors.as_slice() {
                [FieldError { problem, .. }] if is_conflict(*problem) => (409, problem.code()),
                errors => return Self::invalid(errors.iter().map(wrong_field).collect()),
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

/// True if the property is valid in itself but conflicts with existing data. Forms show these errors next to the field.
fn is_conflict(problem: Problem) -> bool {
    matches!(problem, Problem::FlowNameTaken | Problem::SourceNameTaken | Problem::SameAddress | Problem::AlreadyHere)
}

fn wrong_field(error: &FieldError) -> WrongField {
    WrongField {
        field: error.field.clone(),
        code: error.problem.code().to_owned(),
        message: error.problem.sentence().to_owned(),
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let headers = fault.headers();
        let mut response = Self::from_app_error(&fault.report());
        response.headers = headers;
        if response.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers.push((header::RETRY_AFTER, HeaderValue::from_static("2")));
        }
        response
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Fault::from(problem).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.error)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Accord API\""));
        }
        headers.extend(self.headers);
        response
    }
}
