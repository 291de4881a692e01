//! Removing a source from its flow, and removing a flow, which is archived if it ever had leads and otherwise deleted.
//! Stored leads always stay, under their current flow and source names.

use super::{find_for, find_source_for, queries};
use crate::{
    accounts::{
        model::{Permission, Plan},
        server::queries as accounts,
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EntityId, FlowId, Problem, SourceId},
    partners::server::queries as partners,
    server::{Fault, Tx, live::Event},
};
use serde_json::json;

#[derive(Debug, Clone, Copy)]
pub struct RemovedSource {
    pub account_id: AccountId,
    pub entity_id: EntityId,
    /// True if no other flow uses its entity.
    pub was_last: bool,
}

/// Removes a source from its flow, with its mappings, rules and counts. Submissions to it and its docs become 404; its
/// invitation stays open. If it has duplicates, the oldest replaces it and stays off until someone turns it on.
pub async fn remove_source(tx: &mut Tx, flow_id: FlowId, source_id: SourceId) -> Result<RemovedSource, Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    let (account_id, entity_id) = (flow.account_id, source.entity_id);
    queries::lock_entity(tx, account_id, entity_id).await?;
    // One of its duplicates may replace it.
    queries::lock_sources_of_entities(tx, account_id, &[entity_id]).await?;
    if !queries::lock_source(tx, account_id, source_id).await? {
        return Err(Fault::NOT_FOUND);
    }
    if let Some(duplicate) = queries::find_oldest_duplicate(tx, account_id, source_id).await? {
        queries::replace_live(tx, account_id, source_id, duplicate, false).await?;
    }
    partners::mark_had_leads(tx, account_id, &[source_id]).await?;
    queries::delete_source(tx, account_id, source_id).await?;
    let was_last = queries::is_last_use(tx, account_id, entity_id, source_id).await?;
    let entry = Entry::about(account_id, Deed::SourceRemoved, source_id, &source.name);
    let removed = json!({
        "flow": flow.name, "enabled": source.enabled, "mappings": source.mappings, "rules": source.acceptance_criteria,
    });
    record(tx, entry.before(removed)).await?;
    tx.announce(Event::FlowSources { account_id, flow_id });
    Ok(RemovedSource { account_id, entity_id, was_last })
}

/// What removing a flow or partner did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalOutcome {
    /// Hidden, and off if it is a flow. It can be restored with everything in it.
    Archived,
    Deleted,
}

/// Archives a flow that ever had leads and deletes any other. It waits for leads that are being stored and counts them,
/// so no lead is left without its flow. Invitations of its pending sources stay open.
pub async fn remove_flow(tx: &mut Tx, flow_id: FlowId) -> Result<RemovalOutcome, Fault> {
    let (flow, _) = find_for(tx, flow_id, Permission::ChangeFlows).await?;
    if !queries::lock_flow(tx, flow_id).await? {
        return Err(Fault::NOT_FOUND);
    }
    queries::lock_sources_of_flow(tx, flow_id).await?;
    let had_leads = queries::had_leads(tx, flow.account_id, flow_id).await?;
    let outcome = if had_leads { RemovalOutcome::Archived } else { RemovalOutcome::Deleted };
    let deed = match outcome {
        RemovalOutcome::Archived => {
            queries::archive_flow(tx, flow_id).await?;
            Deed::FlowArchived
        }
        RemovalOutcome::Deleted => {
            queries::delete_flow(tx, flow.account_id, flow_id).await?;
            Deed::FlowDeleted
        }
    };
    let entry = Entry::about(flow.account_id, deed, flow_id, &flow.name);
    record(tx, entry.before(json!({ "enabled": flow.enabled, "rules": flow.acceptance_criteria }))).await?;
    tx.announce(Event::FlowSources { account_id: flow.account_id, flow_id });
    Ok(outcome)
}

/// Restores an archived flow unchanged, but off.
pub async fn restore_flow(tx: &mut Tx, flow_id: FlowId) -> Result<(), Fault> {
    tx.cx.viewer()?;
    let archived = queries::find_archived(tx, flow_id).await?.ok_or(Fault::NOT_FOUND)?;
    let actor = tx.cx.actor(archived.account_id, Permission::ChangeFlows)?;
    // The Partners plan allows one flow. The lock keeps a concurrent acceptance from creating another.
    accounts::lock_plan(tx, archived.account_id).await?;
    let has_flow = queries::find_oldest_flow(tx, archived.account_id).await?.is_some();
    if has_flow && !actor.plan.is_some_and(Plan::may_build_flows) {
        return Err(Problem::PlanRequired.into());
    }
    if !queries::restore_flow(tx, flow_id).await? {
        return Err(Fault::NOT_FOUND);
    }
    record(tx, Entry::about(archived.account_id, Deed::FlowRestored, flow_id, archived.name)).await
}
