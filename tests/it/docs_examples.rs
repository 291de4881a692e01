//! The examples of the Submission Docs, and the names of parameters that they print.

use crate::support::{actor::problem_name, api::field_errors, stage::Stage};
use accord::{base::paths, rules::MappingRow};
use serde_json::json;

const REFUSED: &[&str] =
    &["x'; id; '", "\"x\"", "$(id)", "`id`", "a&b", "a=b", "<b>", "a;b", "a|b", "a\\b", "@file", "a/b", "a#b"];
const ALLOWED: &[&str] = &["first_name", "First Name", "lead-first.name", "names[0]", "Prénom", "2nd"];

fn row(name: &str) -> MappingRow {
    MappingRow { property: "first_name".to_owned(), is_text: false, value: name.to_owned() }
}

#[tokio::test]
async fn a_parameter_name_that_could_be_a_command_or_markup_is_never_saved() {
    let stage = Stage::pending().await;
    let (buyer, api) = (&stage.buyer, stage.app.api(&stage.buyer).await);
    let page = paths::source_mappings(stage.flow, stage.source);
    let source = format!("/api/v1/flows/{}/sources/{}", stage.flow, stage.source);
    let before = stage.app.source(stage.source).await;
    let version: i32 =
        sqlx::query_scalar("select version from flow_sources").fetch_one(&stage.app.state.pool).await.unwrap();
    let shown_version = version.to_string();
    for name in REFUSED {
        let saved = buyer.save_mappings(stage.flow, stage.source, version, &[row(name)]).await;
        assert!(problem_name(&saved.expect(422)).contains("TemplateInvalid"), "{name}");
        let form = [
            ("version", shown_version.as_str()),
            ("row-0-property", "first_name"),
            ("row-0-kind", "parameter"),
            ("row-0-value", name),
        ];
        buyer.post_as("mappings", &page, &form).await.expect(422).shows("Names can have letters, digits");
        for value in [format!("{{{{{name}}}}}"), format!("Dr. {{{{ {name} }}}} and {{{{ok}}}}")] {
            let body = json!({ "mappings": [{ "property": "first_name", "value": value }], "version": version });
            let refused = api.put(&source, body).await.expect(422);
            assert_eq!(field_errors(&refused)[0].0, "mappings.0.value", "{name}");
        }
    }
    assert_eq!(stage.app.source(stage.source).await, before);
    for (saves, name) in ALLOWED.iter().enumerate() {
        let version = version + i32::try_from(saves).unwrap();
        buyer.save_mappings(stage.flow, stage.source, version, &[row(name)]).await.expect(200);
        buyer.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200).shows(name);
    }
}

#[tokio::test]
async fn an_odd_name_that_was_saved_earlier_still_applies_and_is_quoted_in_the_examples() {
    let stage = Stage::pending().await;
    let mappings = json!([{ "property": "first_name", "value": "{{x'; id; '\"><b>}}" }]);
    let update = "update flow_sources set mappings = $1";
    sqlx::query(update).bind(&mappings).execute(&stage.app.state.pool).await.unwrap();
    let docs = stage.buyer.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200);
    let text = docs.text();
    assert!(text.contains("--data-urlencode 'x%27%3B+id%3B+%27%22%3E%3Cb%3E="), "{text}");
    assert!(text.contains(r#""x'\''; id; '\''\"><b>":"#), "JSON, in shell quotes: {text}");
    assert!(!text.contains("<x'"), "XML has no such name: {text}");
    assert!(!docs.body.contains("<b>"), "{}", docs.body);
}

#[tokio::test]
async fn a_source_that_requires_authentication_has_examples_with_it_and_no_web_form() {
    let stage = Stage::pending().await;
    let docs = paths::source_docs(stage.flow, stage.source);
    stage.buyer.get(&docs).await.expect(200).shows("HTML form").shows("<form method=\"post\" action=\"https://");
    stage.app.execute("update flow_sources set require_authentication = true").await.unwrap();
    let page = stage.buyer.get(&docs).await.expect(200).shows("--user source:…");
    assert!(!page.text().contains("HTML form"));
}
