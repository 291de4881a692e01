//! `/flows/{flow_id}/sources`.

use super::rules;
use crate::{
    accounts::model::Permission,
    api::server::{
        body::{Body, double_option, version},
        call::Call,
        error::Error,
        paging::{Id, Ids},
        queries::flows::{self as queries, FlowSource},
        response::{ApiResponse, Reply},
    },
    base::{AccountId, EntityId, FlowId, Problem, SourceId},
    flows::server as flows,
    rules::{AcceptanceCriteria, Mapping, RuleProblem},
    server::{Fault, Tx},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// The entity to add as a source.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    entity_id: EntityId,
}

/// Changes to a source. Properties left out stay unchanged.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "mappings": [{ "property": "state", "value": "{{st}}" }] }))]
pub struct SourceChange {
    /// A source whose account is not connected cannot be turned on.
    enabled: Option<bool>,
    #[schema(value_type = Option<Vec<Mapping>>, max_items = 200)]
    mappings: Option<Vec<Mapping>>,
    /// Null removes the criteria.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<AcceptanceCriteria>)]
    acceptance_criteria: Option<Option<AcceptanceCriteria>>,
    require_authentication: Option<bool>,
    turn_on_when_accepted: Option<bool>,
    /// The version you read. If it is no longer current, the response is 409. If left out, the current version is
    /// changed.
    #[serde(default, deserialize_with = "version")]
    #[schema(minimum = 1)]
    version: Option<i32>,
}

/// Adds an entity to a flow as a source.
#[utoipa::path(post, path = "/flows/{flow_id}/sources", operation_id = "add_source", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow.")), request_body = NewSource,
    responses((status = 201, description = "The new source.", body = FlowSource),
              (status = 409, description = "`already_in_flow`: the entity is already a source of this flow.", body = Error)))]
pub async fn add(call: Call, Id(flow_id): Id<FlowId>, body: Body<NewSource>) -> Reply {
    let input = (call.account_id, flow_id, body.value.entity_id);
    call.post(&body.bytes, input, |tx, (account_id, flow_id, entity_id)| {
        Box::pin(async move {
            let id = flows::add_source(tx, flow_id, entity_id).await.map_err(unknown)?;
            ApiResponse::created(&load(tx, account_id, (flow_id, id)).await?)
        })
    })
    .await
}

/// In a form the entity is chosen from a list, so an unknown one is an error of the field. Here it is 404.
fn unknown(fault: Fault) -> Fault {
    match fault {
        Fault::Expected(error) if error.field_message("entity").is_some() => Fault::NOT_FOUND,
        other => other,
    }
}

/// Returns one source of a flow.
#[utoipa::path(get, path = "/flows/{flow_id}/sources/{source_id}", operation_id = "find_source", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow."), ("source_id" = SourceId, Path, description = "The source.")),
    responses((status = 200, description = "The source.", body = FlowSource)))]
pub async fn find(call: Call, Ids(flow_id, id): Ids<FlowId, SourceId>) -> Reply {
    let mut conn = call.cx.read().await?;
    Ok(ApiResponse::ok(&queries::find_source(&mut conn, call.readable_account()?, (Some(flow_id), id)).await?)?)
}

/// Changes a source.
///
/// Either all changes are made or none.
#[utoipa::path(put, path = "/flows/{flow_id}/sources/{source_id}", operation_id = "change_source", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow."), ("source_id" = SourceId, Path, description = "The source.")),
    request_body = SourceChange,
    responses((status = 200, description = "The source.", body = FlowSource),
              (status = 409, description = "The source cannot be turned on in this state, or someone else changed it.", body = Error)))]
pub async fn change(call: Call, Ids(flow_id, id): Ids<FlowId, SourceId>, body: Body<SourceChange>) -> Reply {
    let change = body.value;
    let criteria = change.acceptance_criteria.as_ref().and_then(Option::as_ref);
    let values = rules::find_value_problems(&call.cx, change.mappings.as_deref(), criteria).await?;
    call.write((call.account_id, (flow_id, id), (change, values)), |tx, (account_id, ids, (change, values))| {
        Box::pin(async move {
            apply(tx, ids, change, &values).await?;
            ApiResponse::ok(&load(tx, account_id, ids).await?)
        })
    })
    .await
}

async fn apply(
    tx: &mut Tx,
    (flow_id, id): (FlowId, SourceId),
    change: SourceChange,
    values: &[RuleProblem],
) -> Result<(), Fault> {
    let (flow, _, _) = flows::find_source_for(tx, flow_id, id, Permission::ChangeFlows).await?;
    // Locked: what is read from here on cannot change.
    flows::queries::lock_source(tx, flow.account_id, id).await?;
    let (_, source, _) = flows::find_source_for(tx, flow_id, id, Permission::ChangeFlows).await?;
    if change.version.is_some_and(|version| version != source.version) {
        return Err(Problem::StaleVersion.into());
    }
    let mut version = source.version;
    let fields = flows::queries::list_fields(tx, flow_id).await?;
    if let Some(mappings) = &change.mappings {
        rules::check_mappings(mappings, &fields, values)?;
    }
    if let Some(criteria) = &change.acceptance_criteria {
        rules::check_criteria(criteria.as_ref(), &fields, values)?;
    }
    if change.mappings.is_some() || change.acceptance_criteria.is_some() {
        let mappings = change.mappings.as_deref().unwrap_or(&source.mappings);
        let before = source.acceptance_criteria.as_ref().map(|criteria| &criteria.0);
        rules::check_source(mappings, change.acceptance_criteria.as_ref().map_or(before, Option::as_ref))?;
    }
    if let Some(mappings) = change.mappings {
        flows::set_mappings(tx, flow_id, id, version, mappings).await?;
        version += 1;
    }
    if let Some(criteria) = change.acceptance_criteria {
        flows::set_source_criteria(tx, flow_id, id, version, criteria).await?;
    }
    if let Some(required) = change.require_authentication {
        flows::credentials::require(tx, flow_id, id, required).await?;
    }
    if let Some(turn_on) = change.turn_on_when_accepted {
        flows::set_turn_on(tx, flow_id, id, turn_on).await?;
    }
    match change.enabled {
        Some(on) if on != source.enabled => flows::switch_source(tx, flow_id, id, on).await,
        _ => Ok(()),
    }
}

async fn load(tx: &mut Tx, account_id: AccountId, ids: (FlowId, SourceId)) -> Result<FlowSource, Fault> {
    queries::find_source(tx, account_id, (Some(ids.0), ids.1)).await
}

/// Removes a source from its flow.
///
/// A pending invitation stays open, and stored leads stay.
#[utoipa::path(delete, path = "/flows/{flow_id}/sources/{source_id}", operation_id = "remove_source", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow."), ("source_id" = SourceId, Path, description = "The source.")),
    responses((status = 204, description = "Removed.")))]
pub async fn remove(call: Call, Ids(flow_id, id): Ids<FlowId, SourceId>) -> Reply {
    call.write((flow_id, id), |tx, (flow_id, id)| {
        Box::pin(async move {
            flows::remove_source(tx, flow_id, id).await?;
            Ok(ApiResponse::no_content())
        })
    })
    .await
}
