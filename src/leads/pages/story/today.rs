//! *Try with today's rules*: what would happen to the lead now, beside what happened. Nothing is stored.

use super::{
    outcome_tag,
    sections::{REMOVED_NOTE, check_table},
    values::Space,
};
use crate::{
    flows::server::docs::label_of,
    leads::server::story::{FieldStory, Story, Today},
    ui::{Banner, Button, Cell, Column, DataTable, HiddenField, Panel, Tone},
};
use leptos::prelude::*;

/// Name and value of the query that asks for it.
pub const QUERY: (&str, &str) = ("try", "today");

/// The button that asks for it. None if the data of the lead was erased.
pub fn button(story: &Story, path: String) -> Option<AnyView> {
    let (name, value) = QUERY;
    let button = view! {
        <form method="get" action=format!("{path}#today")>
            <HiddenField name value />
            <Button>"Try with today's rules"</Button>
        </form>
    };
    story.row.erased_at.is_none().then(|| button.into_any())
}

/// The result. None if the source was removed.
pub fn section(story: &Story, today: Option<&Today>, space: &Space) -> AnyView {
    let Some(today) = today else {
        let title = "The source of this lead was removed, so there are no rules to try.";
        return view! { <Panel title="With today's rules" id="today"><Banner tone=Tone::Info title /></Panel> }
            .into_any();
    };
    let comparison = comparison(story, today, space);
    let note = today.replay.sees_removed.then(|| view! { <Banner tone=Tone::Info title=REMOVED_NOTE /> });
    let checks = check_table(&today.checks, &today.replay.rules, space);
    view! {
        <Panel title="With today's rules" id="today" lead="What would happen if this lead arrived now. Nothing was stored.">
            {note}
            {comparison}
            {checks}
        </Panel>
    }
    .into_any()
}

fn comparison(story: &Story, today: &Today, space: &Space) -> AnyView {
    let number = |version: Option<i32>| version.map_or_else(|| "not kept".to_owned(), |number| number.to_string());
    let reason =
        |reason: &Option<String>| reason.as_deref().map_or_else(|| "none".into_any(), |text| space.value(text));
    let row = |label: String, then: AnyView, now: AnyView| {
        view! {
            <tr>
                <Cell label="Part"><span class="cell-title">{label}</span></Cell>
                <Cell label="Then">{then}</Cell>
                <Cell label="Now">{now}</Cell>
            </tr>
        }
        .into_any()
    };
    let mut rows = vec![
        row("Outcome".to_owned(), outcome_tag(story.row.outcome), outcome_tag(today.outcome)),
        row("Reason".to_owned(), reason(&story.row.reason), reason(&today.reason)),
    ];
    let (flow, source) = (number(story.row.flow_version), number(story.row.source_version));
    rows.push(row("Flow version".to_owned(), flow.into_any(), today.flow_version.to_string().into_any()));
    rows.push(row("Source version".to_owned(), source.into_any(), today.source_version.to_string().into_any()));
    let shown = |field: Option<&FieldStory>| match field {
        Some(field) if field.valid => space.value(&field.value),
        Some(field) => view! { {space.value(&field.value)} " (format is invalid)" }.into_any(),
        None => view! { <span class="muted">"no value"</span> }.into_any(),
    };
    for (name, then, now) in differences(&story.fields, &today.fields) {
        rows.push(row(label_of(name), shown(then), shown(now)));
    }
    let head = ["Part", "Then", "Now"].map(Column::new).to_vec();
    view! { <DataTable caption="Then and now" head>{rows}</DataTable> }.into_any()
}

type Difference<'s> = (&'s str, Option<&'s FieldStory>, Option<&'s FieldStory>);

/// The fields whose value or validity differs.
fn differences<'s>(then: &'s [FieldStory], now: &'s [FieldStory]) -> Vec<Difference<'s>> {
    let find = |fields: &'s [FieldStory], name: &str| fields.iter().find(|field| field.name == name);
    let is_same = |a: Option<&FieldStory>, b: Option<&FieldStory>| {
        a.map(|field| (&field.value, field.valid)) == b.map(|field| (&field.value, field.valid))
    };
    let gone = then.iter().filter(|field| find(now, &field.name).is_none());
    let names = now.iter().chain(gone).map(|field| field.name.as_str());
    names.map(|name| (name, find(then, name), find(now, name))).filter(|(_, then, now)| !is_same(*then, *now)).collect()
}
