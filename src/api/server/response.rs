//! The response of a call as bytes, so that it can be stored and repeated.

use super::error::{ApiError, ApiResult, JSON};
use crate::server::Fault;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A status and a JSON body; 204 has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiResponse {
    pub status: StatusCode,
    pub body: Vec<u8>,
    /// The `Link` header: the next page of a list.
    pub next: Option<HeaderValue>,
}

impl ApiResponse {
    pub fn of(status: StatusCode, body: &impl Serialize) -> Result<Self, Fault> {
        let body =
            serde_json::to_vec(body).map_err(|error| Fault::Broken(format!("serializing a response: {error}")))?;
        Ok(Self { status, body, next: None })
    }

    pub fn ok(body: &impl Serialize) -> Result<Self, Fault> {
        Self::of(StatusCode::OK, body)
    }

    pub fn created(body: &impl Serialize) -> Result<Self, Fault> {
        Self::of(StatusCode::CREATED, body)
    }

    /// 204 without a body.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Vec::new(), next: None }
    }
}

impl IntoResponse for ApiResponse {
    fn into_response(self) -> Response {
        if self.status == StatusCode::NO_CONTENT {
            return self.status.into_response();
        }
        let mut response = (self.status, Body::from(self.body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        if let Some(next) = self.next {
            response.headers_mut().insert(header::LINK, next);
        }
        response
    }
}

/// The return type of every handler.
pub type Reply = ApiResult<ApiResponse>;

/// Stores an error with the same bytes that are sent.
impl TryFrom<&ApiError> for ApiResponse {
    type Error = Fault;

    fn try_from(error: &ApiError) -> Result<Self, Fault> {
        Self::of(error.status, &error.error)
    }
}
