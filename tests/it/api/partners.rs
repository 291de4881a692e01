//! Partners with their sources, users and invitations, managed by a system.

use crate::support::{
    Actor, TestApp,
    api::{Api, error_code, text},
};
use accord::{base::paths, partners::model::PartnerRole};
use axum::http::Method;
use serde_json::{Value, json};
use time::Duration;

const PARTNERS: &str = "/api/v1/partners";

async fn start() -> Api {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.api(&buyer).await
}

async fn partner(api: &Api, name: &str) -> String {
    format!("{PARTNERS}/{}", text(&api.create(PARTNERS, json!({ "name": name })).await, "id"))
}

#[tokio::test]
async fn a_partner_is_created_found_changed_and_removed() {
    let api = start().await;
    let new = json!({ "name": "Acme Leads", "website": "https://acme.example", "notes": "Met at the fair." });
    let made = api.create(PARTNERS, new).await;
    assert_eq!((&made["status"], &made["website"]), (&json!("not_connected"), &json!("https://acme.example")));
    let path = format!("{PARTNERS}/{}", text(&made, "id"));
    assert_eq!(api.find(&path).await, made);
    let change = json!({ "name": "Acme", "website": null, "version": made["version"] });
    let changed: Value = api.put(&path, change).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["website"]), (&json!("Acme"), &Value::Null));
    assert_eq!(changed["notes"], "Met at the fair.");
    let stale = api.put(&path, json!({ "name": "Beta", "version": made["version"] })).await.expect(409);
    assert_eq!(error_code(&stale), "stale_version");
    assert_eq!(api.list(PARTNERS).await, [changed]);
    api.delete(&path).await.expect(204);
    api.get(&path).await.expect(404);
    api.delete(&path).await.expect(404);
    assert_eq!(api.list(PARTNERS).await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_invitation_for_a_partner_shows_in_its_status() {
    let api = start().await;
    let path = partner(&api, "Acme Leads").await;
    let id = path.rsplit('/').next().unwrap();
    let sent = api.create("/invitations/source", json!({ "email": "cy@acme.example", "partner_id": id })).await;
    assert_eq!(api.find(&path).await["status"], "invited");
    let invitation = format!("/api/v1/invitations/{}", text(&sent["entity"], "invitation_id"));
    assert_eq!(api.find(&invitation).await["partner_id"], id);
    assert_eq!(api.list(PARTNERS).await.len(), 1);
    let other = api.post("/invitations/source", json!({ "email": "di@acme.example", "partner_id": id })).await;
    assert_eq!(error_code(&other.expect(409)), "partner_invited");
    api.delete(&invitation).await.expect(204);
    assert_eq!(api.find(&path).await["status"], "not_connected");
}

#[tokio::test]
async fn a_source_is_assigned_moved_only_with_its_current_partner_named_and_unassigned() {
    let api = start().await;
    let flow = api.create("/api/v1/flows", json!({ "name": "Solar", "fields": ["state"] })).await;
    let entity = api.create("/api/v1/entities", json!({ "name": "Website form" })).await;
    let sources = format!("/api/v1/flows/{}/sources", text(&flow, "id"));
    let source = text(&api.create(&sources, json!({ "entity_id": entity["id"] })).await, "id");
    let (acme, beta) = (partner(&api, "Acme").await, partner(&api, "Beta").await);
    let put = async |path: &str| api.send(Method::PUT, path, &[], "").await;
    let assigned: Value = put(&format!("{acme}/sources/{source}")).await.expect(200).json();
    assert_eq!(
        (&assigned["id"], format!("{PARTNERS}/{}", text(&assigned, "partner_id"))),
        (&json!(source), acme.clone())
    );
    put(&format!("{acme}/sources/{source}")).await.expect(200);
    assert_eq!(api.list(&format!("{acme}/sources")).await, [assigned]);
    let moves = format!("{beta}/sources/{source}");
    assert_eq!(error_code(&put(&moves).await.expect(409)), "source_of_another_partner");
    let named = |partner: &str| format!("{moves}?from={}", partner.rsplit('/').next().unwrap());
    put(&named(&beta)).await.expect(409);
    assert_eq!(api.list(&format!("{acme}/sources")).await.len(), 1);
    put(&named(&acme)).await.expect(200);
    assert_eq!(api.list(&format!("{acme}/sources")).await.len(), 0);
    assert_eq!(api.list(&format!("{beta}/sources")).await.len(), 1);
    api.delete(&format!("{acme}/sources/{source}")).await.expect(404);
    api.delete(&format!("{beta}/sources/{source}")).await.expect(204);
    api.delete(&format!("{beta}/sources/{source}")).await.expect(404);
    assert_eq!(api.find(&format!("{sources}/{source}")).await["partner_id"], Value::Null);
}

#[tokio::test]
async fn a_user_gets_another_role_and_is_removed_immediately() {
    let api = start().await;
    let path = partner(&api, "Acme").await;
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let user = api.app.partner_user(id, PartnerRole::PartnerUser, "Uma User", "uma@acme.example").await;
    let users = api.list(&format!("{path}/users")).await;
    assert_eq!(
        (users.len(), &users[0]["email"], &users[0]["role"]),
        (1, &json!("uma@acme.example"), &json!("partner_user"))
    );
    let one = format!("{path}/users/{}", user.user());
    user.get(&paths::portal_users(id)).await.expect(403);
    let changed: Value = api.put(&one, json!({ "role": "partner_admin" })).await.expect(200).json();
    assert_eq!((&changed["id"], &changed["role"]), (&json!(user.user()), &json!("partner_admin")));
    user.get(&paths::portal_users(id)).await.expect(200);
    api.put(&one, json!({ "role": "admin" })).await.expect(422);
    api.delete(&one).await.expect(204);
    user.get(&paths::portal(id)).await.expect(404);
    api.delete(&one).await.expect(404);
    assert_eq!(api.list(&format!("{path}/users")).await, Vec::<Value>::new());
}

/// A partner with one invited address.
async fn invited(api: &Api) -> (String, Value) {
    let invites = format!("{}/invites", partner(api, "Acme").await);
    let invite = api.create(&invites, json!({ "email": "Pat@Acme.example", "role": "partner_admin" })).await;
    (invites, invite)
}

#[tokio::test]
async fn an_address_is_invited_to_a_partner_once() {
    let api = start().await;
    let (invites, invite) = invited(&api).await;
    assert_eq!((&invite["kind"], &invite["state"]), (&json!("partner_user"), &json!("pending")));
    assert_eq!((&invite["email"], &invite["role"]), (&json!("Pat@Acme.example"), &json!("partner_admin")));
    let again = json!({ "email": "pat@acme.example", "role": "partner_user" });
    let again: Value = api.post(&invites, again).await.expect(200).json();
    assert_eq!((&again["id"], &again["role"]), (&invite["id"], &json!("partner_admin")));
    assert_eq!(api.app.mails_to("Pat@acme.example").await.len(), 1);
    assert_eq!(api.list(&invites).await.len(), 1);
    assert_eq!(api.list("/api/v1/invitations?kind=partner_user").await.len(), 1);
}

#[tokio::test]
async fn an_invite_can_be_resent_after_a_minute_and_revoked_twice() {
    let api = start().await;
    let (invites, invite) = invited(&api).await;
    let one = format!("{invites}/{}", text(&invite, "id"));
    let resend = async || api.send(Method::POST, &format!("{one}/resend"), &[], "").await;
    assert_eq!(error_code(&resend().await.expect(429)), "resend_too_soon");
    api.app.deliver().await;
    api.app.advance(Duration::minutes(2));
    let sent: Value = resend().await.expect(200).json();
    assert_eq!(sent["id"], invite["id"]);
    assert!(text(&sent, "expires_at") > text(&invite, "expires_at"));
    assert_eq!(api.app.mails_to("Pat@acme.example").await.len(), 2);
    for _ in 0..2 {
        api.delete(&one).await.expect(204);
    }
    assert_eq!(api.list(&invites).await, Vec::<Value>::new());
    let by_id = format!("/api/v1/invitations/{}", text(&invite, "id"));
    assert_eq!(api.find(&by_id).await["state"], "revoked");
    api.app.advance(Duration::minutes(2));
    resend().await.expect(409);
}

#[tokio::test]
async fn an_invite_can_be_revoked_through_all_invitations_too_unless_accepted() {
    let api = start().await;
    let (invites, invite) = invited(&api).await;
    let by_id = format!("/api/v1/invitations/{}", text(&invite, "id"));
    for _ in 0..2 {
        api.delete(&by_id).await.expect(204);
    }
    let next = api.create(&invites, json!({ "email": "pat@acme.example", "role": "partner_user" })).await;
    let mut pat: Actor = api.app.visitor("Pat Admin", "pat@acme.example", "");
    pat.join_by_email().await;
    let path = format!("/api/v1/invitations/{}", text(&next, "id"));
    let accepted = api.find(&path).await;
    assert_eq!((&accepted["state"], accepted["accepted_at"].is_null()), (&json!("accepted"), false));
    api.delete(&path).await.expect(409);
    api.delete(&format!("{invites}/{}", text(&next, "id"))).await.expect(409);
    api.put(&path, json!({ "email": "di@acme.example" })).await.expect(404);
}

#[tokio::test]
async fn an_invite_is_not_found_under_another_partner() {
    let api = start().await;
    let (_, invite) = invited(&api).await;
    let other = format!("{}/invites/{}", partner(&api, "Beta").await, text(&invite, "id"));
    api.app.advance(Duration::minutes(2));
    api.send(Method::POST, &format!("{other}/resend"), &[], "").await.expect(404);
    api.delete(&other).await.expect(404);
    assert_eq!(api.find(&format!("/api/v1/invitations/{}", text(&invite, "id"))).await["state"], "pending");
}
