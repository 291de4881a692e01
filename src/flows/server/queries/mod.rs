//! All SQL of the room except that of the docs.

mod assign;
pub mod credentials;
mod duplicates;
mod receiving;
mod removal;
pub mod versions;

pub use assign::{
    Assignable, assign, list_assignable, list_to_assign, lock_of_partner, lock_sources, lock_sources_of_entities,
    unassign, unassign_all,
};
pub use duplicates::{find_oldest_duplicate, lock_entity, move_as_accepted, move_as_duplicates, replace_live};
pub use receiving::{ReceivingFlow, find_free_name, find_oldest_flow, list_receiving};
pub use removal::{
    LeadCount, archive_flow, count_leads_of_flow, count_leads_of_source, delete_flow, delete_source, find_archived,
    had_leads, has_duplicate, is_last_use, is_used, lock_flow, lock_source, lock_sources_of_flow, restore_flow,
    share_lock_entity, share_lock_flow,
};

use crate::{
    base::{AccountId, EntityId, FlowId, PartnerId, Problem, SourceId},
    entities::model::EntityKind,
    rules::{AcceptanceCriteria, Mapping},
    server::{Fault, Tx, fault::OnConstraint},
};
use sqlx::{PgConnection, types::Json};

#[derive(Debug, Clone)]
pub struct FlowRow {
    pub id: FlowId,
    pub account_id: AccountId,
    pub account_name: String,
    pub name: String,
    pub enabled: bool,
    pub version: i32,
    pub acceptance_criteria: Option<Json<AcceptanceCriteria>>,
}

pub async fn find_flow(conn: &mut PgConnection, id: FlowId) -> Result<Option<FlowRow>, Fault> {
    let flow = sqlx::query_as!(
        FlowRow,
        r#"select f.id as "id: FlowId", f.account_id as "account_id: AccountId", a.name as account_name, f.name, f.enabled,
                  f.version, f.acceptance_criteria as "acceptance_criteria: Json<AcceptanceCriteria>"
           from flows f join accounts a on a.id = f.account_id
           where f.id = $1 and f.archived_at is null"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(flow)
}

pub async fn insert_flow(tx: &mut Tx, id: FlowId, account_id: AccountId, name: &str) -> Result<(), Fault> {
    sqlx::query!(
        "insert into flows (id, account_id, name, created_at, updated_at) values ($1, $2, $3, $4, $4)",
        id as _,
        account_id as _,
        name,
        tx.now(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("flows_name_key", || Fault::field("name", Problem::FlowNameTaken))?;
    Ok(())
}

pub async fn set_flow_name(tx: &mut Tx, id: FlowId, name: &str) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update flows set name = $2, version = version + 1, updated_at = $3 where id = $1 and archived_at is null",
        id as _,
        name,
        tx.now(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("flows_name_key", || Fault::field("name", Problem::FlowNameTaken))?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    versions::keep_flow(tx, id).await?;
    Ok(true)
}

pub async fn list_fields(conn: &mut PgConnection, flow_id: FlowId) -> Result<Vec<String>, Fault> {
    let names = sqlx::query_scalar!("select name from flow_fields where flow_id = $1 order by position", flow_id as _)
        .fetch_all(conn)
        .await?;
    Ok(names)
}

/// Counts a change of the fields, which [`set_fields`] then makes. False if someone changed the flow since that version.
pub async fn claim_version(tx: &mut Tx, id: FlowId, version: i32) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update flows set version = version + 1, updated_at = $3 where id = $1 and version = $2",
        id as _,
        version,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces the fields of a flow whose number was just raised, and keeps its version.
pub async fn set_fields(tx: &mut Tx, account_id: AccountId, flow_id: FlowId, fields: &[String]) -> Result<(), Fault> {
    sqlx::query!("delete from flow_fields where flow_id = $1", flow_id as _).execute(&mut **tx).await?;
    sqlx::query!(
        "insert into flow_fields (account_id, flow_id, position, name)
         select $1, $2, position, name from unnest($3::text[]) with ordinality as field (name, position)
         on conflict (flow_id, name) do nothing",
        account_id as _,
        flow_id as _,
        fields,
    )
    .execute(&mut **tx)
    .await?;
    versions::keep_flow(tx, flow_id).await
}

/// False if it was archived or deleted meanwhile.
pub async fn set_flow_enabled(tx: &mut Tx, id: FlowId, enabled: bool) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update flows set enabled = $2, version = version + 1, updated_at = $3 where id = $1 and archived_at is null",
        id as _,
        enabled,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    versions::keep_flow(tx, id).await?;
    Ok(true)
}

/// False if someone changed the flow since that version.
pub async fn set_flow_criteria(
    tx: &mut Tx,
    id: FlowId,
    version: i32,
    criteria: Option<&AcceptanceCriteria>,
) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update flows set acceptance_criteria = $3, version = version + 1, updated_at = $4
         where id = $1 and version = $2",
        id as _,
        version,
        criteria.map(Json) as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    versions::keep_flow(tx, id).await?;
    Ok(true)
}

/// A source of a flow, with everything its verbs need.
#[derive(Debug, Clone)]
pub struct Source {
    pub id: SourceId,
    pub entity_id: EntityId,
    pub name: String,
    pub kind: EntityKind,
    pub connected: bool,
    pub connected_account_id: Option<AccountId>,
    pub partner_id: Option<PartnerId>,
    pub enabled: bool,
    /// The live source of the same entity. This one is kept as its duplicate, off.
    pub duplicate_of: Option<SourceId>,
    pub mappings: Json<Vec<Mapping>>,
    pub acceptance_criteria: Option<Json<AcceptanceCriteria>>,
    pub version: i32,
}

pub async fn find_source(
    conn: &mut PgConnection,
    account_id: AccountId,
    flow_id: FlowId,
    id: SourceId,
) -> Result<Option<Source>, Fault> {
    let source = sqlx::query_as!(
        Source,
        r#"select fs.id as "id: SourceId", fs.entity_id as "entity_id: EntityId", e.name, e.kind as "kind: EntityKind",
                  c.id is not null as "connected!", e.connected_account_id as "connected_account_id: AccountId",
                  fs.partner_id as "partner_id: PartnerId", fs.enabled, fs.duplicate_of as "duplicate_of: SourceId",
                  fs.mappings as "mappings: Json<Vec<Mapping>>",
                  fs.acceptance_criteria as "acceptance_criteria: Json<AcceptanceCriteria>", fs.version
           from flow_sources fs
           join entities e on e.id = fs.entity_id
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = fs.account_id
           where fs.account_id = $1 and fs.flow_id = $2 and fs.id = $3"#,
        account_id as _,
        flow_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(source)
}

#[derive(Debug)]
pub struct NewSource {
    pub id: SourceId,
    pub account_id: AccountId,
    pub flow_id: FlowId,
    pub entity_id: EntityId,
    pub partner_id: Option<PartnerId>,
    pub enabled: bool,
}

pub async fn insert_source(tx: &mut Tx, source: &NewSource) -> Result<(), Fault> {
    sqlx::query!(
        "insert into flow_sources (id, account_id, flow_id, entity_id, partner_id, enabled, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        source.id as _,
        source.account_id as _,
        source.flow_id as _,
        source.entity_id as _,
        source.partner_id as _,
        source.enabled,
        tx.now(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("flow_sources_flow_id_entity_id_key", || Problem::AlreadyInFlow.into())?;
    versions::keep_source(tx, source.id).await
}

/// The live source of an entity in a flow, if there is one.
pub async fn find_source_of_entity(
    conn: &mut PgConnection,
    flow_id: FlowId,
    entity_id: EntityId,
) -> Result<Option<SourceId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: SourceId" from flow_sources
           where flow_id = $1 and entity_id = $2 and duplicate_of is null"#,
        flow_id as _,
        entity_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// False if it was removed meanwhile, or if it should be turned on but became a duplicate.
pub async fn set_source_enabled(tx: &mut Tx, id: SourceId, enabled: bool) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update flow_sources set enabled = $2, updated_at = $3 where id = $1 and (duplicate_of is null or not $2)",
        id as _,
        enabled,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn set_turn_on_when_accepted(tx: &mut Tx, id: SourceId, turn_on: bool) -> Result<(), Fault> {
    sqlx::query!(
        "update flow_sources set turn_on_when_accepted = $2, updated_at = $3 where id = $1",
        id as _,
        turn_on,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// False if someone changed the source since that version.
pub async fn set_mappings(tx: &mut Tx, id: SourceId, version: i32, mappings: &[Mapping]) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update flow_sources set mappings = $3, version = version + 1, updated_at = $4 where id = $1 and version = $2",
        id as _,
        version,
        Json(mappings) as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    versions::keep_source(tx, id).await?;
    Ok(true)
}

/// False if someone changed the source since that version.
pub async fn set_source_criteria(
    tx: &mut Tx,
    id: SourceId,
    version: i32,
    criteria: Option<&AcceptanceCriteria>,
) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update flow_sources set acceptance_criteria = $3, version = version + 1, updated_at = $4
         where id = $1 and version = $2",
        id as _,
        version,
        criteria.map(Json) as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    versions::keep_source(tx, id).await?;
    Ok(true)
}

pub async fn flows_of_entity(conn: &mut PgConnection, entity_id: EntityId) -> Result<Vec<FlowId>, Fault> {
    let flows = sqlx::query_scalar!(
        r#"select flow_id as "flow_id: FlowId" from flow_sources where entity_id = $1"#,
        entity_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(flows)
}
