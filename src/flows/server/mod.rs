//! [ssr] Verbs on flows and their sources.

pub mod access;
mod assign;
mod connections;
pub mod credentials;
pub mod docs;
mod duplicates;
pub mod edit;
mod letters;
pub mod parameters;
mod progress;
pub mod queries;
mod receiving;
mod removal;
mod samples;
pub mod versions;

pub use assign::{Assignment, assign, assign_entity, unassign, unassign_all};
pub use connections::disconnect;
pub use duplicates::{merge_sources, use_instead};
pub use progress::mail_progress;
pub use receiving::{FlowChoice, find_receiving, receive};
pub use removal::{RemovalOutcome, RemovedSource, remove_flow, remove_source, restore_flow};

use super::model::may_be_on;
use crate::{
    accounts::{
        model::{Permission, Plan},
        server::{policy::Actor, queries as accounts},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EntityId, FlowId, PartnerId, Problem, SourceId, paths},
    entities::server::{
        create_custom,
        queries::{self as entities, UsableEntity},
    },
    identity::server::parse::line,
    partners::server::queries as partners,
    rules::{AcceptanceCriteria, Mapping, STANDARD_FIELDS},
    server::{
        Db, Fault, FieldChecks, Tx,
        live::Event,
        mail::{self, Outgoing},
    },
};
use queries::{FlowRow, NewSource, Source};
use serde_json::json;

/// The flow, if the viewer has the permission. Flows of other accounts are not found.
pub async fn find_for(db: &mut impl Db, flow_id: FlowId, permission: Permission) -> Result<(FlowRow, Actor), Fault> {
    db.cx().viewer()?;
    let flow = queries::find_flow(db, flow_id).await?.ok_or(Fault::NOT_FOUND)?;
    let actor = db.cx().actor(flow.account_id, permission)?;
    Ok((flow, actor))
}

/// A source of a flow, if the viewer has the permission.
pub async fn find_source_for(
    db: &mut impl Db,
    flow_id: FlowId,
    source_id: SourceId,
    permission: Permission,
) -> Result<(FlowRow, Source, Actor), Fault> {
    let (flow, actor) = find_for(db, flow_id, permission).await?;
    let source = queries::find_source(db, flow.account_id, flow_id, source_id).await?.ok_or(Fault::NOT_FOUND)?;
    Ok((flow, source, actor))
}

/// Creates a flow with standard fields.
pub async fn create(tx: &mut Tx, account_id: AccountId, name: &str, fields: &[String]) -> Result<FlowId, Fault> {
    let actor = tx.cx.actor(account_id, Permission::ChangeFlows)?;
    if !actor.plan.is_some_and(Plan::may_build_flows) {
        return Err(Problem::PlanRequired.into());
    }
    let mut checked = FieldChecks::default();
    let name = checked.take("name", line(name, Problem::FlowNameMissing));
    checked.take("fields", check_fields(fields));
    let name = checked.finish(|| name)?;
    insert(tx, account_id, &name, fields).await
}

async fn insert(tx: &mut Tx, account_id: AccountId, name: &str, fields: &[String]) -> Result<FlowId, Fault> {
    let id = tx.make_id::<FlowId>();
    queries::insert_flow(tx, id, account_id, name).await?;
    queries::set_fields(tx, account_id, id, fields).await?;
    record(tx, Entry::about(account_id, Deed::FlowCreated, id, name).after(json!({ "fields": fields }))).await?;
    Ok(id)
}

fn check_fields(fields: &[String]) -> Result<(), Problem> {
    if fields.is_empty() {
        return Err(Problem::FlowFieldsMissing);
    }
    let known = |name: &String| STANDARD_FIELDS.iter().any(|field| field.name == name);
    if fields.iter().all(known) { Ok(()) } else { Err(Problem::FieldUnknown) }
}

/// Renames a flow.
pub async fn rename(tx: &mut Tx, flow_id: FlowId, name: &str) -> Result<(), Fault> {
    let (flow, _) = find_for(tx, flow_id, Permission::ChangeFlows).await?;
    let name = line(name, Problem::FlowNameMissing).map_err(|problem| Fault::field("name", problem))?;
    if name == flow.name {
        return Ok(());
    }
    if !queries::set_flow_name(tx, flow_id, &name).await? {
        return Err(Fault::NOT_FOUND);
    }
    let entry = Entry::about(flow.account_id, Deed::FlowRenamed, flow_id, &name);
    record(tx, entry.before(json!({ "name": flow.name })).after(json!({ "name": name }))).await
}

/// Replaces the fields of a flow. `version` is the one the form loaded.
pub async fn set_fields(tx: &mut Tx, flow_id: FlowId, version: i32, fields: &[String]) -> Result<(), Fault> {
    let (flow, _) = find_for(tx, flow_id, Permission::ChangeFlows).await?;
    check_fields(fields).map_err(|problem| Fault::field("fields", problem))?;
    if !queries::claim_version(tx, flow_id, version).await? {
        return Err(Problem::StaleVersion.into());
    }
    let before = queries::list_fields(tx, flow_id).await?;
    queries::set_fields(tx, flow.account_id, flow_id, fields).await?;
    let entry = Entry::about(flow.account_id, Deed::FieldsChanged, flow_id, &flow.name);
    record(tx, entry.before(json!({ "fields": before })).after(json!({ "fields": fields }))).await
}

/// Switches the whole flow on or off.
pub async fn switch_flow(tx: &mut Tx, flow_id: FlowId, on: bool) -> Result<(), Fault> {
    let (flow, _) = find_for(tx, flow_id, Permission::ChangeFlows).await?;
    if !queries::set_flow_enabled(tx, flow_id, on).await? {
        return Err(Fault::NOT_FOUND);
    }
    let entry = Entry::about(flow.account_id, Deed::FlowSwitched, flow_id, &flow.name);
    record(tx, entry.before(json!({ "enabled": flow.enabled })).after(json!({ "enabled": on }))).await
}

/// Sets the criteria that every lead of the flow must meet. `version` is the one the editor loaded.
pub async fn set_flow_criteria(
    tx: &mut Tx,
    flow_id: FlowId,
    version: i32,
    criteria: Option<AcceptanceCriteria>,
) -> Result<(), Fault> {
    let (flow, _) = find_for(tx, flow_id, Permission::ChangeFlows).await?;
    if !queries::set_flow_criteria(tx, flow_id, version, criteria.as_ref()).await? {
        return Err(Problem::StaleVersion.into());
    }
    let entry = Entry::about(flow.account_id, Deed::RulesChanged, flow_id, &flow.name);
    record(tx, entry.before(json!(flow.acceptance_criteria)).after(json!(criteria))).await
}

/// Adds an entity of the account as a source. A source of an account that is not connected starts off, and is switched
/// on by its acceptance; all others start on.
pub async fn add_source(tx: &mut Tx, flow_id: FlowId, entity_id: EntityId) -> Result<SourceId, Fault> {
    let (flow, actor) = find_for(tx, flow_id, Permission::ChangeFlows).await?;
    add_source_to(tx, &flow, &actor, entity_id).await
}

/// Like [`add_source`], for callers that have already found the flow and the actor.
pub async fn add_source_to(tx: &mut Tx, flow: &FlowRow, actor: &Actor, entity_id: EntityId) -> Result<SourceId, Fault> {
    let (id, entity) = add_without_email(tx, flow, actor, entity_id).await?;
    if let Some(seller) = entity.connected_account_id.filter(|_| entity.connected) {
        share_docs(tx, flow, id, seller).await?;
    }
    Ok(id)
}

/// Adds the source without an email to the seller.
async fn add_without_email(
    tx: &mut Tx,
    flow: &FlowRow,
    actor: &Actor,
    entity_id: EntityId,
) -> Result<(SourceId, UsableEntity), Fault> {
    if !queries::share_lock_flow(tx, flow.id).await? {
        return Err(Fault::NOT_FOUND);
    }
    if !queries::share_lock_entity(tx, actor.account_id, entity_id).await? {
        return Err(Fault::field("entity", Problem::SourceNotChosen));
    }
    let entity = entities::find_source(tx, actor.account_id, entity_id)
        .await?
        .ok_or_else(|| Fault::field("entity", Problem::SourceNotChosen))?;
    let partner_id = partners::find_of_entity(tx, actor.account_id, entity_id).await?;
    let source = prepare_source(tx, flow, entity_id, &entity, partner_id).await?;
    queries::insert_source(tx, &source).await?;
    Ok((source.id, entity))
}

/// The source to insert for an entity, together with its activity entry and its event.
pub async fn prepare_source(
    tx: &mut Tx,
    flow: &FlowRow,
    entity_id: EntityId,
    entity: &UsableEntity,
    partner_id: Option<PartnerId>,
) -> Result<NewSource, Fault> {
    let (id, account_id, flow_id) = (tx.make_id::<SourceId>(), flow.account_id, flow.id);
    let enabled = may_be_on(entity.kind, entity.connected, entity.connected_account_id.is_some()).is_ok();
    let added = Entry::about(account_id, Deed::SourceAdded, id, &entity.name);
    record(tx, added.after(json!({ "flow": flow.name, "enabled": enabled }))).await?;
    tx.announce(Event::FlowSources { account_id, flow_id });
    Ok(NewSource { id, account_id, flow_id, entity_id, partner_id, enabled })
}

/// Emails a connected seller once that it can now send leads to this flow.
async fn share_docs(tx: &mut Tx, flow: &FlowRow, id: SourceId, seller: AccountId) -> Result<(), Fault> {
    for contact in accounts::list_docs_readers(tx, seller).await? {
        let letter = letters::docs_shared(&flow.account_name, &flow.name, paths::source_docs(flow.id, id));
        let mail = Outgoing { to: contact.email, to_name: contact.name, reply_to: None, letter, secret: None };
        mail::queue(tx, mail).await?;
    }
    Ok(())
}

/// Creates a custom source, which is the account's own form or system, and adds it.
pub async fn create_source(tx: &mut Tx, flow_id: FlowId, name: &str) -> Result<SourceId, Fault> {
    let (flow, actor) = find_for(tx, flow_id, Permission::ChangeFlows).await?;
    let entity_id = create_custom(tx, &actor, name).await?;
    add_source_to(tx, &flow, &actor, entity_id).await
}

/// Turns a source on or off. A duplicate, or a source whose account is not connected, cannot be turned on.
pub async fn switch_source(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, on: bool) -> Result<(), Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    if on {
        if source.duplicate_of.is_some() {
            return Err(Problem::SourceDuplicate.into());
        }
        may_be_on(source.kind, source.connected, source.connected_account_id.is_some())?;
    }
    if !queries::set_source_enabled(tx, source_id, on).await? {
        return Err(Problem::StaleVersion.into());
    }
    let entry = Entry::about(flow.account_id, Deed::SourceSwitched, source_id, &source.name);
    record(tx, entry.before(json!({ "enabled": source.enabled })).after(json!({ "enabled": on }))).await?;
    tx.announce(Event::FlowSources { account_id: flow.account_id, flow_id });
    Ok(())
}

/// Sets whether an accepted invitation turns the source on.
pub async fn set_turn_on(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, turn_on: bool) -> Result<(), Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    queries::set_turn_on_when_accepted(tx, source_id, turn_on).await?;
    let entry = Entry::about(flow.account_id, Deed::SourceSwitched, source_id, &source.name);
    record(tx, entry.after(json!({ "turn_on_when_accepted": turn_on }))).await?;
    tx.announce(Event::FlowSources { account_id: flow.account_id, flow_id });
    Ok(())
}

/// Sets the mappings of a source. `version` is the one the editor loaded.
pub async fn set_mappings(
    tx: &mut Tx,
    flow_id: FlowId,
    source_id: SourceId,
    version: i32,
    mappings: Vec<Mapping>,
) -> Result<(), Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    if !queries::set_mappings(tx, source_id, version, &mappings).await? {
        return Err(Problem::StaleVersion.into());
    }
    let entry = Entry::about(flow.account_id, Deed::MappingsChanged, source_id, &source.name);
    record(tx, entry.before(json!(source.mappings)).after(json!(mappings))).await?;
    tx.announce(Event::FlowSources { account_id: flow.account_id, flow_id });
    Ok(())
}

/// Sets the acceptance criteria of a source. `version` is the one the editor loaded.
pub async fn set_source_criteria(
    tx: &mut Tx,
    flow_id: FlowId,
    source_id: SourceId,
    version: i32,
    criteria: Option<AcceptanceCriteria>,
) -> Result<(), Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    if !queries::set_source_criteria(tx, source_id, version, criteria.as_ref()).await? {
        return Err(Problem::StaleVersion.into());
    }
    let entry = Entry::about(flow.account_id, Deed::RulesChanged, source_id, &source.name);
    record(tx, entry.before(json!(source.acceptance_criteria)).after(json!(criteria))).await?;
    tx.announce(Event::FlowSources { account_id: flow.account_id, flow_id });
    Ok(())
}

/// Updates the open pages of all flows that use an entity.
pub async fn announce_entity(tx: &mut Tx, account_id: AccountId, entity_id: EntityId) -> Result<(), Fault> {
    for flow_id in queries::flows_of_entity(tx, entity_id).await? {
        tx.announce(Event::FlowSources { account_id, flow_id });
    }
    Ok(())
}
