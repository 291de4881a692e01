//! Leads as a file. It is written down who took it, before the first line leaves.

use super::queries::{self, Listed, MOST_EXPORTED};
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

/// So many leads are in memory at once.
const BATCH: i64 = 1_000;
/// Before the columns of what was sent.
const COLUMNS: [&str; 7] = ["lead", "received", "flow", "source", "outcome", "reason", "test"];

/// A file that may be written: whose leads, and the columns of what was sent.
#[derive(Debug, Clone)]
pub struct Export {
    account_id: AccountId,
    partner_id: PartnerId,
    filter: Filter,
    parameters: Vec<String>,
}

/// Notes the export in the activity of the account.
pub async fn begin(tx: &mut Tx, actor: &PartnerActor, filter: Filter) -> Result<Export, Fault> {
    let (account_id, partner_id) = (actor.partner.account_id, actor.partner.id);
    let survey = queries::survey(tx, account_id, partner_id, filter).await?;
    let entry = Entry::about(account_id, Deed::LeadsExported, partner_id, &actor.partner.name);
    record(tx, entry.after(json!({ "leads": survey.leads, "filter": filter.to_json() }))).await?;
    Ok(Export { account_id, partner_id, filter, parameters: survey.parameters })
}

struct Place {
    cx: Cx,
    export: Export,
    before: Option<LeadId>,
    left: i64,
}

/// The lines of the file, the newest lead first. A file that breaks off has failed, so its reader knows.
pub fn lines(cx: Cx, export: Export) -> impl Stream<Item = Result<String, Fault>> {
    let head = csv::line(COLUMNS.into_iter().chain(export.parameters.iter().map(String::as_str)));
    let start = Place { cx, export, before: None, left: MOST_EXPORTED };
    let leads = stream::try_unfold(start, next);
    stream::iter([Ok(head)]).chain(leads)
}

async fn next(mut place: Place) -> Result<Option<(String, Place)>, Fault> {
    let limit = BATCH.min(place.left);
    if limit == 0 {
        return Ok(None);
    }
    let Export { account_id, partner_id, filter, .. } = place.export;
    let mut conn = place.cx.read().await?;
    let leads = queries::list_of_partner(&mut conn, account_id, partner_id, filter, place.before, limit).await?;
    drop(conn);
    let Some(last) = leads.last().map(|lead| lead.id) else { return Ok(None) };
    let text = leads.iter().map(|lead| line(lead, &place.export.parameters)).collect();
    place.left = if leads.len() as i64 == limit { place.left - limit } else { 0 };
    place.before = Some(last);
    Ok(Some((text, place)))
}

fn line(lead: &Listed, parameters: &[String]) -> String {
    let sent = |name: &String| lead.content.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let own = [
        lead.id.to_string(),
        lead.received_at.format(&Rfc3339).unwrap_or_default(),
        lead.flow_name.clone(),
        lead.source_name.clone(),
        lead.outcome.word().to_lowercase(),
        lead.reason.clone().unwrap_or_default(),
        if lead.test { "yes" } else { "no" }.to_owned(),
    ];
    csv::line(own.into_iter().chain(parameters.iter().map(sent)))
}
