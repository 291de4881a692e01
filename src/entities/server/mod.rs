//! [ssr] Verbs on entities and connections.

pub mod connections;
mod letters;
pub mod queries;

pub use connections::{connect, disconnect};

use crate::{
    accounts::server::policy::Actor,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EntityId, Problem},
    entities::model::{Direction, EntityKind},
    identity::server::parse::line,
    server::{Fault, Tx},
};
use serde_json::json;

/// Creates a custom source: the account's own form or system.
pub async fn create_custom(tx: &mut Tx, actor: &Actor, name: &str) -> Result<EntityId, Fault> {
    let name = line(name, Problem::SourceNameMissing).map_err(|problem| Fault::field("name", problem))?;
    let id = tx.make_id::<EntityId>();
    queries::insert_custom(tx, id, actor.account_id, &name).await?;
    Ok(id)
}

/// Renames a custom entity of the account.
pub async fn rename(tx: &mut Tx, actor: &Actor, id: EntityId, name: &str) -> Result<(), Fault> {
    let name = line(name, Problem::SourceNameMissing).map_err(|problem| Fault::field("name", problem))?;
    let account_id = actor.account_id;
    let entity = queries::lock_entity(tx, account_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    match entity.kind {
        EntityKind::Standard => return Err(Problem::EntityStandard.into()),
        EntityKind::Account => return Err(Problem::EntityOfAccount.into()),
        EntityKind::Custom if entity.name == name => return Ok(()),
        EntityKind::Custom => {}
    }
    if !queries::rename(tx, account_id, id, &name).await? {
        return Err(Fault::NOT_FOUND);
    }
    let entry = Entry::about(account_id, Deed::EntityRenamed, id, &name);
    record(tx, entry.before(json!({ "name": entity.name })).after(json!({ "name": name }))).await
}

/// Finds or creates the account's entity for a connected company, and adds the direction to it.
pub async fn ensure_connected(
    tx: &mut Tx,
    account_id: AccountId,
    other: AccountId,
    name: &str,
    direction: Direction,
) -> Result<EntityId, Fault> {
    let id = tx.make_id::<EntityId>();
    queries::upsert_connected(tx, id, account_id, other, name, direction).await
}

/// Gives a renamed company's entities its new name at every connected account and records it in their activity. After a
/// disconnect the entity keeps its name. Returns the renamed entities.
pub async fn rename_connected(
    tx: &mut Tx,
    account_id: AccountId,
    from: &str,
    to: &str,
) -> Result<Vec<(AccountId, EntityId)>, Fault> {
    let now = tx.now();
    let renamed = queries::rename_connected(tx, account_id, to, now).await?;
    for (other, _) in &renamed {
        let entry = Entry::about(*other, Deed::CompanyRenamed, account_id, to);
        record(tx, entry.before(json!({ "name": from })).after(json!({ "name": to }))).await?;
    }
    Ok(renamed)
}
