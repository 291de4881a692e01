//! The connections of an account, seen from its side.

use crate::{
    base::{AccountId, ConnectionId, EntityId, FlowId, PartnerId, SourceId},
    entities::model::Direction,
    server::Fault,
};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

/// A flow that a source is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRef {
    pub flow_id: FlowId,
    pub name: String,
    pub source_id: SourceId,
}

/// A connection as one of its companies sees it.
#[derive(Debug, Clone)]
pub struct ConnectionRow {
    pub id: ConnectionId,
    /// The other company's role for this one.
    pub direction: Direction,
    pub other_id: AccountId,
    /// The other company's name. After a disconnect, the name it had then, if known.
    pub other_name: String,
    /// This account's entity for the other company, if it has one.
    pub entity_id: Option<EntityId>,
    /// This account's partner record of a seller, unless it is archived.
    pub partner_id: Option<PartnerId>,
    pub connected_at: OffsetDateTime,
    pub disconnected_at: Option<OffsetDateTime>,
    /// The buyer's flows that have the seller as a source. The seller sees them only while connected.
    pub flows: Json<Vec<FlowRef>>,
}

/// Which connections to list, newest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConnectionQuery {
    /// Only active ones (true) or only former ones (false).
    pub active: Option<bool>,
    /// Only connections older than this one.
    pub after: Option<ConnectionId>,
    pub offset: i64,
    pub limit: i64,
}

/// Lists connections in one query.
pub async fn list_connections(
    conn: &mut PgConnection,
    account_id: AccountId,
    query: ConnectionQuery,
) -> Result<Vec<ConnectionRow>, Fault> {
    read(conn, account_id, None, query).await
}

/// Finds a connection that the account is part of.
pub async fn find_connection(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: ConnectionId,
) -> Result<Option<ConnectionRow>, Fault> {
    let query = ConnectionQuery { limit: 1, ..ConnectionQuery::default() };
    Ok(read(conn, account_id, Some(id), query).await?.pop())
}

async fn read(
    conn: &mut PgConnection,
    account_id: AccountId,
    only: Option<ConnectionId>,
    query: ConnectionQuery,
) -> Result<Vec<ConnectionRow>, Fault> {
    let rows = sqlx::query_as!(
        ConnectionRow,
        r#"select c.id as "id: ConnectionId", c.direction as "direction!: Direction", o.id as "other_id: AccountId",
                  connected_name(c.disconnected_at, o.name, e.name) as "other_name!",
                  e.id as "entity_id?: EntityId", p.id as "partner_id?: PartnerId", c.connected_at, c.disconnected_at,
                  (select coalesce(jsonb_agg(jsonb_build_object('flow_id', encode(f.id, 'hex'), 'name', f.name,
                                                                'source_id', encode(fs.id, 'hex'))
                                             order by lower(f.name), f.id), '[]')
                   from entities be
                   join flow_sources fs on fs.entity_id = be.id and fs.duplicate_of is null
                   join flows f on f.id = fs.flow_id and f.archived_at is null
                   where be.account_id = c.buyer_account_id and be.connected_account_id = c.seller_account_id
                     and not be.deprecated and (c.direction = 'seller' or c.disconnected_at is null))
                      as "flows!: Json<Vec<FlowRef>>"
           from (
               select id, seller_account_id, buyer_account_id, connected_at, disconnected_at,
                      case when buyer_account_id = $1 then 'seller' else 'buyer' end as direction,
                      case when buyer_account_id = $1 then seller_account_id else buyer_account_id end as other_id
               from connections
               where $1 in (seller_account_id, buyer_account_id) and ($2::bytea is null or id = $2)
                 and ($3::bool is null or (disconnected_at is null) = $3) and ($4::bytea is null or id < $4)
               order by id desc
               limit $5 offset $6
           ) as c
           join accounts o on o.id = c.other_id
           left join entities e on e.account_id = $1 and e.connected_account_id = o.id and not e.deprecated
           left join partners p on p.account_id = $1 and p.linked_account_id = o.id and p.archived_at is null
                and c.direction = 'seller'
           order by c.id desc"#,
        account_id as _,
        only as _,
        query.active,
        query.after as _,
        query.limit,
        query.offset,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
