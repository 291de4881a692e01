//! Several sources of one entity in one flow, which only a merge of entities creates: the live one and its duplicates,
//! which are kept off until someone uses one of them instead or removes it.

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

/// Moves all flow sources of `from` to `into`, with their ids, mappings, rules and other setup, and turns them on as
/// an acceptance does. If a flow already has a live source of `into`, that one does not change and the moved one
/// becomes its duplicate.
///
/// Part of an acceptance, which has already checked permissions. The caller marks `from` as deprecated.
pub async fn merge_sources(tx: &mut Tx, account_id: AccountId, from: EntityId, into: EntityId) -> Result<(), Fault> {
    // In the order of their ids, so two merges cannot deadlock.
    let mut names = BTreeMap::from([(from, String::new()), (into, String::new())]);
    for (id, name) in &mut names {
        *name = queries::lock_entity(tx, account_id, *id).await?.ok_or(Fault::NOT_FOUND)?;
    }
    // The sources of `into` too: the acceptance assigns them to their partner next.
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
    // The sources that were already there too: a restored connection turns them on again.
    announce_entity(tx, account_id, into).await
}

/// Uses a duplicate instead of the live source `instead_of`. It is on if the live one was on; the live one becomes a
/// duplicate, off. Fails with `StaleVersion` if the two are no longer this pair.
pub async fn use_instead(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, instead_of: SourceId) -> Result<(), Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    let account_id = flow.account_id;
    queries::lock_entity(tx, account_id, source.entity_id).await?;
    queries::lock_sources_of_entities(tx, account_id, &[source.entity_id]).await?;
    // Read after the lock, so no one else can swap this pair.
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
