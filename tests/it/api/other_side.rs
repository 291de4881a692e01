//! Two connected companies, each with a key: what one does and has is no business of the other's.

use crate::support::{api::text, stage::Stage};
use serde_json::{Value, json};

const ACTIVITY: &str = "/api/v1/activity";

fn done<'e>(events: &'e [Value], deed: &str) -> &'e Value {
    events.iter().find(|event| event["deed"] == deed).unwrap()
}

#[tokio::test]
async fn what_a_key_of_one_company_did_tells_the_other_neither_key_nor_person() {
    let (stage, seller) = Stage::connected().await;
    let (theirs, ours) = (stage.app.api(&seller).await, stage.app.api(&stage.buyer).await);
    theirs.delete(&format!("/api/v1/connections/{}", stage.app.connection().await)).await.expect(204);
    let (here, there) = (ours.list(ACTIVITY).await, theirs.list(ACTIVITY).await);
    let told = done(&here, "disconnected");
    assert_eq!((&told["api_key_id"], &told["who"], &told["after"]["by"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(told["after"]["company"], "Lead Harbor");
    let own = done(&there, "disconnected");
    assert!(own["api_key_id"].is_string() && text(own, "who").starts_with("API key "), "{own}");
    let accepted = done(&here, "accepted");
    assert_eq!((&accepted["user_id"], &accepted["address"]), (&Value::Null, &Value::Null), "somebody of the seller");
    let mails = stage.app.mails_to(&stage.buyer.email).await;
    let mail = mails.iter().find(|mail| mail.subject == "Lead Harbor disconnected from you on Accord").unwrap();
    assert!(mail.text.contains("Lead Harbor ended the connection"), "{}", mail.text);
}

#[tokio::test]
async fn the_partner_that_a_buyer_keeps_of_a_seller_is_not_there_for_the_sellers_key() {
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
async fn a_flow_read_before_its_fields_changed_is_not_written_over() {
    let (stage, _) = Stage::connected().await;
    let api = stage.app.api(&stage.buyer).await;
    let path = format!("/api/v1/flows/{}", stage.flow);
    let read = api.find(&path).await["version"].clone();
    stage.app.advance(time::Duration::seconds(1));
    api.put(&path, json!({ "fields": ["email", "state"], "version": read })).await.expect(200);
    api.put(&path, json!({ "fields": ["city"], "version": read })).await.expect(409);
}
