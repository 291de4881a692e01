//! Connections.

use super::entities::Direction;
use crate::{
    base::{AccountId, ConnectionId, EntityId, FlowId},
    reports::server::ConnectionRow,
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// One direction between two accounts, active or ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Connection {
    pub id: ConnectionId,
    /// The other account.
    pub account_id: AccountId,
    pub account_name: String,
    /// The role of the other account: `seller` or `buyer`.
    pub direction: Direction,
    #[serde(with = "time::serde::rfc3339")]
    pub connected_at: OffsetDateTime,
    /// When it ended; null while connected.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    pub disconnected_at: Option<OffsetDateTime>,
    /// This account's entity for the other.
    #[schema(required, value_type = Option<EntityId>)]
    pub entity_id: Option<EntityId>,
    /// The buyer's flows in which the seller is a source. The seller sees them only while connected.
    #[schema(value_type = Vec<FlowId>)]
    pub flow_ids: Vec<FlowId>,
}

impl From<ConnectionRow> for Connection {
    fn from(row: ConnectionRow) -> Self {
        Self {
            id: row.id,
            account_id: row.other_id,
            account_name: row.other_name,
            direction: row.direction.into(),
            connected_at: row.connected_at,
            disconnected_at: row.disconnected_at,
            entity_id: row.entity_id,
            flow_ids: row.flows.0.into_iter().map(|flow| flow.flow_id).collect(),
        }
    }
}
