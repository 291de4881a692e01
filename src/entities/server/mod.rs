//! [ssr] Verbs on entities and connections.

pub mod queries;

use crate::{
    accounts::server::policy::Actor,
    base::{AccountId, ConnectionId, EntityId, Problem},
    identity::server::parse::line,
    server::{Fault, Tx},
};

/// Makes a custom source: the account's own form or system.
pub async fn create_custom(tx: &mut Tx, actor: &Actor, name: &str) -> Result<EntityId, Fault> {
    let name = line(name, Problem::SourceNameMissing).map_err(|problem| Fault::field("name", problem))?;
    let (id, now) = (tx.make_id::<EntityId>(), tx.now());
    queries::insert_custom(tx, id, actor.account_id, &name, now).await?;
    Ok(id)
}

/// Connects a seller with a buyer, or connects them again.
pub async fn connect(tx: &mut Tx, seller: AccountId, buyer: AccountId) -> Result<ConnectionId, Fault> {
    let (id, now) = (tx.make_id::<ConnectionId>(), tx.now());
    queries::upsert_connection(tx, id, seller, buyer, now).await
}
