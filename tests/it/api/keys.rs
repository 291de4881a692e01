//! Only an account's active API key gives access, whatever the header looks like.

use crate::support::{
    Actor, Response, TestApp,
    api::{Api, JSON, error_code, text},
    credentials::basic,
};
use accord::{
    accounts::model::{Plan, Role},
    base::paths,
};
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, header},
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

const FLOWS: &str = "/api/v1/flows";

fn encoded(scheme: &str, credentials: impl AsRef<[u8]>) -> String {
    format!("{scheme} {}", BASE64_STANDARD.encode(credentials))
}

async fn with_header(app: &TestApp, value: &str) -> Response {
    app.call(Method::GET, FLOWS, &[("authorization", value)], "").await
}

#[track_caller]
fn assert_unknown(response: &Response) {
    let error: Value = response.clone().expect(401).json();
    assert_eq!(error, json!({ "error": "authentication failed", "code": "authentication_failed" }));
    assert!(response.header("www-authenticate").starts_with("Basic"), "{response:?}");
}

async fn account() -> (TestApp, Actor, Api) {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let api = app.api(&buyer).await;
    (app, buyer, api)
}

#[tokio::test]
async fn a_header_without_an_active_key_always_gets_the_same_response() {
    let (app, _, Api { key, .. }) = account().await;
    let long = format!("API:{}", "x".repeat(8192));
    for value in [
        "",
        "Basic",
        "Basic ",
        "Basic :",
        "Basic !!!",
        &key,
        &format!("Basic {key}"),
        &encoded("Basic", &key),
        &encoded("Basic", "API:"),
        &encoded("Basic", ":"),
        &encoded("Basic", format!("{key}:")),
        &encoded("Basic", format!("API:{key} ")),
        &encoded("Basic", format!("API:{}", &key[..key.len() - 1])),
        &encoded("Basic", format!("API:{}", key.to_uppercase())),
        &encoded("Basic", [0xff, 0xfe, b':', 0xff, 0xc0]),
        &encoded("Basic", "API:a\0b"),
        &encoded("Basic", &long),
        &encoded("Bearer", format!("API:{key}")),
        &format!("Bearer {key}"),
        &format!("{},{}", encoded("Basic", format!("API:{key}")), encoded("Basic", format!("API:{key}"))),
    ] {
        assert_unknown(&with_header(&app, value).await);
    }
}

#[tokio::test]
async fn a_missing_duplicate_or_non_text_header_is_rejected() {
    let (app, _, Api { key, .. }) = account().await;
    assert_unknown(&app.call(Method::GET, FLOWS, &[], "").await);
    let (name, value) = basic("API", &key);
    assert_unknown(&app.call(Method::GET, FLOWS, &[(name, &value), (name, &value)], "").await);
    let host = app.state.config.base_url.host();
    let garbled = HeaderValue::from_bytes(b"Basic \xff\xfe\x80").unwrap();
    let request = Request::get(FLOWS).header(header::HOST, host).header(header::AUTHORIZATION, garbled);
    assert_unknown(&app.handle(request.body(Body::empty()).unwrap()).await);
    for place in ["api_key", "key", "access_token", "authorization"] {
        assert_unknown(&app.call(Method::GET, &format!("{FLOWS}?{place}={key}"), &[], "").await);
    }
}

#[tokio::test]
async fn any_user_name_and_any_case_of_the_scheme_are_accepted() {
    let (app, _, Api { key, .. }) = account().await;
    for value in [
        encoded("basic", format!("API:{key}")),
        encoded("BASIC", format!("API:{key}")),
        encoded("Basic", format!("X:{key}")),
        encoded("Basic", format!(":{key}")),
        encoded("Basic", format!("Jörg Ö.:{key}")),
        encoded("Basic", [b"\xff\xfe:".as_slice(), key.as_bytes()].concat()),
    ] {
        with_header(&app, &value).await.expect(200);
    }
}

#[tokio::test]
async fn a_revoked_key_stops_working_with_the_next_request() {
    let (app, buyer, api) = account().await;
    let other = app.api(&buyer).await;
    api.get(FLOWS).await.expect(200);
    let hash = format!("sha256('{}')", api.key);
    let revoke = format!("update api_keys set revoked_at = now() where key_hash = {hash}");
    assert_eq!(app.execute(&revoke).await.unwrap(), 1);
    assert_unknown(&api.get(FLOWS).await);
    other.get(FLOWS).await.expect(200);
}

#[tokio::test]
async fn a_signed_in_browser_cannot_use_the_api() {
    let (app, buyer, _) = account().await;
    assert_unknown(&buyer.get(FLOWS).await);
    for site in ["same-origin", "cross-site", "none"] {
        let headers = [JSON, ("sec-fetch-site", site), ("origin", "https://accord.example")];
        let body = Body::from(r#"{"email":"cy@seller.example"}"#);
        assert_unknown(&buyer.send(Method::POST, "/invitations/source", &headers, body).await);
        let simple = [("content-type", "text/plain"), ("sec-fetch-site", site)];
        let body = Body::from(r#"{"email":"cy@seller.example"}"#);
        assert_unknown(&buyer.send(Method::POST, "/invitations/source", &simple, body).await);
    }
    assert_eq!(app.count("invitations").await, 0);
}

#[tokio::test]
async fn a_key_does_not_open_pages() {
    let (app, _, api) = account().await;
    let (name, value) = basic("API", &api.key);
    let response = app.visitor("", "", "").send(Method::GET, paths::FLOWS, &[(name, &value)], Body::empty()).await;
    assert!(response.header("location").starts_with(paths::SIGN_IN), "{response:?}");
}

#[tokio::test]
async fn a_working_key_records_when_it_was_used() {
    let (app, _, api) = account().await;
    let unused = "api_keys where name = 'Test' and last_used_at is null";
    assert_eq!(app.count(unused).await, 1);
    with_header(&app, &encoded("Basic", "API:accord_nonsense")).await.expect(401);
    assert_eq!(app.count(unused).await, 1);
    api.get(FLOWS).await.expect(200);
    assert_eq!(app.count(unused).await, 0);
}

#[tokio::test]
async fn a_valid_key_of_an_account_without_leadconduit_is_rejected() {
    let (app, buyer, api) = account().await;
    app.end_plan(buyer.account()).await;
    for response in [
        api.get(FLOWS).await,
        api.get("/api/v1/leads").await,
        api.post("/invitations/source", json!({ "email": "cy@seller.example" })).await,
    ] {
        assert_eq!(error_code(&response.expect(403)), "api_keys_need_plan");
    }
}

#[tokio::test]
async fn the_plan_for_partners_can_read_but_not_invite_or_create() {
    let app = TestApp::start().await;
    let partner = app.admin("Pia Partner", "pia@partner.example", "Pia Leads", Some(Plan::Partners), false).await;
    let api = app.api(&partner).await;
    for list in ["flows", "entities", "partners", "leads", "invitations", "connections", "activity", "stats/sources"] {
        api.get(&format!("/api/v1/{list}")).await.expect(200);
    }
    for (path, body) in [
        ("/invitations/source", json!({ "email": "cy@seller.example" })),
        ("/invitations/recipient", json!({ "email": "cy@buyer.example" })),
        ("/api/v1/invitations/source", json!({ "email": "cy@seller.example" })),
        (FLOWS, json!({ "name": "Solar", "fields": ["state"] })),
        ("/api/v1/entities", json!({ "name": "Website form" })),
    ] {
        assert_eq!(error_code(&api.post(path, body).await.expect(403)), "plan_required", "{path}");
    }
    assert_eq!((app.count("invitations").await, app.count("flows").await), (0, 0));
}

#[tokio::test]
async fn actions_of_a_key_are_recorded_as_done_by_the_key() {
    let (app, buyer, api) = account().await;
    let partner = api.create("/api/v1/partners", json!({ "name": "Acme Leads" })).await;
    let events = api.list("/api/v1/activity").await;
    let event = events.iter().find(|event| event["subject_id"] == partner["id"]).unwrap();
    assert_eq!((&event["who"], &event["user_id"]), (&json!("API key Test"), &Value::Null));
    assert_eq!(text(event, "api_key_id").len(), 24);
    assert_eq!(event["subject_name"], "Acme Leads");
    let by = format!("activity where account_id = '\\x{}' and api_key_id is not null", buyer.account());
    assert_eq!(app.count(&by).await, 1);
}

#[tokio::test]
async fn a_key_stays_active_after_its_creator_is_removed() {
    let (app, buyer, _) = account().await;
    let maker = app.member(&buyer, Role::Admin, "Max Maker", "max@buyer.example").await;
    let api = app.api(&maker).await;
    api.post("/invitations/source", json!({ "email": "one@seller.example" })).await.expect(201);
    assert!(app.mail_to("one@seller.example").await.text.contains("Max Maker"));
    buyer.post_as("remove", paths::MEMBERS, &[("user", &maker.user().to_string())]).await.expect(303);
    api.post("/invitations/source", json!({ "email": "two@seller.example" })).await.expect(201);
    let mail = app.mail_to("two@seller.example").await;
    assert!(mail.text.contains("Ann Buyer") && !mail.text.contains("Max Maker"), "{}", mail.text);
    let made = format!("api_keys where created_by = '\\x{}'", maker.user());
    assert_eq!(app.count(&made).await, 1);
}
