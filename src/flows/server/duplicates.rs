//! Two sources of one entity in one flow, which only a merge of entities brings about: the live one, and its duplicates,
//! which are kept, off, until somebody uses one of them instead or removes it.

use super::{announce_entity, find_source_for, queries};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EntityId, FlowId, Problem, SourceId},
    server::{Fault, Tx, live::Event},
};
use serde_json::json;
use std::collections::BTreeMap;

/// Moves all flow sources of `from` to `into`, with their ids, mappings, rules and everything else that was set up, and
/// switches them on as an acceptance does. In a flow that holds a live source of `into` that one stays exactly as it is,
/// and the moved one becomes its duplicate.
///
/// Part of an acceptance, which has decided already who acts; the caller marks `from` as emptied.
pub async fn merge_sources(tx: &mut Tx, account_id: AccountId, from: EntityId, into: EntityId) -> Result<(), Fault> {
    // In the order of their ids, so that two merges cannot wait for each other.
    let mut names = BTreeMap::from([(from, String::new()), (into, String::new())]);
    for (id, name) in &mut names {
        *name = queries::lock_entity(tx, account_id, *id).await?.ok_or(Fault::NOT_FOUND)?;
    }
    // Those that stay where they are, too: an acceptance gives them their partner next.
    queries::lock_sources_of_entities(tx, account_id, &[from, into]).await?;
    let duplicated = queries::move_as_duplicates(tx, account_id, from, into).await?;
    let moved = queries::move_as_accepted(tx, account_id, from, into).await?;
    let entry = Entry::about(account_id, Deed::SourcesMerged, into, names[&into].as_str());
    record(
        tx,
        entry
            .before(json!({ "entity": from, "name": names[&from] }))
            .after(json!({ "moved": moved, "duplicates": duplicated })),
    )
    .await?;
    // Those that were there, too: a connection that lives again puts them on again.
    announce_entity(tx, account_id, into).await
}

/// Uses a duplicate instead of the live source `instead_of`, whose state it takes over: on if that was on. That one
/// becomes a duplicate, off. Who looked at another pair than there is by now is told so.
pub async fn use_instead(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, instead_of: SourceId) -> Result<(), Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    let account_id = flow.account_id;
    queries::lock_entity(tx, account_id, source.entity_id).await?;
    queries::lock_sources_of_entities(tx, account_id, &[source.entity_id]).await?;
    // Read after the lock: nobody turns this pair around from here on.
    let live = queries::find_source(tx, account_id, flow_id, instead_of).await?.ok_or(Problem::StaleVersion)?;
    if !queries::replace_live(tx, account_id, instead_of, source_id, live.enabled).await? {
        return Err(Problem::StaleVersion.into());
    }
    let entry = Entry::about(account_id, Deed::SourceReplaced, source_id, &source.name);
    let after = json!({ "source": source_id, "enabled": live.enabled });
    record(tx, entry.before(json!({ "source": instead_of })).after(after)).await?;
    tx.announce(Event::FlowSources { account_id, flow_id });
    Ok(())
}
