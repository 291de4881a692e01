//! The texts of the statements that a piece of work sends, and how Postgres would run them.

use super::TestApp;
use sqlx::{AssertSqlSafe, Executor, Row};
use std::sync::{Arc, LazyLock, Mutex};
use tracing::{
    Dispatch, Event,
    field::{Field, Visit},
    instrument::WithSubscriber,
};
use tracing_subscriber::{Layer, layer::Context, prelude::*, registry};

/// With only one subscriber, `tracing` would cache a statement that another test sends first as of no interest to
/// anyone.
static SECOND_SUBSCRIBER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(registry()));

#[derive(Clone, Default)]
struct Texts(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "db.statement" {
            self.0 = value.trim().to_owned();
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Texts {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut text = Text(String::new());
            event.record(&mut text);
            self.0.lock().unwrap().push(text.0);
        }
    }
}

/// The statements of a piece of work.
pub async fn statement_texts<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    LazyLock::force(&SECOND_SUBSCRIBER);
    let seen = Texts::default();
    let done = work.with_subscriber(registry().with(seen.clone())).await;
    let texts = seen.0.lock().unwrap().clone();
    (done, texts)
}

/// The plan of a statement for any values of its parameters, with indexes wherever there is a suitable one.
pub async fn generic_plan(app: &TestApp, statement: &str) -> String {
    let mut conn = app.state.pool.acquire().await.unwrap();
    let count = (1..=30).rev().find(|n| statement.contains(&format!("${n}"))).unwrap_or(0);
    let nulls = vec!["null"; count].join(", ");
    let arguments = if count == 0 { String::new() } else { format!("({nulls})") };
    for setting in ["set enable_seqscan = off", "set plan_cache_mode = force_generic_plan"] {
        conn.execute(setting).await.unwrap();
    }
    conn.execute(AssertSqlSafe(format!("prepare planned as {statement}"))).await.unwrap();
    let explained = conn.fetch_all(AssertSqlSafe(format!("explain execute planned{arguments}"))).await.unwrap();
    for setting in ["deallocate planned", "reset enable_seqscan", "reset plan_cache_mode"] {
        conn.execute(setting).await.unwrap();
    }
    explained.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
}
