//! Everything a request can reach has a declared audience, and every cell of that table is tried by everybody it could
//! concern: who may gets it, who may not is refused or finds nothing, and nothing changes then.

mod cast;
mod cross;
mod forms;
mod functions;
mod handlers;
mod ids;
mod joining;
mod offers;
mod pages;
mod proof;
mod table;

use accord::app::router::routes;
use std::collections::BTreeSet;
use table::FUNCTIONS;

#[test]
fn everything_in_the_table_is_there_once() {
    let routes = routes();
    let each: BTreeSet<_> = routes.endpoints().iter().map(|endpoint| (endpoint.path, endpoint.kind)).collect();
    assert!(each.len() > 150, "{}", each.len());
    assert_eq!(each.len(), routes.endpoints().len());
}

#[test]
fn the_table_has_every_server_function_and_no_other() {
    let registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    assert_eq!(registered, FUNCTIONS.iter().map(|(path, _)| *path).collect());
    assert!(registered.iter().all(|path| path.starts_with("/fn/")), "{registered:?}");
}
