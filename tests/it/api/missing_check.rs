//! A call whose handler forgets to check permissions shows nothing and changes nothing.

use crate::support::{TestApp, credentials::basic};
use accord::{
    accounts::model::Permission,
    api::server::require_key,
    base::AccountId,
    server::{Cx, Fault},
};
use axum::{
    Extension, Router,
    body::Body,
    http::{Request, StatusCode, header},
    routing::get,
};
use tower::ServiceExt;

fn account(cx: &Cx) -> AccountId {
    cx.active_membership().map(|place| place.account_id).expect("an account")
}

async fn rename(cx: &Cx, checks: bool) -> StatusCode {
    let renamed = cx.write(checks, |tx, checks| {
        Box::pin(async move {
            if checks {
                tx.cx.actor(account(&tx.cx), Permission::ChangeFlows)?;
            }
            sqlx::query("update accounts set name = 'Renamed'").execute(&mut **tx).await?;
            Ok::<_, Fault>(())
        })
    });
    if renamed.await.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::INTERNAL_SERVER_ERROR }
}

fn calls() -> Router<accord::server::AppState> {
    let see = |cx: &Cx| cx.actor(account(cx), Permission::See).map_or("refused", |_| "what the account may read");
    Router::new()
        .route("/forgets", get(async || "what nobody may read"))
        .route("/checks", get(async move |Extension(cx): Extension<Cx>| see(&cx)))
        .route("/rename/forgets", get(async |Extension(cx): Extension<Cx>| rename(&cx, false).await))
        .route("/rename/checks", get(async |Extension(cx): Extension<Cx>| rename(&cx, true).await))
}

#[tokio::test]
async fn a_call_without_a_permission_check_shows_nothing_and_changes_nothing() {
    let app = TestApp::start().await;
    let (name, value) = basic("API", &app.api(&app.buyer().await).await.key);
    let router = require_key(calls(), &app.state).with_state(app.state.clone());
    let status = async |path: &str| {
        let request = Request::get(path).header(header::HOST, "accord.example").header(name, &value);
        router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status().as_u16()
    };
    assert_eq!(status("/forgets").await, 500);
    assert_eq!(status("/checks").await, 200);
    assert_eq!(status("/rename/forgets").await, 500);
    assert_eq!(app.count("accounts where name = 'Renamed'").await, 0);
    assert_eq!(status("/rename/checks").await, 204);
    assert_eq!(app.count("accounts where name = 'Renamed'").await, 1);
}
