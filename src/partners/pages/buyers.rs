//! `/buyers`: a seller's connected buyers, each linking to the seller's portal there.

use crate::{
    base::paths,
    reports::server::{self as reports, Buyer},
    server::clock,
    ui::{Cell, Column, DataTable, EmptyState, Icon, PageHeader, TimeAgo},
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn buyers_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let mut conn = visit.cx.read().await?;
    let buyers = reports::list_buyers(&mut conn, membership.account_id).await?;
    let now = visit.cx.now;
    let body = if buyers.is_empty() {
        view! { <EmptyState icon=Icon::Building title="No buyers yet" text="Buyers you are connected with appear here." /> }.into_any()
    } else {
        let head = vec![Column::new("Buyer"), Column::new("Flows").numeric(), Column::new("Connected")];
        let rows = buyers.into_iter().map(|buyer| row(buyer, now)).collect_view();
        view! { <DataTable caption="Buyers" head>{rows}</DataTable> }.into_any()
    };
    let lead = "Companies that receive your leads. Open one for your performance, leads and Submission Docs there.";
    Ok(Screen::app("Buyers", "buyers", view! { <PageHeader title="Buyers" lead />{body} }))
}

fn row(buyer: Buyer, now: OffsetDateTime) -> impl IntoView {
    let since = clock::display_time(buyer.connected_at, now);
    let name = match buyer.partner_id {
        Some(id) => view! { <a class="cell-title" href=paths::portal(id)>{buyer.name}</a> }.into_any(),
        None => view! { <span class="cell-title">{buyer.name}</span> }.into_any(),
    };
    view! {
        <tr>
            <Cell label="Buyer">{name}</Cell>
            <Cell label="Flows" numeric=true>{buyer.flows}</Cell>
            <Cell label="Connected"><TimeAgo at_iso=since.iso relative=since.relative absolute=since.absolute /></Cell>
        </tr>
    }
}
