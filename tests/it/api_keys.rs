//! API keys on the settings page: created, shown once, used, revoked.

use crate::support::{Actor, Response, TestApp, stage::Stage};
use accord::{
    accounts::model::{Plan, Role},
    base::{ApiKeyId, paths},
};

impl Actor {
    async fn create_key(&self, name: &str) -> Response {
        self.post_as("create-key", paths::API_KEYS, &[("name", name)]).await
    }

    async fn revoke_key(&self, id: ApiKeyId) -> Response {
        self.post_as("revoke", &paths::revoke_api_key(id), &[]).await
    }
}

/// The key that a page shows once.
#[track_caller]
fn shown_key(response: &Response) -> String {
    let page = response.clone().expect(200);
    let shown = page.body.split("data-copy=\"").nth(1).unwrap_or_else(|| panic!("no key: {}", page.text()));
    shown.split('"').next().unwrap().to_owned()
}

async fn id_of(app: &TestApp, name: &str) -> ApiKeyId {
    sqlx::query_scalar("select id from api_keys where name = $1").bind(name).fetch_one(&app.state.pool).await.unwrap()
}

#[tokio::test]
async fn a_key_is_shown_once_and_only_its_hash_is_stored() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let made = buyer.create_key("Our CRM").await;
    let key = shown_key(&made);
    assert!(key.starts_with("accord_") && key.len() == 55, "{key}");
    assert!(made.header("cache-control").contains("no-store"), "{:?}", made.headers);
    assert!(made.header("set-cookie").is_empty() || !made.header("set-cookie").contains(&key));
    made.shows("Copy the key now.");
    let page = buyer.get(paths::API_KEYS).await.expect(200);
    assert!(!page.body.contains(&key), "not shown after a reload");
    let row = page.row_with("Our CRM");
    assert!(row.contains(&key[..13]) && row.contains("by Ann Buyer") && row.contains("never"), "{row}");
    assert_eq!(app.columns_holding(&key).await, Vec::<String>::new());
    assert_eq!(app.columns_holding(&key[7..]).await, Vec::<String>::new());
    buyer.get(paths::ACTIVITY).await.shows("created the API key Our CRM");
}

#[tokio::test]
async fn a_key_can_send_leads_until_it_is_revoked() {
    let (stage, seller) = Stage::connected().await;
    let key = shown_key(&seller.create_key("Sender").await);
    stage.require("on").await;
    stage.lead_as("API", &key).await.expect(201);
    let id = id_of(&stage.app, "Sender").await;
    assert!(!seller.get(paths::API_KEYS).await.row_with("Sender").contains("never"), "it was used");
    seller.get(&paths::revoke_api_key(id)).await.expect(200).shows("Revoke the API key Sender?");
    stage.lead_as("API", &key).await.expect(201);
    seller.revoke_key(id).await.expect(303);
    stage.lead_as("API", &key).await.expect(401);
    assert!(seller.get(paths::API_KEYS).await.row_with("Sender").contains("Revoked"));
    seller.get(&paths::revoke_api_key(id)).await.expect(200).shows("This key is already revoked.");
    seller.revoke_key(id).await.expect(303);
    assert_eq!(stage.app.count("activity where deed = 'api_key_revoked'").await, 1);
    seller.get(paths::ACTIVITY).await.shows("revoked the API key Sender");
}

#[tokio::test]
async fn only_admins_of_the_account_can_manage_its_keys() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.create_key("Our CRM").await.expect(200);
    let id = id_of(&app, "Our CRM").await;
    let stranger = app.stranger().await;
    stranger.get(&paths::revoke_api_key(id)).await.expect(404);
    stranger.revoke_key(id).await.expect(404);
    for (role, email) in [(Role::Manager, "max@buyer.example"), (Role::Viewer, "vic@buyer.example")] {
        let member = app.member(&buyer, role, "Max", email).await;
        assert!(!member.get(paths::SETTINGS).await.expect(200).has("/settings/keys"), "not offered");
        member.get(paths::API_KEYS).await.expect(403);
        member.create_key("Mine").await.expect(403);
        member.get(&paths::revoke_api_key(id)).await.expect(403);
        member.revoke_key(id).await.expect(403);
    }
    assert_eq!(app.active_keys(buyer.account()).await, ["First key", "Our CRM"]);
}

#[tokio::test]
async fn a_key_needs_a_name_and_leadconduit() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.create_key("  ").await.expect(422).shows("Enter a name for the key");
    let long = "x".repeat(101);
    let refused = buyer.create_key(&long).await.expect(422);
    assert!(refused.has(&long), "the input is kept");
    for (plan, status, email) in [(None, 403, "tom@proof.example"), (Some(Plan::Partners), 200, "pia@proof.example")] {
        let admin = app.admin("Tom", email, email, plan, true).await;
        admin.create_key("CRM").await.expect(status);
        let page = admin.get(paths::API_KEYS).await.expect(200);
        assert_eq!(page.has(">Create API key<"), status == 200);
        assert_eq!(page.text().contains("API keys require LeadConduit."), status == 403);
    }
}

#[tokio::test]
async fn an_account_has_at_most_fifty_active_keys_and_a_double_click_creates_two() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let (one, other) = tokio::join!(buyer.create_key("Twice"), buyer.create_key("Twice"));
    assert_ne!(shown_key(&one), shown_key(&other));
    let more = format!(
        "insert into api_keys (id, account_id, name, prefix, key_hash, created_at)
         select substring(sha256(n::text::bytea) for 12), '\\x{}', 'Key ' || n, 'accord_', sha256(n::text::bytea), now()
         from generate_series(1, 46) n",
        buyer.account()
    );
    app.execute(&more).await.unwrap();
    let (one, other) = tokio::join!(buyer.create_key("Last"), buyer.create_key("Last"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(app.active_keys(buyer.account()).await.len(), 50);
    buyer.create_key("One more").await.expect(409).shows("You already have 50 API keys.");
    buyer.revoke_key(id_of(&app, "Last").await).await.expect(303);
    buyer.create_key("One more").await.expect(200);
}
