//! Erasing a person: what goes, what stays, who may, and that it can be repeated.

use crate::support::{Actor, TestApp, api::Api, crowd::Crowd, sending::open_source, stage::Stage};
use accord::{
    accounts::model::Role,
    base::{SourceId, paths},
};
use serde_json::{Value, json};

const ERASE: &str = "/api/v1/leads/erase";

async fn erase(who: &Actor, person: &str) -> crate::support::Response {
    who.post_as("erase", paths::ERASE_PERSON, &[("person", person)]).await
}

/// Leads that still have something of a person.
async fn remaining(app: &TestApp) -> i64 {
    app.count("leads where input <> '{}' or fields <> '{}' or contacts <> '{}' or received ?| array['address', 'user_agent', 'marks']").await
}

#[tokio::test]
async fn a_persons_leads_are_emptied_on_both_sides_and_figures_stay() {
    let (stage, seller) = Stage::connected().await;
    let app = &stage.app;
    stage
        .lead(&[("st", "CA"), ("email", "Lea@Example.com"), ("first_name", "Lea"), ("note", "her secret")])
        .await
        .expect(201);
    stage.lead(&[("st", "NV"), ("email", "lea@example.com"), ("first_name", "Lea")]).await.expect(201);
    stage.lead(&[("st", "CA"), ("email", "leo@example.com"), ("first_name", "Leo")]).await.expect(201);
    app.execute(
        "update leads set received = '{\"method\":\"POST\",\"content_type\":\"text/plain\",\"user_agent\":\"Lea''s phone\",
                                        \"address\":\"203.0.113.7\",\"authenticated\":true,\"marks\":[\"her secret\"]}'",
    )
    .await
    .unwrap();
    let figures = "source_days where count > 0";
    let before = app.count(figures).await;

    let ask = stage.buyer.get(paths::LEADS).await.expect(200).shows("Erase a person");
    assert!(ask.has("action=\"/leads/erase\""));
    let confirm = stage.buyer.get("/leads/erase?person=LEA%40example.com").await.expect(200);
    confirm.shows("2 leads lose everything personal").shows("This cannot be undone.");
    let done = erase(&stage.buyer, "LEA@example.com").await;
    assert_eq!(done.location(), paths::LEADS);

    let portal = paths::portal_leads(stage.partner().await);
    for (who, path) in [(&stage.buyer, paths::LEADS), (&seller, portal.as_str())] {
        let page = who.get(path).await.expect(200).shows("Erased").shows("State is not equal to CA").shows("Leo");
        for gone in ["Lea<", "lea@", "secret"] {
            assert!(!page.body.to_lowercase().contains(&gone.to_lowercase()), "{gone} on {path}");
        }
        assert!(
            who.get(&format!("{path}?find=lea@example.com")).await.expect(200).text().contains("No matching leads")
        );
    }
    assert_eq!(remaining(app).await, 1, "Leo's");
    let kept = "leads where erased_at is not null and received = '{\"method\":\"POST\",\"content_type\":\"text/plain\",\"authenticated\":true}'
                and flow_version is not null and day is not null";
    assert_eq!((app.count(kept).await, app.count(figures).await), (2, before));
    assert_eq!(app.count("leads where erased_at is not null and outcome = 'failure' and reason is not null").await, 1);
    let api = app.api(&stage.buyer).await;
    let leads = api.list("/api/v1/leads").await;
    assert_eq!((&leads[2]["input"], &leads[2]["outcome"]), (&json!({}), &json!("success")));
    assert!(leads[2]["erased_at"].is_string() && leads[0]["erased_at"].is_null());

    let file = stage.buyer.post_as("export", paths::LEADS_CSV, &[]).await.expect(200).body;
    assert!(file.contains("\"yes\"") && !file.to_lowercase().contains("lea@"), "{file}");
    let entries: Vec<String> = sqlx::query_scalar(
        "select concat(subject_name, before, after) from activity where deed in ('person_erased', 'leads_exported')",
    )
    .fetch_all(&app.state.pool)
    .await
    .unwrap();
    assert!(entries[0].contains("\"leads\": 2") && entries.iter().all(|entry| !entry.contains("lea@")), "{entries:?}");
}

#[tokio::test]
async fn a_person_is_found_by_what_no_field_takes_and_by_a_number_without_its_extension() {
    let (stage, _) = Stage::connected().await;
    stage.lead(&[("st", "CA"), ("Mail", "Lea@Example.com")]).await.expect(201);
    stage.lead(&[("st", "CA"), ("email", "lea@example.com"), ("email", "leo@example.com")]).await.expect(201);
    stage.lead(&[("st", "CA"), ("phone_1", "512-555-0142 ext. 12")]).await.expect(201);
    let found = |person: &str| format!("{}?find={person}", paths::LEADS);
    stage.buyer.get(&found("lea@example.com")).await.expect(200).shows("2 leads");
    stage.buyer.get(&found("(512)+555-0142")).await.expect(200).shows("1 lead");
    erase(&stage.buyer, "lea@example.com").await.expect(303);
    erase(&stage.buyer, "5125550142 x7").await.expect(303);
    assert_eq!(remaining(&stage.app).await, 0);
}

#[tokio::test]
async fn posts_that_could_not_be_read_go_with_the_address_they_have() {
    let (stage, _) = Stage::connected().await;
    let posts = [
        ("application/json", r#"{"email":"Lea@Example.com",}"#),
        ("application/xml", "<a>lea%40example.com"),
        ("application/json", r#"{"phone":"(512) 555-0142",}"#),
        ("application/json", r#"{"email":"leo@example.com","phone":"512-555-0143",}"#),
    ];
    for (content_type, body) in posts {
        stage.lead_with(&[("content-type", content_type)], body).await.expect(400);
    }
    let kept = "unread_posts";
    assert_eq!(stage.app.count(kept).await, 4);
    erase(&stage.buyer, "lea@example.com").await.expect(303);
    assert_eq!(stage.app.count(kept).await, 2);
    assert_eq!(stage.app.count("unread_posts where excerpt like '%leo@%'").await, 1);
    assert_eq!(stage.app.count("unread_posts where excerpt like '%0142%'").await, 0, "numbers are hidden");
}

#[tokio::test]
async fn an_erased_lead_answers_its_idempotency_key_as_before() {
    let (app, buyer, flow, source) = open_source().await;
    let key = [("idempotency-key", "once")];
    let body = || "email=lea@example.com".to_owned();
    let first = app.submit(flow, source, body(), &key).await.expect(201).body;
    erase(&buyer, "lea@example.com").await.expect(303);
    assert_eq!(app.submit(flow, source, body(), &key).await.expect(201).body, first);
    assert_eq!((app.count("leads").await, remaining(&app).await), (1, 0));
    // Later leads of the person are new ones.
    app.submit(flow, source, body(), &[]).await.expect(201);
    assert_eq!(remaining(&app).await, 1);
}

#[tokio::test]
async fn only_admins_and_the_accounts_systems_erase_people() {
    let (app, buyer, flow, source) = open_source().await;
    app.submit(flow, source, "phone_1=5125550142".to_owned(), &[]).await.expect(201);
    let manager = app.member(&buyer, Role::Manager, "Mo", "mo@buyer.example").await;
    erase(&manager, "5125550142").await.expect(403);
    manager.get(paths::ERASE_PERSON).await.expect(403);
    assert!(!manager.get(paths::LEADS).await.expect(200).text().contains("Erase a person"));
    let stranger = app.stranger().await;
    erase(&stranger, "5125550142").await.expect(303);
    let others = app.api(&stranger).await;
    let nothing: Value = others.post(ERASE, json!({ "phone": "5125550142" })).await.expect(200).json();
    assert_eq!((nothing, remaining(&app).await), (json!({ "leads": 0, "more": false }), 1));
    for odd in ["", "nobody", "a@b", "12"] {
        erase(&buyer, odd).await.expect(422).shows("Enter an email address, or a phone number with its area code.");
    }
    assert_eq!(app.count("activity where deed = 'person_erased'").await, 0);

    let api = app.api(&buyer).await;
    let erase_once =
        async || api.post_with_key("once", ERASE, json!({ "phone": "+1 (512) 555-0142" })).await.expect(200);
    let done: Value = erase_once().await.json();
    assert_eq!((done, remaining(&app).await), (json!({ "leads": 1, "more": false }), 0));
    assert_eq!(erase_once().await.json::<Value>()["leads"], 1, "the same answer");
    let again: Value = api.post(ERASE, json!({ "phone": "5125550142" })).await.expect(200).json();
    assert_eq!(again["leads"], 0);
    refuses(&api).await;
}

async fn refuses(api: &Api) {
    for body in [
        json!({}),
        json!({ "email": "nobody" }),
        json!({ "phone": "12" }),
        json!({ "email": "a@example.com", "phone": "5125550142" }),
        json!({ "name": "Ann" }),
    ] {
        api.post(ERASE, body.clone()).await.expect(422);
    }
}

/// Adds leads of one person.
async fn many(app: &TestApp, source: SourceId, count: i32) {
    let fields =
        "jsonb_build_object('email', jsonb_build_object('value', 'lea@example.com', 'raw', 'x', 'valid', true))";
    let input = "'{\"email\":\"lea@example.com\"}'::jsonb";
    app.add_leads(source, Crowd { count, fields, input, ..Crowd::default() }).await;
}

#[tokio::test]
async fn many_leads_are_erased_in_batches_and_two_erasures_at_once_count_each_lead_once() {
    let (app, buyer, _, source) = open_source().await;
    many(&app, source, 2_500).await;
    let api = app.api(&buyer).await;
    let first: Value = api.post(ERASE, json!({ "email": "lea@example.com" })).await.expect(200).json();
    assert_eq!(first, json!({ "leads": 1000, "more": true }));
    let (one, other) = tokio::join!(erase(&buyer, "lea@example.com"), erase(&buyer, "Lea@example.com"));
    assert_eq!((one.status.as_u16(), other.status.as_u16(), remaining(&app).await), (303, 303, 0));
    let recorded: i64 = sqlx::query_scalar(
        "select sum((after ->> 'leads')::bigint)::bigint from activity where deed = 'person_erased'",
    )
    .fetch_one(&app.state.pool)
    .await
    .unwrap();
    assert_eq!(recorded, 2_500);
}

#[tokio::test]
async fn nothing_of_a_lead_is_kept_elsewhere() {
    let (stage, _) = Stage::connected().await;
    stage.lead(&[("st", "NV"), ("email", "unmistakable@example.com")]).await.expect(201);
    erase(&stage.buyer, "unmistakable@example.com").await.expect(303);
    let tables: Vec<String> =
        sqlx::query_scalar("select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")
            .fetch_all(&stage.app.state.pool)
            .await
            .unwrap();
    assert!(tables.len() > 20);
    for table in tables {
        let found = stage.app.count(&format!("{table} as one where one::text like '%unmistakable%'")).await;
        assert_eq!(found, 0, "{table}");
    }
}
