//! The log of a delivery: its leads, the newest first, and sending them again.

use super::{exactly, moment, progress_tag};
use crate::{
    base::{LeadId, paths},
    deliveries::{
        model::Progress,
        server::queries::{
            Delivery,
            log::{self, LogRow},
        },
    },
    server::{Fault, Reader},
    ui::{Button, ButtonKind, Cell, Column, DataTable, HiddenField, Pagination, Panel, TabLink, Tabs, Tag, Tone},
    web::{Visit, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// Rows of a page.
const PAGE: usize = 50;
/// Filters of the log, beside all leads.
const FILTERS: [Progress; 2] = [Progress::Waiting, Progress::Failed];

pub async fn panel(conn: &mut Reader, visit: &Visit, delivery: &Delivery, may_change: bool) -> Result<AnyView, Fault> {
    let filter = Progress::parse(&visit.query("state")).filter(|state| FILTERS.contains(state));
    let before: Option<LeadId> = visit.query("before").parse().ok();
    let mut rows = log::list(conn, delivery.id, filter, before, PAGE as i64 + 1).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let path = paths::delivery(delivery.flow_id, delivery.id);
    let state = filter.map_or("", Progress::as_str);
    let next = rows
        .last()
        .filter(|_| has_more)
        .map(|row| paths::with_query(&path, &[("state", state), ("before", &row.lead_id.to_string())]));
    let summary = match rows.len() {
        1 => "1 lead".to_owned(),
        count => format!("{count} leads, newest first"),
    };
    let has_failed = rows.iter().any(|row| row.progress == Progress::Failed && !row.test);
    let all_again = (may_change && has_failed).then(|| all_again(delivery));
    let is_empty = rows.is_empty();
    let rows = rows.into_iter().map(|row| self::row(delivery, row, may_change, visit.cx.now)).collect_view();
    let head = ["Lead", "State", "Last attempt", "Answer", "Actions"].map(Column::new).to_vec();
    let table = match is_empty {
        true => view! { <p class="muted">"No leads here."</p> }.into_any(),
        false => view! { <DataTable caption="Leads" head>{rows}</DataTable> }.into_any(),
    };
    let pages = next.map(|next| view! { <Pagination summary next=Some(next) /> });
    Ok(view! {
        <Panel title="Leads" id="leads" actions=all_again.into_any()>
            <Tabs label="Leads of the delivery" tabs=tabs(&path, filter) />
            {table}
            {pages}
        </Panel>
    }
    .into_any())
}

fn tabs(path: &str, filter: Option<Progress>) -> Vec<TabLink> {
    let tab = |state: Option<Progress>, label: &str| TabLink {
        href: paths::with_query(path, &[("state", state.map_or("", Progress::as_str))]),
        label: label.to_owned(),
        current: state == filter,
        count: None,
    };
    let others = FILTERS.iter().map(|state| tab(Some(*state), state.word()));
    std::iter::once(tab(None, "All")).chain(others).collect()
}

fn all_again(delivery: &Delivery) -> AnyView {
    view! {
        <form method="post" action=paths::delivery(delivery.flow_id, delivery.id)>
            {form_identity("all-again", Some(delivery.account_id))}
            <Button kind=ButtonKind::Secondary>"Send all failed again"</Button>
        </form>
    }
    .into_any()
}

fn row(delivery: &Delivery, row: LogRow, may_change: bool, now: OffsetDateTime) -> impl IntoView + use<> {
    let lead = match row.test {
        true => view! { <Tag tone=Tone::Info text="Test" /> }.into_any(),
        false => view! { <a href=paths::lead(row.lead_id)><code>{row.lead_id.to_string()}</code></a> }.into_any(),
    };
    let again = may_change && !row.test && matches!(row.progress, Progress::Failed | Progress::Delivered);
    let again = again.then(|| {
        let of = format!(" the lead {}", row.lead_id);
        view! {
            <form method="post" action=paths::delivery(delivery.flow_id, delivery.id)>
                {form_identity("again", Some(delivery.account_id))}
                <HiddenField name="lead" value=row.lead_id.to_string() />
                <button class="button button-small">"Send again" <span class="sr-only">{of}</span></button>
            </form>
        }
    });
    let next = (row.progress == Progress::Waiting && row.attempts > 0).then(|| {
        view! { <span class="cell-note">{format!("Next attempt {}", exactly(row.next_at, now))}</span> }
    });
    let tries = match row.attempts {
        0 | 1 => None,
        more => Some(view! { <span class="cell-note">{format!("{more} attempts")}</span> }),
    };
    let last = row.at.map(|at| moment(at, now));
    view! {
        <tr>
            <Cell label="Lead"><span class="cell-title">{lead}</span></Cell>
            <Cell label="State">{progress_tag(row.progress)}{next}</Cell>
            <Cell label="Last attempt">{last}{tries}</Cell>
            <Cell label="Answer">{answer(row.status, row.error)}</Cell>
            <Cell label="Actions">{again}</Cell>
        </tr>
    }
}

/// The status of an answer, or why there was none.
pub fn answer(status: Option<i32>, error: Option<String>) -> AnyView {
    let status = status.map(|status| format!("Status {status}"));
    let text = [status, error].into_iter().flatten().collect::<Vec<_>>().join(". ");
    view! { {text} }.into_any()
}
