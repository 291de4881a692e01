//! Connections as one of the two accounts sees them.

use super::entities::Direction;
use crate::{
    base::{AccountId, ConnectionId, EntityId, FlowId},
    server::Fault,
};
use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// One direction between two accounts, living or ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Connection {
    pub id: ConnectionId,
    /// The other account.
    pub account_id: AccountId,
    pub account_name: String,
    /// What the other account is: `seller` or `buyer`.
    pub direction: Direction,
    #[serde(with = "time::serde::rfc3339")]
    pub connected_at: OffsetDateTime,
    /// When it ended; null while it lives.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    pub disconnected_at: Option<OffsetDateTime>,
    /// The entity by which this account sees the other.
    #[schema(required, value_type = Option<EntityId>)]
    pub entity_id: Option<EntityId>,
    /// The buyer's flows that the seller is a source of; for the seller, while connected.
    #[schema(value_type = Vec<FlowId>)]
    pub flow_ids: Vec<FlowId>,
}

/// The connections of an account, the latest first.
pub async fn list(
    conn: &mut PgConnection,
    account_id: AccountId,
    after: Option<ConnectionId>,
    limit: i64,
) -> Result<Vec<Connection>, Fault> {
    let rows = sqlx::query!(
        r#"select c.id as "id: ConnectionId", o.id as "account_id: AccountId", o.name,
                  c.buyer_account_id = $1 as "buys!", c.connected_at, c.disconnected_at,
                  e.id as "entity_id?: EntityId",
                  (select coalesce(array_agg(distinct f.id), '{}')
                   from entities b
                   join flow_sources fs on fs.entity_id = b.id
                   join flows f on f.id = fs.flow_id and f.archived_at is null
                   where b.account_id = c.buyer_account_id and b.connected_account_id = c.seller_account_id
                     and not b.deprecated and (c.buyer_account_id = $1 or c.disconnected_at is null))
                      as "flow_ids!: Vec<FlowId>"
           from connections c
           join accounts o on o.id = case when c.buyer_account_id = $1 then c.seller_account_id else c.buyer_account_id end
           left join entities e on e.account_id = $1 and e.connected_account_id = o.id and not e.deprecated
           where $1 in (c.seller_account_id, c.buyer_account_id) and ($2::bytea is null or c.id < $2)
           order by c.id desc
           limit $3"#,
        account_id as _,
        after as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Connection {
            id: row.id,
            account_id: row.account_id,
            account_name: row.name,
            direction: if row.buys { Direction::Seller } else { Direction::Buyer },
            connected_at: row.connected_at,
            disconnected_at: row.disconnected_at,
            entity_id: row.entity_id,
            flow_ids: row.flow_ids,
        })
        .collect())
}
