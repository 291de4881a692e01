//! The table of routes that these tests go through. It is the one the program serves.

use accord::{
    app::router::routes,
    server::Audience,
    web::{Endpoint, Kind},
};
use std::sync::LazyLock;

static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| routes().endpoints().to_vec());

/// Pages, by path.
pub static PAGES: LazyLock<Vec<(&str, Audience)>> = LazyLock::new(|| of_kind(|kind| kind == Kind::Page));

/// Handlers that are not pages.
pub static HANDLERS: LazyLock<Vec<(&str, Audience)>> = LazyLock::new(|| of_kind(|kind| kind == Kind::Handler));

/// Server functions. One that acts on two kinds of objects has a row for each.
pub static FUNCTIONS: LazyLock<Vec<(&str, Audience)>> = LazyLock::new(|| of_kind(|kind| kind == Kind::Function));

/// Forms: path and hidden name.
pub static FORMS: LazyLock<Vec<(&str, &str, Audience)>> = LazyLock::new(|| {
    let named = ENDPOINTS.iter().filter_map(|endpoint| match endpoint.kind {
        Kind::Form(name) => Some((endpoint, name)),
        _ => None,
    });
    named.flat_map(|(endpoint, name)| endpoint.audiences.iter().map(move |who| (endpoint.path, name, *who))).collect()
});

fn of_kind(is: fn(Kind) -> bool) -> Vec<(&'static str, Audience)> {
    let these = ENDPOINTS.iter().filter(|endpoint| is(endpoint.kind));
    these.flat_map(|endpoint| endpoint.audiences.iter().map(|who| (endpoint.path, *who))).collect()
}
