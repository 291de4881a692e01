//! Everything a request can reach, in the order it passes.

use super::{functions, mailbox, posts, shell};
use crate::{
    api, leads, partners,
    server::{AppState, guard, health, live, session, telemetry},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::{any, get, post},
};
use leptos::config::LeptosOptions;
use leptos_axum::{LeptosRoutes, generate_route_list};
use std::{path::Path, time::Duration};
use tower_http::{
    services::{ServeDir, ServeFile},
    timeout::TimeoutLayer,
};

/// The paths of all pages, in axum's spelling.
pub fn page_paths() -> Vec<String> {
    generate_route_list(|| shell::shell(LeptosOptions::builder().output_name("accord").build()))
        .iter()
        .map(|route| route.path().to_owned())
        .collect()
}

pub fn router(state: AppState) -> Router {
    let routes = generate_route_list({
        let options = state.leptos.clone();
        move || shell::shell(options.clone())
    });
    let options = state.leptos.clone();
    let pages: Router<AppState> = Router::new()
        .leptos_routes_with_context(&state, routes, || {}, {
            let options = options.clone();
            move || shell::shell(options.clone())
        })
        .fallback(leptos_axum::file_and_error_handler::<AppState, _>(shell::shell));
    let again: Router = pages.clone().with_state(state.clone());
    let timed = posts::with_posts(pages, &again)
        .route("/portal/{partner_id}/performance.csv", get(partners::pages::portal::csv))
        .route("/portal/{partner_id}/leads.csv", post(leads::pages::export::of_portal))
        .route("/partners/{partner_id}/leads.csv", post(leads::pages::export::of_account))
        .route("/dev/mailbox.json", get(mailbox::json))
        .route("/dev/mailbox/{mail_id}/html", get(mailbox::html))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)));
    timed
        .layer(from_fn(functions::edge))
        .route("/live", get(live::stream))
        .route("/dev/reload", get(live::reload))
        .layer(from_fn_with_state(state.clone(), session::load))
        .merge(submission())
        .merge(api::server::router(&state))
        .merge(files(&options))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .layer(DefaultBodyLimit::max(1 << 20))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(from_fn(log))
        .with_state(state)
}

/// Files need no session. The build put them in compressed, with a hash of their content in the name.
fn files(options: &LeptosOptions) -> Router<AppState> {
    let root = Path::new(&*options.site_root);
    let package = ServeDir::new(root.join(&*options.site_pkg_dir)).precompressed_br().precompressed_gzip();
    Router::new()
        .nest_service(&format!("/{}", options.site_pkg_dir), package)
        .route_service("/favicon.svg", ServeFile::new(root.join("favicon.svg")))
}

/// Leads come from sellers' systems: no cookie is read, no session loaded.
fn submission() -> Router<AppState> {
    Router::new()
        .route("/flows/{flow_id}/sources/{source_id}/submit", any(leads::server::http::submit))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
}

/// One line a request, and the id by which a caller can ask about it.
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
        tracing::info!(%id, %method, %path, status = response.status().as_u16(), ms, "answered");
    }
    response
}
