//! The paged table that all lists of leads use.

use crate::{
    flows::server::docs,
    leads::{model::Outcome, server::queries::LeadRow},
    server::clock,
    ui::{Cell, Column, DataTable, EmptyState, Icon, LinkButton, Pagination, Tag, TimeAgo, Tone},
};
use leptos::prelude::*;
use serde_json::Value;
use time::OffsetDateTime;

const PAGE: usize = 50;
/// One more than the page size, to know whether there is a next page.
pub const LIMIT: i64 = PAGE as i64 + 1;

/// One page of a list.
pub struct List {
    pub leads: Vec<LeadRow>,
    pub now: OffsetDateTime,
    pub is_later_page: bool,
    /// The path of the first page, with the filter.
    pub path: String,
    /// Title and text if there are no leads.
    pub empty: (&'static str, &'static str),
    /// Renders the content of a lead.
    pub values: fn(&Value) -> AnyView,
}

impl List {
    pub fn show(self) -> AnyView {
        let Self { mut leads, now, is_later_page, path, empty, values } = self;
        let more = leads.len() > PAGE;
        leads.truncate(PAGE);
        if leads.is_empty() && !is_later_page {
            let (title, text) = empty;
            return view! { <EmptyState icon=Icon::Leads title text /> }.into_any();
        }
        let separator = if path.contains('?') { '&' } else { '?' };
        let next = more.then(|| leads.last().map(|lead| format!("{path}{separator}before={}", lead.id))).flatten();
        let summary = format!("{} leads, newest first", leads.len());
        let head = ["Received", "Flow", "Source", "Outcome", "Reason", "Lead"].map(Column::new).to_vec();
        let rows = leads.into_iter().map(|lead| row(lead, now, values)).collect_view();
        let first = is_later_page.then(|| view! { <LinkButton href=path>"Newest"</LinkButton> });
        view! {
            <DataTable caption="Leads" head>{rows}</DataTable>
            {first}
            {next.map(|next| view! { <Pagination summary next /> })}
        }
        .into_any()
    }
}

fn row(lead: LeadRow, now: OffsetDateTime, values: fn(&Value) -> AnyView) -> impl IntoView {
    let at = clock::display_time(lead.received_at, now);
    let tone = match lead.outcome {
        Outcome::Accepted => Tone::Positive,
        Outcome::Rejected => Tone::Danger,
        Outcome::Error => Tone::Warning,
    };
    let test = lead.test.then(|| view! { " " <Tag tone=Tone::Info text="Test" /> });
    view! {
        <tr>
            <Cell label="Received"><TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /></Cell>
            <Cell label="Flow">{lead.flow_name}</Cell>
            <Cell label="Source">{lead.source_name}</Cell>
            <Cell label="Outcome"><Tag tone text=lead.outcome.word() />{test}</Cell>
            <Cell label="Reason">{lead.reason}</Cell>
            <Cell label="Lead">
                <details>
                    <summary>{lead.id.to_string()}</summary>
                    <dl class="lead-values">{values(&lead.content)}</dl>
                </details>
            </Cell>
        </tr>
    }
}

/// The parsed fields, for the buyer.
pub fn fields(content: &Value) -> AnyView {
    each(content, |name, value| {
        let text = value["value"].as_str().unwrap_or_default();
        let invalid = if value["valid"] == false { " (format is invalid)" } else { "" };
        (docs::label_of(name), format!("{text}{invalid}"))
    })
}

/// The parameters as sent, for the supplier.
pub fn input(content: &Value) -> AnyView {
    each(content, |name, value| (name.to_owned(), value.as_str().unwrap_or_default().to_owned()))
}

fn each(content: &Value, shown: impl Fn(&str, &Value) -> (String, String)) -> AnyView {
    let Some(entries) = content.as_object() else { return ().into_any() };
    entries
        .iter()
        .map(|(name, value)| {
            let (label, text) = shown(name, value);
            view! { <div><dt>{label}</dt><dd>{text}</dd></div> }
        })
        .collect_view()
        .into_any()
}
