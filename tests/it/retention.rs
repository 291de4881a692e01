//! Retention: how long an account keeps its leads, and what stays.

use crate::support::{Actor, Response, TestApp, api::text, crowd::Crowd, sending::open_source, stage::Stage};
use accord::{
    accounts::model::Role,
    base::{SourceId, paths},
    leads::server::retention,
};
use serde_json::Value;
use time::Duration;

async fn keep(who: &Actor, fields: &[(&str, &str)]) -> Response {
    who.post_as("retention", paths::SETTINGS, fields).await
}

/// Adds leads of this age, with their figures.
async fn add(app: &TestApp, source: SourceId, count: i32, at: &'static str) {
    let fields = "jsonb_build_object('email', jsonb_build_object('value', 'old' || n || '@example.com', 'raw', 'x', 'valid', true))";
    app.add_leads(source, Crowd { count, at, fields, ..Crowd::default() }).await;
}

/// Runs what is due on leads. Returns how many leads and keys were removed.
async fn remove(app: &TestApp) -> usize {
    let mut removed = 0;
    loop {
        match retention::remove_old(&app.state).await.unwrap().count {
            0 => return removed,
            more => removed += more,
        }
    }
}

#[tokio::test]
async fn an_admin_who_lowers_the_days_sees_what_is_removed_and_confirms_it() {
    let (app, buyer, _, source) = open_source().await;
    add(&app, source, 2, "now() - interval '40 days'").await;
    add(&app, source, 1, "now() - interval '20 days'").await;
    let page = buyer.get(paths::SETTINGS).await.expect(200).shows("Keep leads for").shows("Figures stay.");
    assert!(page.has("value=\"400\"") && !page.has("name=\"confirmed\""));
    let ask = keep(&buyer, &[("lead_days", "30")]).await.expect(422).shows("2 leads are older than 30 days.");
    let ask = ask.shows("Confirm that older leads are removed, or enter more days.");
    assert!(ask.has("value=\"30\"") && ask.tag_with("name=\"confirmed\"").contains("value=\"30\""));
    // A confirmation is for one number of days.
    keep(&buyer, &[("lead_days", "7"), ("confirmed", "30")]).await.expect(422).shows("3 leads are older than 7 days.");
    assert_eq!(app.count("accounts where lead_days = 400").await, 1);
    keep(&buyer, &[("lead_days", "30"), ("confirmed", "30")]).await.expect(303);
    let page = buyer.get(paths::SETTINGS).await.expect(200).shows("Saved. Leads that are older are removed.");
    assert!(page.has("value=\"30\""));
    buyer.get(paths::ACTIVITY).await.shows("changed the settings of Bright Solar");
    let recorded = "activity where deed = 'settings_changed' and before = '{\"lead_days\": 400}' and after = '{\"lead_days\": 30}'";
    assert_eq!(app.count(recorded).await, 1);
    assert_eq!((remove(&app).await, app.count("leads").await), (2, 1));
    // More days remove nothing, and neither do the same ones.
    for days in ["30", " 1,830 ", "1000"] {
        keep(&buyer, &[("lead_days", days)]).await.expect(303);
    }
    assert_eq!((remove(&app).await, app.count("leads").await), (0, 1));
}

#[tokio::test]
async fn only_numbers_of_days_within_the_bounds_are_saved_and_only_by_admins() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for odd in ["", "6", "1831", "-30", "30.5", "a month", "99999999999999"] {
        let refused = keep(&buyer, &[("lead_days", odd)]).await.expect(422);
        refused.shows("Enter a number of days from 7 to 1,830.");
    }
    keep(&buyer, &[]).await.expect(422);
    for (role, email) in [(Role::Manager, "mo@buyer.example"), (Role::Viewer, "vic@buyer.example")] {
        let member = app.member(&buyer, role, "Somebody", email).await;
        let page = member.get(paths::SETTINGS).await.expect(200).shows("Leads are kept for").shows("400 days");
        assert!(!page.has("name=\"lead_days\""));
        keep(&member, &[("lead_days", "30"), ("confirmed", "30")]).await.expect(403).shows("Ask an Admin.");
    }
    assert_eq!(app.count("accounts where lead_days <> 400").await, 0);
}

#[tokio::test]
async fn leads_that_are_too_old_are_not_shown_even_before_they_are_removed() {
    let (stage, seller) = Stage::connected().await;
    let app = &stage.app;
    stage.lead(&[("st", "CA"), ("email", "new@example.com")]).await.expect(201);
    add(app, stage.source, 1, "now() - interval '401 days'").await;
    let old = app.query_id("select id from leads where id < lead_horizon(400, now())").await;
    let api = app.api(&stage.buyer).await;
    let portal = paths::portal_leads(stage.partner().await);
    let flow = paths::flow_leads(stage.flow);
    for (who, path) in [(&stage.buyer, paths::LEADS), (&stage.buyer, &flow), (&seller, &portal)] {
        let page = who.get(path).await.expect(200).text();
        assert!(page.contains("new@example.com") && !page.contains("old1@"), "{path}: {page}");
        for find in ["old1@example.com", &old] {
            who.get(&format!("{path}?find={find}")).await.expect(200).shows("No matching leads");
        }
    }
    stage.buyer.get(&format!("{}?from=2020-01-01", paths::LEADS)).await.expect(200).shows("new@example.com");
    stage.buyer.get(&format!("/leads/{old}")).await.expect(404);
    seller.get(&format!("{}/{old}", portal)).await.expect(404);
    api.get(&format!("/api/v1/leads/{old}")).await.expect(404);
    let leads: Vec<Value> = api.list("/api/v1/leads").await;
    assert_eq!(leads.len(), 1);
    api.get(&format!("/api/v1/leads/{}", text(&leads[0], "id"))).await.expect(200);
    assert!(!api.get("/api/v1/leads.ndjson").await.expect(200).body.contains("old1@"));
    let export = stage.buyer.post_as("export", paths::LEADS_CSV, &[]).await.expect(200);
    assert!(export.body.contains("new@example.com") && !export.body.contains("old1@"), "{}", export.body);
    // An account that keeps leads for longer sees it again: it is still there.
    keep(&stage.buyer, &[("lead_days", "410")]).await.expect(303);
    stage.buyer.get(&format!("/leads/{old}")).await.expect(200);
    assert!(stage.buyer.get(paths::LEADS).await.expect(200).text().contains("old1@example.com"));
}

#[tokio::test]
async fn each_account_keeps_its_own_days_and_figures_stay() {
    let (stage, _) = Stage::connected().await;
    let app = &stage.app;
    for state in ["CA", "NV"] {
        stage.lead(&[("st", state), ("email", "lea@example.com")]).await.expect(201);
    }
    stage.lead_with(&[("idempotency-key", "one")], "st=CA").await.expect(201);
    let stranger = app.stranger().await;
    let flow = stranger.create_flow("Roofs").await;
    stranger.post_as("custom", &paths::custom_source(flow), &[("name", "Form")]).await.expect(303);
    let source = stranger.only_source(flow).await.id;
    app.submit(flow, source, "email=sam@example.com".to_owned(), &[]).await.expect(201);
    keep(&stage.buyer, &[("lead_days", "7")]).await.expect(303);
    let performance = paths::source_performance(stage.flow, stage.source);
    let figures = stage.buyer.get(&performance).await.expect(200).shows("Leads3").text();
    let days = app.count("source_days").await;
    app.advance(Duration::days(7) - Duration::minutes(10));
    assert_eq!((remove(app).await, app.count("lead_keys").await, app.count("leads").await), (1, 0, 4), "only the key");
    assert_eq!(stage.buyer.get(&performance).await.expect(200).text().contains("Leads3"), figures.contains("Leads3"));
    app.advance(Duration::minutes(20));
    // Two processes remove each lead once.
    let other = app.restart().await;
    other.advance(Duration::days(7) + Duration::minutes(10));
    let (one, two) = tokio::join!(remove(app), remove(&other));
    assert_eq!((one + two, app.count("leads").await, app.count("source_days").await), (3, 1, days));
    app.advance(Duration::days(394));
    assert_eq!((remove(app).await, app.count("leads").await), (1, 0), "400 days unless somebody changes it");
    assert_eq!(app.count("source_days").await, days);
}

#[tokio::test]
async fn many_leads_go_in_small_batches_and_those_being_erased_wait() {
    let (app, buyer, _, source) = open_source().await;
    add(&app, source, 1_203, "now() - interval '500 days'").await;
    let mut erasing = app.state.pool.begin().await.unwrap();
    sqlx::query("select id from leads order by id limit 3 for update").execute(&mut *erasing).await.unwrap();
    let removed = retention::remove_old(&app.state).await.unwrap();
    assert_eq!((removed.count, removed.has_more), (500, true));
    assert_eq!(app.count("leads").await, 703);
    assert_eq!((remove(&app).await, app.count("leads").await), (700, 3));
    erasing.rollback().await.unwrap();
    assert_eq!((remove(&app).await, app.count("leads").await), (3, 0));
    buyer.get(paths::LEADS).await.expect(200).shows("No leads yet");
}

#[tokio::test]
async fn a_key_is_recognized_for_a_day_and_then_removed() {
    let (app, _, flow, source) = open_source().await;
    let send =
        async |key: &str| app.submit(flow, source, "email=a@example.com".to_owned(), &[("idempotency-key", key)]).await;
    send("first").await.expect(201);
    app.advance(Duration::hours(23));
    send("second").await.expect(201);
    assert_eq!((remove(&app).await, app.count("lead_keys").await), (0, 2));
    send("first").await.expect(201);
    assert_eq!(app.count("leads").await, 2);
    app.advance(Duration::hours(2));
    assert_eq!((remove(&app).await, app.count("lead_keys").await), (1, 1));
    send("second").await.expect(201);
    assert_eq!(app.count("leads").await, 2);
}
