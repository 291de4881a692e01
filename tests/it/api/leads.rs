//! What systems can read of leads, figures, the activity and connections.

use crate::support::{
    TestApp,
    api::{Api, text},
    stage::Stage,
};
use accord::base::{FlowId, SourceId};
use serde_json::{Value, json};
use time::Duration;

const LEADS: &str = "/api/v1/leads";
const STATS: &str = "/api/v1/stats/sources";

/// A flow that accepts leads from California, with two sources.
async fn start() -> (Api, FlowId, [SourceId; 2]) {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let api = app.api(&buyer).await;
    let criteria =
        json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] } });
    let new = json!({ "name": "Solar", "fields": ["state"], "acceptance_criteria": criteria });
    let flow = text(&api.create("/api/v1/flows", new).await, "id");
    let source = async |name: &str| -> SourceId {
        let entity = api.create("/api/v1/entities", json!({ "name": name })).await;
        let body = json!({ "entity_id": entity["id"] });
        text(&api.create(&format!("/api/v1/flows/{flow}/sources"), body).await, "id").parse().unwrap()
    };
    let sources = [source("Website form").await, source("Landing page").await];
    (api, flow.parse().unwrap(), sources)
}

/// Sends a lead and returns its id.
async fn send(api: &Api, flow: FlowId, source: SourceId, body: &str) -> String {
    let handled: Value = api.app.submit(flow, source, body.to_owned(), &[]).await.expect(201).json();
    text(&handled["lead"], "id")
}

async fn ids(api: &Api, query: &str) -> Vec<String> {
    api.list(&format!("{LEADS}?{query}")).await.iter().map(|lead| text(lead, "id")).collect()
}

#[tokio::test]
async fn leads_are_found_by_flow_source_outcome_and_time() {
    let (api, flow, [website, landing]) = start().await;
    let good = send(&api, flow, website, "state=ca&extra=1").await;
    let bad = send(&api, flow, landing, "state=TX").await;
    api.app.advance(Duration::days(2));
    let late = send(&api, flow, landing, "state=CA").await;
    let all = [late.clone(), bad.clone(), good.clone()];
    assert_eq!(ids(&api, "").await, all);
    let lead = api.find(&format!("{LEADS}/{good}")).await;
    assert_eq!((&lead["outcome"], &lead["reason"], &lead["price"]), (&json!("success"), &Value::Null, &json!(0)));
    assert_eq!((&lead["flow_name"], &lead["source_name"]), (&json!("Solar"), &json!("Website form")));
    assert_eq!((&lead["input"]["extra"], &lead["test"]), (&json!("1"), &json!(false)));
    let at = text(&api.find(&format!("{LEADS}/{late}")).await, "received_at");
    let day = &at[..10];
    for (query, expected) in [
        (format!("flow_id={flow}"), all.to_vec()),
        (format!("source_id={website}"), vec![good.clone()]),
        (format!("source_id={landing}&outcome=success"), vec![late.clone()]),
        ("outcome=failure".to_owned(), vec![bad.clone()]),
        ("outcome=error".to_owned(), vec![]),
        (format!("from={at}"), vec![late.clone()]),
        (format!("to={at}"), vec![bad.clone(), good.clone()]),
        (format!("from={day}"), vec![late.clone()]),
        (format!("from={day}&to={day}"), vec![late.clone()]),
        ("to=2020-01-01".to_owned(), vec![]),
        (format!("after={late}"), vec![bad.clone(), good.clone()]),
    ] {
        assert_eq!(ids(&api, &query).await, expected, "{query}");
    }
}

/// The expected figures, counted from the leads.
async fn counted(api: &Api, source: SourceId, query: &str) -> [usize; 5] {
    let leads = api.list(&format!("{LEADS}?source_id={source}&limit=200&{query}")).await;
    let count = |test: bool, outcome: Option<&str>| {
        leads
            .iter()
            .filter(|lead| lead["test"] == test && outcome.is_none_or(|outcome| lead["outcome"] == outcome))
            .count()
    };
    [
        count(false, None),
        count(false, Some("success")),
        count(false, Some("failure")),
        count(false, Some("error")),
        count(true, None),
    ]
}

#[tokio::test]
async fn the_figures_equal_the_leads() {
    let (api, flow, [website, landing]) = start().await;
    for body in ["state=CA", "state=CA", "state=TX", "state=CA&test=true"] {
        send(&api, flow, website, body).await;
    }
    api.app.advance(Duration::days(2));
    send(&api, flow, website, "state=NV").await;
    let last = send(&api, flow, landing, "state=CA").await;
    let path = format!("/api/v1/flows/{flow}/sources/{landing}");
    api.put(&path, json!({ "enabled": false })).await.expect(200);
    api.app.submit(flow, landing, "state=CA".to_owned(), &[]).await.expect(403);
    let last = text(&api.find(&format!("{LEADS}/{last}")).await, "received_at");
    let day = &last[..10];
    for query in ["", &format!("from={day}&to={day}"), &format!("to={day}"), "to=2020-01-01", "from=2020-01-01"] {
        let stats = api.list(&format!("{STATS}?{query}")).await;
        assert_eq!(stats.len(), 2, "{query}");
        for entry in &stats {
            let shown = ["submitted", "accepted", "rejected", "errors", "test"]
                .map(|name| entry[name].as_u64().unwrap() as usize);
            let source = text(entry, "source_id").parse().unwrap();
            assert_eq!(shown, counted(&api, source, query).await, "{query} {entry}");
        }
    }
    let stats = api.list(STATS).await;
    assert_eq!((&stats[0]["source_id"], &stats[0]["refused"]), (&json!(landing), &json!(1)));
    assert_eq!((&stats[0]["last_lead_at"], &stats[0]["flow_id"]), (&json!(last), &json!(flow)));
    assert_eq!((&stats[1]["submitted"], &stats[1]["test"], &stats[1]["refused"]), (&json!(4), &json!(1), &json!(0)));
}

#[tokio::test]
async fn the_activity_shows_who_did_what_newest_first() {
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    let sent = api.create("/invitations/source", json!({ "email": "other@seller.example" })).await;
    let events = api.list("/api/v1/activity").await;
    assert_eq!((&events[0]["deed"], &events[0]["who"]), (&json!("invited"), &json!("API key Test")));
    assert_eq!(events[0]["subject_id"], sent["entity"]["invitation_id"]);
    let by_ann = events.iter().find(|event| event["deed"] == "invited" && event["who"] == "Ann Buyer").unwrap();
    assert_eq!((&by_ann["user_id"], &by_ann["api_key_id"]), (&json!(stage.buyer.user()), &Value::Null));
}

#[tokio::test]
async fn both_sides_see_their_connection() {
    let (stage, seller) = Stage::connected().await;
    let (ours, theirs) = (stage.app.api(&stage.buyer).await, stage.app.api(&seller).await);
    let (bought, sold) = (ours.list("/api/v1/connections").await, theirs.list("/api/v1/connections").await);
    assert_eq!((bought.len(), sold.len(), &bought[0]["id"]), (1, 1, &sold[0]["id"]));
    assert_eq!((&bought[0]["account_name"], &bought[0]["direction"]), (&json!("Lead Harbor"), &json!("seller")));
    assert_eq!((&sold[0]["account_name"], &sold[0]["direction"]), (&json!("Bright Solar"), &json!("buyer")));
    assert_eq!(
        (&bought[0]["account_id"], &sold[0]["account_id"]),
        (&json!(seller.account()), &json!(stage.buyer.account()))
    );
    assert_eq!((&bought[0]["flow_ids"], &bought[0]["disconnected_at"]), (&json!([stage.flow]), &Value::Null));
    let entity = stage.app.source(stage.source).await.entity_id;
    assert_eq!(bought[0]["entity_id"], json!(entity));
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    let sold = theirs.list("/api/v1/connections").await;
    assert_eq!((&sold[0]["flow_ids"], sold[0]["disconnected_at"].is_null()), (&json!([]), false));
}
