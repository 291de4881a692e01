//! `/flows` and `/fields`.

use super::rules;
use crate::{
    accounts::model::Permission,
    api::server::{
        answer::{Answer, Reply},
        body::{Body, there, version},
        call::Call,
        paging::{Id, Page, Query},
        queries::{
            Which,
            flows::{self as queries, Flow},
        },
        refusal::Error,
        schemas::{FieldName, Name},
    },
    base::{AccountId, FlowId, Problem},
    flows::server as flows,
    rules::{AcceptanceCriteria, STANDARD_FIELDS, StandardField},
    server::{Fault, Tx},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A flow to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFlow {
    name: Name,
    /// Names of standard fields, in their order; see `/fields`.
    #[schema(value_type = Vec<FieldName>, min_items = 1, max_items = 200, example = json!(["first_name", "email", "state"]))]
    fields: Vec<String>,
    #[schema(value_type = Option<AcceptanceCriteria>)]
    acceptance_criteria: Option<AcceptanceCriteria>,
    /// On if left out.
    enabled: Option<bool>,
}

/// What to change of a flow.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "enabled": false }))]
pub struct FlowChange {
    name: Option<Name>,
    enabled: Option<bool>,
    #[schema(value_type = Option<Vec<FieldName>>, min_items = 1, max_items = 200)]
    fields: Option<Vec<String>>,
    /// Null removes them.
    #[serde(default, deserialize_with = "there")]
    #[schema(value_type = Option<AcceptanceCriteria>)]
    acceptance_criteria: Option<Option<AcceptanceCriteria>>,
    /// The version that was read; another one by now is a conflict. Left out, the present one is changed.
    #[serde(default, deserialize_with = "version")]
    #[schema(minimum = 1)]
    version: Option<i32>,
}

/// All flows that are not archived.
#[utoipa::path(get, path = "/flows", operation_id = "list_flows", tag = "Flows", params(Page<FlowId>),
    responses((status = 200, description = "The flows.", body = Vec<Flow>)))]
pub async fn list(call: Call, Query(page): Query<Page<FlowId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let which = Which::Page { after: page.after, limit: page.limit().and_one() };
    let rows = queries::list(&mut conn, call.seen()?, which).await?;
    Ok(page.limit().page(&call, rows, |flow| flow.id)?)
}

/// Makes a flow of standard fields.
#[utoipa::path(post, path = "/flows", operation_id = "create_flow", tag = "Flows", request_body = NewFlow,
    responses((status = 201, description = "The new flow.", body = Flow)))]
pub async fn create(call: Call, body: Body<NewFlow>) -> Reply {
    call.post(&body.bytes, (call.account_id, body.value), |tx, (account_id, new)| {
        Box::pin(async move {
            let id = flows::create(tx, account_id, &new.name.0, &new.fields).await?;
            let change = FlowChange {
                name: None,
                enabled: new.enabled.filter(|on| !on),
                fields: None,
                acceptance_criteria: new.acceptance_criteria.map(Some),
                version: None,
            };
            apply(tx, id, change).await?;
            Answer::created(&shown(tx, account_id, id).await?)
        })
    })
    .await
}

/// One flow with its sources.
#[utoipa::path(get, path = "/flows/{flow_id}", operation_id = "find_flow", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow.")),
    responses((status = 200, description = "The flow.", body = Flow)))]
pub async fn find(call: Call, Id(id): Id<FlowId>) -> Reply {
    let mut conn = call.cx.read().await?;
    Ok(Answer::ok(&queries::find(&mut conn, call.seen()?, id).await?)?)
}

/// Changes a flow: all of what is given, or nothing.
#[utoipa::path(put, path = "/flows/{flow_id}", operation_id = "change_flow", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow.")), request_body = FlowChange,
    responses((status = 200, description = "The flow.", body = Flow),
              (status = 409, description = "Somebody changed it meanwhile.", body = Error)))]
pub async fn change(call: Call, Id(id): Id<FlowId>, body: Body<FlowChange>) -> Reply {
    call.write((call.account_id, id, body.value), |tx, (account_id, id, change)| {
        Box::pin(async move {
            apply(tx, id, change).await?;
            Answer::ok(&shown(tx, account_id, id).await?)
        })
    })
    .await
}

async fn apply(tx: &mut Tx, id: FlowId, change: FlowChange) -> Result<(), Fault> {
    flows::find_for(tx, id, Permission::ChangeFlows).await?;
    // What is read from here on stays as it is.
    if !flows::queries::lock_flow(tx, id).await? {
        return Err(Fault::NOT_FOUND);
    }
    let (flow, _) = flows::find_for(tx, id, Permission::ChangeFlows).await?;
    if change.version.is_some_and(|version| version != flow.version) {
        return Err(Problem::StaleVersion.into());
    }
    if let Some(criteria) = change.acceptance_criteria {
        let fields = match &change.fields {
            Some(fields) => fields.clone(),
            None => flows::queries::list_fields(tx, id).await?,
        };
        rules::check_criteria(criteria.as_ref(), &fields)?;
        flows::set_flow_criteria(tx, id, flow.version, criteria).await?;
    }
    if let Some(name) = &change.name {
        flows::rename(tx, id, &name.0).await?;
    }
    if let Some(fields) = &change.fields {
        flows::set_fields(tx, id, fields).await?;
    }
    match change.enabled {
        Some(on) if on != flow.enabled => flows::switch_flow(tx, id, on).await,
        _ => Ok(()),
    }
}

async fn shown(tx: &mut Tx, account_id: AccountId, id: FlowId) -> Result<Flow, Fault> {
    queries::find(tx, account_id, id).await
}

/// Removes a flow. One that has leads is archived, and can be restored on its page; any other is gone.
#[utoipa::path(delete, path = "/flows/{flow_id}", operation_id = "delete_flow", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow.")),
    responses((status = 204, description = "Archived or gone.")))]
pub async fn remove(call: Call, Id(id): Id<FlowId>) -> Reply {
    call.write(id, |tx, id| {
        Box::pin(async move {
            flows::remove_flow(tx, id).await?;
            Ok(Answer::done())
        })
    })
    .await
}

/// The standard fields that flows are made of.
#[utoipa::path(get, path = "/fields", operation_id = "list_fields", tag = "Flows",
    responses((status = 200, description = "All of them, in the order in which a flow offers them.",
               body = Vec<StandardField>)))]
pub async fn fields(call: Call) -> Reply {
    call.seen()?;
    Ok(Answer::ok(&STANDARD_FIELDS)?)
}
