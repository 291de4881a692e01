//! Every route has a declared audience, and each row of that table is tried by everyone it could concern. People with
//! permission succeed. The others are rejected or get 404, and nothing changes.

mod cross;
mod fixture;
mod forms;
mod functions;
mod handlers;
mod ids;
mod joining;
mod missing_check;
mod offers;
mod pages;
mod queries;
mod table;

use accord::app::router::routes;
use std::collections::BTreeSet;
use table::FUNCTIONS;

#[test]
fn every_route_is_in_the_table_once() {
    let routes = routes();
    let each: BTreeSet<_> = routes.endpoints().iter().map(|endpoint| (endpoint.path, endpoint.kind)).collect();
    assert!(each.len() > 150, "{}", each.len());
    assert_eq!(each.len(), routes.endpoints().len());
}

#[test]
fn the_table_has_exactly_the_registered_server_functions() {
    let registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    assert_eq!(registered, FUNCTIONS.iter().map(|(path, _)| *path).collect());
    assert!(registered.iter().all(|path| path.starts_with("/fn/")), "{registered:?}");
}
