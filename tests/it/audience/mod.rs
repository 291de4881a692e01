//! Everything a request can reach has a declared audience, and every cell of that table is tried by everybody it could
//! concern: who may gets it, who may not is refused or finds nothing, and nothing changes then.

mod cast;
mod cross;
mod forms;
mod functions;
mod handlers;
mod ids;
mod offers;
mod pages;

use accord::app::{
    audience::{Audience, FORMS, FUNCTIONS, HANDLERS, PAGES},
    posts::POSTS,
    router::page_paths,
};
use std::collections::BTreeSet;

fn paths_of(table: &[(&str, Audience)]) -> BTreeSet<String> {
    table.iter().map(|(path, _)| (*path).to_owned()).collect()
}

#[tokio::test]
async fn the_table_has_every_page_and_no_other() {
    assert_eq!(page_paths().into_iter().collect::<BTreeSet<_>>(), paths_of(PAGES));
    assert_eq!(PAGES.len(), paths_of(PAGES).len(), "each once");
}

#[test]
fn every_form_posts_to_a_page_or_handler_of_the_table() {
    let known: BTreeSet<_> = paths_of(PAGES).union(&paths_of(HANDLERS)).cloned().collect();
    for (path, _, _) in FORMS {
        assert!(known.contains(*path), "{path}");
    }
    let each: BTreeSet<_> = FORMS.iter().map(|(path, form, _)| (path, form)).collect();
    assert_eq!(each.len(), FORMS.len(), "each once");
}

#[test]
fn everything_that_takes_posts_has_its_forms_in_the_table() {
    let posted: BTreeSet<_> = POSTS.iter().map(|(path, _)| *path).collect();
    let router = std::fs::read_to_string("src/app/router.rs").unwrap();
    let by_itself = |path: &str| router.contains(&format!(".route(\"{path}\", post("));
    let (forms, others): (BTreeSet<&str>, BTreeSet<&str>) =
        FORMS.iter().map(|(path, _, _)| *path).partition(|path| posted.contains(path));
    assert_eq!(forms, posted);
    assert!(others.iter().all(|path| by_itself(path)), "{others:?}");
    assert_eq!(router.matches("\", post(").count(), others.len());
}

#[tokio::test]
async fn the_table_has_every_server_function_and_no_other() {
    // Rendering routes makes sure that the rooms are linked into this program.
    page_paths();
    let registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(registered, paths_of(FUNCTIONS));
    assert!(registered.iter().all(|path| path.starts_with("/fn/")), "{registered:?}");
}

#[test]
fn every_handler_of_the_router_stands_in_the_table() {
    let router = std::fs::read_to_string("src/app/router.rs").unwrap();
    let mentioned: BTreeSet<_> = router
        .lines()
        .filter_map(|line| line.split_once(".route(\"")?.1.split('"').next())
        .filter(|path| *path != "/fn/{*path}")
        .map(ToOwned::to_owned)
        .collect();
    let posted = POSTS.iter().map(|(path, _)| (*path).to_owned()).filter(|path| !paths_of(PAGES).contains(path));
    assert_eq!(mentioned.into_iter().chain(posted).collect::<BTreeSet<_>>(), paths_of(HANDLERS));
}
