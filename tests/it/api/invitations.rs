//! Connection invitations beyond the calls of the documented original.

use crate::support::{
    TestApp,
    api::{Api, error_code, field_errors, text},
    stage::{SELLER, Stage},
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

const SOURCE: &str = "/invitations/source";
const RECIPIENT: &str = "/invitations/recipient";
const ALL: &str = "/api/v1/invitations";

async fn start() -> Api {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.api(&buyer).await
}

fn moment(json: &Value, property: &str) -> OffsetDateTime {
    OffsetDateTime::parse(&text(json, property), &Rfc3339).unwrap()
}

/// The path of the invitation in a response.
fn path_of(sent: &Value) -> String {
    format!("{ALL}/{}", text(&sent["entity"], "invitation_id"))
}

#[tokio::test]
async fn an_invitation_returns_all_its_details() {
    let api = start().await;
    let body = json!({ "email": SELLER, "note": "We like your leads.", "expires_in_days": 3 });
    let sent = api.create(SOURCE, body).await;
    let invitation = api.find(&path_of(&sent)).await;
    assert_eq!((&invitation["kind"], &invitation["state"]), (&json!("source"), &json!("pending")));
    assert_eq!((&invitation["email"], &invitation["note"]), (&json!(SELLER), &json!("We like your leads.")));
    assert_eq!((&invitation["entity_id"], &invitation["role"]), (&sent["entity"]["id"], &Value::Null));
    assert_eq!(moment(&invitation, "expires_at") - moment(&invitation, "sent_at"), Duration::days(3));
    assert_eq!(invitation["expires_at"], sent["entity"]["invitation_expires_at"]);
    assert_eq!(invitation["mail"]["state"], "queued");
    let mail = api.app.mail_to(SELLER).await;
    assert!(mail.text.contains("We like your leads."), "{}", mail.text);
    let invitation = api.find(&path_of(&sent)).await;
    assert_eq!((&invitation["mail"]["state"], &invitation["mail"]["reason"]), (&json!("sent"), &Value::Null));
    let partner = api.find(&format!("/api/v1/partners/{}", text(&invitation, "partner_id"))).await;
    assert_eq!((&partner["name"], &partner["status"]), (&json!(SELLER), &json!("invited")));
}

#[tokio::test]
async fn note_and_days_are_ignored_for_an_already_invited_address() {
    let api = start().await;
    let sent = api.create(SOURCE, json!({ "email": SELLER })).await;
    let before = api.find(&path_of(&sent)).await;
    let again = json!({ "email": " CY@Seller.example ", "note": "Again!", "expires_in_days": 1 });
    let again: Value = api.post(SOURCE, again).await.expect(200).json();
    assert_eq!(again["entity"]["id"], sent["entity"]["id"]);
    assert_eq!(api.find(&path_of(&sent)).await, before);
}

#[tokio::test]
async fn a_flow_gets_the_entity_whether_it_is_invited_now_or_was_before() {
    let api = start().await;
    let flow =
        async |name: &str| text(&api.create("/api/v1/flows", json!({ "name": name, "fields": ["state"] })).await, "id");
    let (solar, wind) = (flow("Solar").await, flow("Wind").await);
    let sent = api.create(SOURCE, json!({ "email": SELLER, "flow_id": solar })).await;
    assert_eq!(sent["entity"]["flow_ids"], json!([solar]));
    for _ in 0..2 {
        let found: Value = api.post(SOURCE, json!({ "email": SELLER, "flow_id": wind })).await.expect(200).json();
        assert_eq!(found["entity"]["flow_ids"].as_array().map(Vec::len), Some(2));
    }
    for id in [solar, wind] {
        let sources = api.find(&format!("/api/v1/flows/{id}")).await["sources"].clone();
        let source = &sources.as_array().unwrap()[0];
        assert_eq!((&source["entity_id"], &source["state"]), (&sent["entity"]["id"], &json!("pending")));
        assert_eq!(sources.as_array().map(Vec::len), Some(1));
    }
    let nowhere = json!({ "email": "new@seller.example", "flow_id": sent["entity"]["id"] });
    api.post(SOURCE, nowhere).await.expect(404);
    assert_eq!(api.app.count("invitations").await, 1);
}

#[tokio::test]
async fn the_two_directions_are_two_entities() {
    let api = start().await;
    let source = api.create(SOURCE, json!({ "email": SELLER })).await;
    let recipient = api.create(RECIPIENT, json!({ "email": SELLER })).await;
    assert_ne!(source["entity"]["id"], recipient["entity"]["id"]);
    assert_eq!((&source["entity"]["source"], &source["entity"]["recipient"]), (&json!("seller"), &Value::Null));
    assert_eq!((&recipient["entity"]["source"], &recipient["entity"]["recipient"]), (&Value::Null, &json!("buyer")));
    for (kind, sent) in [("source", &source), ("recipient", &recipient)] {
        let listed = api.list(&format!("{ALL}?kind={kind}")).await;
        assert_eq!((listed.len(), &listed[0]["entity_id"]), (1, &sent["entity"]["id"]), "{kind}");
    }
}

#[tokio::test]
async fn a_recipient_has_no_flow_and_no_partner() {
    let api = start().await;
    for property in ["flow_id", "partner_id"] {
        let body = json!({ "email": SELLER, property: "5fd4371e940df5a34a3888b2" });
        assert_eq!(
            field_errors(&api.post(RECIPIENT, body).await),
            [(property.to_owned(), "unknown_property".to_owned())]
        );
    }
    let sent = api.create(RECIPIENT, json!({ "email": SELLER, "note": "Buy from us.", "expires_in_days": 30 })).await;
    let invitation = api.find(&path_of(&sent)).await;
    assert_eq!((&invitation["kind"], &invitation["partner_id"]), (&json!("recipient"), &Value::Null));
    assert_eq!(api.list("/api/v1/partners").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_recipient_is_pending_then_expired_or_revoked() {
    let api = start().await;
    let sent = api.create(RECIPIENT, json!({ "email": SELLER, "expires_in_days": 1 })).await;
    let path = format!("/api/v1/entities/{}", text(&sent["entity"], "id"));
    let standing = async || {
        let entity = api.find(&path).await;
        assert_eq!(
            (&entity["name"], &entity["recipient"], &entity["source"]),
            (&json!(SELLER), &json!("buyer"), &Value::Null)
        );
        (entity["pending"] == true, entity["expired"] == true, !entity["invitation_expires_at"].is_null())
    };
    assert_eq!(standing().await, (true, false, true));
    api.app.advance(Duration::hours(25));
    assert_eq!(standing().await, (true, true, true));
    let again = api.create(RECIPIENT, json!({ "email": SELLER })).await;
    assert_eq!(again["entity"]["id"], sent["entity"]["id"]);
    api.delete(&path_of(&again)).await.expect(204);
    assert_eq!(standing().await, (false, false, false));
}

#[tokio::test]
async fn invitations_are_listed_by_state_and_kind() {
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let short = api.create(SOURCE, json!({ "email": "short@seller.example", "expires_in_days": 1 })).await;
    let revoked = api.create(RECIPIENT, json!({ "email": "revoked@buyer.example" })).await;
    api.delete(&path_of(&revoked)).await.expect(204);
    let declined = api.create(SOURCE, json!({ "email": "no@seller.example" })).await;
    let nay = api.app.visitor("No", "no@seller.example", "No");
    let opened = nay.open_link(&api.app.link_to("no@seller.example").await).await;
    nay.decline(opened, "Too few.").await.expect(303);
    api.app.advance(Duration::hours(25));
    let pending = api.create(RECIPIENT, json!({ "email": "open@buyer.example" })).await;
    for (query, expected) in [
        ("state=accepted", vec![invitation.to_string()]),
        ("state=expired", vec![text(&short["entity"], "invitation_id")]),
        ("state=revoked", vec![text(&revoked["entity"], "invitation_id")]),
        ("state=declined", vec![text(&declined["entity"], "invitation_id")]),
        ("state=pending", vec![text(&pending["entity"], "invitation_id")]),
        ("state=pending&kind=source", vec![]),
        ("kind=recipient&state=revoked", vec![text(&revoked["entity"], "invitation_id")]),
        ("kind=partner_user", vec![]),
    ] {
        let listed = api.list(&format!("{ALL}?{query}")).await;
        assert_eq!(listed.iter().map(|one| text(one, "id")).collect::<Vec<_>>(), expected, "{query}");
    }
    assert_eq!(api.list(ALL).await.len(), 5);
    let accepted = api.find(&format!("{ALL}/{invitation}")).await;
    assert_eq!(accepted["accepted_account_id"], json!(seller.account()));
    assert!(moment(&accepted, "accepted_at") >= moment(&accepted, "sent_at"));
}

#[tokio::test]
async fn an_invitation_can_be_sent_to_another_address_and_keeps_its_entity() {
    let api = start().await;
    let flow = api.create("/api/v1/flows", json!({ "name": "Solar", "fields": ["state"] })).await;
    let sent = api.create(SOURCE, json!({ "email": SELLER, "flow_id": flow["id"] })).await;
    api.create(SOURCE, json!({ "email": "taken@seller.example" })).await;
    let link = api.app.link_to(SELLER).await;
    let same = api.put(&path_of(&sent), json!({ "email": SELLER })).await.expect(409);
    assert_eq!(error_code(&same), "same_address");
    let taken = api.put(&path_of(&sent), json!({ "email": "taken@seller.example" })).await.expect(409);
    assert_eq!(error_code(&taken), "address_taken");
    let moved: Value = api.put(&path_of(&sent), json!({ "email": "di@seller.example" })).await.expect(200).json();
    assert_eq!((&moved["email"], &moved["state"]), (&json!("di@seller.example"), &json!("pending")));
    assert_eq!(moved["entity_id"], sent["entity"]["id"]);
    let entity = api.find(&format!("/api/v1/entities/{}", text(&sent["entity"], "id"))).await;
    assert_eq!((&entity["name"], &entity["invitation_id"]), (&json!("di@seller.example"), &moved["id"]));
    assert_eq!(entity["flow_ids"], json!([flow["id"]]));
    assert_eq!(api.app.mails_to("di@seller.example").await.len(), 1);
    let old = api.app.visitor("", "", "").get(&link).await;
    assert_eq!(old.status, 410, "{}", old.text());
}

#[tokio::test]
async fn revoking_twice_succeeds_and_revoking_an_accepted_invitation_is_a_conflict() {
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    let sent = api.create(SOURCE, json!({ "email": "other@seller.example" })).await;
    let link = api.app.link_to("other@seller.example").await;
    for _ in 0..2 {
        api.delete(&path_of(&sent)).await.expect(204);
    }
    assert_eq!(api.find(&path_of(&sent)).await["state"], "revoked");
    api.app.visitor("", "", "").get(&link).await.expect(410).shows("revoked");
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let path = format!("{ALL}/{invitation}");
    api.delete(&path).await.expect(409);
    api.put(&path, json!({ "email": "new@seller.example" })).await.expect(409);
    assert_eq!(api.find(&path).await["state"], "accepted");
}

#[tokio::test]
async fn the_accounts_own_address_is_rejected_and_a_stopped_one_is_reported() {
    let api = start().await;
    let own = field_errors(&api.post(SOURCE, json!({ "email": "ann@buyer.example" })).await);
    assert_eq!(own, [("email".to_owned(), "own_address".to_owned())]);
    let stop = "insert into suppressed_addresses (email_key, at) values ('no@seller.example', now())";
    api.app.execute(stop).await.unwrap();
    let sent = api.create(SOURCE, json!({ "email": "no@seller.example" })).await;
    let invitation = api.find(&path_of(&sent)).await;
    assert_eq!((&invitation["state"], &invitation["mail"]["state"]), (&json!("pending"), &json!("failed")));
    assert!(text(&invitation["mail"], "reason").contains("does not accept invitations"), "{invitation}");
}
