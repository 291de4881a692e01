//! The router: all routes, and the layers a request passes through.

use crate::{
    accounts, activity, api,
    base::paths,
    deliveries, development, entities, flows, home, identity, invitations, leads, partners,
    server::{AppState, Audience, capacity::MAX_BODY, compression, guard, health, peer, telemetry},
    web::Routes,
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::config::LeptosOptions;
use std::{path::Path, time::Duration};
use tower_http::services::{ServeDir, ServeFile};

/// All routes except the API, whose document lists its own, and static files.
pub fn routes() -> Routes {
    Routes::new()
        .merge(home::routes::routes())
        .merge(identity::routes::routes())
        .merge(accounts::routes::routes())
        .merge(activity::routes::routes())
        .merge(entities::routes::routes())
        .merge(partners::routes::routes())
        .merge(flows::routes::routes())
        .merge(leads::routes::routes())
        .merge(deliveries::routes::routes())
        .merge(invitations::routes::routes())
        .merge(api::routes::routes())
        .merge(development::routes::routes())
        .sessionless(paths::HEALTH_LIVE, Audience::Anyone, get(health::live))
        .sessionless(paths::HEALTH_READY, Audience::Anyone, get(health::ready))
}

pub fn router(state: AppState) -> Router {
    routes()
        .into_router(&state, partners::pages::recent_departure)
        .merge(api::server::router(&state))
        .merge(files(&state.leptos))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(state.clone(), admit))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        // Outside the guard, because it names the pages that show secrets.
        .layer(compression::layer())
        .layer(from_fn_with_state(state.clone(), compression::withhold))
        .layer(from_fn(log))
        .with_state(state)
}

/// How long a caller waits for the response if it is over a rate limit, or has an invented token. Waiting costs nothing
/// here, and in that time a flood has only one request for each of its connections.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs the request when it has arrived and there is a place for it. Health checks always run.
async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/health/") {
        return next.run(request).await;
    }
    let (is_api, has_token) = (path.starts_with(api::server::V1), telemetry::has_token(path));
    let refuse_submission = leads::server::http::refusal(path, request.headers());
    let network =
        peer::address(&request, state.config.trusted_proxies).and_then(|address| peer::counted(address, &state.config));
    let response = state.capacity.run(network, request, |request| next.run(request)).await;
    let response = response.unwrap_or_else(|refused| match refuse_submission {
        Some(refuse) => refuse(refused),
        None if is_api => api::server::refusal(refused),
        None => refused.into_response(),
    });
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => tokio::time::sleep(PAUSE).await,
        StatusCode::NOT_FOUND if has_token => tokio::time::sleep(PAUSE).await,
        _ => {}
    }
    response
}

/// Static files need no session. The build compresses them and puts a hash of their content into their names.
fn files(options: &LeptosOptions) -> Router<AppState> {
    let root = Path::new(&*options.site_root);
    let package = ServeDir::new(root.join(&*options.site_pkg_dir)).precompressed_br().precompressed_gzip();
    Router::new()
        .nest_service(&format!("/{}", options.site_pkg_dir), package)
        .route_service("/favicon.svg", ServeFile::new(root.join("favicon.svg")))
}

/// Logs one line per request and returns the request's id in a header, so that callers can refer to it.
async fn log(request: Request, next: Next) -> Response {
    let id = crate::server::ids::random_bytes::<8>().map(|byte| format!("{byte:02x}")).concat();
    let (method, path) = (request.method().clone(), telemetry::loggable(request.uri().path()));
    let start = std::time::Instant::now();
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    if !path.starts_with("/pkg/") && !path.starts_with("/health/") {
        tracing::info!(%id, %method, %path, status = response.status().as_u16(), ms, "request handled");
    }
    response
}
