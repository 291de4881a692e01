//! What rules do: which values leads need, what a rejected seller is told, and which rules can't be saved.

use crate::support::{
    TestApp,
    actor::form,
    api::{Api, field_errors, text},
    sending::open_source,
};
use accord::base::{FlowId, SourceId, paths};
use serde_json::{Value, json};

const FIELDS: [&str; 12] = [
    "first_name",
    "email",
    "phone_1",
    "city",
    "state",
    "postal_code",
    "dob",
    "age",
    "income",
    "homeowner",
    "consent_at",
    "comments",
];

/// A flow with many types of fields, and its one source.
struct Stage {
    app: TestApp,
    api: Api,
    flow: FlowId,
    source: SourceId,
}

impl Stage {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let api = app.api(&app.buyer().await).await;
        let flow = api.create("/api/v1/flows", json!({ "name": "Solar", "fields": FIELDS })).await;
        let entity = api.create("/api/v1/entities", json!({ "name": "Website form" })).await;
        let path = format!("/api/v1/flows/{}/sources", text(&flow, "id"));
        let source = api.create(&path, json!({ "entity_id": entity["id"] })).await;
        let (flow, source) = (text(&flow, "id").parse().unwrap(), text(&source, "id").parse().unwrap());
        Self { app, api, flow, source }
    }

    async fn save(&self, criteria: Value) -> crate::support::Response {
        self.api.put(&format!("/api/v1/flows/{}", self.flow), json!({ "acceptance_criteria": criteria })).await
    }

    /// Saves one rule, written as on pages: `age is less than 18`.
    async fn save_rule(&self, (field, op, value): (&str, &str, &str)) -> crate::support::Response {
        self.save(json!({ "rule_set": { "op": "and", "rules": [rule(field, op, value)] } })).await
    }

    /// Sends a lead. Returns the reason, which is empty if the lead was accepted.
    async fn send(&self, field: &str, value: &str) -> String {
        let answer: Value =
            self.app.submit(self.flow, self.source, form(&[(field, value)]), &[]).await.expect(201).json();
        answer["reason"].as_str().unwrap_or_default().to_owned()
    }
}

fn rule(field: &str, op: &str, value: &str) -> Value {
    match value {
        "" => json!({ "lhv": format!("lead.{field}"), "op": op }),
        value => json!({ "lhv": format!("lead.{field}"), "op": op, "rhv": value }),
    }
}

/// A rule, and the values of its field that a lead has, each with the reason; none if the lead is accepted.
type Row = ((&'static str, &'static str, &'static str), &'static [(&'static str, &'static str)]);

const ROWS: &[Row] = &[
    (
        ("first_name", "matches pattern", "^J.*n$"),
        &[("John", ""), ("Johnny", "First Name does not match pattern ^J.*n$"), ("", "First Name is missing")],
    ),
    (("first_name", "matches pattern", "/^j/i"), &[("John", "")]),
    (("first_name", "matches wildcard", "J*n"), &[("joan", ""), ("Hahn", "First Name does not match wildcard J*n")]),
    (
        ("first_name", "does not match wildcard", "test*"),
        &[("Ann", ""), ("", ""), ("Testing", "First Name matches wildcard test*")],
    ),
    (
        ("postal_code", "is included in", "02134,02135"),
        &[("02134-1021", ""), ("021351021", ""), ("02136-1021", "Postal Code is not included in 02134,02135")],
    ),
    (
        ("postal_code", "is included in", "02134-1021; 02135"),
        &[
            ("02134-1021", ""),
            ("02134", "Postal Code is not included in 02134-1021; 02135"),
            ("", "Postal Code is missing"),
        ],
    ),
    (("postal_code", "is equal to", "02134"), &[("02134-1021", ""), ("02135", "Postal Code is not equal to 02134")]),
    (
        ("state", "is included in", "CA;\r\nTX\r\nNew York"),
        &[("california", ""), ("ny", ""), ("NV", "State is not included in CA, TX, New York")],
    ),
    (("city", "is included in", "\"Washington, D.C.\"; Boston"), &[("washington, d.c.", ""), ("boston", "")]),
    (("city", "is equal to", "Caf\u{e9}"), &[("CAFE\u{301}", "")]),
    (
        ("age", "is less than", "18"),
        &[
            ("17", ""),
            ("18", "Age is greater than or equal to 18"),
            ("", "Age is missing"),
            (" ", "Age is missing"),
            ("young", "Age can't be read as a number"),
        ],
    ),
    (
        ("age", "is between", "18 - 65 years"),
        &[("18", ""), ("66", "Age is not between 18 - 65 years"), ("", "Age is missing")],
    ),
    (
        ("dob", "is between", "1980-01-01 - 1989-12-31"),
        &[
            ("1985-05-05", ""),
            ("1/1/1990", "Date of Birth is not between 1980-01-01 - 1989-12-31"),
            ("", "Date of Birth is missing"),
            ("soon", "Date of Birth can't be read as a date"),
        ],
    ),
    (("dob", "is between", "1980 to 1989"), &[("12/31/1989", "")]),
    (
        ("income", "is between", "$10,000 - $20,000"),
        &[("15000", ""), ("$12,000-13,000", ""), ("12000-23000", "Income is not between $10,000 - $20,000")],
    ),
    (("income", "is greater than", "$50k"), &[("60,000", ""), ("40000-60000", "Income is not greater than $50k")]),
    (
        ("consent_at", "is between", "2026-03-01 - 2026-03-31"),
        &[
            ("2026-03-31T20:00:00Z", ""),
            ("2026-04-01T00:00:00Z", "Consent Given At is not between 2026-03-01 - 2026-03-31"),
        ],
    ),
    (("phone_1", "format is valid", ""), &[("512-555-0142", ""), ("", ""), ("12", "Phone 1 format is invalid")]),
    (("phone_1", "is not blank", ""), &[("512-555-0142", ""), ("", "Phone 1 is blank")]),
    (("homeowner", "is true", ""), &[("yes", ""), ("no", "Homeowner is not true"), ("", "Homeowner is missing")]),
    (("comments", "includes", "STRASSE"), &[("Lange Straße", ""), ("", "Comments is missing")]),
];

#[tokio::test]
async fn a_rule_accepts_what_it_says_and_the_reason_is_true() {
    let stage = Stage::start().await;
    for (rule, leads) in ROWS {
        stage.save_rule(*rule).await.expect(200);
        for (value, expected) in *leads {
            assert_eq!(stage.send(rule.0, value).await, *expected, "{rule:?} {value:?}");
        }
    }
    assert_eq!(stage.send("age", "5").await, "Comments is missing", "a field that was not sent");
    let own =
        json!({ "rule_set": { "op": "and", "rules": [rule("age", "is less than", "18")] }, "reason": "Adults only" });
    stage.save(own).await.expect(200);
    assert_eq!(stage.send("age", "").await, "Adults only");
}

/// Each value that no lead can match, with the problem.
const REFUSED: [(&str, &str, &str, &str); 22] = [
    ("dob", "is between", "1989-12-31 - 1980-01-01", "rule_range_invalid"),
    ("age", "is between", "65-18", "rule_range_invalid"),
    ("age", "is not between", "young to old", "rule_range_invalid"),
    ("age", "is between", "1980-01-01 to 1989-12-31", "rule_range_invalid"),
    ("age", "is less than", "young", "rule_value_unordered"),
    ("city", "is greater than", "Boston", "rule_value_unordered"),
    ("dob", "is less than", "18", "rule_value_unordered"),
    ("state", "is greater than or equal to", "CA", "rule_value_unordered"),
    ("email", "is between", "1-2", "rule_value_unordered"),
    ("age", "is equal to", "abc", "rule_value_unreadable"),
    ("state", "is equal to", "Atlantis", "rule_value_unreadable"),
    ("state", "is not included in", "CA; TX\nAtlantis", "rule_value_unreadable"),
    ("dob", "is included in", "1980-01-01, soon", "rule_value_unreadable"),
    ("homeowner", "is equal to", "perhaps", "rule_value_unreadable"),
    ("email", "is included in", "example.com", "rule_value_unreadable"),
    ("state", "is included in", ",;\n", "rule_list_empty"),
    ("city", "is not included in", "\"\"", "rule_list_empty"),
    ("city", "matches pattern", "(", "rule_pattern_invalid"),
    ("city", "matches pattern", "*ton", "rule_pattern_invalid"),
    ("city", "does not match pattern", "//", "rule_pattern_invalid"),
    ("city", "matches pattern", "$5", "rule_pattern_invalid"),
    ("city", "matches wildcard", " ", "rule_value_missing"),
];

#[tokio::test]
async fn a_rule_that_can_never_match_is_refused_on_its_field_by_the_api() {
    let stage = Stage::start().await;
    for (field, op, value, code) in REFUSED {
        let inner = json!({ "op": "or", "rules": [rule("email", "is not blank", ""), rule(field, op, value)] });
        let refused = stage.save(json!({ "rule_set": { "op": "and", "rules": [inner] } })).await.expect(422);
        let place = "acceptance_criteria.rule_set.rules.0.rules.1.rhv";
        assert_eq!(field_errors(&refused), [(place.to_owned(), code.to_owned())], "{field} {op} {value}");
    }
    for kept in [
        ("city", "is equal to", "Atlantis"),
        ("age", "is between", "{{lead.income}}"),
        ("state", "is equal to", "{{lead.city}}"),
        ("phone_1", "is not equal to", "9999999999"),
    ] {
        stage.save_rule(kept).await.expect(200);
    }
    let source = format!("/api/v1/flows/{}/sources/{}", stage.flow, stage.source);
    let mapping = |rule: Value| json!({ "mappings": [{ "property": "state", "value": "CA", "rule_set": { "op": "and", "rules": [rule] } }] });
    let refused = stage.api.put(&source, mapping(rule("their_age", "is less than", "young"))).await.expect(422);
    let place = "mappings.0.rule_set.rules.0.rhv";
    assert_eq!(field_errors(&refused), [(place.to_owned(), "rule_value_unordered".to_owned())]);
    stage.api.put(&source, mapping(rule("state", "is equal to", "Atlantis"))).await.expect(200);
}

#[tokio::test]
async fn a_rule_that_can_never_match_is_refused_on_its_field_by_pages_and_the_editor() {
    let (app, buyer, flow, source) = open_source().await;
    let (by_form, by_editor) = (paths::source_criteria(flow, source), "flows/criteria/save");
    let before = app.source(source).await;
    for (op, value, sentence, name) in [
        ("is equal to", "Atlantis", "be read for this field. Correct it", "rule_value_unreadable"),
        ("is included in", " ; ", "Enter at least one value.", "rule_list_empty"),
        ("is between", "20-10", "This field cannot be less or greater than this value.", "rule_value_unordered"),
        ("matches pattern", "(", "This pattern is invalid", "rule_pattern_invalid"),
    ] {
        let form = [
            ("version", "1"),
            ("join", "and"),
            ("row-0-depth", "0"),
            ("row-0-field", "state"),
            ("row-0-op", op),
            ("row-0-value", value),
        ];
        let refused = buyer.post_as("criteria", &by_form, &form).await.expect(422).shows(sentence);
        assert!(refused.tag_with("name=\"row-0-value\"").contains("aria-invalid=\"true\""), "{op}");
        let content = json!({ "Rule": { "field": "state", "op": op, "value": value } });
        let rows = json!({ "join": "and", "reason": "", "rows": [{ "depth": 0, "content": content }] });
        let input = json!({ "flow_id": flow, "source_id": source, "version": 1, "rows": rows });
        let refused = buyer.call(by_editor, &input).await.expect(422);
        assert!(refused.body.contains(name) && refused.body.contains("row-0-value"), "{}", refused.body);
    }
    assert_eq!(app.source(source).await, before);
}

#[tokio::test]
async fn a_list_in_lines_is_saved_by_the_form_and_shown_as_entered() {
    let (app, buyer, flow, source) = open_source().await;
    let path = paths::source_criteria(flow, source);
    let form = [
        ("version", "1"),
        ("join", "and"),
        ("row-0-depth", "0"),
        ("row-0-field", "state"),
        ("row-0-op", "is included in"),
        ("row-0-value", "CA\r\nTX;NY\r\n"),
    ];
    buyer.post_as("criteria", &path, &form).await.expect(303);
    let page = buyer.get(&path).await.expect(200).shows("How rules compare");
    assert!(page.has(">CA\r\nTX;NY\r\n</textarea>"), "{}", page.body);
    for (state, expected) in [("Texas", "success"), ("FL", "failure")] {
        let answer: Value = app.submit(flow, source, form_of_state(state), &[]).await.expect(201).json();
        assert_eq!(answer["outcome"], expected, "{answer}");
    }
}

fn form_of_state(state: &str) -> String {
    form(&[("state", state)])
}

#[tokio::test]
async fn saved_wildcards_keep_their_meaning() {
    let (app, _, flow, source) = open_source().await;
    let old = |op: &str, rhv: &str| json!({ "lhv": "lead.first_name", "op": op, "rhv": rhv });
    let criteria = json!({ "reason": "Old", "rule_set": { "op": "and", "rules": [
        old("matches pattern", "J*n"),
        { "op": "or", "rules": [
            old("does not match pattern", " /^x/i "),
            { "op": "and", "rules": [old("does not match pattern", "^a?"), old("is not blank", "")] },
        ] },
        old("matches pattern", "\u{a0}/n$/\n"),
        old("matches pattern", "/"),
        old("matches pattern", "/i"),
        old("matches pattern", "/a/g"),
        old("matches pattern", "//"),
        old("is equal to", "matches pattern"),
    ] } });
    let mappings = json!([
        { "property": "state", "value": "matches pattern" },
        { "property": "state", "value": "x", "rule_set": { "op": "and", "rules": [old("matches pattern", "C?")] } },
    ]);
    let owner = app.owner().await;
    let changes = ["update flows set acceptance_criteria = $1", "update flow_sources set acceptance_criteria = $1"];
    for change in changes {
        sqlx::query(change).bind(&criteria).execute(&owner).await.unwrap();
    }
    sqlx::query("update flow_sources set mappings = $1").bind(&mappings).execute(&owner).await.unwrap();
    sqlx::raw_sql(include_str!("../../migrations/0023_wildcards.sql")).execute(&owner).await.unwrap();
    let expected: Value = {
        let mut expected = criteria.clone();
        let rules = &mut expected["rule_set"]["rules"];
        for place in ["/0", "/1/rules/1/rules/0", "/3", "/4", "/5"] {
            let op = rules.pointer_mut(&format!("{place}/op")).unwrap();
            *op = json!(op.as_str().unwrap().replace("pattern", "wildcard"));
        }
        expected
    };
    for table in ["flows", "flow_sources"] {
        let query = format!("select acceptance_criteria from {table}");
        let stored: Value = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&owner).await.unwrap();
        assert_eq!(stored, expected, "{table}");
    }
    let stored: Value = sqlx::query_scalar("select mappings from flow_sources").fetch_one(&owner).await.unwrap();
    assert_eq!(stored[0], mappings[0]);
    assert_eq!(stored[1]["rule_set"]["rules"][0]["op"], "matches wildcard");
    let simple =
        json!({ "rule_set": { "op": "and", "rules": [old("matches wildcard", "J*n"), old("matches pattern", "//")] } });
    sqlx::query("update flows set acceptance_criteria = null").execute(&owner).await.unwrap();
    sqlx::query(changes[1]).bind(&simple).execute(&owner).await.unwrap();
    for (name, expected) in [("John", "success"), ("Johnny", "failure")] {
        let answer: Value = app.submit(flow, source, form(&[("first_name", name)]), &[]).await.expect(201).json();
        assert_eq!(answer["outcome"], expected, "{answer}");
    }
}
