//! Leads as a CSV file. The export is recorded in the activity before the first line is sent.

use super::queries::{self, LeadRow, MAX_EXPORTED};
use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, LeadId, PartnerId},
    leads::model::Filter,
    partners::server::policy::PartnerActor,
    server::{Cx, Fault, Tx, csv},
};
use futures::{Stream, StreamExt, stream};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

/// Maximum leads in memory at a time.
const BATCH: i64 = 1_000;
/// The columns before those of the submitted parameters.
const COLUMNS: [&str; 7] = ["lead", "received", "flow", "source", "outcome", "reason", "test"];

/// A permitted export: whose leads, and which parameters get a column.
#[derive(Debug, Clone)]
pub struct Export {
    account_id: AccountId,
    partner_id: PartnerId,
    filter: Filter,
    parameters: Vec<String>,
}

/// Records the export in the activity of the account.
pub async fn begin(tx: &mut Tx, actor: &PartnerActor, filter: Filter) -> Result<Export, Fault> {
    let (account_id, partner_id) = (actor.partner.account_id, actor.partner.id);
    let summary = queries::summarize_export(tx, account_id, partner_id, filter).await?;
    let entry = Entry::about(account_id, Deed::LeadsExported, partner_id, &actor.partner.name);
    record(tx, entry.after(json!({ "leads": summary.leads, "filter": filter.to_json() }))).await?;
    Ok(Export { account_id, partner_id, filter, parameters: summary.parameters })
}

/// The position in the file.
struct Cursor {
    cx: Cx,
    export: Export,
    before: Option<LeadId>,
    left: i64,
}

/// The lines of the file, newest lead first. An error ends the stream early, so the client sees a failed download.
pub fn lines(cx: Cx, export: Export) -> impl Stream<Item = Result<String, Fault>> {
    let head = csv::line(COLUMNS.into_iter().chain(export.parameters.iter().map(String::as_str)));
    let start = Cursor { cx, export, before: None, left: MAX_EXPORTED };
    let leads = stream::try_unfold(start, next);
    stream::iter([Ok(head)]).chain(leads)
}

async fn next(mut cursor: Cursor) -> Result<Option<(String, Cursor)>, Fault> {
    let limit = BATCH.min(cursor.left);
    if limit == 0 {
        return Ok(None);
    }
    let Export { account_id, partner_id, filter, .. } = cursor.export;
    let mut conn = cursor.cx.read().await?;
    let leads = queries::list_of_partner(&mut conn, account_id, partner_id, filter, cursor.before, limit).await?;
    drop(conn);
    let Some(last) = leads.last().map(|lead| lead.id) else { return Ok(None) };
    let text = leads.iter().map(|lead| line(lead, &cursor.export.parameters)).collect();
    cursor.left = if leads.len() as i64 == limit { cursor.left - limit } else { 0 };
    cursor.before = Some(last);
    Ok(Some((text, cursor)))
}

fn line(lead: &LeadRow, parameters: &[String]) -> String {
    let sent = |name: &String| lead.content.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let columns = [
        lead.id.to_string(),
        lead.received_at.format(&Rfc3339).unwrap_or_default(),
        lead.flow_name.clone(),
        lead.source_name.clone(),
        lead.outcome.word().to_lowercase(),
        lead.reason.clone().unwrap_or_default(),
        if lead.test { "yes" } else { "no" }.to_owned(),
    ];
    csv::line(columns.into_iter().chain(parameters.iter().map(sent)))
}
