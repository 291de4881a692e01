//! `/health/live` for process supervisors, `/health/ready` for load balancers.

use super::{AppState, db};
use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

/// If an untried email is this many minutes overdue, no worker is running.
const OVERDUE_MINUTES: f64 = 10.0;

pub async fn live() -> &'static str {
    "alive\n"
}

/// Checks the database, the schema version, and how overdue the oldest untried email is.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let schema = db::schema_is_current(&state.pool).await;
    let overdue = sqlx::query_scalar!(
        r#"select coalesce(extract(epoch from now() - min(next_try_at)) / 60, 0)::float8 as "minutes!"
           from mails where state = 'queued' and attempts = 0"#
    )
    .fetch_one(&state.pool)
    .await;
    let ready = matches!(schema, Ok(true)) && overdue.as_ref().is_ok_and(|minutes| *minutes < OVERDUE_MINUTES);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let report = json!({
        "database": schema.is_ok(),
        "migrations": schema.unwrap_or(false),
        "mail_overdue_minutes": overdue.ok().map(|minutes| minutes.max(0.0).round()),
    });
    (status, Json(report))
}
