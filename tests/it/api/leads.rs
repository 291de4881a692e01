//! What systems can read of leads, figures, the activity and connections.

use crate::support::{
    TestApp,
    api::{Api, text},
    credentials::basic,
    crowd::Crowd,
    stage::Stage,
};
use accord::base::{FlowId, SourceId};
use axum::{body::Body, http::Request};
use futures::StreamExt;
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
    let new = json!({ "name": "Solar", "fields": ["state", "email", "phone_1"], "acceptance_criteria": criteria });
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

#[tokio::test]
async fn leads_are_found_by_partner_reason_test_and_person() {
    let (api, flow, [website, landing]) = start().await;
    let good = send(&api, flow, website, "state=ca&email=Ann@Example.com&phone_1=%28512%29+555-0142").await;
    let bad = send(&api, flow, landing, "state=TX&phone_1=5125550142").await;
    let test = send(&api, flow, landing, "state=CA&test=true").await;
    let partner = text(&api.create("/api/v1/partners", json!({ "name": "Harbor" })).await, "id");
    api.put(&format!("/api/v1/partners/{partner}/sources/{website}"), Value::Null).await.expect(200);
    for (query, expected) in [
        (format!("partner_id={partner}"), vec![&good]),
        (format!("partner_id={partner}&source_id={landing}"), vec![]),
        ("reason=IS+not".to_owned(), vec![&bad]),
        ("test=true".to_owned(), vec![&test]),
        ("test=false".to_owned(), vec![&bad, &good]),
        ("email=ann%40example.COM".to_owned(), vec![&good]),
        ("phone=%2B1+512+555+0142".to_owned(), vec![&bad, &good]),
        ("phone=5125550142&outcome=success".to_owned(), vec![&good]),
    ] {
        assert_eq!(ids(&api, &query).await.iter().collect::<Vec<_>>(), expected, "{query}");
        let lines = api.get(&format!("/api/v1/leads.ndjson?{query}")).await.expect(200).body;
        let streamed: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(streamed, api.list(&format!("{LEADS}?{query}")).await, "{query}");
    }
    let (longest, too_long) = (format!("reason={}", "x".repeat(320)), format!("reason={}", "x".repeat(321)));
    api.get(&format!("{LEADS}?{longest}")).await.expect(200);
    for (query, field) in [
        (too_long.as_str(), "reason"),
        ("email=nobody", "email"),
        ("phone=12", "phone"),
        ("email=a@example.com&phone=5125550142", "phone"),
        ("test=yes", "test"),
    ] {
        for path in [LEADS, "/api/v1/leads.ndjson"] {
            let refused = api.get(&format!("{path}?{query}")).await.expect(422);
            assert_eq!(refused.json::<Value>()["errors"][0]["field"], field, "{path}?{query}");
        }
    }
    api.get("/api/v1/leads.ndjson?after=0123456789abcdef01234567").await.expect(422);
}

#[tokio::test]
async fn a_stream_has_every_lead_with_its_values_as_stored() {
    let (api, flow, [website, _]) = start().await;
    send(&api, flow, website, "state=CA&sum=%3D1%2B1&mail=%2B1").await;
    let others = Crowd {
        count: 2_500,
        input: "'{\"color\":[\"red\",\"blue\"]}'::jsonb",
        at: "now() - interval '1 day'",
        ..Crowd::default()
    };
    api.app.add_leads(website, others).await;
    let response = api.get("/api/v1/leads.ndjson").await.expect(200);
    assert_eq!(response.header("content-type"), "application/x-ndjson");
    let leads: Vec<Value> = response.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(leads.len(), 2_501);
    assert_eq!((&leads[0]["input"]["sum"], &leads[0]["input"]["mail"]), (&json!("=1+1"), &json!("+1")));
    assert_eq!(leads[1]["input"]["color"], json!(["red", "blue"]));
    let ids: Vec<_> = leads.iter().map(|lead| text(lead, "id")).collect();
    assert!(ids.is_sorted_by(|newer, older| newer > older));
}

#[tokio::test]
async fn a_rare_filter_goes_on_by_the_link_header() {
    let (api, flow, [website, _]) = start().await;
    let rare = send(&api, flow, website, "state=TX").await;
    api.app.add_leads(website, Crowd { count: 6_000, at: "now() + interval '1 minute'", ..Crowd::default() }).await;
    let first = api.get(&format!("{LEADS}?outcome=failure")).await.expect(200);
    assert_eq!(first.body, "[]");
    let next =
        first.header("link").strip_prefix("<https://accord.example").unwrap().split('>').next().unwrap().to_owned();
    assert!(next.contains("outcome=failure") && next.contains("after="), "{next}");
    let second = api.get(&next).await.expect(200);
    assert_eq!((text(&second.json::<Value>()[0], "id"), second.header("link")), (rare, ""));
}

#[tokio::test]
async fn a_stream_ends_with_its_key() {
    let (api, _, [website, _]) = start().await;
    let large = Crowd { count: 8, input: "jsonb_build_object('note', repeat('x', 400000))", ..Crowd::default() };
    api.app.add_leads(website, large).await;
    let (name, value) = basic("API", &api.key);
    let open = || {
        let request =
            Request::builder().uri("/api/v1/leads.ndjson").header("host", "accord.example").header(name, &value);
        api.app.open(request.body(Body::empty()).unwrap())
    };
    let mut running = open().await.into_body().into_data_stream();
    assert!(running.next().await.unwrap().is_ok());
    assert_eq!(open().await.status(), 429, "one at a time");
    api.app.execute("update api_keys set revoked_at = now()").await.unwrap();
    let rest: Vec<_> = running.collect().await;
    assert!(rest.len() <= 2 && rest.last().is_some_and(Result::is_err), "{} parts", rest.len());
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
