//! Stored leads.

use crate::{
    base::{AccountId, ApiKeyId, FlowId, LeadId, SourceId},
    leads::model::Outcome,
    server::{Fault, PageIds, PageRows},
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
    /// When its personal data was erased; null if it was not.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    pub erased_at: Option<OffsetDateTime>,
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

/// The leads of a page that fit into it. The first and the last id tell Postgres which partitions to open.
pub async fn load(
    conn: &mut PgConnection,
    account_id: AccountId,
    page: &PageIds<LeadId>,
    budget: i64,
) -> Result<PageRows<Lead>, Fault> {
    let leads = sqlx::query_as!(
        Lead,
        r#"select id as "id: LeadId", flow_id as "flow_id: FlowId", source_id as "source_id: SourceId", flow_name,
                  source_name, outcome as "outcome: Outcome", reason, price::float8 as "price!", test,
                  input as "input: Json<Box<RawValue>>", fields as "fields: Json<Box<RawValue>>", received_at,
                  erased_at
           from leads
           where account_id = $1 and id = any(array(select ids_within('lead', $1, $2, $3)))
             and id <= ($2::bytea[])[1] and id >= ($2::bytea[])[cardinality($2::bytea[])]
           order by id desc"#,
        account_id as _,
        &page.ids as _,
        budget,
    )
    .fetch_all(conn)
    .await?;
    Ok(page.with_rows(leads))
}

/// True if a key still works.
pub async fn is_active_key(conn: &mut PgConnection, id: ApiKeyId) -> Result<bool, Fault> {
    let is_active = sqlx::query_scalar!(
        r#"select exists (
               select from api_keys k
               join subscriptions s on s.account_id = k.account_id and s.product = 'leadconduit'
               where k.id = $1 and k.revoked_at is null) as "is_active!""#,
        id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(is_active)
}
