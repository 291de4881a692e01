//! Social security numbers: rules check them, and then nothing stores, shows or logs them.

use crate::support::{
    Actor, TestApp,
    api::{Api, text},
    log::logged,
    stage::mapping,
};
use accord::{
    base::{FlowId, SourceId, paths},
    rules::MappingRow,
};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

const REMOVED: &str = "[removed]";

/// A flow that asks for a social security number, with a source whose seller calls it `social`.
struct World {
    app: TestApp,
    buyer: Actor,
    api: Api,
    flow: FlowId,
    source: SourceId,
}

impl World {
    async fn new(mappings: &[MappingRow]) -> Self {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        let api = app.api(&buyer).await;
        let rules =
            json!([{ "lhv": "lead.ssn", "op": "is not blank" }, { "lhv": "lead.ssn", "op": "format is valid" }]);
        let criteria = json!({ "rule_set": { "op": "and", "rules": rules } });
        let new =
            json!({ "name": "Loans", "fields": ["first_name", "comments", "ssn"], "acceptance_criteria": criteria });
        let flow: FlowId = text(&api.create("/api/v1/flows", new).await, "id").parse().unwrap();
        let entity = api.create("/api/v1/entities", json!({ "name": "Website form" })).await;
        let body = json!({ "entity_id": entity["id"] });
        let source = text(&api.create(&format!("/api/v1/flows/{flow}/sources"), body).await, "id").parse().unwrap();
        buyer.save_mappings(flow, source, 1, mappings).await.expect(200);
        Self { app, buyer, api, flow, source }
    }

    async fn send(&self, content_type: &str, body: &str) -> Value {
        let answer = self.app.submit(self.flow, self.source, body.to_owned(), &[("content-type", content_type)]).await;
        answer.expect(201).json()
    }

    /// The stored values and fields of all leads, oldest first.
    async fn stored(&self) -> Vec<(Value, Value)> {
        let leads = sqlx::query_as("select input, fields from leads order by id");
        leads.fetch_all(&self.app.state.pool).await.unwrap()
    }

    /// Asserts that no column of any table has the number in any spelling.
    async fn assert_nowhere(&self) {
        for spelling in ["219-09-9999", "219099999", "219 09 9999", "21909"] {
            assert_eq!(self.app.columns_holding(spelling).await, [""; 0], "{spelling}");
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn template(property: &str, value: &str) -> MappingRow {
    MappingRow { is_text: true, ..mapping(property, value) }
}

#[tokio::test]
async fn the_number_is_judged_and_removed_in_every_format() {
    let world = World::new(&[]).await;
    let bodies = [
        (FORM, "ssn=219-09-9999&first_name=Ann"),
        ("application/json", r#"{"ssn":"219-09-9999","first_name":"Ann"}"#),
        ("application/json", r#"{"ssn":219099999,"first_name":"Ann"}"#),
        ("application/xml", "<lead><ssn>219 09 9999</ssn><first_name>Ann</first_name></lead>"),
    ];
    for (content_type, body) in bodies {
        assert_eq!(world.send(content_type, body).await["outcome"], "success", "{body}");
    }
    let url = format!("{}?ssn=219-09-9999&first_name=Ann", paths::submit(world.flow, world.source));
    world.app.visitor("", "", "").send(Method::GET, &url, &[], Body::empty()).await.expect(201);
    let invalid = world.send(FORM, "ssn=219-09-999&first_name=Ann").await;
    assert_eq!(invalid["reason"], "Social Security Number format is invalid");
    let stored = world.stored().await;
    assert_eq!(stored.len(), bodies.len() + 2);
    for (index, (input, fields)) in stored.iter().enumerate() {
        assert_eq!(*input, json!({ "ssn": REMOVED, "first_name": "Ann" }));
        let is_valid = index < bodies.len() + 1;
        assert_eq!(fields["ssn"], json!({ "value": REMOVED, "raw": REMOVED, "valid": is_valid }));
        assert_eq!(fields["first_name"]["value"], "Ann");
    }
    world.assert_nowhere().await;
}

#[tokio::test]
async fn lists_and_nested_names_are_removed_too() {
    let world = World::new(&[]).await;
    for (content_type, body) in [
        ("application/json", r#"{"ssn":["219-09-9999","219-09-9999"],"first_name":"Ann"}"#),
        ("application/json", r#"{"applicants":[{"ssn":"219-09-9999"},{"SSN":"219099999"}],"first_name":"Ann"}"#),
        ("application/json", r#"{"ssn":{"219-09-9999":"yes"},"first_name":"Ann"}"#),
        (FORM, "ssn=219-09-9999&ssn=219-09-9999&first_name=Ann"),
        (FORM, "applicant[ssn]=219-09-9999&Social+Security+Number=219099999&first_name=Ann"),
        ("application/xml", "<lead><ssn>219099999</ssn><ssn>219099999</ssn><first_name>Ann</first_name></lead>"),
    ] {
        world.send(content_type, body).await;
    }
    for (input, fields) in world.stored().await {
        assert!(input.to_string().contains(REMOVED), "{input}");
        assert_eq!(fields["first_name"]["value"], "Ann");
    }
    world.assert_nowhere().await;
}

#[tokio::test]
async fn the_sellers_own_parameter_and_what_is_mapped_from_it_are_removed() {
    let world = World::new(&[mapping("ssn", "social"), template("comments", "Number {{social}} of {{name}}")]).await;
    let answer = world.send(FORM, "social=219-09-9999&name=Ann&page=https://a.example/?s=219099999").await;
    assert_eq!(answer["outcome"], "success");
    let parts = [template("ssn", "{{area}}-{{group}}-{{serial}}"), mapping("comments", "serial")];
    world.buyer.save_mappings(world.flow, world.source, 2, &parts).await.expect(200);
    assert_eq!(world.send(FORM, "area=219&group=09&serial=9999").await["outcome"], "success");
    let stored = world.stored().await;
    let page = format!("https://a.example/?s={REMOVED}");
    assert_eq!(stored[0].0, json!({ "social": REMOVED, "name": "Ann", "page": page }));
    assert_eq!(stored[1].0, json!({ "area": REMOVED, "group": REMOVED, "serial": REMOVED }));
    for (_, fields) in &stored {
        assert_eq!([&fields["ssn"]["value"], &fields["comments"]["value"], &fields["comments"]["raw"]], [REMOVED; 3]);
    }
    world.assert_nowhere().await;
    assert_eq!(world.app.columns_holding("9999").await, [""; 0]);
}

#[tokio::test]
async fn a_test_lead_lists_exports_the_api_and_the_log_have_no_number() {
    let world = World::new(&[mapping("ssn", "social")]).await;
    let docs = paths::source_docs(world.flow, world.source);
    let (lead, log) = logged(async {
        let typed = [("form", "test-lead"), ("key", "a"), ("lead-social", "219-09-9999"), ("lead-first_name", "Ann")];
        world.buyer.post(&docs, &typed).await.expect(200).shows("Test lead accepted.");
        let handled = world.send(FORM, "social=219-09-9999&first_name=Ann").await;
        let url = format!("{}?social=219099999", paths::submit(world.flow, world.source));
        world.app.visitor("", "", "").send(Method::GET, &url, &[], Body::empty()).await.expect(201);
        text(&handled["lead"], "id")
    })
    .await;
    assert!(log.contains("request handled"), "the log is complete");
    let list = world.buyer.get(&paths::flow_leads(world.flow)).await.expect(200);
    let partner = world.app.make_partner(&world.buyer, "Harbor Media").await;
    world.app.assign(world.source, Some(partner)).await;
    let file = world.buyer.post(&paths::partner_leads_csv(partner), &[]).await.expect(200);
    assert!(file.body.contains("Ann") && file.body.contains(REMOVED), "{}", file.body);
    let lead = world.api.find(&format!("/api/v1/leads/{lead}")).await;
    assert_eq!((&lead["input"]["social"], &lead["fields"]["ssn"]["value"]), (&json!(REMOVED), &json!(REMOVED)));
    for shown in [log, list.body, file.body, lead.to_string()] {
        assert!(!shown.contains("219-09") && !shown.contains("219099999"));
    }
    world.assert_nowhere().await;
}
