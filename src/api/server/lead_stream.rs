//! Leads as lines of JSON, read in batches that have few bytes, as long as the key works.

use super::queries::leads as queries;
use crate::{
    base::{AppError, LeadId, Problem},
    leads::server::{
        queries::{Found, find_ids},
        search::Search,
    },
    server::{AuthMethod, Cx, Fault, PageIds, batch::Batch, exclusive::Turn},
};
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{Stream, stream};

/// Maximum leads of a batch.
const BATCH: i64 = 1_000;
/// Maximum content of a batch that has more than one lead.
const BATCH_BYTES: i64 = 512 << 10;

/// The position in the stream.
struct Cursor {
    cx: Cx,
    search: Search,
    before: Option<LeadId>,
    turn: Turn,
}

/// The response, unless the key has a stream already.
pub async fn begin(cx: &Cx, search: Search) -> Result<Response, Fault> {
    let pool = &cx.state.pool;
    let turn = match cx.viewer()?.auth {
        AuthMethod::Key(id) => cx.state.exports.begin(pool, id).await?,
        AuthMethod::Session(id) => cx.state.exports.begin(pool, id).await?,
    };
    let turn = turn.ok_or(Problem::ExportRunning)?;
    let body = Body::from_stream(lines(Cursor { cx: cx.clone(), search, before: None, turn }));
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}

/// An error ends the stream early, so the client sees a failed download.
fn lines(start: Cursor) -> impl Stream<Item = Result<Vec<u8>, Fault>> {
    stream::try_unfold(start, |cursor| async {
        // Failures on our side are logged here; nothing else looks at the error of a stream.
        next(cursor).await.map_err(|fault| Fault::from(fault.report()))
    })
}

/// The lines of the next batch, or none at the end.
async fn next(mut cursor: Cursor) -> Result<Option<(Vec<u8>, Cursor)>, Fault> {
    loop {
        let mut batch = Batch::begin(cursor.cx.clone()).await?;
        if let AuthMethod::Key(id) = cursor.cx.viewer()?.auth
            && !queries::is_active_key(&mut batch, id).await?
        {
            return Err(AppError::SignedOut.into());
        }
        let Found { ids, searched } = find_ids(&mut batch, &cursor.search, cursor.before, BATCH).await?;
        let page = PageIds::first(ids.len(), ids);
        let leads = queries::load(&mut batch, cursor.search.account_id, &page, BATCH_BYTES).await?;
        batch.finish().await?;
        cursor.before = leads.rows.last().map(|lead| lead.id).or(searched);
        if cursor.before.is_none() {
            cursor.turn.end().await;
            return Ok(None);
        }
        if leads.rows.is_empty() {
            continue;
        }
        let mut lines = Vec::new();
        for lead in &leads.rows {
            serde_json::to_writer(&mut lines, lead)
                .map_err(|error| Fault::Broken(format!("writing a lead: {error}")))?;
            lines.push(b'\n');
        }
        return Ok(Some((lines, cursor)));
    }
}
