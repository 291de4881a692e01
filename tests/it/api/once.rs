//! `Idempotency-Key`: what is repeated happens once, however it is repeated.

use crate::support::{
    TestApp,
    api::{Api, JSON, code, text, wrong},
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
async fn a_repetition_gets_the_first_answer_and_has_no_effect_of_its_own() {
    let api = start().await;
    let first = api.post_once("one", PARTNERS, acme()).await.expect(201);
    let again = api.post_once("one", PARTNERS, acme()).await.expect(201);
    assert_eq!(again.body, first.body);
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert_eq!(api.app.count("partners").await, 1);
    let other = api.post_once("two", PARTNERS, acme()).await.expect(201);
    assert_ne!(other.body, first.body);
    assert_eq!(api.app.count("partners").await, 2);
}

#[tokio::test]
async fn an_invitation_is_answered_as_made_however_often_it_is_repeated() {
    let api = start().await;
    let body = json!({ "email": "cy@seller.example" });
    let first = api.post_once("one", "/invitations/source", body.clone()).await.expect(201);
    assert_eq!(api.post_once("one", "/invitations/source", body.clone()).await.expect(201).body, first.body);
    api.post_once("two", "/invitations/source", body).await.expect(200);
    assert_eq!(api.app.mails_to("cy@seller.example").await.len(), 1);
}

#[tokio::test]
async fn the_key_of_another_request_is_refused() {
    let api = start().await;
    api.post_once("one", PARTNERS, acme()).await.expect(201);
    let reused = [("Idempotency-Key".to_owned(), "idempotency_key_reused".to_owned())];
    assert_eq!(wrong(&api.post_once("one", PARTNERS, json!({ "name": "Beta" })).await), reused);
    assert_eq!(wrong(&api.post_once("one", "/api/v1/entities", acme()).await), reused);
    let spaced = api.send(Method::POST, PARTNERS, &[JSON, ("idempotency-key", "one")], r#"{ "name": "Acme Leads" }"#);
    assert_eq!(wrong(&spaced.await), reused);
    // What was refused took nothing from the first.
    api.post_once("one", PARTNERS, acme()).await.expect(201);
    assert_eq!((api.app.count("partners").await, api.app.count("entities where kind = 'custom'").await), (1, 0));
}

#[tokio::test]
async fn a_key_is_one_to_255_visible_characters() {
    let api = start().await;
    for key in ["", "with space", "schlüssel", &"k".repeat(256)] {
        let named = wrong(&api.post_once(key, PARTNERS, acme()).await);
        assert_eq!(named, [("Idempotency-Key".to_owned(), "idempotency_key_invalid".to_owned())], "{key}");
    }
    api.post_once(&"k".repeat(255), PARTNERS, acme()).await.expect(201);
    assert_eq!(api.app.count("partners").await, 1);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let api = start().await;
    let first = api.post_once("one", PARTNERS, acme()).await.expect(201);
    api.app.advance(Duration::hours(24) - Duration::minutes(1));
    assert_eq!(api.post_once("one", PARTNERS, acme()).await.expect(201).body, first.body);
    api.app.advance(Duration::minutes(2));
    assert_ne!(api.post_once("one", PARTNERS, acme()).await.expect(201).body, first.body);
    assert_eq!(api.app.count("partners").await, 2);
    api.app.advance(Duration::hours(25));
    api.post_once("one", PARTNERS, json!({ "name": "Beta" })).await.expect(201);
}

#[tokio::test]
async fn a_refusal_is_given_again_although_it_would_be_done_now() {
    let api = start().await;
    let flow = api.make(FLOWS, solar("Solar")).await;
    let refused = api.post_once("one", FLOWS, solar("Solar")).await;
    assert_eq!(code(&refused), "flow_name_taken");
    let path = format!("{FLOWS}/{}", text(&flow, "id"));
    api.put(&path, json!({ "name": "Wind" })).await.expect(200);
    assert_eq!(api.post_once("one", FLOWS, solar("Solar")).await.expect(409).body, refused.body);
    api.post_once("two", FLOWS, solar("Solar")).await.expect(201);
    let missing = format!("{path}/sources");
    let body = json!({ "entity_id": "5fd4371e940df5a34a3888b2" });
    let nothing = api.post_once("three", &missing, body.clone()).await.expect(404);
    assert_eq!(api.post_once("three", &missing, body).await.expect(404).body, nothing.body);
}

#[tokio::test]
async fn what_mends_by_waiting_is_not_kept() {
    let api = start().await;
    let partner = api.make(PARTNERS, acme()).await;
    let invites = format!("{PARTNERS}/{}/invites", text(&partner, "id"));
    let invite = api.make(&invites, json!({ "email": "pat@acme.example", "role": "partner_user" })).await;
    let resend = format!("{invites}/{}/resend", text(&invite, "id"));
    let again = async || api.send(Method::POST, &resend, &[("idempotency-key", "one")], "").await;
    assert_eq!(code(&again().await.expect(429)), "resend_too_soon");
    api.app.advance(Duration::minutes(2));
    let sent = again().await.expect(200);
    assert_eq!(again().await.expect(200).body, sent.body);
}

#[tokio::test]
async fn two_dozen_at_once_under_one_key_make_one() {
    let api = start().await;
    let answers = join_all((0..24).map(|_| api.post_once("one", PARTNERS, acme()))).await;
    let bodies: BTreeSet<_> = answers.into_iter().map(|answer| answer.expect(201).body).collect();
    assert_eq!((bodies.len(), api.app.count("partners").await), (1, 1));
}

#[tokio::test]
async fn two_dozen_invitations_at_once_make_one_with_a_key_or_without() {
    let api = start().await;
    for (email, key) in [("with@seller.example", Some("one")), ("without@seller.example", None)] {
        let body = json!({ "email": email });
        let post = async || match key {
            Some(key) => api.post_once(key, "/invitations/source", body.clone()).await,
            None => api.post("/invitations/source", body.clone()).await,
        };
        let answers = join_all((0..24).map(|_| post())).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        let found = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((made, found), if key.is_some() { (24, 0) } else { (1, 23) });
        let entities: BTreeSet<_> =
            answers.iter().map(|answer| text(&answer.json::<Value>()["entity"], "id")).collect();
        assert_eq!(entities.len(), 1);
        assert_eq!(api.app.count(&format!("invitations where email_key = '{email}'")).await, 1);
        assert_eq!(api.app.mails_to(email).await.len(), 1);
    }
}

#[tokio::test]
async fn keys_of_two_accounts_do_not_meet() {
    let api = start().await;
    let stranger = api.app.stranger().await;
    let theirs = api.app.api(&stranger).await;
    let first = api.post_once("one", PARTNERS, acme()).await.expect(201);
    let second = theirs.post_once("one", PARTNERS, acme()).await.expect(201);
    assert_ne!(first.body, second.body);
    theirs.post_once("other", PARTNERS, acme()).await.expect(201);
    api.post_once("other", PARTNERS, json!({ "name": "Beta" })).await.expect(201);
    assert_eq!((api.list(PARTNERS).await.len(), theirs.list(PARTNERS).await.len()), (2, 2));
}

/// A flow that another connection holds, so that what adds a source to it waits.
async fn held_flow(api: &Api) -> (Transaction<'static, Postgres>, String, Value) {
    let flow = api.make(FLOWS, solar("Solar")).await;
    let entity = api.make("/api/v1/entities", json!({ "name": "Website form" })).await;
    let mut held = api.app.state.pool.begin().await.unwrap();
    sqlx::query("select from flows for update").execute(&mut *held).await.unwrap();
    (held, format!("{FLOWS}/{}/sources", text(&flow, "id")), json!({ "entity_id": entity["id"] }))
}

/// Asks until that many sessions of this database wait for a lock.
async fn until_waiting(api: &Api, sessions: i64) {
    let waiting = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while api.app.count(waiting).await < sessions {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_second_waits_for_the_first_and_gets_its_answer() {
    let api = start().await;
    let (held, path, body) = held_flow(&api).await;
    let two = join_all((0..2).map(|_| api.post_once("one", &path, body.clone())));
    let release = async {
        until_waiting(&api, 2).await;
        held.rollback().await.unwrap();
    };
    let (answers, ()) = tokio::join!(two, release);
    let bodies: BTreeSet<_> = answers.into_iter().map(|answer| answer.expect(201).body).collect();
    assert_eq!((bodies.len(), api.app.count("flow_sources").await), (1, 1));
}

#[tokio::test]
async fn the_second_waits_no_longer_than_ten_seconds() {
    let api = start().await;
    let (held, path, body) = held_flow(&api).await;
    let first = api.post_once("one", &path, body.clone());
    let second = async {
        until_waiting(&api, 1).await;
        let answer = api.post_once("one", &path, body.clone()).await;
        held.rollback().await.unwrap();
        answer
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(code(&second.expect(409)), "request_in_progress");
    let third = api.post_once("one", &path, body.clone()).await.expect(201);
    assert_eq!(third.body, first.expect(201).body);
}
