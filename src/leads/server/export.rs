//! Leads as a CSV file, read in batches that have few bytes and ask for the permission again. The export is recorded in
//! the activity before the first line is sent.

use super::queries::{self, Content, LeadRow, MAX_EXPORTED};
use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, LeadId, PartnerId, Problem},
    leads::model::Filter,
    partners::{
        model::PartnerPermission,
        server::policy::{self, PartnerActor},
    },
    server::{Cx, Db, Fault, PageIds, Tx, batch::Batch, csv, exclusive::Turn},
};
use futures::{Stream, stream};
use serde_json::json;
use std::collections::BTreeSet;
use time::format_description::well_known::Rfc3339;

/// Maximum leads of a batch.
const BATCH: i64 = 1_000;
/// Maximum content of a batch that has more than one lead.
const BATCH_BYTES: i64 = 512 << 10;
/// The same for batches of which only the parameters are read.
const PARAMETER_BATCH_BYTES: i64 = 2 << 20;
/// Maximum batches of which the parameters get columns, the newest first. Leads of up to 4 KiB all fit.
const MAX_PARAMETER_BATCHES: usize = 100;
/// Maximum parameters with a column.
const MAX_PARAMETERS: usize = 200;
/// The columns before those of the submitted parameters.
const COLUMNS: [&str; 7] = ["lead", "received", "flow", "source", "outcome", "reason", "test"];

/// The side that exports the partner's leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exporter {
    Portal,
    Account,
}

impl Exporter {
    async fn find(self, db: &mut impl Db, id: PartnerId) -> Result<PartnerActor, Fault> {
        match self {
            Self::Portal => policy::find_in_portal(db, id, PartnerPermission::ExportLeads).await,
            Self::Account => policy::find_as_account(db, id, PartnerPermission::ExportLeads).await,
        }
    }
}

/// A permitted export: who exports whose leads.
#[derive(Debug)]
pub struct Export {
    exporter: Exporter,
    account_id: AccountId,
    partner_id: PartnerId,
    filter: Filter,
    turn: Turn,
}

/// Begins an export, unless the person has one running, and records it in the activity of the account. The filter is
/// `None` if it could not be read.
pub async fn begin(cx: &Cx, exporter: Exporter, id: PartnerId, filter: Option<Filter>) -> Result<Export, Fault> {
    let mut conn = cx.read().await?;
    let actor = exporter.find(&mut conn, id).await?;
    let filter = filter.ok_or(Problem::FilterUnreadable)?;
    drop(conn);
    let turn = cx.state.exports.begin(&cx.state.pool, actor.user_id).await?.ok_or(Problem::ExportRunning)?;
    let mut batch = Batch::begin(cx.clone()).await?;
    let leads = queries::count_for_export(&mut batch, actor.partner.account_id, id, filter).await?;
    batch.finish().await?;
    let input = (exporter, id, filter, leads);
    cx.write(input, |tx, input| Box::pin(record_export(tx, input))).await?;
    Ok(Export { exporter, account_id: actor.partner.account_id, partner_id: id, filter, turn })
}

async fn record_export(
    tx: &mut Tx,
    (exporter, id, filter, leads): (Exporter, PartnerId, Filter, i64),
) -> Result<(), Fault> {
    let actor = exporter.find(tx, id).await?;
    let entry = Entry::about(actor.partner.account_id, Deed::LeadsExported, id, &actor.partner.name);
    record(tx, entry.after(json!({ "leads": leads, "filter": filter.to_json() }))).await
}

/// The position in the file.
struct Cursor {
    cx: Cx,
    export: Export,
    /// The parameters with columns; `None` before the first line.
    parameters: Option<Vec<String>>,
    before: Option<LeadId>,
    left: i64,
}

/// The lines of the file, newest lead first. An error ends the stream early, so the client sees a failed download.
pub fn lines(cx: Cx, export: Export) -> impl Stream<Item = Result<String, Fault>> {
    let start = Cursor { cx, export, parameters: None, before: None, left: MAX_EXPORTED };
    stream::try_unfold(start, |cursor| async {
        // Failures on our side are logged here; nothing else looks at the error of a stream.
        next(cursor).await.map_err(|fault| Fault::from(fault.report()))
    })
}

async fn next(mut cursor: Cursor) -> Result<Option<(String, Cursor)>, Fault> {
    let Some(parameters) = &cursor.parameters else {
        let parameters = find_parameters(&cursor.cx, &cursor.export).await?;
        let head = csv::line(COLUMNS.into_iter().chain(parameters.iter().map(String::as_str)));
        cursor.parameters = Some(parameters);
        return Ok(Some((head, cursor)));
    };
    let (mut batch, ids) = begin_batch(&cursor.cx, &cursor.export, cursor.before, cursor.left).await?;
    let page = PageIds::first(ids.len(), ids);
    let page = queries::load(&mut batch, cursor.export.account_id, &page, Content::Input, BATCH_BYTES).await?;
    batch.finish().await?;
    let Some(last) = page.rows.last() else {
        cursor.export.turn.end().await;
        return Ok(None);
    };
    cursor.before = Some(last.id);
    cursor.left -= page.rows.len() as i64;
    let text = page.rows.iter().map(|lead| line(lead, parameters)).collect();
    Ok(Some((text, cursor)))
}

/// The ids of the next batch, if the person may still export these leads. There are none at the end.
async fn begin_batch(
    cx: &Cx,
    export: &Export,
    before: Option<LeadId>,
    left: i64,
) -> Result<(Batch, Vec<LeadId>), Fault> {
    let mut batch = Batch::begin(cx.clone()).await?;
    batch.refresh().await?;
    export.exporter.find(&mut batch, export.partner_id).await?;
    let (account_id, limit) = (export.account_id, BATCH.min(left));
    let ids =
        queries::list_ids_of_partner(&mut batch, account_id, export.partner_id, export.filter, before, limit).await?;
    Ok((batch, ids))
}

/// The parameters that get a column, in alphabetical order. Stops at the maximum of names or batches.
async fn find_parameters(cx: &Cx, export: &Export) -> Result<Vec<String>, Fault> {
    let mut names = BTreeSet::new();
    let (mut before, mut left) = (None, MAX_EXPORTED);
    for _ in 0..MAX_PARAMETER_BATCHES {
        let (mut batch, ids) = begin_batch(cx, export, before, left).await?;
        let found = queries::list_parameters(&mut batch, export.account_id, &ids, PARAMETER_BATCH_BYTES).await?;
        batch.finish().await?;
        let Some(last) = found.last else { break };
        // Newest first: as many as were read.
        left -= ids.iter().filter(|id| **id >= last).count() as i64;
        before = Some(last);
        names.extend(found.names);
        if names.len() >= MAX_PARAMETERS {
            break;
        }
    }
    Ok(names.into_iter().take(MAX_PARAMETERS).collect())
}

fn line(lead: &LeadRow, parameters: &[String]) -> String {
    let sent = |name: &String| lead.content.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let (id, received_at) = (lead.id.to_string(), lead.received_at.format(&Rfc3339).unwrap_or_default());
    let outcome = lead.outcome.word().to_lowercase();
    let reason = lead.reason.as_deref().unwrap_or_default();
    let test = if lead.test { "yes" } else { "no" };
    let columns: [&str; 7] = [&id, &received_at, &lead.flow_name, &lead.source_name, &outcome, reason, test];
    csv::line(columns.into_iter().chain(parameters.iter().map(sent)))
}
