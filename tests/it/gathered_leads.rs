//! Leads that arrive together are stored together, and each has its own fate: what is in memory is never older than
//! what counts, and the faults and locks of one lead are not those of the others.

use crate::support::{
    Actor, Response, TestApp,
    credentials::basic,
    sending::open_source,
    stage::{Stage, mapping},
};
use accord::base::{FlowId, SourceId, paths};
use futures::future::{join, join_all};
use serde_json::{Value, json};
use time::Duration;

/// The stored leads and the counts of the days, which must be equal.
async fn assert_counted(app: &TestApp) {
    let differ = "((select source_id, day, test, outcome, coalesce(reason, '') as reason, count(*)::numeric as count
                    from leads group by 1, 2, 3, 4, 5
                    except
                    select source_id, day, test, outcome, reason, sum(count) from source_days group by 1, 2, 3, 4, 5)
                   union all
                   (select source_id, day, test, outcome, reason, sum(count) from source_days group by 1, 2, 3, 4, 5
                    except
                    select source_id, day, test, outcome, coalesce(reason, ''), count(*)::numeric
                    from leads group by 1, 2, 3, 4, 5)) as differing";
    assert_eq!(app.count(differ).await, 0);
}

async fn second_source(buyer: &Actor, flow: FlowId) -> SourceId {
    buyer.post_as("custom", &paths::custom_source(flow), &[("name", "Second form")]).await.expect(303);
    buyer.sources(flow).await.into_iter().find(|row| row.name == "Second form").unwrap().id
}

async fn send(app: &TestApp, flow: FlowId, source: SourceId, body: &str) -> Response {
    app.submit(flow, source, body.to_owned(), &[]).await
}

/// Waits until so many transactions of the test's database wait for a lock.
async fn wait_for_waiters(app: &TestApp, count: i64) {
    let waiting = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..20_000 {
        if app.count(waiting).await >= count {
            return;
        }
    }
    panic!("nobody waits for a lock");
}

#[tokio::test]
async fn leads_that_arrive_together_share_a_commit_and_are_counted_exactly() {
    let (app, buyer, flow, source) = open_source().await;
    let second = second_source(&buyer, flow).await;
    let criteria = json!({ "rule_set": { "op": "and", "rules": [
        { "lhv": "lead.state", "op": "is equal to", "rhv": "CA" },
    ] } });
    buyer.save_rules(flow, Some(second), 1, criteria).await.expect(200);
    let post = |number: usize| {
        let state = if number.is_multiple_of(3) { "NV" } else { "CA" };
        let test = if number.is_multiple_of(5) { "&test=true" } else { "" };
        let source = if number.is_multiple_of(2) { source } else { second };
        let (app, body) = (&app, format!("state={state}&first_name=n{number}{test}"));
        async move { (body.clone(), send(app, flow, source, &body).await.expect(201)) }
    };
    let sent = join_all((0..60).map(post)).await;
    for (body, response) in &sent {
        let id = response.json::<Value>()["lead"]["id"].as_str().unwrap().to_owned();
        let name = body.split("first_name=").nth(1).unwrap().split('&').next().unwrap();
        let row = format!("leads where id = decode('{id}', 'hex') and fields->'first_name'->>'value' = '{name}'");
        assert_eq!(app.count(&row).await, 1, "the answer is that of its own lead");
    }
    assert_eq!(app.count("leads").await, 60);
    let commits = app.count("(select distinct xmin::text from leads) as commits").await;
    assert!(commits < 30, "{commits}");
    assert_counted(&app).await;
}

#[tokio::test]
async fn a_change_counts_for_the_next_lead_on_every_process() {
    let (stage, _) = Stage::connected().await;
    let other = stage.app.restart().await;
    let post = async |body: &str| {
        let first = stage.lead_with(&[], body).await;
        let second = other.submit(stage.flow, stage.source, body.to_owned(), &[]).await;
        assert_eq!(first.status, second.status, "{body}");
        let outcome = |sent: &Response| sent.json::<Value>()["outcome"].clone();
        assert_eq!(outcome(&first), outcome(&second), "{body}");
        (first.status.as_u16(), outcome(&first).as_str().unwrap().to_owned())
    };
    let rule = |state: &str| {
        format!(
            "update flow_sources set acceptance_criteria = '{{\"rule_set\":{{\"op\":\"and\",\"rules\":[{{\"lhv\":\
             \"lead.state\",\"op\":\"is equal to\",\"rhv\":\"{state}\"}}]}}}}'"
        )
    };
    let (usual, refused) = ((201, "success"), (403, "error"));
    for (change, expected, back) in [
        ("update flows set enabled = false", refused, "update flows set enabled = true"),
        ("update flows set archived_at = now()", refused, "update flows set archived_at = null"),
        ("update flow_sources set enabled = false", refused, "update flow_sources set enabled = true"),
        ("update connections set disconnected_at = now()", refused, "update connections set disconnected_at = null"),
        (
            "update flow_sources set require_authentication = true",
            (401, "error"),
            "update flow_sources set require_authentication = false",
        ),
        (rule("NV").as_str(), (201, "failure"), rule("CA").as_str()),
        (
            "update flow_sources set mappings = '[]'",
            (201, "failure"),
            "update flow_sources set mappings = '[{\"property\":\"state\",\"value\":\"{{st}}\"}]'",
        ),
    ] {
        for _ in 0..2 {
            assert_eq!(post("st=CA").await, (usual.0, usual.1.to_owned()), "before {change}");
        }
        stage.app.execute(change).await.unwrap();
        assert_eq!(post("st=CA").await, (expected.0, expected.1.to_owned()), "{change}");
        stage.app.execute(back).await.unwrap();
    }
    assert_eq!(post("st=CA").await.0, 201);
    assert_counted(&stage.app).await;
}

#[tokio::test]
async fn a_lead_has_the_names_fields_and_day_that_count_when_it_is_stored() {
    let (app, buyer, flow, source) = open_source().await;
    let stored = async || -> (String, String, Value, i32, i32) {
        send(&app, flow, source, "state=CA&email=lea@example.com").await.expect(201);
        sqlx::query_as(
            "select flow_name, source_name, fields, flow_version, day - (received_at at time zone 'UTC')::date
             from leads order by id desc limit 1",
        )
        .fetch_one(&app.state.pool)
        .await
        .unwrap()
    };
    let first = stored().await;
    assert_eq!((first.0.as_str(), first.1.as_str(), first.4), ("Solar California", "Website form", 0));
    assert!(first.2.get("email").is_some());
    app.execute("update flows set name = 'Solar Nevada'").await.unwrap();
    app.execute("update entities set name = 'Landing page' where kind = 'custom'").await.unwrap();
    let renamed = stored().await;
    assert_eq!((renamed.0.as_str(), renamed.1.as_str()), ("Solar Nevada", "Landing page"));
    let form = [("version", "1"), ("field-state", "on")];
    buyer.post_as("fields", &paths::flow_fields(flow), &form).await.expect(303);
    let fewer = stored().await;
    assert!(fewer.2.get("email").is_none() && fewer.2.get("state").is_some(), "{}", fewer.2);
    assert!(fewer.3 > first.3);
    let mut days = Vec::new();
    // Their clocks are a day apart at every time of the day.
    for zone in ["Pacific/Kiritimati", "Pacific/Honolulu"] {
        sqlx::query("update accounts set time_zone = $1").bind(zone).execute(&app.state.pool).await.unwrap();
        days.push(stored().await.4);
    }
    assert_eq!(days[0] - days[1], 1, "{days:?}");
    assert_counted(&app).await;
}

#[tokio::test]
async fn a_credential_that_ended_lets_nobody_in_on_any_process() {
    let (stage, seller) = Stage::connected().await;
    let (secret, other) = (stage.make_credential().await, stage.app.restart().await);
    let key = stage.app.api_key(seller.account(), seller.user.unwrap()).await;
    stage.require("on").await;
    let statuses = async |user: &str, secret: &str| {
        let mut statuses = Vec::new();
        for app in [&stage.app, &other] {
            let (name, value) = basic(user, secret);
            let sent = app.submit(stage.flow, stage.source, "st=CA".to_owned(), &[(name, &value)]).await;
            statuses.push(sent.status.as_u16());
        }
        statuses
    };
    let soon = "update source_credentials set ends_at = now() + interval '30 seconds'";
    for (user, secret, end, after) in [
        ("API", &key, "update api_keys set revoked_at = now()", Duration::ZERO),
        ("source", &secret, "update source_credentials set ends_at = now()", Duration::ZERO),
        ("source", &secret, soon, Duration::seconds(31)),
    ] {
        stage.app.execute("update source_credentials set ends_at = null").await.unwrap();
        for _ in 0..3 {
            assert_eq!(statuses(user, secret).await, [201, 201]);
        }
        stage.app.execute(end).await.unwrap();
        stage.app.advance(after);
        other.advance(after);
        assert_eq!(statuses(user, secret).await, [401, 401], "{end}");
        assert_eq!(statuses(user, secret).await, [401, 401], "{end}");
    }
    assert_eq!(stage.app.count("leads where received->>'authenticated' = 'true'").await, stage.leads().await);
}

#[tokio::test]
async fn only_the_lead_at_fault_fails() {
    let (app, _, flow, source) = open_source().await;
    let owner = app.owner().await;
    let refuse = "alter table leads add constraint leads_odd_check check (input->>'first_name' <> 'odd') not valid";
    sqlx::query(refuse).execute(&owner).await.unwrap();
    send(&app, flow, source, "first_name=a").await.expect(201);
    let post = |number: usize| {
        let name = if number == 17 { "odd".to_owned() } else { format!("n{number}") };
        let app = &app;
        async move { send(app, flow, source, &format!("first_name={name}")).await.status.as_u16() }
    };
    let statuses = join_all((0..40).map(post)).await;
    for (number, status) in statuses.into_iter().enumerate() {
        assert_eq!(status, if number == 17 { 500 } else { 201 }, "{number}");
    }
    assert_eq!(app.count("leads").await, 40);
    assert_counted(&app).await;
}

#[tokio::test]
async fn keys_are_one_lead_each_however_their_posts_are_gathered() {
    let (app, buyer, flow, source) = open_source().await;
    let (other, second) = (app.restart().await, second_source(&buyer, flow).await);
    let post = |number: usize| {
        let app = if number.is_multiple_of(2) { &app } else { &other };
        let source = if number % 14 < 7 { source } else { second };
        let key = format!("order-{}", number % 7);
        async move { app.submit(flow, source, "state=CA".to_owned(), &[("idempotency-key", &key)]).await }
    };
    let mut bodies: Vec<_> = join_all((0..84).map(post)).await.into_iter().map(|sent| sent.expect(201).body).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!((bodies.len(), app.count("leads").await, app.count("lead_keys").await), (14, 14, 14));
    assert_counted(&app).await;
}

#[tokio::test]
async fn a_sender_that_hangs_up_and_posts_again_has_one_lead() {
    let (app, _, flow, source) = open_source().await;
    send(&app, flow, source, "state=CA").await.expect(201);
    let mut lock = app.state.pool.begin().await.unwrap();
    sqlx::query("lock table source_days in exclusive mode").execute(&mut *lock).await.unwrap();
    let again = app.clone();
    let post = move || {
        let app = again.clone();
        async move { app.submit(flow, source, "state=NV".to_owned(), &[("idempotency-key", "order-1")]).await }
    };
    let first = tokio::spawn(post());
    wait_for_waiters(&app, 1).await;
    first.abort();
    let release = async {
        wait_for_waiters(&app, 1).await;
        lock.rollback().await.unwrap();
    };
    let (second, ()) = join(post(), release).await;
    second.expect(201);
    assert_eq!(app.count("leads").await, 2);
    assert_counted(&app).await;
}

#[tokio::test]
async fn what_is_locked_of_one_source_holds_up_no_other() {
    let (app, buyer, flow, source) = open_source().await;
    let second = second_source(&buyer, flow).await;
    for source in [source, second] {
        app.submit(flow, source, "state=CA".to_owned(), &[("idempotency-key", "k")]).await.expect(201);
    }
    // A locked source waits. Where a count is locked, another share of the day may be free.
    let cases = [("flow_sources where id = $1", 1..=1), ("source_days where source_id = $1", 4..=7)];
    for (locked, stored) in cases {
        let mut lock = app.state.pool.begin().await.unwrap();
        let rows = format!("select from {locked} for update");
        sqlx::query(sqlx::AssertSqlSafe(rows)).bind(source).execute(&mut *lock).await.unwrap();
        let held = join_all((0..3).map(|_| send(&app, flow, source, "state=CA")));
        let others = async {
            let sent = join_all((0..20).map(|_| send(&app, flow, second, "state=CA"))).await;
            sent.into_iter().for_each(|sent| drop(sent.expect(201)));
            let meanwhile = app.count(&format!("leads where source_id = decode('{source}', 'hex')")).await;
            lock.rollback().await.unwrap();
            meanwhile
        };
        let (held, meanwhile) = join(held, others).await;
        assert!(stored.contains(&meanwhile), "{locked}: {meanwhile}");
        held.into_iter().for_each(|sent| drop(sent.expect(201)));
    }
    assert_eq!(app.count("leads").await, 2 + 2 * 23);
    assert_counted(&app).await;
}

#[tokio::test]
async fn a_source_that_is_removed_while_leads_arrive_keeps_those_that_were_acknowledged() {
    let (app, buyer, flow, source) = open_source().await;
    buyer.save_mappings(flow, source, 1, &[mapping("state", "st")]).await.expect(200);
    send(&app, flow, source, "st=CA").await.expect(201);
    let posts = join_all((0..30).map(|_| send(&app, flow, source, "st=CA")));
    let path = paths::remove_source(flow, source);
    let remove = buyer.post_as("remove", &path, &[]);
    let (posts, removed) = join(posts, remove).await;
    removed.expect(303);
    let statuses: Vec<_> = posts.iter().map(|sent| sent.status.as_u16()).collect();
    assert!(statuses.iter().all(|status| [201, 404].contains(status)), "{statuses:?}");
    let taken = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(app.count("leads").await, 1 + i64::try_from(taken).unwrap());
    send(&app, flow, source, "st=CA").await.expect(404);
}
