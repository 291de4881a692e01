//! The end of a connection, as the flows of the buyer see it.

use super::announce_entity;
use crate::{
    base::{AccountId, ConnectionId},
    entities::server::{self as entities, queries},
    server::{Fault, Tx},
};

/// Ends a connection for one of its companies, and tells the open pages of the flows whose sources may not send any more.
/// A second time nothing happens.
pub async fn disconnect(tx: &mut Tx, account_id: AccountId, id: ConnectionId) -> Result<(), Fault> {
    let Some(ended) = entities::disconnect(tx, account_id, id).await? else { return Ok(()) };
    match queries::find_of_account(tx, ended.buyer, ended.seller).await? {
        Some(entity_id) => announce_entity(tx, ended.buyer, entity_id).await,
        None => Ok(()),
    }
}
