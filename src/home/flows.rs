//! The flows on Home, each with the way to its sources and to adding one.

use crate::{
    base::paths,
    reports::server::FlowCard,
    ui::{Cell, Column, DataTable, LinkButton, Panel, Tag, Tone},
};
use leptos::prelude::*;

/// The number of flows shown.
pub const SHOWN: usize = 5;
/// One more, to know whether there are others.
pub const LIMIT: i64 = 6;

/// `flows` has one more than are shown if there are others. None without flows.
pub fn panel(mut flows: Vec<FlowCard>, may_change: bool) -> Option<AnyView> {
    if flows.is_empty() {
        return None;
    }
    let others = (flows.len() > SHOWN)
        .then(|| view! { <p class="actions"><LinkButton href=paths::FLOWS>"See all flows"</LinkButton></p> });
    flows.truncate(SHOWN);
    let head =
        vec![Column::new("Flow"), Column::new("State"), Column::new("Sources").numeric(), Column::new("Actions")];
    let rows = flows.into_iter().map(|flow| row(flow, may_change)).collect_view();
    Some(
        view! {
            <Panel title="Flows">
                <DataTable caption="Flows" head>{rows}</DataTable>
                {others}
            </Panel>
        }
        .into_any(),
    )
}

fn row(flow: FlowCard, may_change: bool) -> impl IntoView {
    let (tone, word) = if flow.enabled { (Tone::Positive, "On") } else { (Tone::Neutral, "Off") };
    let to = format!(" to {}", flow.name);
    let add = may_change.then(|| {
        view! {
            <a class="button button-small" href=paths::add_source(flow.id)>"Add Source" <span class="sr-only">{to}</span></a>
        }
    });
    view! {
        <tr>
            <Cell label="Flow"><a class="cell-title" href=paths::flow_sources(flow.id)>{flow.name}</a></Cell>
            <Cell label="State"><Tag tone text=word /></Cell>
            <Cell label="Sources" numeric=true>{flow.sources}</Cell>
            <Cell label="Actions">{add}</Cell>
        </tr>
    }
}
