//! SQL for connections, and for the names connected companies see each other under.

use crate::{
    base::{AccountId, ConnectionId, EntityId},
    entities::model::Direction,
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A connection with both of its companies.
#[derive(Debug, Clone)]
pub struct Connection {
    pub id: ConnectionId,
    pub seller: AccountId,
    pub seller_name: String,
    pub buyer: AccountId,
    pub buyer_name: String,
    pub connected_at: OffsetDateTime,
    pub disconnected_at: Option<OffsetDateTime>,
}

pub async fn find_connection(conn: &mut PgConnection, id: ConnectionId) -> Result<Option<Connection>, Fault> {
    let connection = sqlx::query_as!(
        Connection,
        r#"select c.id as "id: ConnectionId", s.id as "seller: AccountId", s.name as seller_name,
                  b.id as "buyer: AccountId", b.name as buyer_name, c.connected_at, c.disconnected_at
           from connections c
           join accounts s on s.id = c.seller_account_id
           join accounts b on b.id = c.buyer_account_id
           where c.id = $1"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(connection)
}

/// Locks the pair until the end of the transaction, so that nobody else connects these two companies.
pub async fn lock_pair(conn: &mut PgConnection, one: AccountId, other: AccountId) -> Result<(), Fault> {
    let name = format!("connection {} {}", one.min(other), one.max(other));
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).execute(conn).await?;
    Ok(())
}

/// Finds or creates the entity for another account, and gives it the current name. Deprecated ones do not count.
pub async fn upsert_connected(
    tx: &mut Tx,
    id: EntityId,
    account_id: AccountId,
    other: AccountId,
    name: &str,
    direction: Direction,
) -> Result<EntityId, Fault> {
    let (source, recipient) = direction.columns();
    let id = sqlx::query_scalar!(
        r#"insert into entities as e
               (id, account_id, kind, name, source, recipient, connected_account_id, created_at, updated_at)
           values ($1, $2, 'account', $3, $4, $5, $6, $7, $7)
           on conflict (account_id, connected_account_id) where connected_account_id is not null and not deprecated
           do update set name = excluded.name, source = coalesce(e.source, excluded.source),
                         recipient = coalesce(e.recipient, excluded.recipient), updated_at = excluded.updated_at
           returning e.id as "id: EntityId""#,
        id as _,
        account_id as _,
        name,
        source,
        recipient,
        other as _,
        tx.now(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// An entity of a company for the other one of a pair, if it has one. A pending one has none yet.
#[derive(Debug, Clone, Copy)]
pub struct PairEntity {
    pub id: EntityId,
    pub account_id: AccountId,
    pub is_connected: bool,
}

/// Creates or restores the connection, of which an active one keeps its `connected_at`, and then locks both companies'
/// entities for each other and a pending one, in order of id. Returns the entities.
pub async fn connect_and_lock_entities(
    tx: &mut Tx,
    id: ConnectionId,
    seller: AccountId,
    buyer: AccountId,
    pending: EntityId,
) -> Result<Vec<PairEntity>, Fault> {
    // The entities wait for the connection.
    let entities = sqlx::query_as!(
        PairEntity,
        r#"with connection as (
               insert into connections as c (id, seller_account_id, buyer_account_id, connected_at)
               values ($1, $2, $3, $4)
               on conflict (seller_account_id, buyer_account_id) do update
               set connected_at = case when c.disconnected_at is null then c.connected_at else excluded.connected_at end,
                   disconnected_at = null
               returning c.id
           ), locked as materialized (
               select id, account_id, not deprecated and connected_account_id is not null as is_connected from entities
               where (select count(*) from connection) > 0
                 and (id = $5
                      or (not deprecated and connected_account_id is not null
                          and ((account_id = $2 and connected_account_id = $3)
                               or (account_id = $3 and connected_account_id = $2))))
               order by id for update
           )
           select id as "id: EntityId", account_id as "account_id: AccountId", is_connected as "is_connected!" from locked"#,
        id as _,
        seller as _,
        buyer as _,
        tx.now(),
        pending as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(entities)
}

/// Guarded update: returns false if the connection has already ended.
pub async fn claim_end(tx: &mut Tx, id: ConnectionId) -> Result<bool, Fault> {
    let ended = sqlx::query!(
        "update connections set disconnected_at = $2 where id = $1 and disconnected_at is null",
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Updates the names under which two companies see each other.
pub async fn update_names(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<(), Fault> {
    sqlx::query!(
        "update entities e set name = a.name, updated_at = $3
         from accounts a
         where a.id = e.connected_account_id and a.name <> e.name and not e.deprecated
           and ((e.account_id = $1 and a.id = $2) or (e.account_id = $2 and a.id = $1))",
        one as _,
        other as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Renames the entities of a connected account. Returns them with their owners.
pub async fn rename_connected(
    conn: &mut PgConnection,
    connected: AccountId,
    name: &str,
    now: OffsetDateTime,
) -> Result<Vec<(AccountId, EntityId)>, Fault> {
    sqlx::query!(
        r#"select id as "id: EntityId" from entities where connected_account_id = $1 and not deprecated
           order by id for no key update"#,
        connected as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"update entities e set name = $2, updated_at = $3
           where e.connected_account_id = $1 and not e.deprecated
             and exists (select from live_connections_between(e.account_id, e.connected_account_id))
           returning e.account_id as "account_id: AccountId", e.id as "id: EntityId""#,
        connected as _,
        name,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.id)).collect())
}
