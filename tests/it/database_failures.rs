//! What callers get while the database fails over, or is too slow.

use crate::support::{Actor, Response, TestApp, stage::Stage};
use accord::{
    base::{AppError, FlowId, Secret, SourceId, paths},
    server::{Fault, config::Config, db},
};
use axum::{
    body::Body,
    http::{Method, Request},
};
use futures::future::join_all;
use sqlx::{Executor, PgConnection};

#[track_caller]
fn is_unavailable(error: sqlx::Error) {
    let fault = Fault::from(error);
    assert!(fault.is_unavailable() && !fault.headers().is_empty(), "{fault}");
    assert_eq!(fault.report(), AppError::Unavailable);
}

/// Raises an error as the database would.
async fn raise(conn: &mut PgConnection, code: &str) -> sqlx::Error {
    let statement = format!("do $$ begin raise exception using errcode = '{code}'; end $$");
    conn.execute(sqlx::AssertSqlSafe(statement)).await.unwrap_err()
}

#[tokio::test]
async fn temporary_failures_are_503_and_others_are_our_fault() {
    let app = TestApp::start().await;
    let mut conn = app.state.pool.acquire().await.unwrap();
    for code in ["57P01", "57P02", "57P03", "53300", "53100", "25006", "40001", "40P01", "57014", "55P03", "08006"] {
        is_unavailable(raise(&mut conn, code).await);
    }
    for code in ["42P01", "22021", "23505", "P0001"] {
        assert_eq!(Fault::from(raise(&mut conn, code).await).report(), AppError::Internal, "{code}");
    }
}

#[tokio::test]
async fn statements_and_locks_have_a_time_limit() {
    let app = TestApp::start().await;
    let name: String = sqlx::query_scalar("select current_database()::text").fetch_one(&app.state.pool).await.unwrap();
    let owner = std::env::var("ACCORD_TEST_DATABASE_URL").unwrap();
    let (server, parameters) = owner.split_once('?').unwrap();
    let url = Secret::new(format!("{}/{name}?{parameters}", server.rsplit_once('/').unwrap().0));
    let seconds = |name: &str| match name {
        "STATEMENT_TIMEOUT" => Some("2".to_owned()),
        "LOCK_TIMEOUT" => Some("1".to_owned()),
        _ => None,
    };
    let pool = db::connect(&url, &Config::read(seconds).unwrap(), 3).await.unwrap();
    let mut locked = pool.begin().await.unwrap();
    locked.execute("lock table flows").await.unwrap();
    let waits = async { pool.execute("select from flows").await.unwrap_err() };
    let sleeps = async { pool.execute("select pg_sleep(600)").await.unwrap_err() };
    let (waited, slept) = tokio::join!(waits, sleeps);
    assert!(waited.to_string().contains("lock timeout"), "{waited}");
    assert!(slept.to_string().contains("statement timeout"), "{slept}");
    is_unavailable(waited);
    is_unavailable(slept);
    locked.rollback().await.unwrap();
    pool.close().await;
}

/// A process that takes its connections as in production, and those who call it.
struct Callers {
    app: TestApp,
    buyer: Actor,
    page: String,
    submit: String,
    to: (FlowId, SourceId),
}

impl Callers {
    /// With a session of the application's role that is not the process's.
    async fn new() -> (Self, PgConnection) {
        let (stage, _) = Stage::connected().await;
        let app = stage.app.restart_with_usual_pool().await;
        let other = stage.app.state.pool.acquire().await.unwrap().detach();
        let to = (stage.flow, stage.source);
        let (page, submit) = (paths::flow_sources(to.0), paths::submit(to.0, to.1));
        (Self { buyer: stage.buyer.at(&app), app, page, submit, to }, other)
    }

    async fn lead(&self) -> Response {
        self.app.submit(self.to.0, self.to.1, "st=CA".to_owned(), &[]).await
    }

    /// A post without a body.
    async fn post(&self, path: &str) -> Response {
        send(&self.app, Method::POST, path).await
    }

    async fn page(&self) -> Response {
        self.buyer.get(&self.page).await
    }

    /// One caller after the other: whoever meets the first lost connection is the only one who is refused.
    async fn are_served_except_one(&self) {
        let mut refused = 0;
        for number in 0..12 {
            let (response, status) = if number % 3 == 0 { (self.lead().await, 201) } else { (self.page().await, 200) };
            if is_refused(&response) {
                refused += 1;
            } else {
                assert_eq!(response.status, status, "{}", response.body);
            }
        }
        assert!(refused <= 1, "{refused} callers were refused");
    }
}

#[tokio::test]
async fn nobody_gets_a_500_while_database_sessions_are_terminated() {
    let (callers, mut other) = Callers::new().await;
    for _ in 0..10 {
        let work = (0..30).map(async |number| match number % 3 {
            0 => callers.lead().await,
            1 => callers.page().await,
            _ => callers.post(if number % 2 == 0 { &callers.submit } else { "/api/v1/flows" }).await,
        });
        let (responses, ()) = tokio::join!(join_all(work), terminate_others(&mut other));
        for response in responses {
            assert!(is_refused(&response) || response.status.as_u16() < 500, "{}: {}", response.status, response.body);
        }
    }
    callers.are_served_except_one().await;
}

#[tokio::test]
async fn lost_connections_cost_one_caller_a_503_however_many_were_lost() {
    let (callers, mut other) = Callers::new().await;
    for _ in 0..3 {
        // Every connection of the pool is open and has just been used.
        for response in join_all((0..12).map(|_| callers.page())).await {
            response.expect(200);
        }
        callers.lead().await.expect(201);
        terminate_others(&mut other).await;
        callers.are_served_except_one().await;
    }
}

fn is_refused(response: &Response) -> bool {
    response.status == 503 && response.headers.contains_key("retry-after")
}

/// Ends the sessions of the application, and waits until they are gone.
async fn terminate_others(conn: &mut PgConnection) {
    conn.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and usename = current_user and pid <> pg_backend_pid()",
    )
    .await
    .unwrap();
}

async fn send(app: &TestApp, method: Method, path: &str) -> Response {
    app.handle(
        Request::builder().method(method).uri(path).header("host", "accord.example").body(Body::empty()).unwrap(),
    )
    .await
}

#[tokio::test]
async fn a_standby_is_not_ready_and_a_late_email_is_only_reported() {
    let app = TestApp::start().await;
    let ready = async || send(&app, Method::GET, "/health/ready").await;
    app.execute(
        "insert into mails (id, recipient, letter, state, attempts, next_try_at, created_at)
         values ('\\x000102030405060708090a0b', 'a@b.example', '{}', 'queued', 0, now() - interval '1 hour', now())",
    )
    .await
    .unwrap();
    let late = ready().await.expect(200);
    assert!(late.body.contains(r#""mail_overdue_minutes":60"#), "{}", late.body);
    let name: String = sqlx::query_scalar("select current_database()::text").fetch_one(&app.state.pool).await.unwrap();
    let mut conn = app.state.pool.acquire().await.unwrap();
    let read_only = format!("alter role current_user in database {name} set default_transaction_read_only = on");
    conn.execute(sqlx::AssertSqlSafe(read_only)).await.unwrap();
    drop(conn);
    let standby = app.restart().await;
    let response = send(&standby, Method::GET, "/health/ready").await.expect(503);
    assert!(response.body.contains(r#""writable":false"#), "{}", response.body);
}
