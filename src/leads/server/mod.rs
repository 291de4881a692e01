//! [ssr] Taking a lead: map, parse, judge, store, answer.

pub mod answer;
pub mod export;
pub mod http;
pub mod queries;

use crate::{
    accounts::server::zone,
    base::{FlowId, LeadId, SourceId},
    entities::model::EntityKind,
    flows::server::docs::label_of,
    leads::input::Input,
    rules::{self, FieldType, Lead, standard_field},
    server::{Fault, Tx},
};
use answer::Answer;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A submission that was read, on its way to a source.
#[derive(Debug, Clone)]
pub struct Submission {
    pub flow_id: FlowId,
    pub source_id: SourceId,
    pub input: BTreeMap<String, String>,
    /// Two posts with the same key are one lead, within 24 hours.
    pub idempotency_key: Option<String>,
}

impl Submission {
    pub fn new(flow_id: FlowId, source_id: SourceId, input: &Input, idempotency_key: Option<String>) -> Self {
        let mut flat = input.flat();
        flat.remove("redir_url");
        Self { flow_id, source_id, input: flat, idempotency_key }
    }

    fn is_test(&self) -> bool {
        self.input.get("test").is_some_and(|value| matches!(value.trim().to_lowercase().as_str(), "true" | "1" | "t"))
    }
}

/// Takes one submission. Whether its source may send is decided once, in the transaction that stores the lead.
pub async fn take(tx: &mut Tx, submission: Submission) -> Result<Answer, Fault> {
    let now = tx.now();
    let target = queries::find_target(tx, submission.flow_id, submission.source_id).await?.ok_or(Fault::NOT_FOUND)?;
    if !target.flow_enabled {
        queries::count_refusal(tx, &target, zone::day(&target.time_zone, now)).await?;
        return Ok(Answer::Refused("flow is not enabled"));
    }
    if !target.source_enabled || (target.kind == EntityKind::Account && !target.connected) {
        queries::count_refusal(tx, &target, zone::day(&target.time_zone, now)).await?;
        return Ok(Answer::Refused("source is not enabled"));
    }
    let id = tx.make_id::<LeadId>();
    if let Some(key) = &submission.idempotency_key
        && let Some(first) = queries::claim_key(tx, &target, key, id, now).await?
    {
        return queries::find_answer(tx, &target, first).await;
    }
    let mapped = rules::apply(&target.mappings, &submission.input);
    let fields = target.fields.iter().map(|name| (name.as_str(), type_of(name)));
    let lead = Lead::parse(&mapped, fields);
    let criteria = [target.flow_criteria.as_ref(), target.source_criteria.as_ref()];
    let reason = criteria.into_iter().flatten().find_map(|criteria| rules::judge(criteria, &lead, label_of));
    let stored = queries::NewLead {
        id,
        reason: reason.as_deref(),
        test: submission.is_test(),
        input: json!(submission.input),
        fields: stored_fields(&lead),
    };
    queries::insert_lead(tx, &target, &stored, now).await?;
    Ok(Answer::Handled { id, reason })
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
