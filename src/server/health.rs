//! `/health/live` for process supervisors, `/health/ready` for load balancers.

use super::{AppState, db};
use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

pub async fn live() -> &'static str {
    "alive\n"
}

/// Ready if the database has this program's schema and accepts changes. How overdue the oldest untried email is only is
/// reported: pages and submissions work without the worker.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let schema = db::schema_is_current(&state.pool).await;
    let writable = sqlx::query_scalar!(r#"select current_setting('transaction_read_only') = 'off' as "writable!""#)
        .fetch_one(&state.pool)
        .await;
    let overdue = sqlx::query_scalar!(
        r#"select coalesce(extract(epoch from now() - min(next_try_at)) / 60, 0)::float8 as "minutes!"
           from mails where state = 'queued' and attempts = 0"#
    )
    .fetch_one(&state.pool)
    .await;
    let ready = matches!((&schema, &writable), (Ok(true), Ok(true)));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let report = json!({
        "database": schema.is_ok(),
        "writable": writable.unwrap_or(false),
        "migrations": schema.unwrap_or(false),
        "mail_overdue_minutes": overdue.ok().map(|minutes| minutes.max(0.0).round()),
    });
    (status, Json(report))
}
