//! The effect of a disconnect on the buyer's flows.

use super::announce_entity;
use crate::{
    base::{AccountId, ConnectionId},
    entities::server::{self as entities, queries},
    server::{Fault, Tx},
};

/// Ends a connection on behalf of one of its companies and updates the open pages of flows whose sources can no longer
/// send. Does nothing if it has already ended.
pub async fn disconnect(tx: &mut Tx, account_id: AccountId, id: ConnectionId) -> Result<(), Fault> {
    let Some(ended) = entities::disconnect(tx, account_id, id).await? else { return Ok(()) };
    match queries::find_of_account(tx, ended.buyer, ended.seller).await? {
        Some(entity_id) => announce_entity(tx, ended.buyer, entity_id).await,
        None => Ok(()),
    }
}
