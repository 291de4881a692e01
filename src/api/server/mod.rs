//! [ssr] What all calls share, and the calls.

mod answer;
mod body;
mod call;
mod calls;
mod document;
mod key;
mod links;
mod moment;
mod once;
mod paging;
mod queries;
mod refusal;
mod schemas;

pub use document::document;

use crate::{
    base::AppError,
    server::{AppState, Fault},
};
use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use refusal::Refusal;
use std::{
    future::{Ready, ready},
    sync::Arc,
    time::Duration,
};
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
        .route(&format!("{V1}/"), axum::routing::any(not_found))
        .route(&format!("{V1}/{{*path}}"), axum::routing::any(not_found));
    behind_key(calls.merge(nowhere), state).route(DOCUMENT, get(open_document(state)))
}

/// Calls as only a living key reaches them.
pub fn behind_key(calls: Router<AppState>, state: &AppState) -> Router<AppState> {
    calls
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn_with_state(state.clone(), key::authenticate))
        .layer(from_fn(in_time))
}

/// Nobody waits longer than 30 seconds.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(Duration::from_secs(30), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::from(Fault::Told(AppError::Unavailable)).into_response(),
    }
}

async fn not_found() -> Refusal {
    Fault::NOT_FOUND.into()
}

async fn not_allowed() -> Refusal {
    Refusal::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take this method.")
}

/// The document is the same for everybody, so it is written once.
fn open_document(state: &AppState) -> impl Fn() -> Ready<Response> + Clone + Send + Sync + 'static {
    let text = document(&state.config).to_json().map(Bytes::from).map_err(Arc::new);
    move || {
        ready(match &text {
            Ok(text) => {
                let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
                (headers, text.clone()).into_response()
            }
            Err(error) => Refusal::from(Fault::Broken(format!("the document: {error}"))).into_response(),
        })
    }
}
