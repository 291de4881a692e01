//! [ssr] Taking a lead: authenticate, read, map, parse, judge, store, answer.

pub mod answer;
mod authentication;
pub mod export;
pub mod http;
pub mod queries;

use super::input::{Input, InputProblem};
use crate::{
    accounts::server::zone,
    base::{FlowId, LeadId, SourceId},
    flows::server::{access, docs::label_of},
    partners::model::PartnerPermission,
    rules::{self, FieldType, Lead, standard_field},
    server::{Fault, Tx},
};
use answer::Answer;
use authentication::Presented;
use queries::Target;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Who sends.
#[derive(Debug, Clone, Copy)]
enum Sender {
    /// A seller's system, with what it presents.
    System(Option<Presented>),
    /// Somebody who is signed in and tries the source out.
    Person,
}

/// A submission on its way to a source.
#[derive(Debug, Clone)]
pub struct Submission {
    flow_id: FlowId,
    source_id: SourceId,
    sender: Sender,
    /// By dotted names; what could not be read is told to who may send.
    input: Result<BTreeMap<String, String>, InputProblem>,
    /// Two posts with the same key are one lead, within 24 hours.
    idempotency_key: Option<String>,
}

impl Submission {
    /// A lead as a seller's system sends it that presents nothing; `body` is that of a form.
    pub fn form(flow_id: FlowId, source_id: SourceId, body: &str) -> Self {
        let input = Input::read(None, Some("application/x-www-form-urlencoded"), body.as_bytes());
        let input = input.map(|input| lead_of(&input));
        Self { flow_id, source_id, sender: Sender::System(None), input, idempotency_key: None }
    }

    /// A test lead as the form of the Submission Docs sends it; `body` is that of a form.
    pub fn test(flow_id: FlowId, source_id: SourceId, body: &str, idempotency_key: Option<String>) -> Self {
        let input = Input::read(None, Some("application/x-www-form-urlencoded"), body.as_bytes());
        Self { flow_id, source_id, sender: Sender::Person, input: input.map(|input| lead_of(&input)), idempotency_key }
    }

    fn is_test(&self, input: &BTreeMap<String, String>) -> bool {
        let says_so = |value: &String| matches!(value.trim().to_lowercase().as_str(), "true" | "1" | "t");
        matches!(self.sender, Sender::Person) || input.get("test").is_some_and(says_so)
    }
}

/// What was sent, without what is meant for the consumer's browser.
fn lead_of(input: &Input) -> BTreeMap<String, String> {
    let mut flat = input.flat();
    flat.remove("redir_url");
    flat
}

/// Takes one submission. Whether its source may send is decided once, in the transaction that stores the lead; and first of
/// all whether its sender may, so that strangers learn nothing of how the source stands.
pub async fn take(tx: &mut Tx, submission: Submission) -> Result<Answer, Fault> {
    let now = tx.now();
    let target = queries::find_target(tx, submission.flow_id, submission.source_id).await?.ok_or(Fault::NOT_FOUND)?;
    if let Some(refused) = refusal(tx, &target, submission.sender).await? {
        queries::count_refusal(tx, &target, zone::day(&target.time_zone, now)).await?;
        return Ok(refused);
    }
    let input = match &submission.input {
        Ok(input) => input,
        Err(problem) => return Ok(Answer::Unreadable(*problem)),
    };
    let id = tx.make_id::<LeadId>();
    if let Some(key) = &submission.idempotency_key
        && let Some(first) = queries::claim_key(tx, &target, key, id).await?
    {
        return queries::find_answer(tx, &target, first).await;
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
    Ok(Answer::Handled { id, reason })
}

/// Takes a test lead of somebody who may send one; their being signed in is authentication enough.
pub async fn take_test(tx: &mut Tx, submission: Submission) -> Result<Answer, Fault> {
    let access = access::find(tx, submission.flow_id, submission.source_id).await?;
    access.must(&tx.cx, PartnerPermission::SendTestLeads)?;
    take(tx, submission).await
}

/// Why nothing of this sender gets into the flow now, whatever it is.
async fn refusal(tx: &mut Tx, target: &Target, sender: Sender) -> Result<Option<Answer>, Fault> {
    let authentic = match sender {
        Sender::Person => true,
        // A right one is noted where it is not asked for, too: so one sees who is ready before requiring it.
        Sender::System(Some(presented)) => {
            authentication::proves(tx, target, presented).await? || !target.require_authentication
        }
        Sender::System(None) => !target.require_authentication,
    };
    let may_send = target.source_enabled && target.kind.may_send(target.connected);
    Ok(match (authentic, target.flow_enabled, may_send) {
        (false, ..) => Some(Answer::Unauthorized),
        (true, false, _) => Some(Answer::Refused("flow is not enabled")),
        (true, true, false) => Some(Answer::Refused("source is not enabled")),
        (true, true, true) => None,
    })
}

fn type_of(field: &str) -> FieldType {
    standard_field(field).map_or(FieldType::String, |field| field.field_type)
}

/// Each field with what it came to, what it was, and whether it could be read.
fn stored_fields(lead: &Lead) -> Value {
    let fields: Map<_, _> = lead
        .values()
        .map(|(name, value)| {
            (name.to_owned(), json!({ "value": value.normal, "raw": value.raw, "valid": value.valid }))
        })
        .collect();
    Value::Object(fields)
}
