//! SQL for merges: the live source of an entity in a flow, and its duplicates.

use crate::{
    base::{AccountId, EntityId, FlowId, SourceId},
    server::{Fault, Tx},
};
use sqlx::PgConnection;

/// Locks the entity and returns its name. Until the transaction ends, no one else can add, move or remove its sources,
/// or convert it.
pub async fn lock_entity(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: EntityId,
) -> Result<Option<String>, Fault> {
    let name = sqlx::query_scalar!(
        "select name from entities where account_id = $1 and id = $2 for update",
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(name)
}

/// In flows where `into` already has a source, makes the sources of `from`, and their duplicates, its duplicates, off.
pub async fn move_as_duplicates(
    tx: &mut Tx,
    account_id: AccountId,
    from: EntityId,
    into: EntityId,
) -> Result<Vec<FlowId>, Fault> {
    let flows = sqlx::query_scalar!(
        r#"update flow_sources moved
           set entity_id = $3, duplicate_of = live.id, enabled = false, updated_at = $4
           from flow_sources live
           where moved.account_id = $1 and moved.entity_id = $2
             and live.account_id = $1 and live.entity_id = $3 and live.duplicate_of is null
             and live.flow_id = moved.flow_id
           returning moved.flow_id as "flow_id: FlowId""#,
        account_id as _,
        from as _,
        into as _,
        tx.now(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(flows)
}

/// Moves the remaining sources of `from` to `into`, on or off as the buyer chose, with their duplicates.
pub async fn move_as_accepted(
    tx: &mut Tx,
    account_id: AccountId,
    from: EntityId,
    into: EntityId,
) -> Result<Vec<FlowId>, Fault> {
    let flows = sqlx::query_scalar!(
        r#"update flow_sources
           set entity_id = $3, enabled = turn_on_when_accepted and duplicate_of is null, updated_at = $4
           where account_id = $1 and entity_id = $2
           returning flow_id as "flow_id: FlowId""#,
        account_id as _,
        from as _,
        into as _,
        tx.now(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(flows)
}

/// Replaces the live source with a duplicate, with this `enabled`. The old one and all other duplicates become its
/// duplicates, off. False if the two are no longer a live source and its duplicate.
pub async fn replace_live(
    tx: &mut Tx,
    account_id: AccountId,
    live: SourceId,
    duplicate: SourceId,
    enabled: bool,
) -> Result<bool, Fault> {
    // Three statements, because a flow must never have two live sources of one entity.
    let demoted = sqlx::query!(
        "update flow_sources set enabled = false, duplicate_of = $3, updated_at = $4
         where account_id = $1 and id = $2 and duplicate_of is null
           and exists (select from flow_sources where account_id = $1 and id = $3 and duplicate_of = $2)",
        account_id as _,
        live as _,
        duplicate as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    if demoted.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "update flow_sources set enabled = $3, duplicate_of = null, updated_at = $4 where account_id = $1 and id = $2",
        account_id as _,
        duplicate as _,
        enabled,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update flow_sources set duplicate_of = $3, updated_at = $4 where account_id = $1 and duplicate_of = $2",
        account_id as _,
        live as _,
        duplicate as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

/// The duplicate that replaces a removed live source.
pub async fn find_oldest_duplicate(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: SourceId,
) -> Result<Option<SourceId>, Fault> {
    let oldest = sqlx::query_scalar!(
        r#"select id as "id: SourceId" from flow_sources
           where account_id = $1 and duplicate_of = $2 order by id limit 1"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(oldest)
}
