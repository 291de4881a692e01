//! What a call answers, as bytes, so that it can be kept and given again.

use super::refusal::{JSON, Refusal, Refused};
use crate::server::Fault;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A status and a body of JSON; no body for 204.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
    /// Where the next page of a list is.
    pub next: Option<HeaderValue>,
}

impl Answer {
    pub fn of(status: StatusCode, body: &impl Serialize) -> Result<Self, Fault> {
        let body = serde_json::to_vec(body).map_err(|error| Fault::Broken(format!("an answer: {error}")))?;
        Ok(Self { status, body, next: None })
    }

    pub fn ok(body: &impl Serialize) -> Result<Self, Fault> {
        Self::of(StatusCode::OK, body)
    }

    pub fn created(body: &impl Serialize) -> Result<Self, Fault> {
        Self::of(StatusCode::CREATED, body)
    }

    /// Done, and nothing to say.
    pub fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Vec::new(), next: None }
    }
}

impl IntoResponse for Answer {
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

/// What every handler returns.
pub type Reply = Refused<Answer>;

/// A refusal as it is kept: the same bytes as were answered.
impl TryFrom<&Refusal> for Answer {
    type Error = Fault;

    fn try_from(refusal: &Refusal) -> Result<Self, Fault> {
        Self::of(refusal.status, &refusal.error)
    }
}
