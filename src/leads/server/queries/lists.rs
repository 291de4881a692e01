//! Lists of stored leads. The ids of a page are read first, then the content of the leads that fit into it.

use crate::{
    base::{AccountId, FlowId, LeadId, PartnerId},
    leads::model::{Filter, Outcome},
    server::{Fault, PageIds, PageRows},
};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Maximum leads in an export, which has the newest.
pub const MAX_EXPORTED: i64 = 50_000;

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

/// The part of a lead that a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Fields,
    Input,
}

/// Ids of the leads of a flow, newest first. `before` is the last lead of the previous page.
pub async fn list_ids_of_flow(
    conn: &mut PgConnection,
    account_id: AccountId,
    flow_id: FlowId,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Vec<LeadId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id: LeadId" from leads
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
    Ok(ids)
}

/// Ids of the leads of all sources that currently belong to a partner, newest first. Each source is read by its index,
/// so that a partner with few leads does not scan all leads of the account.
pub async fn list_ids_of_partner(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
    filter: Filter,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Vec<LeadId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select l.id as "id: LeadId"
           from flow_sources fs
           cross join lateral (
               select id from leads
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
    Ok(ids)
}

/// The leads of a page whose content has at most `budget` bytes together, but at least one.
pub async fn load(
    conn: &mut PgConnection,
    account_id: AccountId,
    page: &PageIds<LeadId>,
    content: Content,
    budget: i64,
) -> Result<PageRows<LeadRow>, Fault> {
    let leads = sqlx::query_as!(
        LeadRow,
        r#"select id as "id: LeadId", flow_name, source_name, outcome as "outcome: Outcome", reason, test,
                  case when $4 then fields else input end as "content!", received_at
           from leads
           where account_id = $1 and id = any(array(
               select ids_within(case when $4 then 'lead fields' else 'lead input' end, $1, $2, $3)))
           order by id desc"#,
        account_id as _,
        &page.ids as _,
        budget,
        content == Content::Fields,
    )
    .fetch_all(conn)
    .await?;
    Ok(page.with_rows(leads))
}

/// The parameters of some leads.
#[derive(Debug, Clone)]
pub struct ParameterNames {
    pub names: Vec<String>,
    /// The oldest lead that was read.
    pub last: Option<LeadId>,
}

/// The parameters of the first of these leads that have at most `budget` bytes together, but of at least one.
pub async fn list_parameters(
    conn: &mut PgConnection,
    account_id: AccountId,
    ids: &[LeadId],
    budget: i64,
) -> Result<ParameterNames, Fault> {
    let found = sqlx::query_as!(
        ParameterNames,
        r#"with chosen as materialized (
               select id, input from leads
               where account_id = $1 and id = any(array(select ids_within('lead input', $1, $2, $3)))
           )
           select array(select distinct name from chosen, jsonb_object_keys(input) as name order by name) as "names!",
                  (select id from chosen order by id limit 1) as "last: LeadId""#,
        account_id as _,
        ids as _,
        budget,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// Counts the leads to be exported, up to the maximum.
pub async fn count_for_export(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
    filter: Filter,
) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select from flow_sources fs
               cross join lateral (
                   select from leads
                   where account_id = $1 and source_id = fs.id
                     and ($4::text is null or outcome = $4) and ($5::boolean is null or test = $5)
                   limit $6
               ) l
               where fs.account_id = $1 and fs.partner_id = $2 and ($3::bytea is null or fs.id = $3)
               limit $6
           ) as counted"#,
        account_id as _,
        partner_id as _,
        filter.source as _,
        filter.outcome as _,
        filter.test,
        MAX_EXPORTED,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}
