//! Checks the host and origin of every request, and sets the security headers of every response.

use super::{AppState, form::ErrorResponse, session};
use crate::base::Problem;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// The policy of responses that are not pages: nothing may run or be framed.
const NON_PAGE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The content security policy of a page. Scripts need the nonce of this response; inline styles are not allowed.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = match rejection(&state, &request) {
        Some(rejected) => rejected,
        None => next.run(request).await,
    };
    let is_success = response.status().is_success();
    set_security_headers(&state, &path, is_success, response.headers_mut());
    response
}

fn rejection(state: &AppState, request: &Request) -> Option<Response> {
    if let Some(response) = wrong_host(state, request) {
        return Some(response);
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    (!safe && needs_origin_check(state, request) && !is_same_site(state, request.headers()))
        .then(|| ErrorResponse(Problem::CrossSite.into()).into_response())
}

/// Unknown hosts get 421, so a poisoned Host header never gets further. Health checks may use an IP address.
fn wrong_host(state: &AppState, request: &Request) -> Option<Response> {
    let base = &state.config.base_url;
    let host = request
        .uri()
        .authority()
        .map(|authority| authority.as_str())
        .or_else(|| request.headers().get(header::HOST).and_then(|value| value.to_str().ok()));
    let host = host.unwrap_or("").to_lowercase();
    if host == base.host() || request.uri().path().starts_with("/health/") {
        return None;
    }
    let port = format!(":{}", state.config.listen_addr.port());
    let loopback =
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.strip_prefix(name) == Some(port.as_str()));
    if !state.config.is_production() && loopback && *request.method() == Method::GET {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Some((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, base.join(path))]).into_response());
    }
    Some(ErrorResponse(Problem::UnknownHost.into()).into_response())
}

/// True for requests that a browser could send with our cookie. Lead submission and the API never read cookies, so they
/// accept posts from anywhere.
fn needs_origin_check(state: &AppState, request: &Request) -> bool {
    let path = request.uri().path();
    let ignores_cookies = path.ends_with("/submit") || is_api(request.method(), path);
    // Sign-in and sign-up have no cookie yet, but another site must not submit them for a visitor (login CSRF).
    !ignores_cookies
        && (session::cookie(request.headers(), session::cookie_name(state)).is_some() || is_browser(request.headers()))
}

/// API calls, including the original documented paths at the root.
fn is_api(method: &Method, path: &str) -> bool {
    let original = matches!(path, "/invitations/source" | "/invitations/recipient")
        || (*method == Method::PUT && path.starts_with("/invitations/"));
    path.starts_with("/api/v1") || original
}

fn is_browser(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN)
}

/// Checks Sec-Fetch-Site if the browser sends it, otherwise Origin.
fn is_same_site(state: &AppState, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(header::ORIGIN).is_some_and(|origin| origin.eq_ignore_ascii_case(state.config.base_url.origin())),
    }
}

fn set_security_headers(state: &AppState, path: &str, is_success: bool, headers: &mut HeaderMap) {
    let mut unless_set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    unless_set(header::CONTENT_SECURITY_POLICY, NON_PAGE_POLICY);
    unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_set(header::REFERRER_POLICY, "same-origin");
    unless_set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    unless_set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()");
    if state.config.base_url.is_https() {
        unless_set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if shows_secrets(path) {
        unless_set(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    }
    // File names in /pkg contain a hash of the content.
    unless_set(
        header::CACHE_CONTROL,
        if is_success && path.starts_with("/pkg/") {
            "public, max-age=31536000, immutable"
        } else if shows_secrets(path) {
            "no-store"
        } else {
            "private, no-cache"
        },
    );
}

/// Pages that a token opens, or that show a secret once.
fn shows_secrets(path: &str) -> bool {
    ["/i/", "/invitations/", "/stop/", "/verify/", "/reset/"].iter().any(|start| path.starts_with(start))
}
