//! SQL of things that go: a source from its flow, a flow to the archive or for good, and back.

use crate::{
    base::{AccountId, EntityId, FlowId, Problem, SourceId},
    server::{Fault, Tx, fault::OnConstraint},
};
use sqlx::PgConnection;

/// Waits for leads that are being stored, and lets no other come: a submission holds its source. False: it is gone.
pub async fn lock_source(conn: &mut PgConnection, account_id: AccountId, id: SourceId) -> Result<bool, Fault> {
    let there = sqlx::query_scalar!(
        r#"select id as "id: SourceId" from flow_sources where account_id = $1 and id = $2 for update"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(there.is_some())
}

/// The row with what was counted for it. Its leads stay.
pub async fn delete_source(conn: &mut PgConnection, account_id: AccountId, id: SourceId) -> Result<(), Fault> {
    sqlx::query!("delete from source_refusals where account_id = $1 and source_id = $2", account_id as _, id as _)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from lead_keys where source_id = $1", id as _).execute(&mut *conn).await?;
    sqlx::query!("delete from flow_sources where account_id = $1 and id = $2", account_id as _, id as _)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether an entity is used in no flow, archived ones included, but for this source.
pub async fn is_last_use(
    conn: &mut PgConnection,
    account_id: AccountId,
    entity_id: EntityId,
    but: SourceId,
) -> Result<bool, Fault> {
    let used = sqlx::query_scalar!(
        r#"select exists (select from flow_sources where account_id = $1 and entity_id = $2 and id <> $3) as "used!""#,
        account_id as _,
        entity_id as _,
        but as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(!used)
}

/// Lets nobody add a source, or remove the flow, until this transaction ends. False: it is gone or archived.
pub async fn lock_flow(conn: &mut PgConnection, id: FlowId) -> Result<bool, Fault> {
    let there = sqlx::query_scalar!(
        r#"select id as "id: FlowId" from flows where id = $1 and archived_at is null for update"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(there.is_some())
}

/// Waits for leads that are being stored in a flow, and lets no other come.
pub async fn lock_sources_of_flow(conn: &mut PgConnection, id: FlowId) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: SourceId" from flow_sources where flow_id = $1 order by id for update"#,
        id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Keeps a flow from being removed while somebody adds to it. False: it is gone or archived.
pub async fn hold_flow(conn: &mut PgConnection, id: FlowId) -> Result<bool, Fault> {
    let there = sqlx::query_scalar!(
        r#"select id as "id: FlowId" from flows where id = $1 and archived_at is null for key share"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(there.is_some())
}

/// Keeps an entity from being emptied or converted while somebody uses it in a flow: who accepts finds the new source, or
/// this one finds the connection. False: it is not there, or emptied.
pub async fn hold_entity(conn: &mut PgConnection, account_id: AccountId, id: EntityId) -> Result<bool, Fault> {
    let there = sqlx::query_scalar!(
        r#"select id as "id: EntityId" from entities where account_id = $1 and id = $2 and not deprecated for share"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(there.is_some())
}

/// Leads of any kind, test leads too.
pub async fn count_leads(conn: &mut PgConnection, account_id: AccountId, flow_id: FlowId) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from leads where account_id = $1 and flow_id = $2"#,
        account_id as _,
        flow_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Whether a flow is archived, not deleted: it has leads.
pub async fn has_leads(conn: &mut PgConnection, account_id: AccountId, flow_id: FlowId) -> Result<bool, Fault> {
    let has = sqlx::query_scalar!(
        r#"select exists (select from leads where account_id = $1 and flow_id = $2) as "has!""#,
        account_id as _,
        flow_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(has)
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
    Ok(())
}

/// The flow with its sources and fields.
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
    sqlx::query!("delete from flows where account_id = $1 and id = $2", account_id as _, id as _).execute(conn).await?;
    Ok(())
}

/// An archived flow: whose it is, and its name.
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

/// False: somebody restored it already.
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
    Ok(restored.rows_affected() == 1)
}

/// Whether any flow has this entity as a source, archived flows included.
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
