//! Serves server functions. Rejects unreadable requests with the right status, because arguments that do not parse
//! never reach `server::call`, and Postgres text cannot contain NUL.

use crate::{
    base::{AppError, Problem},
    server::{capacity::MAX_BODY, json},
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Runs the server function at the request's path.
pub(super) async fn serve_function(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if json::check(&bytes).is_err() {
        return unreadable();
    }
    with_status(leptos_axum::handle_server_fns(Request::from_parts(parts, Body::from(bytes))).await.into_response())
        .await
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
