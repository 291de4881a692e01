//! `GET /activity.csv`: the activity of a filter as a file.

use super::filter::Filter;
use crate::{
    accounts::{
        model::Permission,
        server::{queries as accounts, zone},
    },
    activity::server::search::{self, Record, Search},
    base::{AccountId, ActivityId, AppError, Problem, paths},
    server::{
        Cx, Db as _, Fault, PageIds,
        batch::Batch,
        csv::{self, line},
        exclusive::Turn,
        form::ErrorResponse,
    },
    web::Redirect,
};
use axum::{
    body::Body,
    extract::{Extension, Query},
    response::{IntoResponse, Response},
};
use futures::{Stream, stream};
use std::collections::BTreeMap;

/// Maximum entries of a batch, and bytes of their values.
const BATCH: i64 = 500;
const BATCH_BYTES: i64 = 512 << 10;

pub async fn activity_csv(Extension(cx): Extension<Cx>, Query(query): Query<BTreeMap<String, String>>) -> Response {
    match begin(&cx, &query).await {
        Ok(cursor) => {
            let name = format!("activity-{}-{}", zone::day(&cursor.zone, cx.now), cursor.zone.replace('/', "-"));
            csv::file(&name, Body::from_stream(lines(cursor)))
        }
        Err(fault) => match fault.report() {
            AppError::SignedOut => Redirect::to(paths::sign_in_and_back(paths::ACTIVITY)).respond(&cx.state),
            error => ErrorResponse(error).into_response(),
        },
    }
}

/// The position in the file.
struct Cursor {
    cx: Cx,
    account_id: AccountId,
    search: Search,
    zone: String,
    turn: Turn,
    /// None before the first line.
    before: Option<Option<ActivityId>>,
}

async fn begin(cx: &Cx, query: &BTreeMap<String, String>) -> Result<Cursor, Fault> {
    let account_id = cx.active_membership()?.account_id;
    let actor = cx.actor(account_id, Permission::See)?;
    let filter = Filter::read(|name| query.get(name).cloned().unwrap_or_default()).ok_or(Problem::FilterUnreadable)?;
    let mut conn = cx.read().await?;
    let zone = accounts::find_zone(&mut conn, account_id).await?;
    drop(conn);
    let turn = cx.state.exports.begin(&cx.state.pool, actor.user_id).await?.ok_or(Problem::ExportRunning)?;
    Ok(Cursor { cx: cx.clone(), account_id, search: filter.search(&zone), zone, turn, before: None })
}

/// The lines of the file, newest entry first. An error ends the stream early, so the client sees a failed download.
fn lines(start: Cursor) -> impl Stream<Item = Result<String, Fault>> {
    // Failures on our side are logged here; nothing else looks at the error of a stream.
    stream::try_unfold(Some(start), |cursor| async {
        match cursor {
            Some(cursor) => next(cursor).await.map(Some).map_err(|fault| Fault::from(fault.report())),
            None => Ok(None),
        }
    })
}

/// The next lines, and the position after them, if there are more.
async fn next(mut cursor: Cursor) -> Result<(String, Option<Cursor>), Fault> {
    let Some(before) = cursor.before else {
        cursor.before = Some(None);
        let head = line(["time", "who", "what", "about", "name", "address", "before", "after"]);
        return Ok((format!("{}{head}", csv::MARK), Some(cursor)));
    };
    let mut batch = Batch::begin(cursor.cx.clone()).await?;
    // The person may have left the account meanwhile.
    batch.refresh().await?;
    batch.cx().actor(cursor.account_id, Permission::See)?;
    let found = search::find_ids(&mut batch, cursor.account_id, &cursor.search, before, BATCH).await?;
    let is_full = found.ids.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
    let page = PageIds::first(found.ids.len(), found.ids);
    let rows = search::load(&mut batch, cursor.account_id, &page, BATCH_BYTES).await?;
    batch.finish().await?;
    let text = rows.rows.iter().map(|record| record_line(record, &cursor.zone)).collect();
    let last = rows.rows.last().map(|record| record.id);
    let next = if is_full || rows.has_more { last } else { found.searched };
    match next {
        Some(before) => {
            cursor.before = Some(Some(before));
            Ok((text, Some(cursor)))
        }
        None => {
            cursor.turn.end().await;
            Ok((text, None))
        }
    }
}

fn record_line(record: &Record, zone: &str) -> String {
    let json = |value: &Option<sqlx::types::Json<Box<serde_json::value::RawValue>>>| {
        value.as_ref().map(|json| json.0.get().to_owned()).unwrap_or_default()
    };
    line([
        zone::local_time(zone, record.at),
        record.who.clone().unwrap_or_default(),
        record.deed.word().to_owned(),
        record.subject_kind.as_str().to_owned(),
        record.subject_name.clone(),
        record.address.clone().unwrap_or_default(),
        json(&record.before),
        json(&record.after),
    ])
}
