//! Somebody holds a row that the leads of a source need. Only those leads wait, and they get an answer.

use crate::support::{Response, TestApp, credentials::shown_secret, process::Process};
use accord::{
    accounts::model::Plan,
    base::{AccountId, FlowId, SourceId, paths},
};
use axum::http::Method;
use futures::future::{join, join_all};
use sqlx::{Postgres, Transaction};

/// Leads that wait at the same time.
const WAITING: usize = 4;
/// Leads that are sent to each other source meanwhile, one after the other.
const MEANWHILE: usize = 3;

type Place = (FlowId, SourceId);

/// A source, another one of the same account, and one of another account.
struct Scene {
    app: TestApp,
    account: AccountId,
    place: Place,
    sibling: Place,
    other: Place,
}

impl Scene {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        let flow = buyer.create_flow("Solar California").await;
        let place = (flow, buyer.custom_source(flow, "One").await);
        let second = buyer.create_flow("Roofing").await;
        let sibling = (second, buyer.custom_source(second, "Two").await);
        let elsewhere = app.admin("Dee", "dee@other.example", "Other", Some(Plan::Base), false).await;
        let theirs = elsewhere.create_flow("Solar").await;
        let other = (theirs, elsewhere.custom_source(theirs, "Three").await);
        let tab = paths::source_authentication(place.0, place.1);
        shown_secret(&buyer.post_as("create-credential", &tab, &[]).await);
        Self { account: buyer.account(), app, place, sibling, other }
    }

    /// Holds the rows of a query until the transaction ends.
    async fn hold(&self, rows: &str) -> Transaction<'static, Postgres> {
        let mut holding = self.app.state.pool.begin().await.unwrap();
        let query = format!("with ids as (select $1::bytea as account, $2::bytea as flow, $3::bytea as source) {rows}");
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(self.account).bind(self.place.0).bind(self.place.1);
        let held = query.execute(&mut *holding).await.unwrap();
        assert!(held.rows_affected() > 0, "{rows}");
        holding
    }
}

async fn submit(process: &Process, to: Place) -> Response {
    process.connect().await.submit(to, &[], b"state=CA").await.unwrap()
}

/// Sends leads of which each must be stored while the rows are held.
async fn are_served(process: &Process, places: &[Place]) {
    for place in places {
        for _ in 0..MEANWHILE {
            submit(process, *place).await.expect(201);
        }
    }
}

/// What is held, and whether the other source of the account needs it too.
const ROWS: [(&str, bool); 5] = [
    ("select from flow_sources where id = (select source from ids) for update", false),
    ("select from source_days where source_id = (select source from ids) for update", false),
    ("select from source_credentials where source_id = (select source from ids) for update", false),
    ("select from flows where id = (select flow from ids) for update", false),
    ("select from accounts where id = (select account from ids) for update", true),
];

#[tokio::test]
async fn leads_that_wait_for_a_row_are_stored_once_it_is_free_and_others_do_not_wait() {
    let scene = Scene::new().await;
    let process = Process::start(&scene.app).await;
    submit(&process, scene.place).await.expect(201);
    let mut sent = 1;
    for (rows, is_shared) in ROWS {
        let holding = scene.hold(rows).await;
        let waiting = join_all((0..WAITING).map(|_| submit(&process, scene.place)));
        let others = if is_shared { &[scene.other][..] } else { &[scene.sibling, scene.other] };
        let meanwhile = async {
            are_served(&process, others).await;
            holding.rollback().await.unwrap();
        };
        let (answers, ()) = join(waiting, meanwhile).await;
        answers.into_iter().for_each(|answer| drop(answer.expect(201)));
        sent += WAITING + others.len() * MEANWHILE;
    }
    assert_eq!(scene.app.count("leads").await, i64::try_from(sent).unwrap());
    scene.app.assert_counts_equal_leads().await;
    process.assert_healthy();
}

#[tokio::test]
async fn leads_that_wait_too_long_for_their_source_are_asked_to_come_again_and_others_are_stored() {
    let scene = Scene::new().await;
    let process = Process::start_with(&scene.app, &[("LOCK_TIMEOUT", "1")]).await;
    let holding = scene.hold(ROWS[0].0).await;
    let waiting = join_all((0..WAITING).map(|_| submit(&process, scene.place)));
    let (answers, ()) = join(waiting, are_served(&process, &[scene.sibling, scene.other])).await;
    for answer in answers {
        let answer = answer.expect(503);
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{answer:?}");
    }
    let others = i64::try_from(2 * MEANWHILE).unwrap();
    assert_eq!(scene.app.count("leads").await, others, "a lead that was not acknowledged is not stored");
    holding.rollback().await.unwrap();
    submit(&process, scene.place).await.expect(201);
    assert_eq!(scene.app.count("leads").await, others + 1);
    scene.app.assert_counts_equal_leads().await;
}

/// The first post may have been taken before its sender hung up, or not: either way there is one lead.
#[tokio::test]
async fn a_sender_that_hangs_up_and_posts_again_with_its_key_gets_one_lead() {
    let scene = Scene::new().await;
    let processes = [Process::start(&scene.app).await, Process::start(&scene.app).await];
    let path = paths::submit(scene.place.0, scene.place.1);
    for round in 0..2 {
        let holding = scene.hold(ROWS[0].0).await;
        let keys: Vec<_> = (0..WAITING).map(|number| format!("order {round} {number}")).collect();
        for (number, key) in keys.iter().enumerate() {
            let mut wire = processes[number % 2].connect().await;
            wire.write(&Method::POST, &path, &[("idempotency-key", key)], b"state=CA").await.unwrap();
        }
        let again = join_all(keys.iter().enumerate().map(async |(number, key)| {
            let mut wire = processes[(number + round) % 2].connect().await;
            wire.submit(scene.place, &[("idempotency-key", key)], b"state=CA").await.unwrap()
        }));
        let release = async {
            are_served(&processes[0], &[scene.other]).await;
            holding.rollback().await.unwrap();
        };
        let (answers, ()) = join(again, release).await;
        answers.into_iter().for_each(|answer| drop(answer.expect(201)));
    }
    let per_key = "(select count(*) from leads l where l.id = k.lead_id) <> 1";
    assert_eq!(scene.app.count(&format!("lead_keys k where {per_key}")).await, 0);
    assert_eq!(scene.app.count("lead_keys").await, i64::try_from(2 * WAITING).unwrap());
    let leads = scene.app.count("leads where source_name = 'One'").await;
    assert_eq!(leads, i64::try_from(2 * WAITING).unwrap());
    scene.app.assert_counts_equal_leads().await;
    processes.iter().for_each(Process::assert_healthy);
}
