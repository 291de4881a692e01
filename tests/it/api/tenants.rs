//! Another account's objects return 404: in a path, in a body, as a filter and as a cursor.

use super::world::{Ids, World, declared, lists, operations};
use crate::support::{
    Response,
    api::{Api, JSON},
};
use axum::http::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// A call, its body, and the status that the owner of these ids gets.
struct Cell(Method, &'static str, &'static str, u16);

/// Every operation of the document, in an order in which the owner can run them one after the other. A placeholder
/// without an id fails.
const CELLS: &[Cell] = &[
    Cell(Method::PUT, "/invitations/{pending_id}/resend", "", 200),
    // Within a minute of the call above.
    Cell(Method::PUT, "/api/v1/invitations/{pending_id}/resend", "", 429),
    Cell(Method::POST, "/invitations/source", r#"{"email":"a@new.example","flow_id":"{flow_id}"}"#, 201),
    Cell(Method::POST, "/api/v1/invitations/source", r#"{"email":"b@new.example","partner_id":"{partner_id}"}"#, 201),
    Cell(Method::POST, "/invitations/recipient", r#"{"email":"c@new.example"}"#, 201),
    Cell(Method::POST, "/api/v1/invitations/recipient", r#"{"email":"d@new.example"}"#, 201),
    Cell(Method::GET, "/api/v1/invitations", "", 200),
    Cell(Method::GET, "/api/v1/invitations/{invitation_id}", "", 200),
    Cell(Method::DELETE, "/api/v1/invitations/{invitation_id}", "", 204),
    Cell(Method::PUT, "/api/v1/invitations/{invitation_id}", r#"{"email":"e@new.example"}"#, 200),
    Cell(Method::GET, "/api/v1/invitations/{invite_id}", "", 200),
    Cell(Method::GET, "/api/v1/entities", "", 200),
    Cell(Method::POST, "/api/v1/entities", r#"{"name":"New form"}"#, 201),
    Cell(Method::GET, "/api/v1/entities/{entity_id}", "", 200),
    Cell(Method::PUT, "/api/v1/entities/{entity_id}", r#"{"name":"Renamed form"}"#, 200),
    Cell(Method::DELETE, "/api/v1/entities/{entity_id}", "", 204),
    Cell(Method::GET, "/api/v1/flows", "", 200),
    Cell(Method::POST, "/api/v1/flows", r#"{"name":"New flow","fields":["state"]}"#, 201),
    Cell(Method::GET, "/api/v1/fields", "", 200),
    Cell(Method::GET, "/api/v1/flows/{flow_id}", "", 200),
    Cell(Method::PUT, "/api/v1/flows/{flow_id}", r#"{"name":"Renamed flow"}"#, 200),
    Cell(Method::POST, "/api/v1/flows/{flow_id}/sources", r#"{"entity_id":"{spare_id}"}"#, 201),
    Cell(Method::GET, "/api/v1/flows/{flow_id}/sources/{source_id}", "", 200),
    Cell(Method::PUT, "/api/v1/flows/{flow_id}/sources/{source_id}", r#"{"enabled":false}"#, 200),
    Cell(Method::GET, "/flows/{flow_id}/sources/{source_id}/meta", "", 200),
    Cell(Method::GET, "/api/v1/flows/{flow_id}/sources/{source_id}/meta", "", 200),
    Cell(Method::GET, "/api/v1/partners", "", 200),
    Cell(Method::POST, "/api/v1/partners", r#"{"name":"New partner"}"#, 201),
    Cell(Method::GET, "/api/v1/partners/{partner_id}", "", 200),
    Cell(Method::PUT, "/api/v1/partners/{partner_id}", r#"{"notes":"Pays early."}"#, 200),
    Cell(Method::GET, "/api/v1/partners/{partner_id}/sources", "", 200),
    Cell(Method::PUT, "/api/v1/partners/{partner_id}/sources/{source_id}", "", 200),
    Cell(Method::DELETE, "/api/v1/partners/{partner_id}/sources/{source_id}", "", 204),
    Cell(Method::GET, "/api/v1/partners/{partner_id}/users", "", 200),
    Cell(Method::PUT, "/api/v1/partners/{partner_id}/users/{user_id}", r#"{"role":"partner_admin"}"#, 200),
    Cell(Method::DELETE, "/api/v1/partners/{partner_id}/users/{user_id}", "", 204),
    Cell(Method::GET, "/api/v1/partners/{partner_id}/invites", "", 200),
    Cell(
        Method::POST,
        "/api/v1/partners/{partner_id}/invites",
        r#"{"email":"f@new.example","role":"partner_user"}"#,
        201,
    ),
    Cell(Method::POST, "/api/v1/partners/{partner_id}/invites/{invite_id}/resend", "", 200),
    Cell(Method::DELETE, "/api/v1/partners/{partner_id}/invites/{invite_id}", "", 204),
    Cell(Method::GET, "/api/v1/leads", "", 200),
    Cell(Method::GET, "/api/v1/leads.ndjson", "", 200),
    Cell(Method::GET, "/api/v1/leads/{lead_id}", "", 200),
    Cell(Method::GET, "/api/v1/leads/{lead_id}/story", "", 200),
    Cell(Method::POST, "/api/v1/leads/erase", r#"{"email":"nobody@new.example"}"#, 200),
    Cell(Method::GET, "/api/v1/stats/sources", "", 200),
    Cell(Method::GET, "/api/v1/activity", "", 200),
    Cell(Method::GET, "/api/v1/connections", "", 200),
    Cell(Method::DELETE, "/api/v1/flows/{flow_id}/sources/{source_id}", "", 204),
    Cell(Method::DELETE, "/api/v1/flows/{flow_id}", "", 204),
    Cell(Method::DELETE, "/api/v1/partners/{partner_id}", "", 204),
    Cell(Method::DELETE, "/api/v1/connections/{connection_id}", "", 204),
];

impl Cell {
    fn text(&self) -> String {
        format!("{} {}", self.1, self.2)
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        if self.2.is_empty() { &[] } else { &[JSON] }
    }

    async fn call(&self, api: &Api, ids: &Ids) -> Response {
        let (path, body) = (ids.fill(self.1), ids.fill(self.2));
        assert!(!path.contains('{'), "an id for {path}");
        api.send(self.0.clone(), &path, self.headers(), body).await
    }
}

/// The owner, and an unrelated account with the same kinds of objects.
async fn owner_and_stranger() -> (World, World) {
    let owner = World::connected().await;
    let stranger = owner.app.stranger().await;
    let mut other = World::of(&stranger, "elsewhere").await;
    // It has no connection, so any connection id is foreign.
    other.ids.set("{connection_id}", "5fd4371e940df5a34a3888b2");
    (owner, other)
}

async fn fingerprint(world: &World) -> Vec<(String, String)> {
    let query = world.app.fingerprint_query().await;
    sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_all(&world.app.state.pool).await.unwrap()
}

#[tokio::test]
async fn every_documented_operation_is_tested() {
    let world = World::connected().await;
    let documented = operations(&world.app).into_iter().map(|(method, path, _)| (method, path));
    let tried = CELLS.iter().map(|cell| (cell.0.to_string(), declared(cell.1)));
    assert_eq!(tried.collect::<BTreeSet<_>>(), documented.collect());
}

#[tokio::test]
async fn no_operation_works_without_a_key() {
    let world = World::connected().await;
    let before = fingerprint(&world).await;
    for cell in CELLS {
        let (path, body) = (world.ids.fill(cell.1), world.ids.fill(cell.2));
        let response = world.app.call(cell.0.clone(), &path, cell.headers(), body).await;
        assert_eq!(response.status, 401, "{} {}", cell.0, cell.1);
    }
    assert_eq!(fingerprint(&world).await, before);
}

#[tokio::test]
async fn no_operation_works_with_a_revoked_key() {
    let world = World::connected().await;
    let revoke = format!("update api_keys set revoked_at = now() where key_hash = sha256('{}')", world.api.key);
    assert_eq!(world.app.execute(&revoke).await.unwrap(), 1);
    let before = fingerprint(&world).await;
    for cell in CELLS {
        let response = cell.call(&world.api, &world.ids).await;
        assert_eq!(response.status, 401, "{} {}", cell.0, cell.1);
    }
    assert_eq!(fingerprint(&world).await, before);
}

#[tokio::test]
async fn another_accounts_ids_return_404_and_nothing_changes() {
    let (owner, other) = owner_and_stranger().await;
    let (before, mut tried) = (fingerprint(&owner).await, 0);
    for cell in CELLS {
        for ids in other.ids.swapped(&cell.text(), &owner.ids) {
            let response = cell.call(&other.api, &ids).await;
            assert_eq!(response.status, 404, "{} {}: {}", cell.0, ids.fill(&cell.text()), response.body);
            tried += 1;
        }
        let now = fingerprint(&owner).await;
        let changed: Vec<_> = now.iter().filter(|row| !before.contains(row)).collect();
        assert!(changed.is_empty(), "{} {} changed {changed:?}", cell.0, cell.1);
    }
    assert!(tried > 50, "{tried}");
}

#[tokio::test]
async fn the_owner_can_call_every_operation_with_the_same_ids() {
    let (owner, _) = owner_and_stranger().await;
    for cell in CELLS {
        let response = cell.call(&owner.api, &owner.ids).await;
        assert_eq!(response.status, cell.3, "{} {}: {}", cell.0, cell.1, response.body);
    }
}

#[tokio::test]
async fn lists_never_contain_another_accounts_objects() {
    let (owner, other) = owner_and_stranger().await;
    for list in lists(&owner.app).iter().filter(|list| !list.contains('{')) {
        for query in ["", "?limit=200", "?after=ffffffffffffffffffffffff"] {
            let shown = other.api.get(&format!("{list}{query}")).await.expect(200).body;
            assert!(owner.ids.values().all(|id| !shown.contains(id)), "{list}{query}: {shown}");
        }
        for cursor in owner.ids.values() {
            let shown = other.api.get(&format!("{list}?after={cursor}")).await.expect(200).body;
            assert!(owner.ids.values().all(|id| !shown.contains(id)), "{list}?after={cursor}: {shown}");
        }
    }
    for filter in ["flow_id={flow_id}", "source_id={source_id}", "flow_id={flow_id}&source_id={source_id}"] {
        let path = owner.ids.fill(&format!("/api/v1/leads?{filter}"));
        assert_eq!(other.api.list(&path).await, Vec::<Value>::new());
        assert_eq!(owner.api.list(&path).await.len(), 1);
    }
}

#[tokio::test]
async fn another_account_cannot_move_a_source_out_of_a_partner() {
    let (owner, other) = owner_and_stranger().await;
    let taker: Value = other.api.create("/api/v1/partners", serde_json::json!({ "name": "Taker" })).await;
    let taker = taker["id"].as_str().unwrap();
    let path = other.ids.fill(&format!("/api/v1/partners/{taker}/sources/{{source_id}}"));
    let from = owner.ids.fill("from={partner_id}");
    other.api.send(Method::PUT, &format!("{path}?{from}"), &[], "").await.expect(409);
    other.api.send(Method::PUT, &other.ids.fill(&format!("{path}?from={{partner_id}}")), &[], "").await.expect(200);
}
