//! [ssr] Pages are sent compressed, except where the length would tell a stranger something.
//!
//! The length of a compressed page shows whether words of its address also stand elsewhere in it (BREACH,
//! breachattack.com). Another site can make a visitor's browser ask for our pages, with the visitor's cookie and an
//! address of its choice. So a page is compressed only if the visitor asked for it from our site or from the browser
//! itself, and never if it shows a secret.
//!
//! Only gzip: brotli would hold several MiB of memory for each page on its way.

use super::{AppState, session};
use axum::{
    extract::{Request, State},
    http::{Extensions, HeaderMap, StatusCode, Version, header},
    middleware::Next,
    response::Response,
};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, predicate::Predicate},
};

/// Compresses pages of at least a kilobyte. [`withhold`] must run before it.
pub fn layer() -> CompressionLayer<impl Predicate> {
    let worthwhile = tower_http::compression::predicate::SizeAbove::new(1024).and(is_page);
    // On pages, the higher levels save a tenth and take three times as long.
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worthwhile)
}

fn is_page(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text(header::CONTENT_TYPE).starts_with("text/html") && text(header::CACHE_CONTROL) != "no-store"
}

/// Asks for an uncompressed page where compression could tell a stranger something. Static files are the same for
/// everyone.
pub async fn withhold(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_asked_for = match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin" || site == "none",
        None => session::cookie(headers, session::cookie_name(&state)).is_none(),
    };
    if !is_asked_for && !request.uri().path().starts_with("/pkg/") {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}
