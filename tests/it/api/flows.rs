//! Flows, their sources and their entities, managed by a system.

use crate::support::{
    TestApp,
    api::{Api, error_code, field_errors, text},
    stage::{SELLER, Stage},
};
use serde_json::{Value, json};

const FLOWS: &str = "/api/v1/flows";
const ENTITIES: &str = "/api/v1/entities";

async fn start() -> Api {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.api(&buyer).await
}

fn criteria(state: &str) -> Value {
    json!({
        "rule_set": { "op": "and", "rules": [
            { "lhv": "lead.state", "op": "is equal to", "rhv": state },
            { "op": "or", "rules": [
                { "lhv": "lead.email", "op": "is not blank" },
                { "lhv": "lead.phone_1", "op": "format is valid" },
            ] },
        ] },
        "reason": format!("Leads from {state} only"),
    })
}

/// A flow with one custom source.
async fn with_source(api: &Api) -> (Value, Value) {
    let flow = api.create(FLOWS, json!({ "name": "Solar", "fields": ["email", "phone_1", "state"] })).await;
    let entity = api.create(ENTITIES, json!({ "name": "Website form" })).await;
    let source =
        api.create(&format!("{FLOWS}/{}/sources", text(&flow, "id")), json!({ "entity_id": entity["id"] })).await;
    (flow, source)
}

fn path_of(source: &Value) -> String {
    format!("{FLOWS}/{}/sources/{}", text(source, "flow_id"), text(source, "id"))
}

#[tokio::test]
async fn a_flow_is_created_found_changed_and_removed() {
    let api = start().await;
    let new = json!({ "name": "Solar", "fields": ["state", "email"], "acceptance_criteria": null, "enabled": false });
    let made = api.create(FLOWS, new).await;
    assert_eq!((&made["name"], &made["enabled"], &made["sources"]), (&json!("Solar"), &json!(false), &json!([])));
    assert_eq!(made["fields"], json!(["state", "email"]));
    let path = format!("{FLOWS}/{}", text(&made, "id"));
    assert_eq!(api.find(&path).await, made);
    let change = json!({
        "name": "Solar California", "enabled": true, "fields": ["email", "phone_1", "state"],
        "acceptance_criteria": criteria("CA"), "version": made["version"],
    });
    let changed: Value = api.put(&path, change).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["enabled"]), (&json!("Solar California"), &json!(true)));
    assert_eq!(changed["fields"], json!(["email", "phone_1", "state"]));
    assert_eq!(changed["acceptance_criteria"], criteria("CA"));
    assert!(changed["version"].as_i64() > made["version"].as_i64());
    assert_eq!(json!(api.list(FLOWS).await), json!([changed]));
    let stale = api.put(&path, json!({ "name": "Wind", "version": made["version"] })).await.expect(409);
    assert_eq!(error_code(&stale), "stale_version");
    assert_eq!(api.find(&path).await, changed);
    let cleared: Value = api.put(&path, json!({ "acceptance_criteria": null })).await.expect(200).json();
    assert_eq!((&cleared["acceptance_criteria"], &cleared["name"]), (&Value::Null, &json!("Solar California")));
    api.delete(&path).await.expect(204);
    api.get(&path).await.expect(404);
    api.delete(&path).await.expect(404);
    assert_eq!(api.list(FLOWS).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_change_of_a_flow_is_applied_completely_or_not_at_all() {
    let api = start().await;
    let (flow, _) = with_source(&api).await;
    let path = format!("{FLOWS}/{}", text(&flow, "id"));
    let before = api.find(&path).await;
    let broken = json!({ "name": "Wind", "enabled": false, "acceptance_criteria": {
        "rule_set": { "op": "and", "rules": [{ "lhv": "lead.city", "op": "is equal to", "rhv": "Fresno" }] },
    } });
    let named = field_errors(&api.put(&path, broken).await);
    assert!(named[0].0.starts_with("acceptance_criteria") && named[0].1 == "rule_field_unknown", "{named:?}");
    field_errors(&api.put(&path, json!({ "name": "Wind", "fields": ["nonsense"] })).await);
    assert_eq!(api.find(&path).await, before);
}

#[tokio::test]
async fn the_available_fields_are_listed() {
    let api = start().await;
    let fields = api.list("/api/v1/fields").await;
    let names: Vec<_> = fields.iter().map(|field| text(field, "name")).collect();
    assert!(names.contains(&"state".to_owned()) && names.contains(&"email".to_owned()), "{names:?}");
    api.create(FLOWS, json!({ "name": "All", "fields": names })).await;
}

#[tokio::test]
async fn a_source_is_configured_and_its_leads_are_checked_accordingly() {
    let api = start().await;
    let (flow, source) = with_source(&api).await;
    assert_eq!(
        (&source["name"], &source["state"], &source["enabled"]),
        (&json!("Website form"), &json!("custom"), &json!(true))
    );
    let path = path_of(&source);
    let mappings = json!([
        { "property": "state", "value": "{{st}}" },
        { "property": "email", "value": "{{mail}}", "rule_set": {
            "op": "and", "rules": [{ "lhv": "lead.st", "op": "is not blank" }],
        } },
    ]);
    let change = json!({ "mappings": mappings, "acceptance_criteria": criteria("CA"), "version": source["version"] });
    let changed: Value = api.put(&path, change).await.expect(200).json();
    assert_eq!((&changed["mappings"][0], &changed["acceptance_criteria"]), (&mappings[0], &criteria("CA")));
    assert_eq!(changed["mappings"][1]["rule_set"], mappings[1]["rule_set"]);
    assert_eq!(api.find(&path).await, changed);
    assert_eq!(api.find(&format!("{FLOWS}/{}", text(&flow, "id"))).await["sources"], json!([changed]));
    let submit = text(&changed, "submit_url").replace("https://accord.example", "");
    let visitor = api.app.visitor("", "", "");
    let good: Value = visitor.post(&submit, &[("st", "ca"), ("mail", "Lea@Example.com")]).await.expect(201).json();
    assert_eq!(good["outcome"], "success");
    let bad: Value = visitor.post(&submit, &[("st", "TX"), ("mail", "lea@example.com")]).await.expect(201).json();
    assert_eq!((&bad["outcome"], &bad["reason"]), (&json!("failure"), &json!("Leads from CA only")));
    let lead = api.find(&format!("/api/v1/leads/{}", text(&good["lead"], "id"))).await;
    assert_eq!((&lead["source_id"], &lead["input"]["st"]), (&source["id"], &json!("ca")));
    visitor.get(&text(&changed, "docs_url").replace("https://accord.example", "")).await.expect(302);
}

#[tokio::test]
async fn a_source_can_be_turned_off_and_can_require_authentication() {
    let api = start().await;
    let (_, source) = with_source(&api).await;
    let path = path_of(&source);
    let visitor = api.app.visitor("", "", "");
    let submit = text(&source, "submit_url").replace("https://accord.example", "");
    let off: Value = api.put(&path, json!({ "enabled": false })).await.expect(200).json();
    assert_eq!((&off["enabled"], &off["mappings"]), (&json!(false), &source["mappings"]));
    visitor.post(&submit, &[("state", "CA")]).await.expect(403);
    let on = json!({ "enabled": true, "require_authentication": true });
    let on: Value = api.put(&path, on).await.expect(200).json();
    assert_eq!((&on["enabled"], &on["require_authentication"]), (&json!(true), &json!(true)));
    visitor.post(&submit, &[("state", "CA")]).await.expect(401);
    api.put(&path, json!({ "require_authentication": false })).await.expect(200);
    visitor.post(&submit, &[("state", "CA")]).await.expect(201);
}

#[tokio::test]
async fn a_stale_change_of_a_source_is_a_conflict_and_changes_nothing() {
    let api = start().await;
    let (_, source) = with_source(&api).await;
    let path = path_of(&source);
    let mappings = |parameter: &str| json!([{ "property": "state", "value": parameter }]);
    let first = json!({ "mappings": mappings("{{st}}"), "version": source["version"] });
    let changed: Value = api.put(&path, first).await.expect(200).json();
    let second = json!({ "mappings": mappings("{{s}}"), "enabled": false, "version": source["version"] });
    assert_eq!(error_code(&api.put(&path, second).await.expect(409)), "stale_version");
    assert_eq!(api.find(&path).await, changed);
}

#[tokio::test]
async fn wrong_rules_and_mappings_are_named_by_their_position() {
    let api = start().await;
    let (_, source) = with_source(&api).await;
    let path = path_of(&source);
    let rules = |rule: Value| json!({ "acceptance_criteria": { "rule_set": { "op": "and", "rules": [rule] } } });
    for (change, place, expected) in [
        (
            json!({ "mappings": [{ "property": "Not good!", "value": "{{a}}" }] }),
            "mappings.0",
            "mapping_target_unknown",
        ),
        (json!({ "mappings": [{ "property": "state", "value": "{{a" }] }), "mappings.0", "template_invalid"),
        (
            json!({ "mappings": [{ "property": "state", "value": "x", "when": 1 }] }),
            "mappings.0.when",
            "unknown_property",
        ),
        (rules(json!({ "lhv": "lead.city", "op": "is blank" })), "acceptance_criteria", "rule_field_unknown"),
        (rules(json!({ "lhv": "lead.state", "op": "is equal to" })), "acceptance_criteria", "rule_value_missing"),
        (
            rules(json!({ "lhv": "lead.state", "op": "matches pattern", "rhv": "/(/" })),
            "acceptance_criteria",
            "rule_pattern_invalid",
        ),
    ] {
        let named = field_errors(&api.put(&path, change.clone()).await);
        let fits = |(field, code): &(String, String)| field.starts_with(place) && code == expected;
        assert!(named.iter().any(fits), "{change}: {named:?}");
    }
    assert_eq!(api.find(&path).await, source);
}

#[tokio::test]
async fn an_entity_can_be_in_a_flow_only_once() {
    let api = start().await;
    let (flow, source) = with_source(&api).await;
    let path = format!("{FLOWS}/{}/sources", text(&flow, "id"));
    let again = api.post(&path, json!({ "entity_id": source["entity_id"] })).await.expect(409);
    assert_eq!(error_code(&again), "already_in_flow");
    api.delete(&path_of(&source)).await.expect(204);
    api.get(&path_of(&source)).await.expect(404);
    let back = api.create(&path, json!({ "entity_id": source["entity_id"] })).await;
    assert_ne!(back["id"], source["id"]);
    let nowhere = api.post(&path, json!({ "entity_id": flow["id"] })).await.expect(404);
    assert_eq!(error_code(&nowhere), "not_found");
}

#[tokio::test]
async fn a_source_is_not_found_under_another_flow() {
    let api = start().await;
    let (_, source) = with_source(&api).await;
    let other = api.create(FLOWS, json!({ "name": "Wind", "fields": ["state"] })).await;
    let path = format!("{FLOWS}/{}/sources/{}", text(&other, "id"), text(&source, "id"));
    api.get(&path).await.expect(404);
    api.put(&path, json!({ "enabled": false })).await.expect(404);
    api.delete(&path).await.expect(404);
    assert_eq!(api.find(&path_of(&source)).await, source);
}

#[tokio::test]
async fn a_pending_source_stays_off_until_accepted() {
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    let path = format!("{FLOWS}/{}/sources/{}", stage.flow, stage.source);
    let source = api.find(&path).await;
    assert_eq!((&source["state"], &source["enabled"]), (&json!("pending"), &json!(false)));
    assert_eq!(source["turn_on_when_accepted"], true);
    assert_eq!(error_code(&api.put(&path, json!({ "enabled": true })).await.expect(409)), "source_pending");
    let kept: Value = api.put(&path, json!({ "turn_on_when_accepted": false })).await.expect(200).json();
    assert_eq!((&kept["turn_on_when_accepted"], &kept["mappings"]), (&json!(false), &source["mappings"]));
}

#[tokio::test]
async fn a_custom_entity_is_created_renamed_and_removed() {
    let api = start().await;
    let made = api.create(ENTITIES, json!({ "name": "Website form" })).await;
    assert_eq!((&made["account"], &made["flow_ids"], &made["pending"]), (&json!(false), &Value::Null, &json!(false)));
    let path = format!("{ENTITIES}/{}", text(&made, "id"));
    assert_eq!(api.find(&path).await, made);
    let renamed: Value = api.put(&path, json!({ "name": "Landing page" })).await.expect(200).json();
    assert_eq!((&renamed["id"], &renamed["name"]), (&made["id"], &json!("Landing page")));
    let taken = api.post(ENTITIES, json!({ "name": "landing PAGE" })).await;
    assert_eq!(error_code(&taken.expect(409)), "source_name_taken");
    api.delete(&path).await.expect(204);
    api.get(&path).await.expect(404);
    assert!(api.list(ENTITIES).await.iter().all(|entity| entity["standard"] == true));
}

#[tokio::test]
async fn an_entity_that_is_used_connected_or_standard_cannot_be_removed() {
    let (stage, _) = Stage::connected().await;
    let api = stage.app.api(&stage.buyer).await;
    let entity = api.find(&format!("{FLOWS}/{}/sources/{}", stage.flow, stage.source)).await;
    let path = format!("{ENTITIES}/{}", text(&entity, "entity_id"));
    assert_eq!(error_code(&api.delete(&path).await.expect(409)), "entity_in_use");
    assert_eq!(error_code(&api.put(&path, json!({ "name": "Mine" })).await.expect(409)), "entity_of_account");
    api.delete(&format!("{FLOWS}/{}/sources/{}", stage.flow, stage.source)).await.expect(204);
    assert_eq!(error_code(&api.delete(&path).await.expect(409)), "entity_connected");
    let entities = api.list(ENTITIES).await;
    let standard = entities.iter().find(|entity| entity["standard"] == true).unwrap();
    let path = format!("{ENTITIES}/{}", text(standard, "id"));
    assert_eq!(error_code(&api.delete(&path).await.expect(409)), "entity_standard");
    assert_eq!(error_code(&api.put(&path, json!({ "name": "Mine" })).await.expect(409)), "entity_standard");
}

#[tokio::test]
async fn removing_a_pending_entity_revokes_its_invitation() {
    let api = start().await;
    let sent = api.create("/invitations/source", json!({ "email": SELLER })).await;
    let (entity, invitation) = (text(&sent["entity"], "id"), text(&sent["entity"], "invitation_id"));
    let link = api.app.link_to(SELLER).await;
    api.delete(&format!("{ENTITIES}/{entity}")).await.expect(204);
    api.get(&format!("{ENTITIES}/{entity}")).await.expect(404);
    assert_eq!(api.find(&format!("/api/v1/invitations/{invitation}")).await["state"], "revoked");
    api.app.visitor("", "", "").get(&link).await.expect(410).shows("revoked");
    api.put(&format!("/invitations/{entity}/resend"), Value::Null).await.expect(404);
    let again = api.create("/invitations/source", json!({ "email": SELLER })).await;
    assert_ne!(again["entity"]["id"], entity);
}
