//! The form in the Submission Docs that processes a test lead exactly like a real one and shows the result.

use crate::{
    base::{FlowId, FormState, Problem, SourceId, paths},
    flows::server::{
        docs::{self, SubmissionDoc},
        parameters::Parameter,
    },
    leads::server::{Submission, response::SubmissionResponse, submit_test},
    partners::model::PartnerPermission,
    server::{Fault, FieldChecks, form::Fields, ids::random_bytes},
    ui::{Banner, Button, ButtonKind, Field, FormActions, HiddenField, KeyValues, Tone},
    web::{Post, PostResult, Posted, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

const TEST_LEAD: &str = "test-lead";
/// The id of the section on the page.
pub const SECTION: &str = "test-lead";
/// What the button that fills the form posts.
const EXAMPLE: &str = "example";
/// Prefix of the seller's parameters, which can have any name.
const PARAMETER: &str = "lead-";

pub fn form(visit: &Visit, doc: &SubmissionDoc, parameters: &[Parameter]) -> AnyView {
    if !doc.access.may(PartnerPermission::SendTestLeads) {
        return view! { <p>"Your role does not allow sending test leads. Ask an Admin."</p> }.into_any();
    }
    let back = visit.form(TEST_LEAD);
    let errors = form_errors(&back);
    let has_result = back.was_accepted() && !back.value("answer-status").is_empty();
    let result = has_result.then(|| result(&back.values));
    // After a result the next submit is a new lead. A failed attempt keeps its key because it may have been stored.
    let fresh = random_bytes::<16>().map(|byte| format!("{byte:02x}")).concat();
    let key = if has_result { fresh } else { back.value_or("key", &fresh) };
    let has_fields = !parameters.is_empty();
    let fields = inputs(parameters).into_iter().map(|input| field(&input, &back)).collect_view();
    let action = format!("{}#{SECTION}", paths::source_docs(doc.flow_id, doc.source_id));
    view! {
        {result}
        <form class="form" method="post" action=action novalidate>
            {form_identity(TEST_LEAD, None)}
            <HiddenField name="key" value=key />
            {errors}
            {fields}
            <FormActions>
                // Enter presses the first button.
                <Button kind=ButtonKind::Primary>"Send test lead"</Button>
                {has_fields.then(|| view! { <Button kind=ButtonKind::Secondary name="do" value=EXAMPLE>"Fill with example"</Button> })}
            </FormActions>
        </form>
    }
    .into_any()
}

/// An input for one of the seller's parameters.
struct Input {
    name: String,
    parameter: String,
    help: Vec<&'static str>,
    example: &'static str,
    required: bool,
}

/// One input for each parameter, also if several fields are read from it.
fn inputs(parameters: &[Parameter]) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for parameter in parameters {
        let field = parameter.field;
        for (name, required) in parameter.names() {
            if let Some(input) = inputs.iter_mut().find(|input| input.parameter == name) {
                input.help.push(field.label);
                input.required |= required;
                continue;
            }
            let example = match parameter.ways.as_slice() {
                [way] if way.names.len() == 1 => field.examples.first().copied().unwrap_or_default(),
                _ => "",
            };
            let (name, parameter) = (format!("{PARAMETER}{name}"), name.to_owned());
            inputs.push(Input { name, parameter, help: vec![field.label], example, required });
        }
    }
    inputs
}

fn field(input: &Input, back: &FormState) -> impl IntoView + use<> {
    let labels = input.help.join(", ");
    let help = if input.example.is_empty() { labels } else { format!("{labels}. For example: {}", input.example) };
    let (label, name, required) = (input.parameter.clone(), input.name.clone(), input.required);
    let (value, error) = (back.value(&name), back.error(&name));
    view! { <Field label name value error help autocomplete="off" required optional_mark=!required /> }
}

/// The parameters of the form, for a viewer who may send test leads.
async fn find_parameters(post: &Post, flow_id: FlowId, source_id: SourceId) -> Result<Vec<Parameter>, Fault> {
    let doc = {
        let mut conn = post.cx.read().await?;
        docs::find(&mut conn, flow_id, source_id).await?
    };
    doc.access.clone().require(&post.cx, PartnerPermission::SendTestLeads)?;
    doc.parameters(&post.cx.state.work).await
}

/// A value that the rules accept for each empty field.
fn examples(parameters: &[Parameter], typed: &Fields) -> Vec<(String, String)> {
    let samples = parameters.iter().flat_map(|parameter| &parameter.sample);
    samples
        .map(|(name, value)| (format!("{PARAMETER}{name}"), value.clone()))
        .filter(|(name, _)| typed.get(name).trim().is_empty())
        .collect()
}

/// Refuses a form without a value that the rules require.
fn check_required(post: &Post, parameters: &[Parameter]) -> Result<(), Fault> {
    let mut checked = FieldChecks::default();
    for input in inputs(parameters).iter().filter(|input| input.required) {
        let is_blank = post.fields.get(&input.name).trim().is_empty();
        checked.take(&input.name, (!is_blank).then_some(()).ok_or(Problem::Required));
    }
    checked.finish(|| Some(()))
}

/// The response that the seller's system would have received.
fn result(values: &std::collections::BTreeMap<String, String>) -> AnyView {
    let value = |name: &str| values.get(name).cloned().unwrap_or_default();
    let outcome = value("answer-outcome");
    let (tone, text) = match outcome.as_str() {
        "success" => (Tone::Positive, "Test lead accepted."),
        "failure" => (Tone::Warning, "Test lead rejected."),
        _ => (Tone::Danger, "Test lead refused."),
    };
    let items = [
        ("Status", value("answer-status")),
        ("Outcome", outcome),
        ("Reason", value("answer-reason")),
        ("Lead", value("answer-lead")),
    ];
    let items = items
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| (label.to_owned(), view! { {value} }.into_any()))
        .collect();
    view! { <div role="status"><Banner tone title=text><KeyValues items /></Banner></div> }.into_any()
}

/// Shows the page again with the result and the typed values.
pub async fn post_test_lead(post: Post) -> PostResult<Posted> {
    let (flow_id, source_id): (FlowId, SourceId) = (post.id("flow_id")?, post.id("source_id")?);
    let parameters = find_parameters(&post, flow_id, source_id).await?;
    if post.fields.get("do") == EXAMPLE {
        let rows = examples(&parameters, &post.fields);
        return Ok(post.show_with(rows));
    }
    check_required(&post, &parameters)?;
    let fields = post.fields.to_map();
    let typed: Vec<_> = fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(PARAMETER)?, value)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let body = serde_urlencoded::to_string(typed).unwrap_or_default();
    // A form that was edited and sent again, say after going back, is a new lead, so its content is part of the key.
    let key = Some(post.fields.get("key")).filter(|key| !key.is_empty()).map(|key| format!("{TEST_LEAD} {key} {body}"));
    let submission = Submission::test(flow_id, source_id, &body, key);
    let answer = submit_test(&post.cx, submission).await?;
    Ok(post.show_with(rows(&answer.response)))
}

fn rows(response: &SubmissionResponse) -> [(String, String); 4] {
    [
        ("answer-status", response.status().as_str().to_owned()),
        ("answer-outcome", response.outcome().to_owned()),
        ("answer-reason", response.reason().unwrap_or_default().to_owned()),
        ("answer-lead", response.lead().map(|id| id.to_string()).unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}
