//! `Idempotency-Key`: a repeated request takes effect once, however it is repeated.

use crate::support::{
    TestApp,
    api::{Api, JSON, error_code, field_errors, text},
};
use axum::http::Method;
use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use std::collections::BTreeSet;
use time::Duration;

const PARTNERS: &str = "/api/v1/partners";
const FLOWS: &str = "/api/v1/flows";

async fn start() -> Api {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.api(&buyer).await
}

fn acme() -> Value {
    json!({ "name": "Acme Leads" })
}

fn solar(name: &str) -> Value {
    json!({ "name": name, "fields": ["state"] })
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_response_and_has_no_further_effect() {
    let api = start().await;
    let first = api.post_with_key("one", PARTNERS, acme()).await.expect(201);
    let again = api.post_with_key("one", PARTNERS, acme()).await.expect(201);
    assert_eq!(again.body, first.body);
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert_eq!(api.app.count("partners").await, 1);
    let other = api.post_with_key("two", PARTNERS, acme()).await.expect(201);
    assert_ne!(other.body, first.body);
    assert_eq!(api.app.count("partners").await, 2);
}

#[tokio::test]
async fn a_repeated_invitation_is_always_answered_as_created() {
    let api = start().await;
    let body = json!({ "email": "cy@seller.example" });
    let first = api.post_with_key("one", "/invitations/source", body.clone()).await.expect(201);
    assert_eq!(api.post_with_key("one", "/invitations/source", body.clone()).await.expect(201).body, first.body);
    api.post_with_key("two", "/invitations/source", body).await.expect(200);
    assert_eq!(api.app.mails_to("cy@seller.example").await.len(), 1);
}

#[tokio::test]
async fn a_key_used_for_a_different_request_is_rejected() {
    let api = start().await;
    api.post_with_key("one", PARTNERS, acme()).await.expect(201);
    let reused = [("Idempotency-Key".to_owned(), "idempotency_key_reused".to_owned())];
    assert_eq!(field_errors(&api.post_with_key("one", PARTNERS, json!({ "name": "Beta" })).await), reused);
    assert_eq!(field_errors(&api.post_with_key("one", "/api/v1/entities", acme()).await), reused);
    let spaced = api.send(Method::POST, PARTNERS, &[JSON, ("idempotency-key", "one")], r#"{ "name": "Acme Leads" }"#);
    assert_eq!(field_errors(&spaced.await), reused);
    // The rejected requests did not affect the first.
    api.post_with_key("one", PARTNERS, acme()).await.expect(201);
    assert_eq!((api.app.count("partners").await, api.app.count("entities where kind = 'custom'").await), (1, 0));
}

#[tokio::test]
async fn a_key_is_1_to_255_visible_characters() {
    let api = start().await;
    for key in ["", "with space", "schlüssel", &"k".repeat(256)] {
        let named = field_errors(&api.post_with_key(key, PARTNERS, acme()).await);
        assert_eq!(named, [("Idempotency-Key".to_owned(), "idempotency_key_invalid".to_owned())], "{key}");
    }
    api.post_with_key(&"k".repeat(255), PARTNERS, acme()).await.expect(201);
    assert_eq!(api.app.count("partners").await, 1);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let api = start().await;
    let first = api.post_with_key("one", PARTNERS, acme()).await.expect(201);
    api.app.advance(Duration::hours(24) - Duration::minutes(1));
    assert_eq!(api.post_with_key("one", PARTNERS, acme()).await.expect(201).body, first.body);
    api.app.advance(Duration::minutes(2));
    assert_ne!(api.post_with_key("one", PARTNERS, acme()).await.expect(201).body, first.body);
    assert_eq!(api.app.count("partners").await, 2);
    api.app.advance(Duration::hours(25));
    api.post_with_key("one", PARTNERS, json!({ "name": "Beta" })).await.expect(201);
}

#[tokio::test]
async fn a_rejection_is_repeated_even_if_the_request_would_now_succeed() {
    let api = start().await;
    let flow = api.create(FLOWS, solar("Solar")).await;
    let refused = api.post_with_key("one", FLOWS, solar("Solar")).await;
    assert_eq!(error_code(&refused), "flow_name_taken");
    let path = format!("{FLOWS}/{}", text(&flow, "id"));
    api.put(&path, json!({ "name": "Wind" })).await.expect(200);
    assert_eq!(api.post_with_key("one", FLOWS, solar("Solar")).await.expect(409).body, refused.body);
    api.post_with_key("two", FLOWS, solar("Solar")).await.expect(201);
    let missing = format!("{path}/sources");
    let body = json!({ "entity_id": "5fd4371e940df5a34a3888b2" });
    let nothing = api.post_with_key("three", &missing, body.clone()).await.expect(404);
    assert_eq!(api.post_with_key("three", &missing, body).await.expect(404).body, nothing.body);
}

#[tokio::test]
async fn responses_that_can_change_by_waiting_are_not_stored() {
    let api = start().await;
    let partner = api.create(PARTNERS, acme()).await;
    let invites = format!("{PARTNERS}/{}/invites", text(&partner, "id"));
    let invite = api.create(&invites, json!({ "email": "pat@acme.example", "role": "partner_user" })).await;
    let resend = format!("{invites}/{}/resend", text(&invite, "id"));
    let again = async || api.send(Method::POST, &resend, &[("idempotency-key", "one")], "").await;
    assert_eq!(error_code(&again().await.expect(429)), "resend_too_soon");
    api.app.advance(Duration::minutes(2));
    let sent = again().await.expect(200);
    assert_eq!(again().await.expect(200).body, sent.body);
}

#[tokio::test]
async fn two_dozen_concurrent_requests_with_one_key_create_one_partner() {
    let api = start().await;
    let responses = join_all((0..24).map(|_| api.post_with_key("one", PARTNERS, acme()))).await;
    let bodies: BTreeSet<_> = responses.into_iter().map(|response| response.expect(201).body).collect();
    assert_eq!((bodies.len(), api.app.count("partners").await), (1, 1));
}

#[tokio::test]
async fn two_dozen_concurrent_invitations_create_one_with_or_without_a_key() {
    let api = start().await;
    for (email, key) in [("with@seller.example", Some("one")), ("without@seller.example", None)] {
        let body = json!({ "email": email });
        let post = async || match key {
            Some(key) => api.post_with_key(key, "/invitations/source", body.clone()).await,
            None => api.post("/invitations/source", body.clone()).await,
        };
        let responses = join_all((0..24).map(|_| post())).await;
        let made = responses.iter().filter(|response| response.status == 201).count();
        let found = responses.iter().filter(|response| response.status == 200).count();
        assert_eq!((made, found), if key.is_some() { (24, 0) } else { (1, 23) });
        let entities: BTreeSet<_> =
            responses.iter().map(|response| text(&response.json::<Value>()["entity"], "id")).collect();
        assert_eq!(entities.len(), 1);
        assert_eq!(api.app.count(&format!("invitations where email_key = '{email}'")).await, 1);
        assert_eq!(api.app.mails_to(email).await.len(), 1);
    }
}

#[tokio::test]
async fn keys_of_two_accounts_are_independent() {
    let api = start().await;
    let stranger = api.app.stranger().await;
    let theirs = api.app.api(&stranger).await;
    let first = api.post_with_key("one", PARTNERS, acme()).await.expect(201);
    let second = theirs.post_with_key("one", PARTNERS, acme()).await.expect(201);
    assert_ne!(first.body, second.body);
    theirs.post_with_key("other", PARTNERS, acme()).await.expect(201);
    api.post_with_key("other", PARTNERS, json!({ "name": "Beta" })).await.expect(201);
    assert_eq!((api.list(PARTNERS).await.len(), theirs.list(PARTNERS).await.len()), (2, 2));
}

/// A flow locked by another transaction, so a request that adds a source to it waits.
async fn locked_flow(api: &Api) -> (Transaction<'static, Postgres>, String, Value) {
    let flow = api.create(FLOWS, solar("Solar")).await;
    let entity = api.create("/api/v1/entities", json!({ "name": "Website form" })).await;
    let mut lock = api.app.state.pool.begin().await.unwrap();
    sqlx::query("select from flows for update").execute(&mut *lock).await.unwrap();
    (lock, format!("{FLOWS}/{}/sources", text(&flow, "id")), json!({ "entity_id": entity["id"] }))
}

/// Polls until this number of sessions in this database wait for a lock.
async fn wait_for_waiters(api: &Api, sessions: i64) {
    let waiting = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while api.app.count(waiting).await < sessions {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_second_request_waits_for_the_first_and_gets_its_response() {
    let api = start().await;
    let (lock, path, body) = locked_flow(&api).await;
    let two = join_all((0..2).map(|_| api.post_with_key("one", &path, body.clone())));
    let release = async {
        wait_for_waiters(&api, 2).await;
        lock.rollback().await.unwrap();
    };
    let (responses, ()) = tokio::join!(two, release);
    let bodies: BTreeSet<_> = responses.into_iter().map(|response| response.expect(201).body).collect();
    assert_eq!((bodies.len(), api.app.count("flow_sources").await), (1, 1));
}

#[tokio::test]
async fn the_second_request_waits_at_most_ten_seconds() {
    let api = start().await;
    let (lock, path, body) = locked_flow(&api).await;
    let first = api.post_with_key("one", &path, body.clone());
    let second = async {
        wait_for_waiters(&api, 1).await;
        let response = api.post_with_key("one", &path, body.clone()).await;
        lock.rollback().await.unwrap();
        response
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(error_code(&second.expect(409)), "request_in_progress");
    let third = api.post_with_key("one", &path, body.clone()).await.expect(201);
    assert_eq!(third.body, first.expect(201).body);
}
