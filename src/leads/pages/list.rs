//! The paged table that all lists of leads use.

use crate::{
    base::{LeadId, PartnerId, paths},
    flows::server::docs,
    leads::{
        model::{Outcome, field_text, joined},
        server::queries::{Content, LeadRow},
    },
    server::{PageRows, clock},
    ui::{Cell, Column, DataTable, LinkButton, Pagination, Tag, TimeAgo, Tone},
};
use leptos::prelude::*;
use serde_json::Value;
use time::OffsetDateTime;

pub const PAGE: usize = 50;
/// One more than the page size, to know whether there is a next page.
pub const LIMIT: i64 = PAGE as i64 + 1;
/// The first page says how many leads there are, up to this number. The same search finds its rows.
pub const MAX_COUNTED: i64 = 1_000;
/// A list shows at most this many values of a lead, and this many characters of a name or value.
const MAX_VALUES: usize = 200;
const MAX_CHARACTERS: usize = 500;
/// The name and values of a lead with more bytes are only on its own page: reading 2 MiB of them for a list takes 40 ms. A
/// field of the maximum length has fewer, as sent and as parsed.
const MAX_PREVIEWED: i32 = 160 * 1024;
/// About the size of a row without values, and of the markup around a value.
const ROW_BYTES: usize = 1_000;
const MARKUP_BYTES: usize = 85;

/// The side that reads a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Sees the parsed fields.
    Buyer,
    /// Sees the input as sent.
    Seller(PartnerId),
}

impl Reader {
    pub fn content(self) -> Content {
        let is_buyer = self == Self::Buyer;
        Content { title: true, fields: is_buyer, input: !is_buyer, largest: MAX_PREVIEWED }
    }

    /// The page with the story of a lead.
    fn story(self, id: LeadId) -> String {
        match self {
            Self::Buyer => paths::lead(id),
            Self::Seller(partner) => paths::portal_lead(partner, id),
        }
    }

    fn preview(self, lead: &LeadRow) -> Option<Preview> {
        match self {
            Self::Buyer => lead.fields.as_ref().map(|fields| Preview::of(fields, field)),
            Self::Seller(_) => lead.input.as_ref().map(|input| Preview::of(input, parameter)),
        }
    }
}

/// One page of a list.
pub struct List {
    pub leads: PageRows<LeadRow>,
    pub reader: Reader,
    pub now: OffsetDateTime,
    pub is_later_page: bool,
    /// The path of the first page, with the filter.
    pub path: String,
    /// Shown if there are no leads.
    pub empty: AnyView,
    /// The lead at which the search ended before the page was full, and when it was received.
    pub searched: Option<(LeadId, String)>,
}

impl List {
    pub fn show(self) -> AnyView {
        let Self { leads, reader, now, is_later_page, path, empty, searched } = self;
        let mut page = leads.map(|lead| (reader.preview(&lead), lead));
        page.end_after_bytes(|(preview, _)| ROW_BYTES + preview.as_ref().map_or(0, Preview::size));
        if page.rows.is_empty() && !is_later_page && searched.is_none() {
            return empty;
        }
        let separator = if path.contains('?') { '&' } else { '?' };
        let after = |id: LeadId| format!("{path}{separator}before={id}");
        let next = page.rows.last().filter(|_| page.has_more).map(|(_, lead)| after(lead.id));
        let further = searched.filter(|_| next.is_none()).map(|(id, at)| further_back(after(id), &at));
        let summary = match page.rows.len() {
            0 => "No leads on this page".to_owned(),
            1 => "1 lead".to_owned(),
            count => format!("{count} leads, newest first"),
        };
        let head = ["Lead", "Received", "Flow", "Source", "Outcome", "Reason", "Values"].map(Column::new).to_vec();
        let has_rows = !page.rows.is_empty();
        let rows = page.rows.into_iter().map(|(preview, lead)| row(reader, lead, preview, now)).collect_view();
        let table = has_rows.then(|| view! { <DataTable caption="Leads" head>{rows}</DataTable> });
        let none = (!has_rows).then(|| view! { <p class="muted">"No matching leads here."</p> });
        let first = is_later_page.then(|| view! { <LinkButton href=path>"Newest"</LinkButton> });
        view! {
            {table}
            {none}
            {further}
            {first}
            {next.map(|next| view! { <Pagination summary next /> })}
        }
        .into_any()
    }
}

/// Says how far a search came, with a link to go on.
fn further_back(href: String, at: &str) -> AnyView {
    let text = format!("Searched back to {at}. ");
    view! { <p class="muted">{text} <a href=href>"Search further back"</a></p> }.into_any()
}

/// A value of a lead as a list shows it.
pub struct Shown {
    label: String,
    text: String,
    note: &'static str,
}

impl Shown {
    fn of(label: &str, text: &str, note: &'static str) -> Self {
        Self { label: shortened(label), text: shortened(text), note }
    }
}

/// The values of a lead as a list shows them.
struct Preview {
    values: Vec<Shown>,
    /// The number of values that are not shown.
    others: usize,
}

impl Preview {
    fn of(content: &Value, shown: fn(&str, &Value) -> Shown) -> Self {
        let Some(entries) = content.as_object() else { return Self { values: Vec::new(), others: 0 } };
        let values = entries.iter().take(MAX_VALUES).map(|(name, value)| shown(name, value)).collect();
        Self { values, others: entries.len().saturating_sub(MAX_VALUES) }
    }

    /// About its size in the page.
    fn size(&self) -> usize {
        let size = |shown: &Shown| MARKUP_BYTES + escaped_size(&shown.label) + escaped_size(&shown.text);
        self.values.iter().map(size).sum()
    }

    fn show(self) -> impl IntoView {
        let others = (self.others > 0).then(|| {
            let text = format!("{} more values are not shown.", self.others);
            view! { <p class="muted">{text}</p> }
        });
        let value = |shown: Shown| {
            view! { <div><dt><bdi>{shown.label}</bdi></dt><dd><bdi>{shown.text}</bdi>{shown.note}</dd></div> }
        };
        let values = self.values.into_iter().map(value).collect_view();
        view! { <dl class="lead-values">{values}</dl> {others} }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Leptos escapes these three characters in text; the longest replacement has five.
fn escaped_size(text: &str) -> usize {
    text.len() + 4 * text.bytes().filter(|byte| matches!(byte, b'&' | b'<' | b'>')).count()
}

fn row(reader: Reader, lead: LeadRow, preview: Option<Preview>, now: OffsetDateTime) -> impl IntoView {
    let at = clock::display_time(lead.received_at, now);
    let tone = match lead.outcome {
        Outcome::Accepted => Tone::Positive,
        Outcome::Rejected => Tone::Danger,
        Outcome::Error => Tone::Warning,
    };
    let test = lead.test.then(|| view! { " " <Tag tone=Tone::Info text="Test" /> });
    let story = reader.story(lead.id);
    let title = match (lead.title, lead.is_erased) {
        (_, true) => view! { <a href=story>"Erased"</a> }.into_any(),
        (Some(title), false) => view! { <a href=story><bdi>{title}</bdi></a> }.into_any(),
        (None, false) if lead.is_large => view! { <a href=story>"Large lead"</a> }.into_any(),
        (None, false) => view! { <a href=story>"No name"</a> }.into_any(),
    };
    let values = (!lead.is_erased).then(|| match preview {
        Some(preview) => view! {
            <details>
                <summary>"Values"</summary>
                {preview.show()}
            </details>
        }
        .into_any(),
        None => view! { <span class="muted">"Too long for a list"</span> }.into_any(),
    });
    view! {
        <tr>
            <Cell label="Lead"><span class="cell-title">{title}</span></Cell>
            <Cell label="Received"><TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /></Cell>
            <Cell label="Flow"><bdi>{lead.flow_name}</bdi></Cell>
            <Cell label="Source"><bdi>{lead.source_name}</bdi></Cell>
            <Cell label="Outcome"><Tag tone text=lead.outcome.word() />{test}</Cell>
            <Cell label="Reason"><bdi>{lead.reason}</bdi></Cell>
            <Cell label="Values">{values}</Cell>
        </tr>
    }
}

/// A parsed field, for the buyer.
fn field(name: &str, value: &Value) -> Shown {
    let invalid = if value["valid"] == false { " (format is invalid)" } else { "" };
    Shown::of(&docs::label_of(name), &field_text(value), invalid)
}

/// A parameter as sent, for the supplier.
fn parameter(name: &str, value: &Value) -> Shown {
    Shown::of(name, &joined(value), "")
}
