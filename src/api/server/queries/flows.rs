//! Flows with their sources.

use crate::{
    base::{AccountId, EntityId, FlowId, PartnerId, SourceId, paths},
    entities::model::{EntityKind, SourceTag},
    invitations::model::{StoredState, source_tag},
    rules::{AcceptanceCriteria, Mapping},
    server::{Cx, Db, Fault, PageIds, PageRows, page_rows::PAGE_BUDGET},
};
use serde::Serialize;
use sqlx::types::Json;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A flow with its sources.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Flow {
    pub id: FlowId,
    pub name: String,
    /// If false, all submissions are refused.
    pub enabled: bool,
    /// The names of its fields, in order.
    pub fields: Vec<String>,
    /// Checked for every lead; null accepts all.
    #[schema(required, value_type = Option<AcceptanceCriteria>)]
    pub acceptance_criteria: Option<AcceptanceCriteria>,
    /// Newest first.
    pub sources: Vec<FlowSource>,
    /// Increases with each change.
    #[schema(minimum = 1)]
    pub version: i32,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// An entity used as a source in one flow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FlowSource {
    pub id: SourceId,
    pub flow_id: FlowId,
    pub entity_id: EntityId,
    pub name: String,
    pub state: SourceState,
    /// True if turned on. Leads are accepted only while the flow is on and an account source is connected.
    pub enabled: bool,
    pub mappings: Vec<Mapping>,
    /// Checked after the flow's criteria; null accepts all.
    #[schema(required, value_type = Option<AcceptanceCriteria>)]
    pub acceptance_criteria: Option<AcceptanceCriteria>,
    /// True if submissions must be authenticated with its credential or the connected account's API key.
    pub require_authentication: bool,
    /// True if accepting the invitation turns it on.
    pub turn_on_when_accepted: bool,
    /// The source used instead of this one, which is off.
    #[schema(required, value_type = Option<SourceId>)]
    pub duplicate_of: Option<SourceId>,
    #[schema(required, value_type = Option<PartnerId>)]
    pub partner_id: Option<PartnerId>,
    /// The URL to send leads to.
    #[schema(format = "uri")]
    pub submit_url: String,
    /// The page with its Submission Docs.
    #[schema(format = "uri")]
    pub docs_url: String,
    /// Increases with each change of mappings or acceptance criteria.
    #[schema(minimum = 1)]
    pub version: i32,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// The state of the entity behind a source.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    Standard,
    Custom,
    Connected,
    Pending,
    Declined,
    Expired,
    Revoked,
    Disconnected,
}

impl From<SourceTag> for SourceState {
    fn from(tag: SourceTag) -> Self {
        match tag {
            SourceTag::Standard => Self::Standard,
            SourceTag::Custom => Self::Custom,
            SourceTag::AccountSource => Self::Connected,
            SourceTag::ConnectionPending => Self::Pending,
            SourceTag::Declined => Self::Declined,
            SourceTag::Expired => Self::Expired,
            SourceTag::Revoked => Self::Revoked,
            SourceTag::Disconnected => Self::Disconnected,
        }
    }
}

/// Ids of the flows of an account that are not archived, newest first.
pub async fn list_ids(
    db: &mut impl Db,
    account_id: AccountId,
    after: Option<FlowId>,
    limit: i64,
) -> Result<Vec<FlowId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id: FlowId" from flows
           where account_id = $1 and archived_at is null and ($2::bytea is null or id < $2) order by id desc limit $3"#,
        account_id as _,
        after as _,
        limit,
    )
    .fetch_all(&mut **db)
    .await?;
    Ok(ids)
}

/// The flows of a page that fit into it, without archived ones. Always two queries.
pub async fn load(db: &mut impl Db, account_id: AccountId, page: &PageIds<FlowId>) -> Result<PageRows<Flow>, Fault> {
    let rows = sqlx::query!(
        r#"select f.id as "id: FlowId", f.name, f.enabled,
                  f.acceptance_criteria as "criteria: Json<AcceptanceCriteria>", f.version, f.created_at, f.updated_at,
                  array(select name from flow_fields where flow_id = f.id order by position) as "fields!"
           from flows f
           where f.account_id = $1 and f.archived_at is null
             and f.id = any(array(select ids_within('flow', $1, $2, $3)))
           order by f.id desc"#,
        account_id as _,
        &page.ids as _,
        PAGE_BUDGET,
    )
    .fetch_all(&mut **db)
    .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut sources: BTreeMap<FlowId, Vec<FlowSource>> = BTreeMap::new();
    for source in select_sources(db, account_id, Select { flows: Some(&ids), only: None }).await? {
        sources.entry(source.flow_id).or_default().push(source);
    }
    let mut sources_of = |id| sources.remove(&id).unwrap_or_default();
    let flows = rows
        .into_iter()
        .map(|row| Flow {
            id: row.id,
            name: row.name,
            enabled: row.enabled,
            fields: row.fields,
            acceptance_criteria: row.criteria.map(|json| json.0),
            sources: sources_of(row.id),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect();
    Ok(page.with_rows(flows))
}

/// One flow of an account.
pub async fn find(db: &mut impl Db, account_id: AccountId, id: FlowId) -> Result<Flow, Fault> {
    load(db, account_id, &PageIds::first(1, vec![id])).await?.rows.pop().ok_or(Fault::NOT_FOUND)
}

/// One source of an account, and of a flow if given.
pub async fn find_source(
    db: &mut impl Db,
    account_id: AccountId,
    (flow_id, id): (Option<FlowId>, SourceId),
) -> Result<FlowSource, Fault> {
    let flows = flow_id.map(|flow_id| [flow_id]);
    let select = Select { flows: flows.as_ref().map(|one| &one[..]), only: Some(&[id]) };
    select_sources(db, account_id, select).await?.pop().ok_or(Fault::NOT_FOUND)
}

/// Ids of a partner's sources in flows that are not archived, newest first.
pub async fn list_source_ids(
    db: &mut impl Db,
    (account_id, partner_id): (AccountId, PartnerId),
    after: Option<SourceId>,
    limit: i64,
) -> Result<Vec<SourceId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select fs.id as "id: SourceId"
           from flow_sources fs join flows f on f.id = fs.flow_id and f.archived_at is null
           where fs.account_id = $1 and fs.partner_id = $2 and ($3::bytea is null or fs.id < $3)
           order by fs.id desc
           limit $4"#,
        account_id as _,
        partner_id as _,
        after as _,
        limit,
    )
    .fetch_all(&mut **db)
    .await?;
    Ok(ids)
}

/// The sources of a page that fit into it.
pub async fn load_sources(
    db: &mut impl Db,
    account_id: AccountId,
    page: &PageIds<SourceId>,
) -> Result<PageRows<FlowSource>, Fault> {
    let rows = select_sources(db, account_id, Select { flows: None, only: Some(&page.ids) }).await?;
    Ok(page.with_rows(rows))
}

/// Filters; those not set do not apply.
#[derive(Debug, Clone, Copy)]
struct Select<'s> {
    flows: Option<&'s [FlowId]>,
    /// The sources of a page. Those that do not fit into it are not read.
    only: Option<&'s [SourceId]>,
}

async fn select_sources(db: &mut impl Db, account_id: AccountId, select: Select<'_>) -> Result<Vec<FlowSource>, Fault> {
    let rows = sqlx::query_as!(
        SourceRow,
        r#"select fs.id as "id: SourceId", fs.flow_id as "flow_id: FlowId", fs.entity_id as "entity_id: EntityId", e.name,
                  e.kind as "kind: EntityKind", c.id is not null as "connected!", i.state as "state?: StoredState",
                  invitation_time_is_over(i.expires_at, $4) as expired, fs.enabled, fs.mappings as "mappings: Json<Vec<Mapping>>",
                  fs.acceptance_criteria as "criteria: Json<AcceptanceCriteria>", fs.require_authentication,
                  fs.turn_on_when_accepted, fs.duplicate_of as "duplicate_of: SourceId",
                  fs.partner_id as "partner_id: PartnerId", fs.version, fs.created_at, fs.updated_at
           from flow_sources fs
           join flows f on f.id = fs.flow_id and f.archived_at is null
           join entities e on e.id = fs.entity_id
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = fs.account_id
           left join lateral latest_invitation(e.id) i on true
           where fs.account_id = $1 and ($2::bytea[] is null or fs.flow_id = any($2))
             and ($3::bytea[] is null or fs.id = any(array(select ids_within('source', $1, $3, $5))))
           order by fs.id desc"#,
        account_id as _,
        select.flows as _,
        select.only as _,
        db.now(),
        PAGE_BUDGET,
    )
    .fetch_all(&mut **db)
    .await?;
    Ok(rows.into_iter().map(|row| row.into_source(db.cx())).collect())
}

struct SourceRow {
    id: SourceId,
    flow_id: FlowId,
    entity_id: EntityId,
    name: String,
    kind: EntityKind,
    connected: bool,
    state: Option<StoredState>,
    expired: Option<bool>,
    enabled: bool,
    mappings: Json<Vec<Mapping>>,
    criteria: Option<Json<AcceptanceCriteria>>,
    require_authentication: bool,
    turn_on_when_accepted: bool,
    duplicate_of: Option<SourceId>,
    partner_id: Option<PartnerId>,
    version: i32,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl SourceRow {
    fn into_source(self, cx: &Cx) -> FlowSource {
        let url = |path: &str| cx.state.config.base_url.join(path);
        FlowSource {
            id: self.id,
            flow_id: self.flow_id,
            entity_id: self.entity_id,
            name: self.name,
            state: source_tag(self.kind, self.connected, self.state, self.expired.unwrap_or(false)).into(),
            enabled: self.enabled,
            mappings: self.mappings.0,
            acceptance_criteria: self.criteria.map(|json| json.0),
            require_authentication: self.require_authentication,
            turn_on_when_accepted: self.turn_on_when_accepted,
            duplicate_of: self.duplicate_of,
            partner_id: self.partner_id,
            submit_url: url(&paths::submit(self.flow_id, self.id)),
            docs_url: url(&paths::source_docs(self.flow_id, self.id)),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}
