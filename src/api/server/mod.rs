//! [ssr] The calls of the API and what they share.

mod body;
mod call;
mod calls;
mod document;
mod error;
mod idempotency;
mod key;
mod lead_stream;
mod links;
mod moment;
mod paging;
mod queries;
mod response;
mod schemas;
mod submission;

pub use document::document;

use crate::server::{AppState, Fault, capacity::Refused};
use axum::{
    Router,
    body::Bytes,
    http::{StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use error::ApiError;
use std::{
    future::{Ready, ready},
    sync::Arc,
};
use utoipa_axum::router::OpenApiRouter;

/// The paths of the document and of the current version.
pub const DOCUMENT: &str = "/api/openapi.json";
pub const V1: &str = "/api/v1";

/// All calls with their documentation: those of the documented original at the root and under `/api/v1`, all others
/// only there.
fn calls() -> OpenApiRouter<AppState> {
    calls::original().nest(V1, calls::original().merge(calls::v1_only()))
}

/// The API reads no cookie and loads no session: each request authenticates with its key.
pub fn router(state: &AppState) -> Router<AppState> {
    let (calls, _) = calls().split_for_parts();
    let unknown_paths = Router::new()
        .route(V1, axum::routing::any(not_found))
        .route(&format!("{V1}/"), axum::routing::any(not_found))
        .route(&format!("{V1}/{{*path}}"), axum::routing::any(not_found));
    require_key(calls.merge(unknown_paths), state).route(DOCUMENT, get(document_handler(state)))
}

/// Adds authentication by API key, and a 405 for unsupported methods.
pub fn require_key(calls: Router<AppState>, state: &AppState) -> Router<AppState> {
    calls.method_not_allowed_fallback(not_allowed).layer(from_fn_with_state(state.clone(), key::authenticate))
}

/// The response to a request that this process does not take on.
pub fn refusal(refused: Refused) -> Response {
    let (code, sentence) =
        (if refused.status().is_server_error() { "unavailable" } else { "unreadable" }, refused.sentence());
    let error = ApiError::of(refused.status(), code, sentence);
    ApiError { headers: refused.headers(), ..error }.into_response()
}

async fn not_found() -> ApiError {
    Fault::NOT_FOUND.into()
}

async fn not_allowed() -> ApiError {
    ApiError::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not support this method.")
}

/// The document is the same for every caller, so it is generated once.
fn document_handler(state: &AppState) -> impl Fn() -> Ready<Response> + Clone + Send + Sync + 'static {
    let text = document(&state.config).to_json().map(Bytes::from).map_err(Arc::new);
    move || {
        ready(match &text {
            Ok(text) => {
                let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
                (headers, text.clone()).into_response()
            }
            Err(error) => {
                ApiError::from(Fault::Broken(format!("generating the OpenAPI document: {error}"))).into_response()
            }
        })
    }
}
