//! SQL for removing sources, and for archiving, deleting and restoring flows.

use super::versions;
use crate::{
    base::{AccountId, EntityId, FlowId, Problem, SourceId},
    server::{Fault, Tx, fault::OnConstraint},
};
use sqlx::PgConnection;

/// Waits for leads that are being stored and blocks new ones, because each submission locks its source. False if the
/// source no longer exists.
pub async fn lock_source(conn: &mut PgConnection, account_id: AccountId, id: SourceId) -> Result<bool, Fault> {
    let row = sqlx::query_scalar!(
        r#"select id as "id: SourceId" from flow_sources where account_id = $1 and id = $2 for update"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Deletes the source with its counts and idempotency keys. Its leads stay, and its versions as long as it has leads.
pub async fn delete_source(conn: &mut PgConnection, account_id: AccountId, id: SourceId) -> Result<(), Fault> {
    sqlx::query!("delete from source_refusals where account_id = $1 and source_id = $2", account_id as _, id as _)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from lead_keys where source_id = $1", id as _).execute(&mut *conn).await?;
    sqlx::query!("delete from flow_sources where account_id = $1 and id = $2", account_id as _, id as _)
        .execute(&mut *conn)
        .await?;
    versions::forget_source(conn, account_id, id).await
}

/// True if no other source than `except` uses the entity, in archived flows included.
pub async fn is_last_use(
    conn: &mut PgConnection,
    account_id: AccountId,
    entity_id: EntityId,
    except: SourceId,
) -> Result<bool, Fault> {
    let used = sqlx::query_scalar!(
        r#"select exists (select from flow_sources where account_id = $1 and entity_id = $2 and id <> $3) as "used!""#,
        account_id as _,
        entity_id as _,
        except as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(!used)
}

/// True if another source of the flow is a duplicate of this one. Asked as the index of a flow's order has it.
pub async fn has_duplicate(conn: &mut PgConnection, flow_id: FlowId, source_id: SourceId) -> Result<bool, Fault> {
    let has_duplicate = sqlx::query_scalar!(
        r#"select exists (select from flow_sources
                          where flow_id = $1 and coalesce(duplicate_of, id) = $2 and duplicate_of is not null)
               as "found!""#,
        flow_id as _,
        source_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(has_duplicate)
}

/// Blocks adding sources and removing the flow until the transaction ends. False if it is deleted or archived.
pub async fn lock_flow(conn: &mut PgConnection, id: FlowId) -> Result<bool, Fault> {
    let row = sqlx::query_scalar!(
        r#"select id as "id: FlowId" from flows where id = $1 and archived_at is null for update"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Waits for leads that are being stored in the flow and blocks new ones.
pub async fn lock_sources_of_flow(conn: &mut PgConnection, id: FlowId) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: SourceId" from flow_sources where flow_id = $1 order by id for update"#,
        id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Keeps a flow from being removed while a source is added to it. False if it is deleted or archived.
pub async fn share_lock_flow(conn: &mut PgConnection, id: FlowId) -> Result<bool, Fault> {
    let row = sqlx::query_scalar!(
        r#"select id as "id: FlowId" from flows where id = $1 and archived_at is null for key share"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Keeps an entity from being merged or converted while it is added to a flow, so that either a concurrent acceptance
/// finds the new source or the new source finds the connection. False if the entity does not exist or is deprecated.
pub async fn share_lock_entity(conn: &mut PgConnection, account_id: AccountId, id: EntityId) -> Result<bool, Fault> {
    let row = sqlx::query_scalar!(
        r#"select id as "id: EntityId" from entities where account_id = $1 and id = $2 and not deprecated for share"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// True if the flow ever had a lead, including test leads and those that its account no longer keeps: it is archived
/// instead of deleted, so that its figures stay.
pub async fn had_leads(conn: &mut PgConnection, account_id: AccountId, flow_id: FlowId) -> Result<bool, Fault> {
    let had = sqlx::query_scalar!(
        r#"select exists (select from flow_totals where account_id = $1 and flow_id = $2) as "had!""#,
        account_id as _,
        flow_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(had)
}

/// The leads of all time that a flow received, or one of its sources.
#[derive(Debug, Clone, Copy)]
pub struct LeadCount {
    pub leads: i64,
    pub test_leads: i64,
}

pub async fn count_leads_of_flow(
    conn: &mut PgConnection,
    account_id: AccountId,
    flow_id: FlowId,
) -> Result<LeadCount, Fault> {
    let count = sqlx::query_as!(
        LeadCount,
        r#"select coalesce(sum(count) filter (where not test), 0)::bigint as "leads!",
                  coalesce(sum(count) filter (where test), 0)::bigint as "test_leads!"
           from flow_totals where account_id = $1 and flow_id = $2"#,
        account_id as _,
        flow_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

pub async fn count_leads_of_source(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
) -> Result<LeadCount, Fault> {
    let count = sqlx::query_as!(
        LeadCount,
        r#"select coalesce(sum(count) filter (where not test), 0)::bigint as "leads!",
                  coalesce(sum(count) filter (where test), 0)::bigint as "test_leads!"
           from source_totals where account_id = $1 and source_id = $2"#,
        account_id as _,
        source_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

pub async fn archive_flow(tx: &mut Tx, id: FlowId) -> Result<(), Fault> {
    sqlx::query!(
        "update flows set archived_at = $2, enabled = false, version = version + 1, updated_at = $2
         where id = $1 and archived_at is null",
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    versions::keep_flow(tx, id).await
}

/// Deletes the flow with its sources and fields.
pub async fn delete_flow(conn: &mut PgConnection, account_id: AccountId, id: FlowId) -> Result<(), Fault> {
    sqlx::query!(
        "delete from source_refusals r using flow_sources fs
         where r.account_id = $1 and fs.account_id = $1 and fs.flow_id = $2 and r.source_id = fs.id",
        account_id as _,
        id as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from flow_sources where account_id = $1 and flow_id = $2", account_id as _, id as _)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from flow_totals where account_id = $1 and flow_id = $2", account_id as _, id as _)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from flows where account_id = $1 and id = $2", account_id as _, id as _)
        .execute(&mut *conn)
        .await?;
    versions::forget_flow(conn, account_id, id).await
}

/// An archived flow: its account and name.
#[derive(Debug, Clone)]
pub struct Archived {
    pub account_id: AccountId,
    pub name: String,
}

pub async fn find_archived(conn: &mut PgConnection, id: FlowId) -> Result<Option<Archived>, Fault> {
    let flow = sqlx::query_as!(
        Archived,
        r#"select account_id as "account_id: AccountId", name from flows where id = $1 and archived_at is not null"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(flow)
}

/// False if it has already been restored.
pub async fn restore_flow(tx: &mut Tx, id: FlowId) -> Result<bool, Fault> {
    let restored = sqlx::query!(
        "update flows set archived_at = null, version = version + 1, updated_at = $2
         where id = $1 and archived_at is not null",
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("flows_name_key", || Problem::ArchivedNameTaken.into())?;
    if restored.rows_affected() == 0 {
        return Ok(false);
    }
    versions::keep_flow(tx, id).await?;
    Ok(true)
}

/// True if any flow, including archived ones, has this entity as a source.
pub async fn is_used(conn: &mut PgConnection, account_id: AccountId, entity_id: EntityId) -> Result<bool, Fault> {
    let used = sqlx::query_scalar!(
        r#"select exists (select from flow_sources where account_id = $1 and entity_id = $2) as "used!""#,
        account_id as _,
        entity_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(used)
}
