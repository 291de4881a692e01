//! SQL for renaming and removing entities.

use crate::{
    base::{AccountId, EntityId, Problem},
    entities::model::EntityKind,
    server::{Fault, Tx, fault::OnConstraint},
};
use sqlx::PgConnection;

/// Renames a custom entity. Returns false if there is none.
pub async fn rename(tx: &mut Tx, account_id: AccountId, id: EntityId, name: &str) -> Result<bool, Fault> {
    let renamed = sqlx::query!(
        "update entities set name = $3, updated_at = $4
         where account_id = $1 and id = $2 and kind = 'custom' and not deprecated",
        account_id as _,
        id as _,
        name,
        tx.now(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("entities_name_key", || Fault::field("name", Problem::SourceNameTaken))?;
    Ok(renamed.rows_affected() == 1)
}

/// An entity to rename or remove, locked until the end of the transaction.
#[derive(Debug, Clone)]
pub struct LockedEntity {
    pub kind: EntityKind,
    pub name: String,
}

pub async fn lock_entity(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: EntityId,
) -> Result<Option<LockedEntity>, Fault> {
    let entity = sqlx::query_as!(
        LockedEntity,
        r#"select kind as "kind: EntityKind", name from entities
           where account_id = $1 and id = $2 and not deprecated
           for update"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(entity)
}

/// True if its company is connected, in either direction. Call it once the entity is locked: a statement that waits for
/// a lock reads all other rows as of its own start.
pub async fn is_connected(conn: &mut PgConnection, account_id: AccountId, id: EntityId) -> Result<bool, Fault> {
    let connected = sqlx::query_scalar!(
        r#"select exists (
               select from entities e
               cross join lateral live_connections_between(e.account_id, e.connected_account_id)
               where e.account_id = $1 and e.id = $2
           ) as "connected!""#,
        account_id as _,
        id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(connected)
}

/// True if the entity was neither removed nor merged into another one.
pub async fn is_active(conn: &mut PgConnection, account_id: AccountId, id: EntityId) -> Result<bool, Fault> {
    let is_active = sqlx::query_scalar!(
        r#"select exists (select from entities where account_id = $1 and id = $2 and not deprecated) as "living!""#,
        account_id as _,
        id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(is_active)
}

/// Deletes a custom entity. One of an account or address is kept for its history but no longer offered.
pub async fn remove(tx: &mut Tx, account_id: AccountId, id: EntityId, kind: EntityKind) -> Result<(), Fault> {
    if kind == EntityKind::Custom {
        sqlx::query!("delete from entities where account_id = $1 and id = $2", account_id as _, id as _)
            .execute(&mut **tx)
            .await?;
    } else {
        sqlx::query!(
            "update entities set deprecated = true, updated_at = $3 where account_id = $1 and id = $2",
            account_id as _,
            id as _,
            tx.now(),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
