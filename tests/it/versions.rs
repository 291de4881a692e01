//! Every saved configuration of a flow or source is kept under its number, as long as its flow, source or leads exist.

use crate::{
    lead_story::{section, sent},
    support::{
        TestApp,
        sending::open_source,
        stage::{Stage, california},
    },
};
use accord::base::paths;
use serde_json::json;

/// The numbers that are kept of a flow or a source, in order.
async fn kept(app: &TestApp, table: &str, column: &str, id: impl ToString) -> Vec<i32> {
    let query = format!("select version from {table} where {column} = '\\x{}' order by version", id.to_string());
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&app.state.pool).await.unwrap()
}

async fn assert_all_kept(app: &TestApp) {
    for (table, versions, column) in
        [("flows", "flow_versions", "flow_id"), ("flow_sources", "source_versions", "source_id")]
    {
        let missing = format!(
            "{table} t, generate_series(1, t.version) n
             where not exists (select from {versions} v where v.{column} = t.id and v.version = n)"
        );
        assert_eq!(app.count(&missing).await, 0, "numbers without a row in {versions}");
    }
    let differing = "flows f join flow_versions v on v.flow_id = f.id and v.version = f.version
                     where v.configuration <> flow_configuration(f)";
    assert_eq!(app.count(differing).await, 0, "flows that differ from their current version");
    let differing = "flow_sources fs join source_versions v on v.source_id = fs.id and v.version = fs.version
                     where v.configuration <> source_configuration(fs)";
    assert_eq!(app.count(differing).await, 0, "sources that differ from their current version");
}

#[tokio::test]
async fn every_change_of_a_configuration_is_kept_with_its_number_and_maker() {
    let (stage, _) = Stage::connected().await;
    let (app, buyer, flow, source) = (&stage.app, &stage.buyer, stage.flow, stage.source);
    assert_all_kept(app).await;
    buyer.save_rules(flow, None, 1, california()).await.expect(200);
    let fields = [("version", "2"), ("field-state", "on"), ("field-email", "on")];
    buyer.post_as("fields", &paths::flow_fields(flow), &fields).await.expect(303);
    stage.require("on").await;
    stage.require("on").await;
    stage.require("").await;
    assert_all_kept(app).await;
    let api = app.api(buyer).await;
    let all = json!({ "name": "Renamed", "fields": ["state"], "acceptance_criteria": null, "enabled": false });
    api.put(&format!("/api/v1/flows/{flow}"), all).await.expect(200);
    let all = json!({ "mappings": [], "acceptance_criteria": california(), "require_authentication": true, "enabled": false });
    api.put(&format!("/api/v1/flows/{flow}/sources/{source}"), all).await.expect(200);
    assert_all_kept(app).await;
    let sources = kept(app, "source_versions", "source_id", source).await;
    assert_eq!(sources, (1..=8).collect::<Vec<_>>());
    let by: Vec<(i32, Option<String>, bool)> = sqlx::query_as(
        "select version, by_name, by_user_id is not null from flow_versions where flow_id = $1 order by version",
    )
    .bind(flow)
    .fetch_all(&app.state.pool)
    .await
    .unwrap();
    assert_eq!(by.iter().map(|row| row.0).collect::<Vec<_>>(), (1..=7).collect::<Vec<_>>());
    assert_eq!((by[0].1.as_deref(), by[0].2), (Some(buyer.name.as_str()), true));
    assert!(by[6].1.as_deref().unwrap().starts_with("API key ") && !by[6].2, "{by:?}");
    assert!(app.execute("update flow_versions set version = 99").await.is_err(), "a version never changes");
}

#[tokio::test]
async fn versions_go_with_their_flow_or_source_unless_leads_need_them() {
    let (app, buyer, flow, source) = open_source().await;
    let other = buyer.custom_source(flow, "Landing page").await;
    let id = sent(app.submit(flow, other, "state=CA".to_owned(), &[]).await);
    buyer.post_as("remove", &paths::remove_source(flow, source), &[]).await.expect(303);
    buyer.post_as("remove", &paths::remove_source(flow, other), &[]).await.expect(303);
    assert_eq!(kept(&app, "source_versions", "source_id", source).await, [0; 0]);
    assert_eq!(kept(&app, "source_versions", "source_id", other).await, [1]);
    buyer.get(&paths::lead(id)).await.expect(200).shows("Source is on");
    let empty = buyer.create_flow("Empty").await;
    buyer.custom_source(empty, "Form").await;
    buyer.post_as("remove", &paths::remove_flow(empty), &[]).await.expect(303);
    assert_eq!(kept(&app, "flow_versions", "flow_id", empty).await, [0; 0]);
    assert_eq!(kept(&app, "source_versions", "flow_id", empty).await, [0; 0]);
    buyer.post_as("remove", &paths::remove_flow(flow), &[]).await.expect(303);
    assert_all_kept(&app).await;
}

#[tokio::test]
async fn the_migration_keeps_the_current_version_of_what_exists() {
    let (stage, _) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "CA")]).await);
    stage.app.execute("delete from flow_versions").await.unwrap();
    stage.app.execute("delete from source_versions").await.unwrap();
    let migration = include_str!("../../migrations/0024_versions.sql");
    for statement in migration.split(';').filter(|part| part.contains("insert into")) {
        let (_, insert) = statement.split_once("insert into").unwrap();
        stage.app.execute(&format!("insert into {insert}")).await.unwrap();
    }
    let page = stage.buyer.get(&paths::lead(id)).await.expect(200);
    assert!(section(&page, "Checks").contains("State is equal to CA Source CA Passed"), "{}", page.text());
}
