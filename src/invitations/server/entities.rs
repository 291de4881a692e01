//! Removing an entity together with its invitation.

use super::renew;
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EntityId, Problem},
    entities::{model::EntityKind, server::queries as entities},
    flows::server::queries as flows,
    server::{Fault, Tx},
};
use serde_json::json;

/// Removes an entity that no flow uses, archived flows included, and revokes its pending invitation. A connected entity
/// must be disconnected first. Standard entities can't be removed, because all accounts share them.
pub async fn remove_entity(tx: &mut Tx, account_id: AccountId, id: EntityId) -> Result<(), Fault> {
    let actor = tx.cx.actor(account_id, Permission::ChangeFlows)?;
    // Same lock order as an acceptance: the invitation, then the entity.
    renew::revoke_of_entity(tx, account_id, id).await?;
    let entity = entities::lock_entity(tx, account_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    if entity.kind == EntityKind::Standard {
        return Err(Problem::EntityStandard.into());
    }
    if flows::is_used(tx, account_id, id).await? {
        return Err(Problem::EntityInUse.into());
    }
    if entities::is_connected(tx, account_id, id).await? {
        return Err(Problem::EntityConnected.into());
    }
    entities::remove(tx, account_id, id, entity.kind).await?;
    let entry = Entry::about(actor.account_id, Deed::EntityRemoved, id, &entity.name);
    record(tx, entry.before(json!({ "kind": entity.kind }))).await
}
