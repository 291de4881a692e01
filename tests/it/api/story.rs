//! The story of a lead, as systems read it.

use crate::{
    lead_story::sent,
    support::{
        api::{Api, text},
        stage::Stage,
    },
};
use accord::{accounts::model::Plan, base::LeadId};
use serde_json::{Value, json};

async fn story(api: &Api, id: LeadId) -> Value {
    api.find(&format!("/api/v1/leads/{id}/story")).await
}

#[tokio::test]
async fn systems_read_the_same_story() {
    let (stage, seller) = Stage::connected().await;
    let api = stage.app.api(&stage.buyer).await;
    let id = sent(stage.lead(&[("st", "Nevada"), ("color", "blue")]).await);
    let told = story(&api, id).await;
    assert_eq!(told["lead"], api.find(&format!("/api/v1/leads/{id}")).await);
    assert_eq!(told["received"]["raw"], json!({ "st": "Nevada", "color": "blue" }));
    assert_eq!(told["versions"], json!({ "flow": 1, "source": 3 }));
    assert_eq!(told["mapped"], json!({ "state": "Nevada" }));
    assert_eq!(told["fields"]["state"], json!({ "value": "NV", "raw": "Nevada", "valid": true }));
    assert_eq!((&told["deliveries"], &told["feedback"]), (&json!([]), &json!([])));
    assert_eq!((&told["answer"]["outcome"], &told["answer"]["lead"]["id"]), (&json!("failure"), &json!(id)));
    let names: Vec<_> = told["checks"].as_array().unwrap().iter().map(|check| text(check, "check")).collect();
    assert_eq!(names, ["Authentication", "Flow is on", "Source is on", "State is equal to CA"]);
    let rule = json!({
        "check": "State is equal to CA", "of": "source", "path": [0], "passed": false, "reached": true, "saw": "NV",
        "reason": "State is not equal to CA",
    });
    assert_eq!(told["checks"][3], rule);
    assert_eq!(told["checks_state"], "known");
    stage.app.execute("update leads set flow_version = null").await.unwrap();
    let old = story(&api, id).await;
    assert_eq!((&old["checks"], &old["checks_state"]), (&json!([]), &json!("not_kept")));
    let path = format!("/api/v1/leads/{id}/story");
    stage.app.api(&seller).await.get(&path).await.expect(404);
    let other = stage.app.admin("Dee", "dee@other.example", "Other Leads", Some(Plan::Pro), false).await;
    stage.app.api(&other).await.get(&path).await.expect(404);
    api.get("/api/v1/leads/0123456789abcdef01234567/story").await.expect(404);
}
