//! A route whose handler forgets to check permissions shows nothing and changes nothing.

use crate::support::{Actor, TestApp};
use accord::{
    accounts::model::Permission,
    partners::model::PartnerPermission,
    server::{Audience, Cx},
    web::{PageResult, Post, PostResult, Redirect, Routes, Screen, Visit, page},
};
use axum::{Extension, routing::get};
use leptos::prelude::*;

async fn forgets(_visit: Visit) -> PageResult {
    Ok(Screen::plain("Forgets", view! { <p>"what nobody may read"</p> }))
}

async fn checks_too_little(visit: Visit) -> PageResult {
    let account_id = visit.cx.active_membership()?.account_id;
    visit.cx.actor(account_id, Permission::See)?;
    forgets(visit).await
}

async fn checks(visit: Visit) -> PageResult {
    let account_id = visit.cx.active_membership()?.account_id;
    visit.cx.actor(account_id, Permission::ChangeFlows)?;
    forgets(visit).await
}

async fn file(Extension(_cx): Extension<Cx>) -> &'static str {
    "what nobody may read"
}

async fn file_that_checks(Extension(cx): Extension<Cx>) -> &'static str {
    let account_id = cx.active_membership().map(|place| place.account_id).expect("an account");
    cx.actor(account_id, Permission::See).map_or("refused", |_| "what one may read")
}

async fn rename(post: &Post) -> PostResult {
    let renamed = post.cx.write((), |tx, ()| {
        Box::pin(async move {
            sqlx::query("update accounts set name = 'Renamed'").execute(&mut **tx).await?;
            Ok(())
        })
    });
    renamed.await?;
    Ok(Redirect::to("/"))
}

async fn post_forgets(post: Post) -> PostResult {
    rename(&post).await
}

async fn post_checks(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::ChangeFlows)?;
    rename(&post).await
}

/// An Admin of an application whose routes do what their paths say.
async fn admin_of_forgetful_routes() -> Actor {
    let app = TestApp::start().await;
    let change = Audience::Account(Permission::ChangeFlows);
    let routes = Routes::new()
        .pages([
            page("/forgets", change, forgets).form("forgets", change, post_forgets).form("checks", change, post_checks),
            page("/checks-too-little", change, checks_too_little),
            page("/checks", change, checks),
            page("/portal", Audience::Portal(PartnerPermission::See), checks),
            page("/anyone", Audience::Anyone, forgets),
            page("/signed-in", Audience::SignedIn, forgets),
            page("/active", Audience::Active(Permission::ManageAccount), forgets),
        ])
        .handler("/file", change, get(file))
        .handler("/file-that-checks", Audience::Account(Permission::See), get(file_that_checks));
    let mut admin = app.buyer().await;
    admin.app = app.with_routes(routes);
    admin
}

#[tokio::test]
async fn a_page_or_file_without_a_permission_check_shows_nothing() {
    let admin = admin_of_forgetful_routes().await;
    for path in ["/forgets", "/checks-too-little", "/portal", "/file"] {
        let response = admin.get(path).await.expect(500);
        assert!(!response.body.contains("what nobody may read"), "{path}");
    }
    for path in ["/checks", "/anyone", "/signed-in", "/active", "/file-that-checks"] {
        admin.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn a_form_without_a_permission_check_changes_nothing() {
    let admin = admin_of_forgetful_routes().await;
    admin.post_as("forgets", "/forgets", &[]).await.expect(500);
    assert_eq!(admin.app.count("accounts where name = 'Renamed'").await, 0);
    admin.post_as("checks", "/forgets", &[]).await.expect(303);
    assert_eq!(admin.app.count("accounts where name = 'Renamed'").await, 1);
}

#[tokio::test]
async fn signed_out_people_reach_only_public_pages() {
    let admin = admin_of_forgetful_routes().await;
    let nobody = Actor::new(&admin.app, "Nobody", "nobody@nowhere.example", "None");
    for path in ["/forgets", "/signed-in", "/active"] {
        assert_eq!(nobody.get(path).await.expect(302).header("location"), format!("/signin?next={path}"));
    }
    nobody.get("/anyone").await.expect(200);
    nobody.get("/elsewhere").await.expect(404);
}
