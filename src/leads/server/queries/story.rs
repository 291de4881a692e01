//! One lead with the versions that judged it, and the current ones.

use crate::{
    base::{AccountId, FlowId, LeadId, PartnerId, SourceId},
    flows::server::versions::{FlowConfiguration, SourceConfiguration},
    leads::model::{Outcome, Received},
    server::Fault,
};
use serde::Deserialize;
use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// A field as `leads.fields` has it.
#[derive(Debug, Clone, Deserialize)]
pub struct StoredField {
    #[serde(default)]
    pub value: String,
    #[serde(default)]
    pub raw: String,
    #[serde(default)]
    pub valid: bool,
}

/// A stored lead.
#[derive(Debug, Clone)]
pub struct StoryRow {
    pub id: LeadId,
    pub account_id: AccountId,
    pub flow_id: FlowId,
    pub source_id: SourceId,
    pub flow_name: String,
    pub source_name: String,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub test: bool,
    /// By name: a text or a list of texts.
    pub input: Value,
    pub fields: Json<BTreeMap<String, StoredField>>,
    pub received: Json<Received>,
    pub received_at: OffsetDateTime,
    /// When the personal data of the lead was erased.
    pub erased_at: Option<OffsetDateTime>,
    /// None for leads from before versions were kept.
    pub flow_version: Option<i32>,
    pub source_version: Option<i32>,
    /// The configurations of these versions.
    pub flow: Option<Json<FlowConfiguration>>,
    pub source: Option<Json<SourceConfiguration>>,
    /// False if it was removed or archived since.
    pub has_flow: bool,
    pub has_source: bool,
}

/// A lead that one of these accounts still keeps; with a partner, only if its source belongs to that partner now.
pub async fn find_story(
    conn: &mut PgConnection,
    accounts: &[AccountId],
    id: LeadId,
    partner_id: Option<PartnerId>,
    now: OffsetDateTime,
) -> Result<Option<StoryRow>, Fault> {
    let row = sqlx::query_as!(
        StoryRow,
        r#"select l.id as "id: LeadId", l.account_id as "account_id: AccountId", l.flow_id as "flow_id: FlowId",
                  l.source_id as "source_id: SourceId", l.flow_name, l.source_name, l.outcome as "outcome: Outcome",
                  l.reason, l.test, l.input, l.fields as "fields: Json<BTreeMap<String, StoredField>>",
                  l.received as "received: Json<Received>", l.received_at, l.erased_at, l.flow_version,
                  l.source_version,
                  fv.configuration as "flow?: Json<FlowConfiguration>",
                  sv.configuration as "source?: Json<SourceConfiguration>",
                  f.id is not null as "has_flow!", (f.id is not null and fs.id is not null) as "has_source!"
           from leads l
           join accounts a on a.id = l.account_id and l.id >= lead_horizon(a.lead_days, $4)
           left join flows f on f.account_id = l.account_id and f.id = l.flow_id and f.archived_at is null
           left join flow_sources fs on fs.account_id = l.account_id and fs.id = l.source_id
           left join flow_versions fv on fv.account_id = l.account_id and fv.flow_id = l.flow_id
                and fv.version = l.flow_version
           left join source_versions sv on sv.account_id = l.account_id and sv.source_id = l.source_id
                and sv.version = l.source_version
           where l.account_id = any($1::bytea[]) and l.id = $2 and ($3::bytea is null or fs.partner_id = $3)"#,
        accounts as _,
        id as _,
        partner_id as _,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// What judges the leads of a source now.
#[derive(Debug, Clone)]
pub struct Current {
    pub flow_version: i32,
    pub source_version: i32,
    pub flow: Json<FlowConfiguration>,
    pub source: Json<SourceConfiguration>,
    /// False if it is off or archived.
    pub flow_is_on: bool,
    /// False if it is off, or if its account may not send.
    pub source_is_on: bool,
}

/// None if the source was removed.
pub async fn find_current(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
) -> Result<Option<Current>, Fault> {
    let current = sqlx::query_as!(
        Current,
        r#"select f.version as flow_version, fs.version as source_version,
                  flow_configuration(f) as "flow!: Json<FlowConfiguration>",
                  source_configuration(fs) as "source!: Json<SourceConfiguration>",
                  (f.enabled and f.archived_at is null) as "flow_is_on!",
                  (fs.enabled and source_may_send(e.kind, c.id is not null)) as "source_is_on!"
           from flow_sources fs
           join flows f on f.id = fs.flow_id
           join entities e on e.id = fs.entity_id
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = fs.account_id
           where fs.account_id = $1 and fs.id = $2"#,
        account_id as _,
        source_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(current)
}
