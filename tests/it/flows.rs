//! Flows, their fields, sources, rules and mappings.

use crate::support::{
    Actor, TestApp,
    actor::problem_name,
    stage::{FIELDS, SELLER, Stage, california, mapping},
};
use accord::{
    base::{FlowId, paths},
    entities::model::SourceTag,
};
use serde_json::{Value, json};

async fn buyer_with_flow() -> (TestApp, Actor, FlowId) {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    (app, buyer, flow)
}

#[tokio::test]
async fn a_flow_is_created_from_a_name_and_standard_fields() {
    let (app, buyer, flow) = buyer_with_flow().await;
    let fields: Vec<String> =
        sqlx::query_scalar("select name from flow_fields order by position").fetch_all(&app.state.pool).await.unwrap();
    assert_eq!(fields, FIELDS);
    buyer.get(&paths::flow_sources(flow)).await.expect(200).shows("Flow created.").shows("Add Source");
    buyer.get(paths::FLOWS).await.expect(200).shows("Solar California");
}

#[tokio::test]
async fn errors_of_a_new_flow_are_shown_beside_their_fields() {
    let (app, buyer, _) = buyer_with_flow().await;
    let long = "x".repeat(101);
    let cases: [(&str, &[&str], &str); 7] = [
        ("", &FIELDS, "Enter a name for the flow."),
        ("   ", &FIELDS, "Enter a name for the flow."),
        (&long, &FIELDS, "Use at most 100 characters."),
        ("a\nb", &FIELDS, "Use letters, digits and punctuation only."),
        ("solar CALIFORNIA", &FIELDS, "You already have a flow with this name."),
        ("No fields", &[], "Choose at least one field."),
        ("Odd field", &["email", "shoe_size"], "This field is not in the list."),
    ];
    for (name, fields, sentence) in cases {
        let refused = buyer.post_flow(name, fields).await.expect(422).shows(sentence);
        if !name.trim().is_empty() && !name.contains('\n') {
            assert!(refused.tag_with("name=\"name\"").contains(name), "the input is kept: {name}");
        }
        let checked =
            refused.body.split('<').filter(|tag| tag.contains("name=\"field-") && tag.contains(" checked")).count();
        assert_eq!(checked, fields.iter().filter(|field| **field != "shoe_size").count(), "{name}");
    }
    assert_eq!(app.count("flows").await, 1);
}

#[tokio::test]
async fn two_accounts_can_have_flows_with_the_same_name() {
    let (app, ..) = buyer_with_flow().await;
    app.stranger().await.create_flow("Solar California").await;
    assert_eq!(app.count("flows").await, 2);
}

#[tokio::test]
async fn the_free_plan_cannot_create_flows() {
    let app = TestApp::start().await;
    let seller = app.admin("Cy", SELLER, "Harbor", Some(accord::accounts::model::Plan::Partners), false).await;
    seller.get(paths::NEW_FLOW).await.expect(403);
    seller.post_flow("Mine", &FIELDS).await.expect(403);
    assert_eq!(app.count("flows").await, 0);
}

#[tokio::test]
async fn fields_can_be_changed_but_not_all_removed() {
    let (app, buyer, flow) = buyer_with_flow().await;
    let path = paths::flow_fields(flow);
    let form = [("version", "1"), ("field-email", "on"), ("field-state", "on")];
    buyer.post_as("fields", &path, &form).await.expect(303);
    assert_eq!(app.count("flow_fields").await, 2);
    buyer.post_as("fields", &path, &[]).await.expect(422).shows("Choose at least one field.");
    buyer
        .post_as("fields", &path, &[("field-shoe_size", "on")])
        .await
        .expect(422)
        .shows("This field is not in the list.");
    assert_eq!(app.count("flow_fields").await, 2);
}

#[tokio::test]
async fn a_pending_source_cannot_be_turned_on() {
    let stage = Stage::pending().await;
    let input = json!({ "flow_id": stage.flow, "source_id": stage.source, "on": true });
    assert_eq!(problem_name(&stage.buyer.call("flows/sources/switch", input).await.expect(409)), "SourcePending");
    let source = stage.source.to_string();
    let form = [("source", source.as_str()), ("on", "on")];
    let refused = stage.buyer.post_as("switch", &paths::flow_sources(stage.flow), &form).await.expect(409);
    refused.shows("This source cannot be turned on until its invitation is accepted.");
    assert!(!stage.app.source(stage.source).await.enabled);
}

#[tokio::test]
async fn a_connected_source_is_turned_off_and_on_by_form_and_function() {
    let (stage, _) = Stage::connected().await;
    let source = stage.source.to_string();
    let path = paths::flow_sources(stage.flow);
    stage.buyer.post_as("switch", &path, &[("source", &source), ("on", "off")]).await.expect(303);
    assert!(!stage.buyer.only_source(stage.flow).await.is_on());
    let input = json!({ "flow_id": stage.flow, "source_id": stage.source, "on": true });
    stage.buyer.call("flows/sources/switch", input).await.expect(200);
    assert!(stage.buyer.only_source(stage.flow).await.is_on());
    assert_eq!(stage.app.count("activity where deed = 'source_switched'").await, 2);
}

#[tokio::test]
async fn a_stale_editor_is_refused_and_shows_the_current_version() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let stale = stage.buyer.save_mappings(stage.flow, stage.source, 2, &[mapping("state", "other")]).await.expect(409);
    assert_eq!(problem_name(&stale), "StaleVersion");
    let rules = stage.buyer.save_rules(stage.flow, Some(stage.source), 1, california()).await.expect(409);
    assert_eq!(problem_name(&rules), "StaleVersion");
    assert_eq!(
        problem_name(&stage.buyer.save_rules(stage.flow, None, 7, california()).await.expect(409)),
        "StaleVersion"
    );
    let path = paths::source_mappings(stage.flow, stage.source);
    let form = [("version", "1"), ("row-0-property", "state"), ("row-0-kind", "parameter"), ("row-0-value", "other")];
    let refused = stage.buyer.post_as("mappings", &path, &form).await.expect(409);
    refused.shows("Someone saved a newer version.");
    assert_eq!(stage.app.source(stage.source).await, before);
}

#[tokio::test]
async fn one_of_two_concurrent_edits_is_saved_and_the_other_is_rejected() {
    let stage = Stage::pending().await;
    let (one, two) = ([mapping("state", "one")], [mapping("state", "two")]);
    let (first, second) = tokio::join!(
        stage.buyer.save_mappings(stage.flow, stage.source, 3, &one),
        stage.buyer.save_mappings(stage.flow, stage.source, 3, &two),
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn mappings_can_be_saved_while_pending_and_errors_are_shown_beside_their_rows() {
    let stage = Stage::pending().await;
    let facts = stage.app.source(stage.source).await;
    assert_eq!(facts.mappings, json!([{ "property": "state", "value": "{{st}}" }]));
    assert_eq!(facts.criteria, Some(california()));
    let path = paths::source_mappings(stage.flow, stage.source);
    stage.buyer.get(&path).await.expect(200);
    let form = [
        ("version", "3"),
        ("row-0-property", "shoe_size"),
        ("row-0-kind", "parameter"),
        ("row-0-value", "size"),
        ("row-1-property", "email"),
        ("row-1-kind", "parameter"),
        ("row-1-value", "  "),
        ("row-2-property", "first_name"),
        ("row-2-kind", "text"),
        ("row-2-value", "{{open"),
    ];
    let refused = stage.buyer.post_as("mappings", &path, &form).await.expect(422);
    assert!(refused.text().contains("Choose a field of this flow for each mapping."));
    assert!(refused.text().contains("Enter the seller's parameter for each mapping."));
    assert!(refused.tag_with("name=\"row-0-property\"").contains("aria-invalid=\"true\""));
    assert!(refused.tag_with("name=\"row-1-value\"").contains("aria-invalid=\"true\""));
    assert!(refused.tag_with("name=\"row-2-value\"").contains("{{open"), "the input is kept");
    let form = [("version", "3"), ("row-0-property", "first_name"), ("row-0-kind", "text"), ("row-0-value", "{{open")];
    let refused = stage.buyer.post_as("mappings", &path, &form).await.expect(422);
    refused.shows("Write each template as {{name}}, with the name of a field or parameter.");
    assert_eq!(stage.app.source(stage.source).await, facts);
    let form = [("version", "3"), ("row-0-property", "email"), ("row-0-kind", "parameter"), ("row-0-value", "mail")];
    stage.buyer.post_as("mappings", &path, &form).await.expect(303);
    assert_eq!(stage.app.source(stage.source).await.mappings, json!([{ "property": "email", "value": "{{mail}}" }]));
}

#[tokio::test]
async fn rule_errors_are_shown_beside_their_rows_and_the_input_is_kept() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let path = paths::source_criteria(stage.flow, stage.source);
    let form = [
        ("version", "3"),
        ("join", "and"),
        ("row-0-depth", "0"),
        ("row-0-field", ""),
        ("row-0-op", "is equal to"),
        ("row-0-value", "CA"),
        ("row-1-depth", "0"),
        ("row-1-field", "state"),
        ("row-1-op", "is equal to"),
        ("row-1-value", " "),
        ("row-2-depth", "0"),
        ("row-2-join", "or"),
        ("reason", "Our reason"),
    ];
    let refused = stage.buyer.post_as("criteria", &path, &form).await.expect(422);
    assert!(refused.tag_with("name=\"row-0-field\"").contains("aria-invalid=\"true\""));
    assert!(refused.tag_with("name=\"row-1-value\"").contains("aria-invalid=\"true\""));
    assert!(refused.text().contains("Enter the value to compare with."), "{}", refused.text());
    assert!(refused.text().contains("Add a rule to this group or remove the group."), "{}", refused.text());
    assert!(refused.has("Our reason"), "the input is kept");
    assert_eq!(stage.app.source(stage.source).await, before);
    let rule = |op: &str, value: &str| {
        json!({ "join": "and", "reason": "", "rows": [
        { "depth": 0, "content": { "Rule": { "field": "postal_code", "op": op, "value": value } } }
    ] })
    };
    for (rows, problem) in [
        (rule("is between", "high to low"), "rule_range_invalid"),
        (rule("matches pattern", "/(unclosed/"), "rule_pattern_invalid"),
        (rule("is equal to", "{{lead.shoe_size}}"), "template_invalid"),
        (json!({ "join": "and", "reason": "x".repeat(201), "rows": [] }), "reason_too_long"),
    ] {
        let input = json!({ "flow_id": stage.flow, "source_id": stage.source, "version": 3, "rows": rows });
        let refused = stage.buyer.call("flows/criteria/save", &input).await;
        assert_eq!(refused.status, 422, "{problem}: {}", refused.body);
        assert!(refused.body.contains(problem), "{}", refused.body);
    }
    assert_eq!(stage.app.source(stage.source).await, before);
}

#[tokio::test]
async fn without_javascript_adding_and_removing_rows_keeps_the_input_and_saves_nothing() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let path = paths::source_criteria(stage.flow, stage.source);
    let typed = [
        ("version", "3"),
        ("join", "or"),
        ("row-0-depth", "0"),
        ("row-0-field", "state"),
        ("row-0-op", "is included in"),
        ("row-0-value", "CA, <NV>"),
        ("reason", "Half typed"),
    ];
    let page = stage.buyer.get(&path).await.expect(200);
    let commands: Vec<_> = page
        .body
        .split('<')
        .filter(|tag| tag.contains("name=\"do\""))
        .filter_map(|tag| tag.split("value=\"").nth(1)?.split('"').next())
        .collect();
    assert!(commands.contains(&"add-rule"), "{commands:?}");
    let with = |command| typed.iter().copied().chain([("do", command)]).collect::<Vec<_>>();
    let added = stage.buyer.post_as("criteria", &path, &with("add-rule")).await.expect(200);
    assert!(added.has(">CA, &lt;NV></textarea>"), "{}", added.body);
    assert!(added.has("name=\"row-1-field\"") && !added.has("name=\"row-2-field\""));
    assert!(added.has("Half typed"));
    assert_eq!(stage.app.source(stage.source).await, before);
    let mappings = paths::source_mappings(stage.flow, stage.source);
    let typed =
        [("version", "3"), ("row-0-property", "email"), ("row-0-kind", "parameter"), ("row-0-value", "half typ")];
    let with = |command| typed.iter().copied().chain([("do", command)]).collect::<Vec<_>>();
    let added = stage.buyer.post_as("mappings", &mappings, &with("add")).await.expect(200);
    assert!(added.tag_with("name=\"row-0-value\"").contains("half typ"));
    assert!(added.has("name=\"row-1-property\""));
    let removed = stage.buyer.post_as("mappings", &mappings, &with("remove-0")).await.expect(200);
    assert!(!removed.has("name=\"row-0-property\""));
    assert_eq!(stage.app.source(stage.source).await, before);
}

#[tokio::test]
async fn another_accounts_flow_does_not_exist_for_any_action() {
    let (stage, _) = Stage::connected().await;
    let stranger = stage.app.stranger().await;
    let (flow, source) = (stage.flow, stage.source);
    let before = (stage.app.source(source).await, stage.app.count("activity").await);
    let own = stranger.create_flow("Own").await;
    let before = (before.0, stage.app.count("activity").await.max(before.1));
    let rows = json!({ "join": "and", "rows": [], "reason": "" });
    for flow in [flow, own] {
        // Another account's source is not found under the caller's own flow either.
        for (function, input) in [
            ("flows/sources/switch", json!({ "flow_id": flow, "source_id": source, "on": false })),
            ("flows/sources/turn-on", json!({ "flow_id": flow, "source_id": source, "turn_on": false })),
            ("flows/sources/map", json!({ "flow_id": flow, "source_id": source, "version": 3, "rows": [] })),
            ("flows/criteria/save", json!({ "flow_id": flow, "source_id": source, "version": 3, "rows": rows })),
        ] {
            stranger.call(function, input).await.expect(404);
        }
        let id = source.to_string();
        stranger.post_as("switch", &paths::flow_sources(flow), &[("source", &id), ("on", "off")]).await.expect(404);
        stranger.post_as("mappings", &paths::source_mappings(flow, source), &[("version", "3")]).await.expect(404);
        stranger.post_as("criteria", &paths::source_criteria(flow, source), &[("version", "3")]).await.expect(404);
        stranger.get(&paths::source_mappings(flow, source)).await.expect(404);
        stranger.get(&paths::source_docs(flow, source)).await.expect(404);
    }
    let entity = stage.app.source(source).await.entity_id;
    stranger.call("flows/sources/add", json!({ "flow_id": own, "entity_id": entity })).await.expect(422);
    stranger.post_as("switch-flow", &paths::flow_sources(flow), &[("on", "off")]).await.expect(404);
    stranger.post_as("fields", &paths::flow_fields(flow), &[("field-email", "on")]).await.expect(404);
    stranger.post_as("custom", &paths::custom_source(flow), &[("name", "Mine")]).await.expect(404);
    assert_eq!((stage.app.source(source).await, stage.app.count("activity").await), before);
}

#[tokio::test]
async fn a_custom_source_is_on_immediately_and_its_name_is_unique() {
    let (app, buyer, flow) = buyer_with_flow().await;
    let path = paths::custom_source(flow);
    let made = buyer.post_as("custom", &path, &[("name", "Website form")]).await;
    assert_eq!(made.location(), paths::flow_sources(flow));
    let row = buyer.only_source(flow).await;
    assert_eq!((row.tag, row.enabled), (SourceTag::Custom, true));
    let refused = buyer.post_as("custom", &path, &[("name", "website FORM")]).await.expect(422);
    assert!(refused.tag_with("name=\"name\"").contains("website FORM"));
    refused.shows("You already have a source with this name.");
    buyer.post_as("custom", &path, &[("name", " ")]).await.expect(422).shows("Enter a name for the source.");
    let long = json!({ "flow_id": flow, "name": "x".repeat(101) });
    buyer.call("flows/sources/create", long).await.expect(422);
    assert_eq!(app.count("flow_sources").await, 1);
}

#[tokio::test]
async fn standard_sources_are_offered_and_can_be_added_once() {
    let (_app, buyer, flow) = buyer_with_flow().await;
    let offers = buyer.sources_now(flow).await.offers;
    let facebook = offers.iter().find(|offer| offer.name == "Facebook").unwrap();
    assert_eq!((facebook.tag, facebook.used_in, facebook.in_this_flow), (SourceTag::Standard, 0, false));
    let entity = facebook.entity_id.to_string();
    let path = paths::add_source(flow);
    buyer.post_as("add", &path, &[("entity", &entity)]).await.expect(303);
    let row = buyer.only_source(flow).await;
    assert_eq!((row.tag, row.enabled, row.name.as_str()), (SourceTag::Standard, true, "Facebook"));
    buyer.post_as("add", &path, &[("entity", &entity)]).await.expect(409).shows("This source is already in the flow.");
    let twice = buyer.call("flows/sources/add", json!({ "flow_id": flow, "entity_id": entity })).await.expect(409);
    assert_eq!(problem_name(&twice), "AlreadyInFlow");
    assert_eq!(buyer.sources(flow).await.len(), 1);
    buyer.post_as("add", &path, &[("entity", "")]).await.expect(422).shows("Choose a source from the list.");
    let page = buyer.get(&path).await.expect(200);
    let option = page.body.split("<option").find(|option| option.contains(&entity)).unwrap();
    assert!(option.split('>').next().unwrap().contains("disabled"), "{option}");
}

#[tokio::test]
async fn a_new_source_can_be_created_without_javascript() {
    let (_app, buyer, flow) = buyer_with_flow().await;
    let to = async |kind: &str| {
        let response = buyer.post_as("kind", &paths::new_source(flow), &[("kind", kind)]).await;
        response.location().to_owned()
    };
    assert_eq!(to("custom").await, paths::custom_source(flow));
    assert_eq!(to("invite").await, paths::invite_partner(flow));
    for path in
        [paths::add_source(flow), paths::new_source(flow), paths::custom_source(flow), paths::invite_partner(flow)]
    {
        buyer.get(&path).await.expect(200);
    }
}

#[tokio::test]
async fn adding_a_connected_account_source_shares_the_docs_immediately_and_sends_one_email() {
    let (stage, seller) = Stage::connected().await;
    let second = stage.buyer.create_flow("Solar Nevada").await;
    let entity = stage.app.source(stage.source).await.entity_id;
    let before = stage.app.mails_to(SELLER).await.len();
    stage.buyer.call("flows/sources/add", json!({ "flow_id": second, "entity_id": entity })).await.expect(200);
    assert!(stage.buyer.only_source(second).await.is_on());
    let source = stage.buyer.only_source(second).await.id;
    seller.get(&paths::source_docs(second, source)).await.expect(200).shows("Solar Nevada");
    assert_eq!(stage.app.mails_to(SELLER).await.len(), before + 1, "the seller gets one email");
}

#[tokio::test]
async fn actions_are_recorded_and_shown_in_the_activity() {
    let (stage, _) = Stage::connected().await;
    let deeds = stage.app.deeds(stage.buyer.account()).await;
    for deed in
        ["flow_created", "source_added", "invited", "mappings_changed", "rules_changed", "accepted", "connected"]
    {
        assert!(deeds.contains(&deed.to_owned()), "{deed}: {deeds:?}");
    }
    let changed: (Value, Value) = sqlx::query_as("select before, after from activity where deed = 'mappings_changed'")
        .fetch_one(&stage.app.state.pool)
        .await
        .unwrap();
    assert_eq!(changed, (json!([]), json!([{ "property": "state", "value": "{{st}}" }])));
    stage.buyer.get(paths::ACTIVITY).await.expect(200).shows("Ann Buyer invited cy@seller.example");
}
