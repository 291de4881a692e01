//! SQL of renaming and removing entities.

use crate::{
    base::{AccountId, EntityId, Problem},
    entities::model::EntityKind,
    server::{Fault, Tx, fault::OnConstraint},
};
use sqlx::PgConnection;

/// Renames a custom entity; whether there is one.
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

/// What removing an entity must know of it; it is held until the end of the transaction.
#[derive(Debug, Clone)]
pub struct Removable {
    pub kind: EntityKind,
    pub name: String,
}

pub async fn lock_removable(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: EntityId,
) -> Result<Option<Removable>, Fault> {
    let entity = sqlx::query_as!(
        Removable,
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

/// Whether it stands for a company that is connected, in either direction. To be asked once the entity is held: what a
/// statement reads beside the row it waits for is as old as the statement.
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

/// It was neither removed nor merged into another one.
pub async fn is_living(conn: &mut PgConnection, account_id: AccountId, id: EntityId) -> Result<bool, Fault> {
    let living = sqlx::query_scalar!(
        r#"select exists (select from entities where account_id = $1 and id = $2 and not deprecated) as "living!""#,
        account_id as _,
        id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(living)
}

/// Takes an entity away: a custom one for good, one of an account or address stays for its history, offered nowhere.
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
