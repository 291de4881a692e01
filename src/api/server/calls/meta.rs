//! The Submission Docs of a source as data, for the seller's system.

use crate::{
    api::server::{
        call::Call,
        paging::Ids,
        response::{ApiResponse, Reply},
    },
    base::{AccountId, FlowId, SourceId, paths},
    flows::server::{
        docs::{self, SubmissionDoc},
        parameters::Parameter,
    },
    rules::{AcceptanceCriteria, FieldType},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The Submission Docs of a source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceMeta {
    /// True if the flow and the source accept leads now.
    enabled: bool,
    /// The buyer.
    account: AccountNamed,
    flow: FlowNamed,
    source: SourceNamed,
    #[schema(format = "uri")]
    submit_url: String,
    params: Vec<Param>,
    #[schema(required, value_type = Option<AcceptanceCriteria>)]
    acceptance_criteria: Option<AcceptanceCriteria>,
    #[schema(required, value_type = Option<AcceptanceCriteria>)]
    flow_acceptance_criteria: Option<AcceptanceCriteria>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountNamed {
    id: AccountId,
    name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FlowNamed {
    id: FlowId,
    name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceNamed {
    id: SourceId,
    name: String,
    authentication_required: bool,
}

/// One parameter of a submission.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Param {
    /// The parameter's name in a submission.
    name: String,
    label: String,
    description: String,
    #[serde(rename = "type")]
    field_type: FieldType,
    /// Leads without a value for the field are rejected.
    required: bool,
    /// The name in rules.
    variable: String,
    examples: Vec<String>,
}

impl Param {
    /// One for each parameter that the field is read from.
    fn list(parameter: &Parameter) -> impl Iterator<Item = Self> + '_ {
        let field = parameter.field;
        parameter.names().into_iter().map(move |(name, required)| Self {
            name: name.to_owned(),
            label: field.label.to_owned(),
            description: field.description.to_owned(),
            field_type: field.field_type,
            required,
            variable: format!("lead.{}", field.name),
            examples: field.examples.iter().map(|example| (*example).to_owned()).collect(),
        })
    }
}

/// Returns the Submission Docs of a source, to API keys of the buyer and, while connected, of the seller.
#[utoipa::path(get, path = "/flows/{flow_id}/sources/{source_id}/meta", operation_id = "source_meta", tag = "Flows",
    params(("flow_id" = FlowId, Path, description = "The flow."), ("source_id" = SourceId, Path, description = "The source.")),
    responses((status = 200, description = "The Submission Docs.", body = SourceMeta)))]
pub async fn meta(call: Call, Ids(flow_id, id): Ids<FlowId, SourceId>) -> Reply {
    let mut conn = call.cx.read().await?;
    let doc = docs::find(&mut conn, flow_id, id).await?;
    drop(conn);
    let parameters = doc.parameters(&call.cx.state.work).await?;
    let SubmissionDoc { is_on, flow_is_on, buyer_name, access, .. } = doc;
    let (flow, source) = (access.flow, access.source);
    let meta = SourceMeta {
        enabled: is_on && flow_is_on,
        account: AccountNamed { id: flow.account_id, name: buyer_name },
        flow: FlowNamed { id: flow.id, name: flow.name },
        source: SourceNamed { id, name: source.name, authentication_required: access.require_authentication },
        submit_url: call.cx.state.config.base_url.join(&paths::submit(flow_id, id)),
        params: parameters.iter().flat_map(Param::list).collect(),
        acceptance_criteria: source.acceptance_criteria.map(|json| json.0),
        flow_acceptance_criteria: flow.acceptance_criteria.map(|json| json.0),
    };
    Ok(ApiResponse::ok(&meta)?)
}
