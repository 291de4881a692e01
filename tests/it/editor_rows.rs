//! The rows of the editors of rules and mappings without script: what their buttons are called, and where a new row
//! starts.

use crate::support::{Response, stage::Stage};
use accord::base::paths;

fn removes(page: &Response) -> Vec<String> {
    let labels = page.body.split("aria-label=\"").skip(1).filter_map(|rest| rest.split('"').next());
    labels.filter(|label| label.starts_with("Remove ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_new_rule_has_the_focus_and_each_remove_button_names_its_rule() {
    let (stage, _) = Stage::connected().await;
    let path = paths::source_criteria(stage.flow, stage.source);
    let state = [("row-0-depth", "0"), ("row-0-field", "state"), ("row-0-op", "is equal to"), ("row-0-value", "CA")];
    let with = async |button: &str| {
        let form: Vec<_> = state.into_iter().chain([("version", "1"), ("do", button)]).collect();
        stage.buyer.post_as("criteria", &path, &form).await.expect(200)
    };
    let added = with("add-rule").await;
    assert_eq!(removes(&added), ["Remove rule 1: State", "Remove rule 2"]);
    assert!(added.tag_with("name=\"row-1-field\"").contains("autofocus"));
    assert!(!added.tag_with("name=\"row-0-field\"").contains("autofocus"));
    let grouped = with("add-group").await;
    assert_eq!(removes(&grouped), ["Remove rule 1: State", "Remove group 1", "Remove rule 2"]);
    assert!(grouped.tag_with("name=\"row-2-field\"").contains("autofocus"));
}

#[tokio::test]
async fn a_new_mapping_has_the_focus_and_each_remove_button_names_its_mapping() {
    let (stage, _) = Stage::connected().await;
    let path = paths::source_mappings(stage.flow, stage.source);
    let form = [
        ("row-0-property", "state"),
        ("row-0-kind", "parameter"),
        ("row-0-value", "st"),
        ("version", "1"),
        ("do", "add"),
    ];
    let added = stage.buyer.post_as("mappings", &path, &form).await.expect(200);
    assert_eq!(removes(&added), ["Remove mapping 1: State", "Remove mapping 2"]);
    assert!(added.tag_with("name=\"row-1-property\"").contains("autofocus"));
    assert!(!added.tag_with("name=\"row-0-property\"").contains("autofocus"));
}
