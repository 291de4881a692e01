//! `/flows` and `/fields`.

use super::rules;
use crate::{
    accounts::model::Permission,
    api::server::{
        body::{Body, double_option, version},
        call::Call,
        error::Error,
        paging::{self, Id, Page, Query},
        queries::flows::{self as queries, Flow},
        response::{ApiResponse, Reply},
        schemas::{FieldName, Name},
    },
    base::{AccountId, FlowId, Problem},
    flows::server as flows,
    rules::{AcceptanceCriteria, RuleProblem, STANDARD_FIELDS, StandardField},
    server::{Fault, Tx},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A new flow.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFlow {
    name: Name,
    /// Names of standard fields, in order; see `/fields`.
    #[schema(value_type = Vec<FieldName>, min_items = 1, max_items = 200, example = json!(["first_name", "email", "state"]))]
    fields: Vec<String>,
    #[schema(value_type = Option<AcceptanceCriteria>)]
    acceptance_criteria: Option<AcceptanceCriteria>,
    /// Default: true.
    enabled: Option<bool>,
}

/// Changes to a flow. Properties left out stay unchanged.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "enabled": false }))]
pub struct FlowChange {
    name: Option<Name>,
    enabled: Option<bool>,
    #[schema(value_type = Option<Vec<FieldName>>, min_items = 1, max_items = 200)]
    fields: Option<Vec<String>>,
    /// Null removes the criteria.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<AcceptanceCriteria>)]
    acceptance_criteria: Option<Option<AcceptanceCriteria>>,
    /// The version you read. If it is no longer current, the response is 409. If left out, the current version is
    /// changed.
    #[serde(default, deserialize_with = "version")]
    #[schema(minimum = 1)]
    version: Option<i32>,
}

/// Lists the flows that are not archived.
#[utoipa::path(get, path = "/flows", operation_id = "list_flows", tag = "Flows", params(Page<FlowId>),
    responses((status = 200, description = "The flows.", body = Vec<Flow>)))]
pub async fn list(call: Call, Query(page): Query<Page<FlowId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let (account_id, limit) = (call.readable_account()?, page.limit());
    let ids = limit.ids(queries::list_ids(&mut conn, account_id, page.after, limit.plus_one()).await?);
    let flows = queries::load(&mut conn, account_id, &ids).await?;
    Ok(paging::page(&call, flows, |flow| flow.id)?)
}

/// Creates a flow with standard fields.
#[utoipa::path(post, path = "/flows", operation_id = "create_flow", tag = "Flows", request_body = NewFlow,
    responses((status = 201, description = "The new flow.", body = Flow)))]
pub async fn create(call: Call, body: Body<NewFlow>) -> Reply {
    let values = rules::find_value_problems(&call.cx, None, body.value.acceptance_criteria.as_ref()).await?;
    call.post(&body.bytes, (call.account_id, body.value, values), |tx, (account_id, new, values)| {
        Box::pin(async move {
            let id = flows::create(tx, account_id, &new.name.0, &new.fields).await?;
            let change = FlowChange {
                name: None,
                enabled: new.enabled.filter(|on| !on),
                fields: None,
                acceptance_criteria: new.acceptance_criteria.map(Some),
                version: None,
            };
            apply(tx, id, change, &values).await?;
            ApiResponse::created(&load(tx, account_id, id).await?)
        })
    })
    .await
}

/// Returns one flow with its sources.
#[utoipa::path(get, path = "/flows/{flow_id}", operation_id = "find_flow", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow.")),
    responses((status = 200, description = "The flow.", body = Flow)))]
pub async fn find(call: Call, Id(id): Id<FlowId>) -> Reply {
    let mut conn = call.cx.read().await?;
    Ok(ApiResponse::ok(&queries::find(&mut conn, call.readable_account()?, id).await?)?)
}

/// Changes a flow.
///
/// Either all changes are made or none.
#[utoipa::path(put, path = "/flows/{flow_id}", operation_id = "change_flow", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow.")), request_body = FlowChange,
    responses((status = 200, description = "The flow.", body = Flow),
              (status = 409, description = "Someone else changed the flow. Read it again.", body = Error)))]
pub async fn change(call: Call, Id(id): Id<FlowId>, body: Body<FlowChange>) -> Reply {
    let change = body.value;
    let criteria = change.acceptance_criteria.as_ref().and_then(Option::as_ref);
    let values = rules::find_value_problems(&call.cx, None, criteria).await?;
    call.write((call.account_id, id, (change, values)), |tx, (account_id, id, (change, values))| {
        Box::pin(async move {
            apply(tx, id, change, &values).await?;
            ApiResponse::ok(&load(tx, account_id, id).await?)
        })
    })
    .await
}

async fn apply(tx: &mut Tx, id: FlowId, change: FlowChange, values: &[RuleProblem]) -> Result<(), Fault> {
    flows::find_for(tx, id, Permission::ChangeFlows).await?;
    // Locked: what is read from here on cannot change.
    if !flows::queries::lock_flow(tx, id).await? {
        return Err(Fault::NOT_FOUND);
    }
    let (flow, _) = flows::find_for(tx, id, Permission::ChangeFlows).await?;
    if change.version.is_some_and(|version| version != flow.version) {
        return Err(Problem::StaleVersion.into());
    }
    let mut version = flow.version;
    if let Some(criteria) = &change.acceptance_criteria {
        let fields = match &change.fields {
            Some(fields) => fields.clone(),
            None => flows::queries::list_fields(tx, id).await?,
        };
        rules::check_criteria(criteria.as_ref(), &fields, values)?;
    }
    if let Some(fields) = &change.fields {
        flows::set_fields(tx, id, version, fields).await?;
        version += 1;
    }
    if let Some(criteria) = change.acceptance_criteria {
        flows::set_flow_criteria(tx, id, version, criteria).await?;
    }
    if let Some(name) = &change.name {
        flows::rename(tx, id, &name.0).await?;
    }
    match change.enabled {
        Some(on) if on != flow.enabled => flows::switch_flow(tx, id, on).await,
        _ => Ok(()),
    }
}

async fn load(tx: &mut Tx, account_id: AccountId, id: FlowId) -> Result<Flow, Fault> {
    queries::find(tx, account_id, id).await
}

/// Removes a flow.
///
/// A flow that ever had leads is archived and can be restored on its page; any other is deleted.
#[utoipa::path(delete, path = "/flows/{flow_id}", operation_id = "delete_flow", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow.")),
    responses((status = 204, description = "Archived or deleted.")))]
pub async fn remove(call: Call, Id(id): Id<FlowId>) -> Reply {
    call.write(id, |tx, id| {
        Box::pin(async move {
            flows::remove_flow(tx, id).await?;
            Ok(ApiResponse::no_content())
        })
    })
    .await
}

/// Lists the standard fields.
#[utoipa::path(get, path = "/fields", operation_id = "list_fields", tag = "Flows",
    responses((status = 200, description = "All standard fields, in the order in which flows offer them.",
               body = Vec<StandardField>)))]
pub async fn fields(call: Call) -> Reply {
    call.readable_account()?;
    Ok(ApiResponse::ok(&STANDARD_FIELDS)?)
}
