//! Lists of stored leads.

use crate::{
    base::{AccountId, FlowId, LeadId, PartnerId},
    leads::model::{Filter, Outcome},
    server::Fault,
};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Maximum leads in an export, which has the newest.
pub const MAX_EXPORTED: i64 = 50_000;
/// Maximum parameters with a column in an export.
const MAX_PARAMETERS: i64 = 200;

/// A lead as lists show it.
#[derive(Debug, Clone)]
pub struct LeadRow {
    pub id: LeadId,
    pub flow_name: String,
    pub source_name: String,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub test: bool,
    /// The parsed fields for the buyer; the input as sent for the supplier.
    pub content: Value,
    pub received_at: OffsetDateTime,
}

/// The leads of a flow, newest first. `before` is the last lead of the previous page.
pub async fn list_of_flow(
    conn: &mut PgConnection,
    account_id: AccountId,
    flow_id: FlowId,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Vec<LeadRow>, Fault> {
    let leads = sqlx::query_as!(
        LeadRow,
        r#"select id as "id: LeadId", flow_name, source_name, outcome as "outcome: Outcome", reason, test,
                  fields as content, received_at
           from leads
           where account_id = $1 and flow_id = $2 and ($3::bytea is null or id < $3)
           order by id desc
           limit $4"#,
        account_id as _,
        flow_id as _,
        before as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(leads)
}

/// The leads of all sources that currently belong to a partner, newest first. Each source is read by its index, so that
/// a partner with few leads does not scan all leads of the account.
pub async fn list_of_partner(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
    filter: Filter,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Vec<LeadRow>, Fault> {
    let leads = sqlx::query_as!(
        LeadRow,
        r#"select l.id as "id: LeadId", l.flow_name, l.source_name, l.outcome as "outcome: Outcome", l.reason, l.test,
                  l.input as content, l.received_at
           from flow_sources fs
           cross join lateral (
               select * from leads
               where account_id = $1 and source_id = fs.id and ($6::bytea is null or id < $6)
                 and ($4::text is null or outcome = $4) and ($5::boolean is null or test = $5)
               order by id desc
               limit $7
           ) l
           where fs.account_id = $1 and fs.partner_id = $2 and ($3::bytea is null or fs.id = $3)
           order by l.id desc
           limit $7"#,
        account_id as _,
        partner_id as _,
        filter.source as _,
        filter.outcome as _,
        filter.test,
        before as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(leads)
}

/// The size and the parameter columns of an export.
#[derive(Debug, Clone)]
pub struct ExportSummary {
    pub leads: i64,
    /// The parameters that get a column.
    pub parameters: Vec<String>,
}

/// Counts the leads to be exported and collects their parameters.
pub async fn summarize_export(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
    filter: Filter,
) -> Result<ExportSummary, Fault> {
    let summary = sqlx::query_as!(
        ExportSummary,
        r#"with chosen as (
               select l.input
               from leads l join flow_sources fs on fs.account_id = l.account_id and fs.id = l.source_id
               where l.account_id = $1 and fs.partner_id = $2 and ($3::bytea is null or fs.id = $3)
                 and ($4::text is null or l.outcome = $4) and ($5::boolean is null or l.test = $5)
               order by l.id desc
               limit $6
           )
           select (select count(*) from chosen) as "leads!",
                  array(select distinct name from chosen, jsonb_object_keys(input) as name order by name limit $7)
                      as "parameters!""#,
        account_id as _,
        partner_id as _,
        filter.source as _,
        filter.outcome as _,
        filter.test,
        MAX_EXPORTED,
        MAX_PARAMETERS,
    )
    .fetch_one(conn)
    .await?;
    Ok(summary)
}
