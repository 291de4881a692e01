//! Two connected companies, each with a key: neither can see what is private to the other.

use crate::support::{api::text, stage::Stage};
use serde_json::{Value, json};

const ACTIVITY: &str = "/api/v1/activity";

fn find_event<'e>(events: &'e [Value], deed: &str) -> &'e Value {
    events.iter().find(|event| event["deed"] == deed).unwrap()
}

#[tokio::test]
async fn an_action_by_one_companys_key_shows_the_other_neither_key_nor_person() {
    let (stage, seller) = Stage::connected().await;
    let (theirs, ours) = (stage.app.api(&seller).await, stage.app.api(&stage.buyer).await);
    theirs.delete(&format!("/api/v1/connections/{}", stage.app.connection().await)).await.expect(204);
    let (here, there) = (ours.list(ACTIVITY).await, theirs.list(ACTIVITY).await);
    let entry = find_event(&here, "disconnected");
    assert_eq!(
        (&entry["api_key_id"], &entry["who"], &entry["after"]["by"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(entry["after"]["company"], "Lead Harbor");
    let own = find_event(&there, "disconnected");
    assert!(own["api_key_id"].is_string() && text(own, "who").starts_with("API key "), "{own}");
    let accepted = find_event(&here, "accepted");
    assert_eq!((&accepted["user_id"], &accepted["address"]), (&Value::Null, &Value::Null), "someone at the seller");
    let mails = stage.app.mails_to(&stage.buyer.email).await;
    let mail = mails.iter().find(|mail| mail.subject == "Lead Harbor disconnected from you on Accord").unwrap();
    assert!(mail.text.contains("Lead Harbor ended the connection"), "{}", mail.text);
}

#[tokio::test]
async fn a_sellers_key_cannot_see_the_partner_its_buyer_has_for_it() {
    let (stage, seller) = Stage::connected().await;
    let theirs = stage.app.api(&seller).await;
    let partner = format!("/api/v1/partners/{}", stage.partner().await);
    let invite = json!({ "email": "pat@harbor.example", "role": "partner_user" });
    for path in
        [partner.clone(), format!("{partner}/users"), format!("{partner}/invites"), format!("{partner}/sources")]
    {
        theirs.get(&path).await.expect(404);
    }
    theirs.post(&format!("{partner}/invites"), invite).await.expect(404);
    assert_eq!(stage.app.count("invitations where kind = 'partner_user'").await, 0);
}

#[tokio::test]
async fn a_flow_read_before_its_fields_changed_cannot_be_overwritten() {
    let (stage, _) = Stage::connected().await;
    let api = stage.app.api(&stage.buyer).await;
    let path = format!("/api/v1/flows/{}", stage.flow);
    let read = api.find(&path).await["version"].clone();
    stage.app.advance(time::Duration::seconds(1));
    api.put(&path, json!({ "fields": ["email", "state"], "version": read })).await.expect(200);
    api.put(&path, json!({ "fields": ["city"], "version": read })).await.expect(409);
}
