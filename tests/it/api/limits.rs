//! What one body, and one save of rules and mappings, may cost.

use crate::support::{
    Response, TestApp,
    api::{Api, error_code, field_errors, text},
};
use axum::http::Method;
use serde_json::{Value, json};

/// The API of a new account, and the path of a source in its only flow.
async fn start() -> (Api, String) {
    let app = TestApp::start().await;
    let api = app.api(&app.buyer().await).await;
    let flow = api
        .create("/api/v1/flows", json!({ "name": "Solar", "fields": ["email", "state", "postal_code", "city"] }))
        .await;
    let path = format!("/api/v1/flows/{}", text(&flow, "id"));
    let entity = api.create("/api/v1/entities", json!({ "name": "Website form" })).await;
    let source = api.create(&format!("{path}/sources"), json!({ "entity_id": entity["id"] })).await;
    let path = format!("{path}/sources/{}", text(&source, "id"));
    (api, path)
}

fn rule(op: &str, rhv: &str) -> Value {
    json!({ "lhv": "lead.state", "op": op, "rhv": rhv })
}

fn rules(rule: &Value, count: usize) -> Value {
    json!({ "op": "and", "rules": vec![rule.clone(); count] })
}

fn criteria(rule_set: &Value) -> Value {
    json!({ "acceptance_criteria": { "rule_set": rule_set } })
}

fn mappings(count: usize, rule_set: &Value) -> Value {
    let mapping = json!({ "property": "state", "value": "{{st}}", "rule_set": rule_set });
    json!(vec![mapping; count])
}

#[tokio::test]
async fn rules_patterns_and_mappings_of_a_source_are_limited_together() {
    let (api, path) = start().await;
    let flow = path.split("/sources").next().unwrap().to_owned();
    let (plain, pattern) = (rule("is equal to", "CA"), rule("matches pattern", "/^c/"));
    let heavy = rule("matches pattern", r"/\w{90}/");
    let one = rules(&plain, 1);
    let nested = json!({ "op": "or", "rules": [rules(&pattern, 25), rules(&pattern, 26)] });
    let both = |conditions: &Value, set: &Value| json!({ "mappings": mappings(1, conditions), "acceptance_criteria": { "rule_set": set } });
    let set = "acceptance_criteria.rule_set.rules";
    for (path, change, field, code) in [
        (&path, criteria(&rules(&plain, 501)), set, "rules_too_many"),
        (&flow, criteria(&rules(&plain, 501)), set, "rules_too_many"),
        (&path, criteria(&rules(&heavy, 9_000)), set, "rules_too_many"),
        (&path, criteria(&rules(&heavy, 51)), set, "patterns_too_many"),
        (&flow, criteria(&rules(&heavy, 51)), set, "patterns_too_many"),
        (&path, criteria(&nested), set, "patterns_too_many"),
        (&path, json!({ "mappings": mappings(201, &Value::Null) }), "mappings", "mappings_too_many"),
        (&path, json!({ "mappings": mappings(100, &rules(&plain, 6)) }), "mappings", "rules_too_many"),
        (&path, json!({ "mappings": mappings(3, &rules(&heavy, 20)) }), "mappings", "patterns_too_many"),
        (&path, both(&rules(&plain, 300), &rules(&plain, 300)), "acceptance_criteria", "rules_too_many"),
        (&path, both(&rules(&pattern, 30), &rules(&pattern, 30)), "acceptance_criteria", "patterns_too_many"),
    ] {
        let errors = field_errors(&api.put(path, change).await);
        assert_eq!(errors, [(field.to_owned(), code.to_owned())]);
    }
    api.put(&path, both(&rules(&pattern, 20), &rules(&pattern, 30))).await.expect(200);
    let later = api.put(&path, criteria(&rules(&pattern, 31))).await;
    assert_eq!(field_errors(&later), [("acceptance_criteria".to_owned(), "patterns_too_many".to_owned())]);
    api.put(&path, json!({ "mappings": mappings(200, &Value::Null) })).await.expect(200);
    api.put(&path, criteria(&rules(&plain, 500))).await.expect(200);
    api.put(&flow, criteria(&rules(&pattern, 50))).await.expect(200);
    api.put(&path, json!({ "mappings": mappings(1, &one) })).await.expect(422);
}

#[tokio::test]
async fn a_list_in_a_rule_has_fifty_thousand_entries_and_other_values_ten_thousand_characters() {
    let (api, path) = start().await;
    let list = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    let rule = |op: &str, rhv: String| json!({ "lhv": "lead.city", "op": op, "rhv": rhv });
    let save = async |op: &str, rhv: String| api.put(&path, criteria(&rules(&rule(op, rhv), 1))).await;
    let long = |response: &Response| field_errors(response)[0].1.clone();
    save("is included in", list(50_000)).await.expect(200);
    save("is not included in", "é".repeat(500_000)).await.expect(200);
    assert_eq!(long(&save("is included in", list(50_001)).await), "rule_list_too_long");
    assert_eq!(long(&save("is equal to", list(3_000)).await), "too_long");
    save("includes", "é".repeat(10_000)).await.expect(200);
    assert_eq!(long(&save("includes", "é".repeat(10_001)).await), "too_long");
}

#[tokio::test]
async fn invalid_patterns_are_named_and_large_ones_count_together() {
    let (api, path) = start().await;
    let bad = json!({ "op": "and", "rules": [rule("is equal to", "x"), rule("matches pattern", r"/\w{90}/")] });
    let change = json!({ "mappings": mappings(2, &bad) });
    let at = |index: usize| (format!("mappings.{index}.rule_set.rules.1.rhv"), "rule_pattern_invalid".to_owned());
    assert_eq!(field_errors(&api.put(&path, change).await), [at(0), at(1)]);
    let large: Vec<_> = (0..50).map(|number| rule("matches pattern", &format!(r"/\w{{4}}{number}/"))).collect();
    let errors = field_errors(&api.put(&path, criteria(&json!({ "op": "or", "rules": large }))).await);
    assert_eq!((errors.len(), errors[0].1.as_str()), (1, "patterns_too_large"));
}

#[tokio::test]
async fn at_most_fifty_errors_are_listed() {
    let (api, path) = start().await;
    let unknown = json!({ "lhv": "lead.nonsense", "op": "is equal to", "rhv": "" });
    assert_eq!(field_errors(&api.put(&path, criteria(&rules(&unknown, 400))).await).len(), 50);
    let mapping = json!({ "property": "Bad Name", "value": "{{" });
    assert_eq!(field_errors(&api.put(&path, json!({ "mappings": vec![mapping; 200] })).await).len(), 50);
}

#[tokio::test]
async fn hostile_bodies_are_rejected_without_repeating_them() {
    let (api, path) = start().await;
    let (long, items) = ("n".repeat(500_000), "0,".repeat(200_000));
    for (status, code, body) in [
        (422, "invalid", format!("{{\"{long}\":[{items}0]}}")),
        (422, "invalid", format!("{{\"mappings\":[{{\"{long}\":1}}]}}")),
        (422, "invalid", format!("{{\"mappings\":[{items}0]}}")),
        (422, "invalid", format!("{{\"enabled\":\"{long}\"}}")),
        (422, "invalid", format!("[{items}0]")),
        (400, "malformed_json", "[".repeat(1 << 20)),
        (400, "malformed_json", "{\"a\":".repeat(200_000)),
        (400, "malformed_json", format!("{{\"enabled\":\"{long}")),
        (413, "payload_too_large", format!("{{\"enabled\":\"{}\"}}", "n".repeat(1 << 20))),
    ] {
        let headers = [("content-type", "application/json")];
        let response = api.send(Method::PUT, &path, &headers, body).await;
        assert_eq!((response.status.as_u16(), error_code(&response).as_str()), (status, code));
        assert!(response.body.len() < 2_000, "{:.200}", response.body);
    }
}
