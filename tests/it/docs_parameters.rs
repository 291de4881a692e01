//! The parameters in the Submission Docs and in their data for systems.

use crate::support::{
    Actor, TestApp,
    api::{Api, text},
};
use accord::base::{FlowId, SourceId, paths};
use serde_json::{Value, json};

const FIELDS: [&str; 6] = ["first_name", "last_name", "email", "phone_1", "state", "age"];

/// A flow with these criteria, and a source with these mappings.
async fn world(mappings: Value, flow_rules: Value, source_rules: Value) -> (Actor, Api, FlowId, SourceId) {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let api = app.api(&buyer).await;
    let new = json!({ "name": "Loans", "fields": FIELDS, "acceptance_criteria": { "rule_set": flow_rules } });
    let flow: FlowId = text(&api.create("/api/v1/flows", new).await, "id").parse().unwrap();
    let entity = api.create("/api/v1/entities", json!({ "name": "Website form" })).await;
    let sources = format!("/api/v1/flows/{flow}/sources");
    let source: SourceId =
        text(&api.create(&sources, json!({ "entity_id": entity["id"] })).await, "id").parse().unwrap();
    let change = json!({ "mappings": mappings, "acceptance_criteria": { "rule_set": source_rules } });
    api.put(&format!("{sources}/{source}"), change).await.expect(200);
    (buyer, api, flow, source)
}

fn needed(field: &str) -> Value {
    json!({ "lhv": format!("lead.{field}"), "op": "is not blank" })
}

fn map(property: &str, value: &str) -> Value {
    json!({ "property": property, "value": value })
}

/// The parameters as systems see them: the field, the name, and a mark if it is required.
async fn params(api: &Api, flow: FlowId, source: SourceId) -> Vec<String> {
    let meta = api.find(&format!("/api/v1/flows/{flow}/sources/{source}/meta")).await;
    let shown = |param: &Value| {
        let required = if param["required"] == true { "!" } else { "" };
        format!("{} {}{required}", text(param, "variable").trim_start_matches("lead."), text(param, "name"))
    };
    meta["params"].as_array().unwrap().iter().map(shown).collect()
}

#[tokio::test]
async fn a_fixed_field_is_not_listed_and_required_ones_are_marked_by_the_sellers_names() {
    let when_blank = json!({ "op": "and", "rules": [{ "lhv": "lead.mail", "op": "is blank" }] });
    let mappings = json!([
        map("state", "CA"),
        map("phone_1", "{{area}}{{number}}"),
        map("first_name", "{{fname}}"),
        { "property": "email", "value": "{{other_mail}}", "rule_set": when_blank },
    ]);
    let nested = json!({ "op": "and", "rules": [
        { "op": "and", "rules": [needed("first_name")] },
        { "op": "or", "rules": [needed("last_name"), needed("age")] },
        { "op": "or", "rules": [{ "op": "and", "rules": [needed("phone_1"), needed("age")] }, needed("phone_1")] },
    ] });
    let source_rules = json!({ "op": "and", "rules": [needed("state"), needed("email")] });
    let (buyer, api, flow, source) = world(mappings, nested, source_rules).await;
    let expected = [
        "first_name fname!",
        "last_name last_name",
        "email email!",
        "email other_mail",
        "phone_1 area!",
        "phone_1 number!",
        "age age",
    ];
    assert_eq!(params(&api, flow, source).await, expected);
    let page = buyer.get(&paths::source_docs(flow, source)).await.expect(200);
    assert!(page.row_with("Email").contains("email , or other_mail (in some cases)"), "{}", page.row_with("Email"));
    assert!(page.has("name=\"lead-fname\"") && page.has("name=\"lead-area\"") && !page.has("name=\"lead-state\""));
}

#[tokio::test]
async fn the_page_lists_all_parameters_of_a_field_and_asks_for_each_once() {
    let (buyer, api, flow, source) = world(
        json!([
            map("phone_1", "{{area}}{{number}}"),
            map("first_name", "{{who}}"),
            map("last_name", "{{who}}"),
            map("state", "CA")
        ]),
        json!({ "op": "and", "rules": [needed("phone_1"), needed("last_name")] }),
        json!({ "op": "and", "rules": [] }),
    )
    .await;
    assert_eq!(
        params(&api, flow, source).await,
        ["first_name who", "last_name who!", "email email", "phone_1 area!", "phone_1 number!", "age age"]
    );
    let page = buyer.get(&paths::source_docs(flow, source)).await.expect(200);
    assert!(page.row_with("Phone 1").contains("area and number"), "{}", page.row_with("Phone 1"));
    assert!(page.row_with("Phone 1").ends_with("yes") && page.row_with("First Name").ends_with("no"));
    assert!(!page.has("<span class=\"cell-title\">State</span>"));
    let input = page.tag_with("name=\"lead-who\"").to_owned();
    assert_eq!(page.body.matches(&input).count(), 1, "{input}");
}
