//! A route whose handler forgets to ask who it is for lets nobody in: it shows nothing and changes nothing.

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

async fn asks_for_less(visit: Visit) -> PageResult {
    let account_id = visit.cx.active_place()?.account_id;
    visit.cx.actor(account_id, Permission::See)?;
    forgets(visit).await
}

async fn asks(visit: Visit) -> PageResult {
    let account_id = visit.cx.active_place()?.account_id;
    visit.cx.actor(account_id, Permission::ChangeFlows)?;
    forgets(visit).await
}

async fn file(Extension(_cx): Extension<Cx>) -> &'static str {
    "what nobody may read"
}

async fn file_that_asks(Extension(cx): Extension<Cx>) -> &'static str {
    let account_id = cx.active_place().map(|place| place.account_id).expect("an account");
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

async fn post_asks(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::ChangeFlows)?;
    rename(&post).await
}

/// An Admin in front of routes that each do what their path says.
async fn admin_before_forgetful_routes() -> Actor {
    let app = TestApp::start().await;
    let change = Audience::Account(Permission::ChangeFlows);
    let routes = Routes::new()
        .pages([
            page("/forgets", change, forgets).form("forgets", change, post_forgets).form("asks", change, post_asks),
            page("/asks-for-less", change, asks_for_less),
            page("/asks", change, asks),
            page("/portal", Audience::Portal(PartnerPermission::See), asks),
            page("/anyone", Audience::Anyone, forgets),
            page("/signed-in", Audience::SignedIn, forgets),
            page("/active", Audience::Active(Permission::ManageAccount), forgets),
        ])
        .handler("/file", change, get(file))
        .handler("/file-that-asks", Audience::Account(Permission::See), get(file_that_asks));
    let mut admin = app.buyer().await;
    admin.app = app.with_routes(routes);
    admin
}

#[tokio::test]
async fn a_page_or_file_that_does_not_ask_shows_nothing() {
    let admin = admin_before_forgetful_routes().await;
    for path in ["/forgets", "/asks-for-less", "/portal", "/file"] {
        let answer = admin.get(path).await.expect(500);
        assert!(!answer.body.contains("what nobody may read"), "{path}");
    }
    for path in ["/asks", "/anyone", "/signed-in", "/active", "/file-that-asks"] {
        admin.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn a_form_that_does_not_ask_changes_nothing() {
    let admin = admin_before_forgetful_routes().await;
    admin.post_as("forgets", "/forgets", &[]).await.expect(500);
    assert_eq!(admin.app.count("accounts where name = 'Renamed'").await, 0);
    admin.post_as("asks", "/forgets", &[]).await.expect(303);
    assert_eq!(admin.app.count("accounts where name = 'Renamed'").await, 1);
}

#[tokio::test]
async fn what_is_for_somebody_is_for_nobody_who_is_signed_out() {
    let admin = admin_before_forgetful_routes().await;
    let nobody = Actor::new(&admin.app, "Nobody", "nobody@nowhere.example", "None");
    for path in ["/forgets", "/signed-in", "/active"] {
        assert_eq!(nobody.get(path).await.expect(302).header("location"), format!("/signin?next={path}"));
    }
    nobody.get("/anyone").await.expect(200);
    nobody.get("/elsewhere").await.expect(404);
}
