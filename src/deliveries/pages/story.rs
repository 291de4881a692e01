//! The deliveries of a lead, in its story: each attempt with its answer.

use super::{exactly, log, moment, progress_tag};
use crate::{
    base::{AccountId, LeadId, paths},
    deliveries::{
        model::Progress,
        server::queries::log::{self as queries, AttemptRow},
    },
    server::Fault,
    ui::{CodeBlock, Panel},
};
use leptos::prelude::*;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Maximum attempts that a story shows.
const MAX_ATTEMPTS: i64 = 200;

/// None if the lead is on its way to nowhere.
pub async fn section(
    conn: &mut PgConnection,
    account_id: AccountId,
    lead_id: LeadId,
    now: OffsetDateTime,
) -> Result<Option<AnyView>, Fault> {
    let rows = queries::attempts(conn, account_id, lead_id, None, MAX_ATTEMPTS).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let deliveries =
        rows.chunk_by(|a, b| a.delivery_id == b.delivery_id).map(|rows| delivery(rows, now)).collect_view();
    Ok(Some(view! { <Panel title="Deliveries" id="deliveries">{deliveries}</Panel> }.into_any()))
}

fn delivery(rows: &[AttemptRow], now: OffsetDateTime) -> impl IntoView + use<> {
    let first = rows.first()?.clone();
    let name = match first.is_removed {
        true => view! { <bdi>{first.name}</bdi> " (removed)" }.into_any(),
        false => {
            view! { <a href=paths::delivery(first.flow_id, first.delivery_id)><bdi>{first.name}</bdi></a> }.into_any()
        }
    };
    let next = (first.progress == Progress::Waiting && first.number.is_some())
        .then(|| view! { <p class="muted">{format!("Next attempt {}.", exactly(first.next_at, now))}</p> });
    let attempts = rows.iter().filter(|row| row.number.is_some()).map(|row| attempt(row.clone(), now)).collect_view();
    Some(view! {
        <h3>{name} " " {progress_tag(first.progress)}</h3>
        {next}
        {attempts}
    })
}

/// One attempt: when, how long, and what came back.
pub fn attempt(row: AttemptRow, now: OffsetDateTime) -> impl IntoView + use<> {
    let (number, name) = (row.number.unwrap_or_default(), row.name);
    let took = row.duration_ms.map(|ms| format!(" · {ms} ms · "));
    let request =
        row.request.map(|code| view! { <CodeBlock code label=format!("Request of attempt {number}, {name}") /> });
    let answer = row.answer.filter(|answer| !answer.is_empty());
    let answer = answer.map(|code| view! { <CodeBlock code label=format!("Answer to attempt {number}, {name}") /> });
    let has_details = request.is_some() || answer.is_some();
    let details = has_details.then(|| {
        view! {
            <details>
                <summary>{format!("Details of attempt {number}")}</summary>
                {request}
                {answer}
            </details>
        }
    });
    view! {
        <p>{format!("Attempt {number} · ")} {row.at.map(|at| moment(at, now))} {took} {log::answer(row.status, row.error)}</p>
        {details}
    }
}
