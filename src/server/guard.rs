//! What every request passes first: the name it came under, where it came from, and the headers of the answer.

use super::{AppState, form::Refused, session};
use crate::base::Problem;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// For answers that are no page of ours: nothing may run or be framed.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";

/// The content security policy of a page. Scripts need the nonce of this very answer; there are no inline styles.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = match refusal(&state, &request) {
        Some(refused) => refused,
        None => next.run(request).await,
    };
    let found = response.status().is_success();
    harden(&state, &path, found, response.headers_mut());
    response
}

fn refusal(state: &AppState, request: &Request) -> Option<Response> {
    if let Some(answer) = wrong_host(state, request) {
        return Some(answer);
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    (!safe && carries_our_cookie(state, request) && !is_same_site(state, request.headers()))
        .then(|| Refused(Problem::CrossSite.into()).into_response())
}

/// Unknown names get 421, so that no poisoned Host header reaches anything; health checks come by address.
fn wrong_host(state: &AppState, request: &Request) -> Option<Response> {
    let base = &state.config.base_url;
    let named = request
        .uri()
        .authority()
        .map(|authority| authority.as_str())
        .or_else(|| request.headers().get(header::HOST).and_then(|value| value.to_str().ok()));
    let named = named.unwrap_or("").to_lowercase();
    if named == base.host() || request.uri().path().starts_with("/health/") {
        return None;
    }
    let port = format!(":{}", state.config.listen_addr.port());
    let loopback =
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| named.strip_prefix(name) == Some(port.as_str()));
    if !state.config.is_production() && loopback && *request.method() == Method::GET {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Some((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, base.join(path))]).into_response());
    }
    Some(Refused(Problem::UnknownHost.into()).into_response())
}

/// Lead submission and the API never read cookies, so they need no check and take posts from everywhere.
fn carries_our_cookie(state: &AppState, request: &Request) -> bool {
    let path = request.uri().path();
    let takes_keys = path.ends_with("/submit") || is_api(request.method(), path);
    // Signing in and up have no cookie yet, but a stranger's page must not do them for a visitor (login CSRF).
    !takes_keys
        && (session::cookie(request.headers(), session::cookie_name(state)).is_some() || is_browser(request.headers()))
}

/// Calls of the API, those of the documented original at the root among them.
fn is_api(method: &Method, path: &str) -> bool {
    let original = matches!(path, "/invitations/source" | "/invitations/recipient")
        || (*method == Method::PUT && path.starts_with("/invitations/"));
    path.starts_with("/api/v1") || original
}

fn is_browser(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN)
}

/// Sec-Fetch-Site where the browser sends it, else the Origin.
fn is_same_site(state: &AppState, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(header::ORIGIN).is_some_and(|origin| origin.eq_ignore_ascii_case(state.config.base_url.origin())),
    }
}

fn harden(state: &AppState, path: &str, found: bool, headers: &mut HeaderMap) {
    let mut unless_set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    unless_set(header::CONTENT_SECURITY_POLICY, NO_PAGE);
    unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_set(header::REFERRER_POLICY, "same-origin");
    unless_set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    unless_set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()");
    if state.config.base_url.is_https() {
        unless_set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    // Names in /pkg carry a hash of their content.
    unless_set(
        header::CACHE_CONTROL,
        if found && path.starts_with("/pkg/") {
            "public, max-age=31536000, immutable"
        } else if keeps_secrets(path) {
            "no-store"
        } else {
            "private, no-cache"
        },
    );
}

/// Pages that a token opens or that show a secret once.
fn keeps_secrets(path: &str) -> bool {
    ["/i/", "/invitations/", "/stop/", "/verify/", "/reset/"].iter().any(|start| path.starts_with(start))
}
