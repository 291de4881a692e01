//! The sections of a story, in the order in which things happened.

use super::{Side, values::Space};
use crate::{
    flows::server::docs::label_of,
    leads::server::story::{
        Certainty, Check, Effect, FieldStory, MappingStep, Origin, Owner, Parameter, RuleStep, Story,
    },
    ui::{Banner, Cell, CodeBlock, Column, DataTable, KeyValues, Panel, Tag, Tone},
};
use leptos::prelude::*;

/// How the lead arrived.
pub fn received(story: &Story, space: &Space, at: AnyView) -> AnyView {
    let received = &story.row.received;
    let known = |text: &Option<String>| match text {
        Some(text) => space.value(text),
        None => view! { <span class="muted">"Not recorded"</span> }.into_any(),
    };
    let is_erased = story.row.erased_at.is_some();
    let personal = |text| if is_erased { "Erased".into_any() } else { known(text) };
    let authenticated = match (received.authenticated, &received.method) {
        (true, _) => "Yes".into_any(),
        (false, Some(_)) => "No".into_any(),
        (false, None) => view! { <span class="muted">"Not recorded"</span> }.into_any(),
    };
    let mut items = vec![
        ("Time".to_owned(), at),
        ("Method".to_owned(), known(&received.method)),
        ("Content type".to_owned(), known(&received.content_type)),
        ("User agent".to_owned(), personal(&received.user_agent)),
        ("Network address".to_owned(), personal(&received.address)),
        ("Authenticated".to_owned(), authenticated),
    ];
    if !received.marks.is_empty() {
        let marks = received.marks.iter().map(|mark| view! { <li>{space.value(mark)}</li> }).collect_view();
        items.push(("Changed to store it".to_owned(), view! { <ul class="sent-list">{marks}</ul> }.into_any()));
    }
    let input = if is_erased {
        view! { <p class="muted">"Its input was erased."</p> }.into_any()
    } else if story.parameters.is_empty() {
        view! { <p class="muted">"Nothing is kept of its input."</p> }.into_any()
    } else {
        let rows = story.parameters.iter().map(|parameter| parameter_row(parameter, space)).collect_view();
        let head = ["Parameter", "Value"].map(Column::new).to_vec();
        view! { <DataTable caption="Input as read" head>{rows}</DataTable> }.into_any()
    };
    view! {
        <Panel title="Received" id="received">
            <KeyValues items />
            {input}
        </Panel>
    }
    .into_any()
}

fn parameter_row(parameter: &Parameter, space: &Space) -> impl IntoView + use<> {
    let (name, value) = (space.name(&parameter.name), values(parameter, space));
    view! {
        <tr>
            <Cell label="Parameter">{name}</Cell>
            <Cell label="Value">{value}</Cell>
        </tr>
    }
}

fn values(parameter: &Parameter, space: &Space) -> AnyView {
    match (parameter.is_list, parameter.values.as_slice()) {
        (false, [one]) => space.value(one),
        (_, items) => {
            let items = items.iter().map(|item| view! { <li>{space.value(item)}</li> }).collect_view();
            view! { <ul class="sent-list">{items}</ul> }.into_any()
        }
    }
}

/// What mappings and parsing made of the input.
pub fn mapped(story: &Story, space: &Space, reader: Side) -> AnyView {
    let fields = if story.row.erased_at.is_some() {
        view! { <p class="muted">"Its fields were erased."</p> }.into_any()
    } else if story.fields.is_empty() {
        view! { <p class="muted">"No field of the flow has a value."</p> }.into_any()
    } else {
        let rows = story.fields.iter().map(|field| field_row(story, field, space, reader)).collect_view();
        let head = ["Field", "From", "As sent", "Read as", "Format"].map(Column::new).to_vec();
        view! { <DataTable caption="Fields" head>{rows}</DataTable> }.into_any()
    };
    let steps = story.replay.as_ref().map(|replay| replay.mappings.as_slice()).unwrap_or_default();
    // The seller knows the mappings by its own parameter names only.
    let steps = (reader == Side::Buyer && !steps.is_empty()).then(|| mapping_table(steps, space));
    let names: Vec<_> = story.unmapped().map(|parameter| view! { <li>{space.name(&parameter.name)}</li> }).collect();
    let unmapped = (!names.is_empty()).then(|| {
        view! { <h3>"Unmapped parameters"</h3> <ul class="sent-list">{names}</ul> }
    });
    view! {
        <Panel title="Mapped and parsed" id="mapped">
            {fields}
            {steps}
            {unmapped}
        </Panel>
    }
    .into_any()
}

fn field_row(story: &Story, field: &FieldStory, space: &Space, reader: Side) -> impl IntoView + use<> {
    let (tone, word) = if field.valid { (Tone::Positive, "Valid") } else { (Tone::Warning, "Invalid") };
    let (label, from) = (label_of(&field.name), origin(story, &field.name, space, reader));
    let [raw, value] = [&field.raw, &field.value].map(|text| space.value(text));
    view! {
        <tr>
            <Cell label="Field"><span class="cell-title">{label}</span></Cell>
            <Cell label="From">{from}</Cell>
            <Cell label="As sent">{raw}</Cell>
            <Cell label="Read as">{value}</Cell>
            <Cell label="Format"><Tag tone text=word /></Cell>
        </tr>
    }
}

fn origin(story: &Story, field: &str, space: &Space, reader: Side) -> AnyView {
    match (story.origin(field), reader) {
        (Some(Origin::Parameter), _) => view! { "Parameter " {space.name(field)} }.into_any(),
        (Some(Origin::Mapping(step)), Side::Buyer) => view! { "Mapping " {space.name(&step.value)} }.into_any(),
        (Some(Origin::Mapping(step)), Side::Seller) => match step.parameters.as_slice() {
            [one] => view! { "Parameter " {space.name(one)} }.into_any(),
            _ => "A mapping of the buyer".into_any(),
        },
        (None, _) => view! { <span class="muted">"Not known"</span> }.into_any(),
    }
}

fn mapping_table(steps: &[MappingStep], space: &Space) -> AnyView {
    let row = |step: &MappingStep| {
        let (tone, word) = match step.effect {
            Effect::Applied => (Tone::Positive, "Applied"),
            Effect::Replaced => (Tone::Neutral, "Replaced by a later mapping"),
            Effect::ConditionNotMet => (Tone::Neutral, "Condition not met"),
            Effect::Skipped => (Tone::Neutral, "Nothing to set"),
        };
        let condition = step.condition.iter().map(|line| view! { <li>{space.words(line)}</li> }).collect_view();
        let condition = (!step.condition.is_empty()).then(|| view! { <ul class="sent-list">{condition}</ul> });
        let (field, value) = (space.name(&label_of(&step.property)), space.value(&step.value));
        view! {
            <tr>
                <Cell label="Field">{field}</Cell>
                <Cell label="Value">{value}</Cell>
                <Cell label="Condition">{condition}</Cell>
                <Cell label="Result"><Tag tone text=word /></Cell>
            </tr>
        }
    };
    let rows = steps.iter().map(row).collect_view();
    let head = ["Field", "Value", "Condition", "Result"].map(Column::new).to_vec();
    view! { <h3>"Mappings"</h3> <DataTable caption="Mappings" head>{rows}</DataTable> }.into_any()
}

/// What to know about checks that see values which were removed.
pub const REMOVED_NOTE: &str =
    "These checks test values that were removed before the lead was stored, so their results here can be wrong.";

/// Each check with its result and what it saw.
pub fn checks(story: &Story, space: &Space) -> AnyView {
    let note = match story.certainty {
        Certainty::Known => None,
        Certainty::Erased => {
            Some("Checks are worked out from the data of the lead. It was erased, so they cannot be shown.")
        }
        Certainty::Before => Some("This lead arrived before versions were kept, so its checks cannot be shown."),
        Certainty::Unkept => Some("The versions that judged this lead were not kept, so its checks cannot be shown."),
        Certainty::Differs if story.replay.as_ref().is_some_and(|replay| replay.sees_removed) => Some(REMOVED_NOTE),
        Certainty::Differs => Some(
            "Worked out again, these checks no longer lead to the answer: values of the lead were removed, or its rules \
             are read differently since.",
        ),
    };
    let note = note.map(|title| view! { <Banner tone=Tone::Info title /> });
    let rules = story.replay.as_ref().map(|replay| replay.rules.as_slice()).unwrap_or_default();
    let table = story.replay.is_some().then(|| check_table(&story.checks, rules, space));
    view! { <Panel title="Checks" id="checks">{note} {table}</Panel> }.into_any()
}

/// The checks of the request, then every rule.
pub fn check_table(checks: &[Check], rules: &[RuleStep], space: &Space) -> AnyView {
    let result = |passed| if passed { (Tone::Positive, "Passed") } else { (Tone::Danger, "Failed") };
    let request = |check: &Check| {
        let (tone, word) = result(check.passed);
        let (name, saw) = (check.name, check.saw);
        view! {
            <tr>
                <Cell label="Check"><span class="cell-title">{name}</span></Cell>
                <Cell label="Of">"Request"</Cell>
                <Cell label="Saw">{saw}</Cell>
                <Cell label="Result"><Tag tone text=word /></Cell>
            </tr>
        }
    };
    let rule = |step: &RuleStep| {
        let (tone, word) = if step.reached { result(step.passed) } else { (Tone::Neutral, "Not reached") };
        let would = if step.passed { " would pass" } else { " would fail" };
        let would = (!step.reached).then(|| view! { <span class="muted">{would}</span> });
        let saw = (!step.is_group).then(|| match &step.saw {
            Some(text) => space.value(text),
            None => view! { <span class="muted">"no value"</span> }.into_any(),
        });
        let joiner = step.joiner.map(|joiner| view! { <span class="muted">{joiner.as_str()} " "</span> });
        let depth = format!("rule-words depth-{}", step.path.len().saturating_sub(1).min(5));
        let owner = match step.owner {
            Owner::Flow => "Flow",
            Owner::Source => "Source",
        };
        let words = space.words(&step.words);
        view! {
            <tr>
                <Cell label="Check"><div class=depth>{joiner}{words}</div></Cell>
                <Cell label="Of">{owner}</Cell>
                <Cell label="Saw">{saw}</Cell>
                <Cell label="Result"><Tag tone text=word />{would}</Cell>
            </tr>
        }
    };
    let (checks, rules) = (checks.iter().map(request).collect_view(), rules.iter().map(rule).collect_view());
    let head = ["Check", "Of", "Saw", "Result"].map(Column::new).to_vec();
    view! { <DataTable caption="Checks" head>{checks}{rules}</DataTable> }.into_any()
}

/// The answer to the sender.
pub fn answer(story: &Story, space: &Space) -> AnyView {
    let code = serde_json::to_string_pretty(&story.answer()).unwrap_or_default();
    let outcome = super::outcome_tag(story.row.outcome);
    let mut items = vec![("Outcome".to_owned(), outcome)];
    if let Some(reason) = &story.row.reason {
        items.push(("Reason".to_owned(), space.value(reason)));
    }
    view! {
        <Panel title="Answer" id="answer" lead="As JSON. A sender that asks for XML or text gets the same in that form.">
            <KeyValues items />
            <CodeBlock code label="Answer" />
        </Panel>
    }
    .into_any()
}
