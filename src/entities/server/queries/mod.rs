//! All SQL of the room.

mod connections;
mod removal;

pub use connections::*;
pub use removal::*;

use crate::{
    base::{AccountId, EmailAddress, EntityId, Problem},
    entities::model::{Direction, EntityKind},
    server::{Fault, Tx, fault::OnConstraint},
};
use sqlx::PgConnection;

pub async fn insert_custom(tx: &mut Tx, id: EntityId, account_id: AccountId, name: &str) -> Result<(), Fault> {
    sqlx::query!(
        "insert into entities (id, account_id, kind, name, source, created_at, updated_at)
         values ($1, $2, 'custom', $3, 'form', $4, $4)",
        id as _,
        account_id as _,
        name,
        tx.now(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("entities_name_key", || Fault::field("name", Problem::SourceNameTaken))?;
    Ok(())
}

/// Inserts the pending entity of an invitation, named by the invited address.
pub async fn insert_pending(
    tx: &mut Tx,
    id: EntityId,
    account_id: AccountId,
    direction: Direction,
    email: &EmailAddress,
) -> Result<(), Fault> {
    let (source, recipient) = direction.columns();
    sqlx::query!(
        "insert into entities (id, account_id, kind, name, invited_email_key, source, recipient, created_at, updated_at)
         values ($1, $2, 'account', $3, $4, $5, $6, $7, $7)",
        id as _,
        account_id as _,
        email.shown(),
        email.key(),
        source,
        recipient,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The account's entity for another account, connected now or formerly. Deprecated ones do not count.
pub async fn find_of_account(
    conn: &mut PgConnection,
    account_id: AccountId,
    other: AccountId,
) -> Result<Option<EntityId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: EntityId" from entities
           where account_id = $1 and connected_account_id = $2 and not deprecated
           for no key update"#,
        account_id as _,
        other as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// Marks an emptied entity as replaced by another. It is kept but no longer offered, and the other one takes over its
/// direction.
pub async fn deprecate(
    tx: &mut Tx,
    account_id: AccountId,
    id: EntityId,
    see: EntityId,
    direction: Direction,
) -> Result<(), Fault> {
    sqlx::query!(
        "update entities set deprecated = true, see = $3, updated_at = $4 where account_id = $1 and id = $2",
        account_id as _,
        id as _,
        see as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    let (source, recipient) = direction.columns();
    sqlx::query!(
        "update entities set source = coalesce(source, $4), recipient = coalesce(recipient, $5), updated_at = $3
         where account_id = $1 and id = $2",
        account_id as _,
        see as _,
        tx.now(),
        source,
        recipient,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An entity to be used as a source in a flow.
#[derive(Debug, Clone)]
pub struct UsableEntity {
    pub kind: EntityKind,
    pub name: String,
    pub connected: bool,
    pub connected_account_id: Option<AccountId>,
}

impl UsableEntity {
    /// The entity of a company that is being invited.
    pub fn pending(name: &str) -> Self {
        Self { kind: EntityKind::Account, name: name.to_owned(), connected: false, connected_account_id: None }
    }
}

/// Finds an entity of the account that can be used as a source.
pub async fn find_source(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: EntityId,
) -> Result<Option<UsableEntity>, Fault> {
    let entity = sqlx::query_as!(
        UsableEntity,
        r#"select e.kind as "kind: EntityKind", e.name, c.id is not null as "connected!",
                  e.connected_account_id as "connected_account_id: AccountId"
           from entities e
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = e.account_id
           where e.account_id = $1 and e.id = $2 and e.source is not null and not e.deprecated"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(entity)
}

pub async fn find_name(conn: &mut PgConnection, account_id: AccountId, id: EntityId) -> Result<Option<String>, Fault> {
    let name =
        sqlx::query_scalar!("select name from entities where account_id = $1 and id = $2", account_id as _, id as _)
            .fetch_optional(conn)
            .await?;
    Ok(name)
}
