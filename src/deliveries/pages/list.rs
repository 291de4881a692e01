//! `/flows/{flow_id}/deliveries`

use super::{counted, moment, state_tag};
use crate::{
    accounts::model::Permission,
    base::{FlowId, paths},
    deliveries::server::queries::{self, ListedDelivery, MAX_COUNTED},
    flows::{pages::flow_head, server::find_for},
    ui::{ButtonKind, Cell, Column, DataTable, EmptyState, Icon, LinkButton, Panel, Tag, Tone},
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;
use time::OffsetDateTime;

const LEAD: &str =
    "Where the accepted leads of this flow go. Each lead is sent within a second, and again until it arrives.";

pub async fn deliveries_page(visit: Visit) -> PageResult {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = find_for(&mut conn, flow_id, Permission::See).await?;
    let listed = queries::list(&mut conn, flow_id).await?;
    let may_change = actor.role.may(Permission::ChangeFlows);
    let add = move || {
        may_change.then(|| {
            view! { <LinkButton href=paths::new_delivery(flow_id) kind=ButtonKind::Primary>"Add delivery"</LinkButton> }
        })
    };
    let body = if listed.is_empty() {
        let text = "Without a delivery, leads stay in Accord, where you can see and export them.";
        view! { <EmptyState icon=Icon::Send title="No deliveries yet" text>{add()}</EmptyState> }.into_any()
    } else {
        let actions = add().into_any();
        view! { <Panel title="Deliveries" lead=LEAD actions>{table(flow_id, listed, visit.cx.now)}</Panel> }.into_any()
    };
    Ok(Screen::app(
        format!("Deliveries of {}", flow.name),
        "flows",
        view! {
            {flow_head(&flow, "deliveries", may_change)}
            {body}
        },
    ))
}

fn table(flow_id: FlowId, listed: Vec<ListedDelivery>, now: OffsetDateTime) -> AnyView {
    let mut head = ["Name", "State"].map(Column::new).to_vec();
    head.extend(["Waiting", "Failed"].map(|label| Column::new(label).numeric()));
    let rows = listed.into_iter().map(|row| self::row(flow_id, row, now)).collect_view();
    view! { <DataTable caption="Deliveries" head>{rows}</DataTable> }.into_any()
}

fn row(flow_id: FlowId, row: ListedDelivery, now: OffsetDateTime) -> impl IntoView {
    let failing = row.failing_since.map(|since| {
        view! { <span class="cell-note"><Tag tone=Tone::Danger text="Failing" /> " since " {moment(since, now)}</span> }
    });
    view! {
        <tr>
            <Cell label="Name">
                <a class="cell-title" href=paths::delivery(flow_id, row.id)><bdi>{row.name}</bdi></a>
                <span class="cell-note"><bdi>{place(&row.url)}</bdi></span>
            </Cell>
            <Cell label="State">{state_tag(row.state)}{failing}</Cell>
            <Cell label="Waiting" numeric=true>{counted(row.waiting, MAX_COUNTED)}</Cell>
            <Cell label="Failed" numeric=true>{counted(row.failed, MAX_COUNTED)}</Cell>
        </tr>
    }
}

/// A URL without its query, which may contain a key.
fn place(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}
