//! [ssr] What all calls share, and the calls.

mod answer;
mod body;
mod call;
mod calls;
mod document;
mod key;
mod once;
mod paging;
mod queries;
mod refusal;
mod schemas;

pub use document::document;

use crate::server::AppState;
use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    middleware::from_fn_with_state,
    response::IntoResponse,
    routing::get,
};
use refusal::Refusal;
use std::time::Duration;
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;

/// Where the document and the current calls are.
pub const DOCUMENT: &str = "/api/openapi.json";
pub const V1: &str = "/api/v1";

/// The calls with what the document says of them: those of the documented original at the root and under `/api/v1`, all
/// others there only.
fn calls() -> OpenApiRouter<AppState> {
    calls::original().nest(V1, calls::original().merge(calls::ours()))
}

/// The API reads no cookie and loads no session: each request proves itself by its key.
pub fn router(state: &AppState) -> Router<AppState> {
    let (calls, _) = calls().split_for_parts();
    let nowhere = Router::new()
        .route(V1, axum::routing::any(not_found))
        .route(&format!("{V1}/{{*path}}"), axum::routing::any(not_found));
    calls
        .merge(nowhere)
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn_with_state(state.clone(), key::authenticate))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(30)))
        .route(DOCUMENT, get(open_document))
}

async fn not_found() -> Refusal {
    crate::server::Fault::NOT_FOUND.into()
}

async fn not_allowed() -> Refusal {
    Refusal::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take this method.")
}

async fn open_document() -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    (headers, document::text())
}
