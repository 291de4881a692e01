//! [ssr] Processing a submission: authenticate, read, map, parse, judge, store, respond.

mod authentication;
pub mod export;
pub mod http;
pub mod queries;
pub mod response;

use super::input::{Input, InputProblem};
use crate::{
    accounts::server::zone,
    base::{FlowId, LeadId, SourceId},
    flows::server::{access, docs::label_of},
    partners::model::PartnerPermission,
    rules::{self, FieldType, Lead, standard_field},
    server::{Fault, Tx},
};
use authentication::PresentedCredential;
use queries::Target;
use response::SubmissionResponse;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy)]
enum Sender {
    /// A seller's system, with the credential it presents.
    System(Option<PresentedCredential>),
    /// A signed-in person who sends a test lead.
    Person,
}

/// A submission to a source.
#[derive(Debug, Clone)]
pub struct Submission {
    flow_id: FlowId,
    source_id: SourceId,
    sender: Sender,
    /// The values by dotted names. An input problem is reported only to senders that pass authentication.
    input: Result<BTreeMap<String, String>, InputProblem>,
    /// Posts with the same key within 24 hours are one lead.
    idempotency_key: Option<String>,
}

impl Submission {
    /// A lead from a seller's system without a credential; `body` is form-encoded.
    pub fn form(flow_id: FlowId, source_id: SourceId, body: &str) -> Self {
        let input = Input::read(None, Some("application/x-www-form-urlencoded"), body.as_bytes());
        let input = input.map(|input| lead_values(&input));
        Self { flow_id, source_id, sender: Sender::System(None), input, idempotency_key: None }
    }

    /// A test lead from the form in the Submission Docs; `body` is form-encoded.
    pub fn test(flow_id: FlowId, source_id: SourceId, body: &str, idempotency_key: Option<String>) -> Self {
        let input = Input::read(None, Some("application/x-www-form-urlencoded"), body.as_bytes());
        let input = input.map(|input| lead_values(&input));
        Self { flow_id, source_id, sender: Sender::Person, input, idempotency_key }
    }

    fn is_test(&self, input: &BTreeMap<String, String>) -> bool {
        let is_true = |value: &String| matches!(value.trim().to_lowercase().as_str(), "true" | "1" | "t");
        matches!(self.sender, Sender::Person) || input.get("test").is_some_and(is_true)
    }
}

/// The submitted values, without `redir_url`, which is meant for the consumer's browser.
fn lead_values(input: &Input) -> BTreeMap<String, String> {
    let mut flat = input.flat();
    flat.remove("redir_url");
    flat
}

/// Processes one submission. The transaction that stores the lead also checks whether its source may send. The sender
/// is authenticated first, so that strangers learn nothing about the state of the source.
pub async fn process(tx: &mut Tx, submission: Submission) -> Result<SubmissionResponse, Fault> {
    let now = tx.now();
    let target = queries::find_target(tx, submission.flow_id, submission.source_id).await?.ok_or(Fault::NOT_FOUND)?;
    if let Some(refused) = refusal(tx, &target, submission.sender).await? {
        queries::count_refusal(tx, &target, zone::day(&target.time_zone, now)).await?;
        return Ok(refused);
    }
    let input = match &submission.input {
        Ok(input) => input,
        Err(problem) => return Ok(SubmissionResponse::Unreadable(*problem)),
    };
    let id = tx.make_id::<LeadId>();
    if let Some(key) = &submission.idempotency_key
        && let Some(first) = queries::claim_key(tx, &target, key, id).await?
    {
        return queries::find_response(tx, &target, first).await;
    }
    let mapped = rules::apply(&target.mappings, input);
    let fields = target.fields.iter().map(|name| (name.as_str(), type_of(name)));
    let lead = Lead::parse(&mapped, fields);
    let criteria = [target.flow_criteria.as_ref(), target.source_criteria.as_ref()];
    let reason = criteria.into_iter().flatten().find_map(|criteria| rules::judge(criteria, &lead, label_of));
    let stored = queries::NewLead {
        id,
        reason: reason.as_deref(),
        test: submission.is_test(input),
        input: json!(input),
        fields: stored_fields(&lead),
    };
    queries::insert_lead(tx, &target, &stored).await?;
    Ok(SubmissionResponse::Handled { id, reason })
}

/// Processes a test lead, if the signed-in sender may send one. It needs no credential.
pub async fn process_test(tx: &mut Tx, submission: Submission) -> Result<SubmissionResponse, Fault> {
    let access = access::find(tx, submission.flow_id, submission.source_id).await?;
    access.require(&tx.cx, PartnerPermission::SendTestLeads)?;
    process(tx, submission).await
}

/// Why the flow currently refuses all submissions of this sender, if it does.
async fn refusal(tx: &mut Tx, target: &Target, sender: Sender) -> Result<Option<SubmissionResponse>, Fault> {
    let authentic = match sender {
        Sender::Person => true,
        // The use of a valid credential is recorded even if none is required, to show which senders already
        // authenticate.
        Sender::System(Some(presented)) => {
            authentication::is_valid(tx, target, presented).await? || !target.require_authentication
        }
        Sender::System(None) => !target.require_authentication,
    };
    let may_send = target.source_enabled && target.kind.may_send(target.connected);
    Ok(match (authentic, target.flow_enabled, may_send) {
        (false, ..) => Some(SubmissionResponse::Unauthorized),
        (true, false, _) => Some(SubmissionResponse::Refused("flow is not enabled")),
        (true, true, false) => Some(SubmissionResponse::Refused("source is not enabled")),
        (true, true, true) => None,
    })
}

fn type_of(field: &str) -> FieldType {
    standard_field(field).map_or(FieldType::String, |field| field.field_type)
}

/// Each field with its normal form, its raw text, and whether it is valid.
fn stored_fields(lead: &Lead) -> Value {
    let fields: Map<_, _> = lead
        .values()
        .map(|(name, value)| {
            (name.to_owned(), json!({ "value": value.normal, "raw": value.raw, "valid": value.valid }))
        })
        .collect();
    Value::Object(fields)
}
