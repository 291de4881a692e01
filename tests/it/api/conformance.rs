//! A client written for the documented original API works unchanged.

use crate::support::{
    Actor, Response, TestApp,
    api::{Api, text},
    credentials::basic,
    stage::{SELLER, Stage},
};
use accord::base::paths;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The example request from the documentation.
const EXAMPLE: &str = "\n{\n  \"email\": \"mike.jones@example.com\"\n}\n";
const INVITED: &str = "mike.jones@example.com";

/// The type of a property in the documentation.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Text,
    Texts,
    Id,
    Ids,
    Time,
    Bool,
    OneOf(&'static [&'static str]),
}

use Shape::{Bool, Id, Ids, OneOf, Text, Texts, Time};

/// Every property of an entity, its type, and whether it can be null.
const PROPERTIES: [(&str, Shape, bool); 24] = [
    ("name", Text, false),
    ("module_ids", Texts, false),
    ("source", OneOf(&["form", "seller", "other"]), true),
    ("recipient", OneOf(&["buyer", "crm", "analytics", "enhancement", "esp", "other"]), true),
    ("id", Id, false),
    ("description", Text, true),
    ("standard", Bool, false),
    ("account", Bool, false),
    ("pending", Bool, false),
    ("connected", OneOf(&["seller", "buyer", "both"]), true),
    ("connected_account_id", Id, true),
    ("deprecated", Bool, false),
    ("see", Id, true),
    ("field_suffix", Text, true),
    ("invitation_id", Id, true),
    ("invitation_expires_at", Time, true),
    ("expired", Bool, false),
    ("flow_ids", Ids, true),
    ("logo_url", Text, true),
    ("time_zone", Text, true),
    ("trustedform_certified_vendor", Bool, true),
    ("website", Text, true),
    ("created_at", Time, false),
    ("updated_at", Time, false),
];

fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|id| id.len() == 24 && id.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')))
}

fn fits(value: &Value, shape: Shape) -> bool {
    let all = |fits: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(fits));
    match shape {
        Text => value.is_string(),
        Texts => all(Value::is_string),
        Id => is_id(value),
        Ids => all(is_id),
        Time => value.as_str().is_some_and(|at| OffsetDateTime::parse(at, &Rfc3339).is_ok() && at.ends_with('Z')),
        Bool => value.is_boolean(),
        OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
    }
}

/// Asserts that the entity has exactly these properties, each of its type.
#[track_caller]
fn assert_entity(entity: &Value) {
    let names: BTreeSet<_> = entity.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, PROPERTIES.iter().map(|(name, ..)| *name).collect());
    for (name, shape, may_be_null) in PROPERTIES {
        let value = &entity[name];
        assert!(fits(value, shape) || (may_be_null && value.is_null()), "{name} is {value}, not {shape:?}");
    }
}

/// The documentation's request, header by header.
async fn example(api: &Api, path: &str) -> Response {
    let (name, value) = basic("API", &api.key);
    api.app.call(Method::POST, path, &[(name, &value), ("Content-Type", "application/json")], EXAMPLE).await
}

async fn assert_invites_once(path: &str, part: &str, word: &str) {
    let app = TestApp::start().await;
    let api = app.api(&app.buyer().await).await;
    let made: Value = example(&api, path).await.expect(201).json();
    assert_eq!(made.as_object().unwrap().keys().collect::<Vec<_>>(), ["entity", "message"]);
    assert_eq!(made["message"], "Invitation was sent successfully");
    assert_entity(&made["entity"]);
    let entity = &made["entity"];
    assert_eq!((&entity["name"], &entity[part]), (&json!(INVITED), &json!(word)));
    let again: Value = example(&api, path).await.expect(200).json();
    assert_eq!(again, json!({ "entity": entity }));
    assert_eq!(app.mails_to(INVITED).await.len(), 1);
    assert_eq!(api.find(&format!("/api/v1/entities/{}", text(entity, "id"))).await, *entity);
}

#[tokio::test]
async fn the_documented_request_invites_a_source_and_repeating_it_returns_the_same_entity() {
    assert_invites_once("/invitations/source", "source", "seller").await;
    assert_invites_once("/api/v1/invitations/source", "source", "seller").await;
}

#[tokio::test]
async fn the_documented_request_invites_a_recipient_and_repeating_it_returns_the_same_entity() {
    assert_invites_once("/invitations/recipient", "recipient", "buyer").await;
    assert_invites_once("/api/v1/invitations/recipient", "recipient", "buyer").await;
}

/// The values of an entity in one row of the table of states, with the state of its source in the flow.
async fn entity_state(api: &Api, stage: &Stage) -> Value {
    let source = api.find(&format!("/api/v1/flows/{}/sources/{}", stage.flow, stage.source)).await;
    let entity = api.find(&format!("/api/v1/entities/{}", text(&source, "entity_id"))).await;
    assert_entity(&entity);
    json!({
        "source": source["state"],
        "name": entity["name"],
        "pending": entity["pending"],
        "expired": entity["expired"],
        "connected": [entity["connected"], entity["connected_account_id"]],
        "is_dated": !entity["invitation_expires_at"].is_null(),
        "parts": [entity["source"], entity["recipient"]],
        "kind": [entity["account"], entity["standard"]],
    })
}

fn expected(source: &str, name: &str, (pending, expired): (bool, bool), connected: Value) -> Value {
    json!({
        "source": source,
        "name": name,
        "pending": pending,
        "expired": expired,
        "connected": connected,
        "is_dated": pending,
        "parts": ["seller", null],
        "kind": [true, false],
    })
}

#[tokio::test]
async fn an_entity_is_pending_then_expired_and_is_invited_again_under_its_id() {
    let stage = Stage::pending().await;
    let (app, api) = (&stage.app, stage.app.api(&stage.buyer).await);
    let nobody = json!([null, null]);
    assert_eq!(entity_state(&api, &stage).await, expected("pending", SELLER, (true, false), nobody.clone()));
    stage.expire().await;
    assert_eq!(entity_state(&api, &stage).await, expected("expired", SELLER, (true, true), nobody.clone()));
    let before = api.find(&format!("/api/v1/entities/{}", app.source(stage.source).await.entity_id)).await;
    let again: Value = api.post("/invitations/source", json!({ "email": SELLER })).await.expect(201).json();
    assert_eq!(again["entity"]["id"], before["id"]);
    assert_ne!(again["entity"]["invitation_id"], before["invitation_id"]);
    assert_eq!(entity_state(&api, &stage).await, expected("pending", SELLER, (true, false), nobody));
}

#[tokio::test]
async fn an_entity_with_a_declined_or_revoked_invitation_is_not_pending() {
    let stage = Stage::pending().await;
    let (api, visitor) = (stage.app.api(&stage.buyer).await, stage.newcomer());
    let invitation = visitor.open_link(&stage.link).await;
    visitor.decline(invitation, "").await.expect(303);
    assert_eq!(entity_state(&api, &stage).await, expected("declined", SELLER, (false, false), json!([null, null])));
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    api.delete(&format!("/api/v1/invitations/{}", stage.invitation().await)).await.expect(204);
    assert_eq!(entity_state(&api, &stage).await, expected("revoked", SELLER, (false, false), json!([null, null])));
    stage.buyer.get(&paths::flow_sources(stage.flow)).await.expect(200).shows("Revoked");
}

async fn accepted(stage: &Stage) -> Actor {
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    seller
}

#[tokio::test]
async fn an_entity_keeps_its_id_when_it_connects_and_disconnects() {
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    let before: Value = api.post("/invitations/source", json!({ "email": SELLER })).await.expect(200).json();
    let seller = accepted(&stage).await;
    let connected = json!(["seller", seller.account()]);
    assert_eq!(entity_state(&api, &stage).await, expected("connected", "Lead Harbor", (false, false), connected));
    let after: Value = api.post("/invitations/source", json!({ "email": SELLER })).await.expect(200).json();
    assert_entity(&after["entity"]);
    assert_eq!(after["entity"]["id"], before["entity"]["id"]);
    assert_eq!(after["entity"]["flow_ids"], json!([stage.flow]));
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    let ended = expected("disconnected", "Lead Harbor", (false, false), json!([null, null]));
    assert_eq!(entity_state(&api, &stage).await, ended);
}

#[tokio::test]
async fn the_documented_call_resends_a_pending_or_expired_invitation() {
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    let entity_id = stage.app.source(stage.source).await.entity_id;
    let path = format!("/invitations/{entity_id}/resend");
    let put = async || api.send(Method::PUT, &path, &[], "").await;
    put().await.expect(429);
    stage.expire().await;
    let sent: Value = put().await.expect(200).json();
    assert_eq!(sent["message"], "Invitation was sent successfully");
    assert_entity(&sent["entity"]);
    assert_eq!((&sent["entity"]["expired"], &sent["entity"]["id"]), (&json!(false), &json!(entity_id)));
    assert_eq!(stage.app.mails_to(SELLER).await.len(), 2);
    accepted(&Stage { link: stage.app.link_to(SELLER).await, ..stage }).await;
    put().await.expect(409);
}
