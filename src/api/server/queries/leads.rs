//! Stored leads.

use crate::{
    base::{AccountId, FlowId, LeadId, SourceId},
    leads::model::Outcome,
    server::{Fault, PageIds, PageRows, page_rows::PAGE_BUDGET},
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A stored submission.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Lead {
    pub id: LeadId,
    pub flow_id: FlowId,
    pub source_id: SourceId,
    /// The name of the flow at that time.
    pub flow_name: String,
    /// The name of the source at that time.
    pub source_name: String,
    pub outcome: Outcome,
    /// Why it was not accepted; null if it was.
    #[schema(required)]
    pub reason: Option<String>,
    #[schema(minimum = 0)]
    #[serde(serialize_with = "as_short")]
    pub price: f64,
    pub test: bool,
    /// As submitted, flattened to dotted names.
    #[schema(value_type = Object)]
    pub input: Json<Box<RawValue>>,
    /// After mappings and parsing.
    #[schema(value_type = Object)]
    pub fields: Json<Box<RawValue>>,
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
}

/// Writes 0 instead of 0.0, like the response to a submission.
fn as_short<S: Serializer>(price: &f64, writer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is far from the limits")]
    if price.fract() == 0.0 && price.abs() < 1e15 {
        writer.serialize_i64(*price as i64)
    } else {
        writer.serialize_f64(*price)
    }
}

/// Filters leads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub flow: Option<FlowId>,
    pub source: Option<SourceId>,
    pub outcome: Option<Outcome>,
    /// Received at this time or later.
    pub from: Option<OffsetDateTime>,
    /// Received before this time.
    pub to: Option<OffsetDateTime>,
    pub after: Option<LeadId>,
}

/// Ids of leads of an account, newest first.
pub async fn list_ids(
    conn: &mut PgConnection,
    account_id: AccountId,
    filter: Filter,
    limit: i64,
) -> Result<Vec<LeadId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id: LeadId" from leads
           where account_id = $1 and ($2::bytea is null or flow_id = $2)
             and ($3::bytea is null or source_id = $3) and ($4::text is null or outcome = $4)
             and ($5::timestamptz is null or received_at >= $5) and ($6::timestamptz is null or received_at < $6)
             and ($7::bytea is null or id < $7)
           order by id desc
           limit $8"#,
        account_id as _,
        filter.flow as _,
        filter.source as _,
        filter.outcome as _,
        filter.from,
        filter.to,
        filter.after as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// The leads of a page that fit into it.
pub async fn load(
    conn: &mut PgConnection,
    account_id: AccountId,
    page: &PageIds<LeadId>,
) -> Result<PageRows<Lead>, Fault> {
    let leads = sqlx::query_as!(
        Lead,
        r#"select id as "id: LeadId", flow_id as "flow_id: FlowId", source_id as "source_id: SourceId", flow_name,
                  source_name, outcome as "outcome: Outcome", reason, price::float8 as "price!", test,
                  input as "input: Json<Box<RawValue>>", fields as "fields: Json<Box<RawValue>>", received_at
           from leads
           where account_id = $1 and id = any(array(select ids_within('lead', $1, $2, $3)))
           order by id desc"#,
        account_id as _,
        &page.ids as _,
        PAGE_BUDGET,
    )
    .fetch_all(conn)
    .await?;
    Ok(page.with_rows(leads))
}
