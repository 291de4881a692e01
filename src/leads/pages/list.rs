//! The paged table that all lists of leads use.

use crate::{
    base::{AccountId, LeadId},
    flows::server::docs,
    leads::{
        model::Outcome,
        server::queries::{self, Content, LeadRow},
    },
    server::{Fault, PageIds, PageRows, clock, page_rows::PAGE_BUDGET},
    ui::{Cell, Column, DataTable, EmptyState, Icon, LinkButton, Pagination, Tag, TimeAgo, Tone},
};
use leptos::prelude::*;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

const PAGE: usize = 50;
/// One more than the page size, to know whether there is a next page.
pub const LIMIT: i64 = PAGE as i64 + 1;
/// A list shows at most this many values of a lead, and this many characters of a name or value.
const MAX_VALUES: usize = 200;
const MAX_CHARACTERS: usize = 500;
/// About the size of a row without values, and of the markup around a value.
const ROW_BYTES: usize = 1_000;
const MARKUP_BYTES: usize = 60;

/// Loads the leads of a page that fit into it.
pub async fn load(
    conn: &mut PgConnection,
    account_id: AccountId,
    ids: Vec<LeadId>,
    content: Content,
) -> Result<PageRows<LeadRow>, Fault> {
    queries::load(conn, account_id, &PageIds::first(PAGE, ids), content, PAGE_BUDGET).await
}

/// One page of a list.
pub struct List {
    pub leads: PageRows<LeadRow>,
    pub now: OffsetDateTime,
    pub is_later_page: bool,
    /// The path of the first page, with the filter.
    pub path: String,
    /// Title and text if there are no leads.
    pub empty: (&'static str, &'static str),
    /// A value as it is shown.
    pub value: fn(&str, &Value) -> Shown,
}

impl List {
    pub fn show(self) -> AnyView {
        let Self { leads, now, is_later_page, path, empty, value } = self;
        let mut page = leads.map(|lead| (Preview::of(&lead.content, value), lead));
        page.end_after_bytes(|(preview, _)| preview.size());
        if page.rows.is_empty() && !is_later_page {
            let (title, text) = empty;
            return view! { <EmptyState icon=Icon::Leads title text /> }.into_any();
        }
        let separator = if path.contains('?') { '&' } else { '?' };
        let last = page.rows.last().filter(|_| page.has_more);
        let next = last.map(|(_, lead)| format!("{path}{separator}before={}", lead.id));
        let summary = format!("{} leads, newest first", page.rows.len());
        let head = ["Received", "Flow", "Source", "Outcome", "Reason", "Lead"].map(Column::new).to_vec();
        let rows = page.rows.into_iter().map(|(preview, lead)| row(lead, preview, now)).collect_view();
        let first = is_later_page.then(|| view! { <LinkButton href=path>"Newest"</LinkButton> });
        view! {
            <DataTable caption="Leads" head>{rows}</DataTable>
            {first}
            {next.map(|next| view! { <Pagination summary next /> })}
        }
        .into_any()
    }
}

/// A value of a lead as a list shows it.
pub struct Shown {
    label: String,
    text: String,
    note: &'static str,
}

impl Shown {
    fn of(label: &str, text: Option<&str>, note: &'static str) -> Self {
        Self { label: shortened(label), text: shortened(text.unwrap_or_default()), note }
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
        ROW_BYTES + self.values.iter().map(size).sum::<usize>()
    }

    fn show(self) -> impl IntoView {
        let others = (self.others > 0).then(|| {
            let text = format!("{} more values are not shown.", self.others);
            view! { <p class="muted">{text}</p> }
        });
        let value = |shown: Shown| view! { <div><dt>{shown.label}</dt><dd>{shown.text}{shown.note}</dd></div> };
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

fn row(lead: LeadRow, preview: Preview, now: OffsetDateTime) -> impl IntoView {
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
                    {preview.show()}
                </details>
            </Cell>
        </tr>
    }
}

/// A parsed field, for the buyer.
pub fn field(name: &str, value: &Value) -> Shown {
    let invalid = if value["valid"] == false { " (format is invalid)" } else { "" };
    Shown::of(&docs::label_of(name), value["value"].as_str(), invalid)
}

/// A parameter as sent, for the supplier.
pub fn parameter(name: &str, value: &Value) -> Shown {
    Shown::of(name, value.as_str(), "")
}
