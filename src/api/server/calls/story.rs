//! `/leads/{lead_id}/story`.

use crate::{
    api::server::{
        call::Call,
        paging::Id,
        queries::leads::{self as queries, Lead},
        response::{ApiResponse, Reply},
    },
    base::LeadId,
    leads::server::story::{self, Certainty, Owner, Replay, Story},
    server::{Fault, PageIds, page_rows::PAGE_BUDGET},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// How a lead arrived.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReceivedLead {
    /// Null for leads from before this was recorded, like the next three.
    #[schema(required)]
    method: Option<String>,
    #[schema(required)]
    content_type: Option<String>,
    /// The sender's network address.
    #[schema(required)]
    address: Option<String>,
    #[schema(required)]
    user_agent: Option<String>,
    /// True if the sender presented a valid credential, whether or not the source requires one.
    authenticated: bool,
    /// What was changed to store the input.
    marks: Vec<String>,
    /// The input as read: each value is a text or a list of texts.
    #[schema(value_type = Object)]
    raw: Value,
}

/// The numbers of the configurations that judged a lead; null for leads from before versions were kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeadVersions {
    #[schema(required)]
    flow: Option<i32>,
    #[schema(required)]
    source: Option<i32>,
}

/// One check of a lead, or a rule with what it saw.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeadCheck {
    /// The check in words.
    check: String,
    #[schema(inline)]
    of: CheckOwner,
    /// The places from the outermost set of rules to this rule, from 0. Empty for checks of the request.
    path: Vec<usize>,
    /// For a rule that was not reached, whether it would pass.
    passed: bool,
    /// False if the lead was decided before this rule.
    reached: bool,
    /// The reason of the lead, at the first of the failed rules that decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The beginning of the normal form of the tested field.
    #[serde(skip_serializing_if = "Option::is_none")]
    saw: Option<String>,
}

/// What a check is part of.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckOwner {
    Request,
    Flow,
    Source,
}

/// Whether the checks can be shown.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// They lead to the outcome.
    Known,
    /// The versions that judged the lead were not kept, so there are no checks.
    NotKept,
    /// The personal data of the lead was erased, so there are no checks.
    Erased,
    /// They do not lead to the outcome and reason, or see values that were removed before the lead was stored; or its
    /// rules are read differently since.
    Differs,
}

/// What happened to a lead, step by step. The steps are worked out from its input and the versions that judged it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeadStory {
    lead: Lead,
    received: ReceivedLead,
    versions: LeadVersions,
    /// The fields that mappings set, before parsing.
    #[schema(value_type = Object)]
    mapped: Map<String, Value>,
    /// The fields after parsing, with the text as sent, the normal form, and whether it is valid.
    #[schema(value_type = Object)]
    fields: Value,
    #[schema(inline)]
    checks_state: CheckState,
    /// In order: the request, the rules of the flow, the rules of the source.
    checks: Vec<LeadCheck>,
    /// The response to the submission, in its default format.
    #[schema(value_type = Object)]
    answer: Value,
    /// Always empty.
    #[schema(value_type = Vec<Object>)]
    deliveries: Vec<Value>,
    /// Always empty.
    #[schema(value_type = Vec<Object>)]
    feedback: Vec<Value>,
}

/// Returns the story of a lead.
///
/// It says how the lead arrived, what mappings and parsing made of it, and each check with its result.
#[utoipa::path(get, path = "/leads/{lead_id}/story", operation_id = "find_lead_story", tag = "Leads",
    params(("lead_id" = LeadId, Path, description = "The lead.")),
    responses((status = 200, description = "The story.", body = LeadStory)))]
pub async fn find(call: Call, Id(id): Id<LeadId>) -> Reply {
    let mut conn = call.cx.read().await?;
    let account_id = call.readable_account()?;
    let found = queries::load(&mut conn, account_id, &PageIds::first(1, vec![id]), PAGE_BUDGET).await?;
    let lead = found.rows.into_iter().next().ok_or(Fault::NOT_FOUND)?;
    let row = story::find_in_account(&mut conn, account_id, id).await?;
    drop(conn);
    let story = story::tell(&call.cx, row).await?;
    Ok(ApiResponse::ok(&LeadStory::of(lead, story)?)?)
}

impl LeadStory {
    fn of(lead: Lead, story: Story) -> Result<Self, Fault> {
        let fields = serde_json::from_str(lead.fields.get()).map_err(|error| Fault::Broken(error.to_string()))?;
        let (answer, checks) = (story.answer(), checks(&story));
        let row = story.row;
        let received = row.received.0;
        let mapped = story.replay.map(|replay| replay.mapped).unwrap_or_default();
        Ok(Self {
            lead,
            received: ReceivedLead {
                method: received.method,
                content_type: received.content_type,
                address: received.address,
                user_agent: received.user_agent,
                authenticated: received.authenticated,
                marks: received.marks,
                raw: row.input,
            },
            versions: LeadVersions { flow: row.flow_version, source: row.source_version },
            mapped: mapped.into_iter().map(|(name, value)| (name, Value::String(value))).collect(),
            fields,
            checks_state: match story.certainty {
                Certainty::Known => CheckState::Known,
                Certainty::Before | Certainty::Unkept => CheckState::NotKept,
                Certainty::Erased => CheckState::Erased,
                Certainty::Differs => CheckState::Differs,
            },
            checks,
            answer,
            deliveries: Vec::new(),
            feedback: Vec::new(),
        })
    }
}

fn checks(story: &Story) -> Vec<LeadCheck> {
    let request = story.checks.iter().map(|check| LeadCheck {
        check: check.name.to_owned(),
        of: CheckOwner::Request,
        path: Vec::new(),
        passed: check.passed,
        reached: true,
        reason: None,
        saw: Some(check.saw.to_owned()),
    });
    let cause = story.replay.as_ref().and_then(Replay::cause);
    let rules = story.replay.iter().flat_map(|replay| &replay.rules).enumerate().map(|(place, step)| LeadCheck {
        check: step.words.clone(),
        of: match step.owner {
            Owner::Flow => CheckOwner::Flow,
            Owner::Source => CheckOwner::Source,
        },
        path: step.path.clone(),
        passed: step.passed,
        reached: step.reached,
        reason: story.row.reason.clone().filter(|_| cause == Some(place)),
        saw: step.saw.clone(),
    });
    request.chain(rules).collect()
}
