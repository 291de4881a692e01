//! [ssr] Leads: the buyer's tab of a flow, and what a seller sees of its buyers.

use super::server::queries::{self, Listed};
use crate::{
    accounts::model::Permission,
    app::screen::{Screen, screen},
    base::{AccountId, FlowId, LeadId, paths},
    entities::server::queries as entities,
    flows::{
        pages::flow_head,
        server::{self as flows, docs},
    },
    server::{Fault, clock},
    ui::{Cell, Column, DataTable, EmptyState, Icon, LinkButton, PageHeader, Pagination, Panel, Tag, TimeAgo, Tone},
};
use leptos::prelude::*;
use time::OffsetDateTime;

const PAGE: usize = 50;

#[component]
pub fn FlowLeads() -> impl IntoView {
    screen(async |visit| {
        let flow_id: FlowId = visit.id("flow_id")?;
        let mut conn = visit.cx.read().await?;
        let (flow, actor) = flows::find_for(&mut conn, &visit.cx, flow_id, Permission::See).await?;
        let before: Option<LeadId> = visit.query("before").parse().ok();
        let leads = queries::list_of_flow(&mut conn, flow.account_id, flow_id, before, PAGE as i64 + 1).await?;
        let body = lead_list(
            leads,
            visit.cx.now,
            before.is_some(),
            &paths::flow_leads(flow_id),
            "Leads appear here as soon as a source sends one.",
        );
        Ok(Screen::app(
            format!("Leads of {}", flow.name),
            "flows",
            view! { {flow_head(&flow, "leads", actor.role.may(Permission::ChangeFlows))}{body} },
        ))
    })
}

#[component]
pub fn Buyers() -> impl IntoView {
    screen(async |visit| {
        let place = visit.cx.active_place()?.clone();
        let mut conn = visit.cx.read().await?;
        let buyers = entities::list_buyers(&mut conn, place.account_id).await?;
        let now = visit.cx.now;
        let body = if buyers.is_empty() {
            view! { <EmptyState icon=Icon::Building title="No buyers yet" text="When a buyer invites you and you accept, it is listed here with the leads you send." /> }.into_any()
        } else {
            let head = vec![Column::new("Buyer"), Column::new("Flows").numeric(), Column::new("Connected")];
            let rows = buyers.into_iter().map(|buyer| buyer_row(buyer, now)).collect_view();
            view! { <DataTable caption="Buyers" head>{rows}</DataTable> }.into_any()
        };
        let lead = "The companies you are connected with, and the leads you sent them.";
        Ok(Screen::app("Buyers", "buyers", view! { <PageHeader title="Buyers" lead />{body} }))
    })
}

fn buyer_row(buyer: entities::Buyer, now: OffsetDateTime) -> impl IntoView {
    let since = clock::when(buyer.connected_at, now);
    view! {
        <tr>
            <Cell label="Buyer"><a class="cell-title" href=paths::buyer(buyer.account_id)>{buyer.name}</a></Cell>
            <Cell label="Flows" numeric=true>{buyer.flows}</Cell>
            <Cell label="Connected"><TimeAgo at_iso=since.iso relative=since.relative absolute=since.absolute /></Cell>
        </tr>
    }
}

/// One buyer: the docs of its flows and the leads sent to it. Members of the connected account see only their own leads.
#[component]
pub fn Buyer() -> impl IntoView {
    screen(async |visit| {
        let place = visit.cx.active_place()?.clone();
        let buyer_id: AccountId = visit.id("account_id")?;
        let before: Option<LeadId> = visit.query("before").parse().ok();
        let mut conn = visit.cx.read().await?;
        let buyers = entities::list_buyers(&mut conn, place.account_id).await?;
        let buyer = buyers.into_iter().find(|buyer| buyer.account_id == buyer_id).ok_or(Fault::NOT_FOUND)?;
        let docs = docs::list_for_seller(&mut conn, place.account_id).await?;
        let leads = queries::list_of_seller(&mut conn, place.account_id, buyer_id, before, PAGE as i64 + 1).await?;
        let links = docs
            .into_iter()
            .filter(|entry| entry.buyer_id == buyer_id)
            .map(|entry| view! { <li><a href=paths::source_docs(entry.flow_id, entry.source_id)>{entry.flow_name}</a></li> })
            .collect_view();
        let list = lead_list(
            leads,
            visit.cx.now,
            before.is_some(),
            &paths::buyer(buyer_id),
            "Leads you send to this buyer appear here.",
        );
        Ok(Screen::app(
            buyer.name.clone(),
            "buyers",
            view! {
                <PageHeader title=buyer.name breadcrumb=vec![("Buyers".to_owned(), paths::BUYERS.to_owned())] />
                <Panel title="Submission Docs"><ul class="stack">{links}</ul></Panel>
                <Panel title="Leads">{list}</Panel>
            },
        ))
    })
}

fn lead_list(
    mut leads: Vec<Listed>,
    now: OffsetDateTime,
    later_page: bool,
    path: &str,
    empty: &'static str,
) -> AnyView {
    let more = leads.len() > PAGE;
    leads.truncate(PAGE);
    if leads.is_empty() && !later_page {
        return view! { <EmptyState icon=Icon::Leads title="No leads yet" text=empty /> }.into_any();
    }
    let next = more.then(|| leads.last().map(|lead| format!("{path}?before={}", lead.id))).flatten();
    let summary = format!("{} leads, newest first", leads.len());
    let head = ["Received", "Flow", "Source", "Outcome", "Reason", "Lead"].map(Column::new).to_vec();
    let rows = leads.into_iter().map(|lead| lead_row(lead, now)).collect_view();
    let first = later_page.then(|| view! { <LinkButton href=path.to_owned()>"Newest"</LinkButton> });
    view! {
        <DataTable caption="Leads" head>{rows}</DataTable>
        {first}
        {next.map(|next| view! { <Pagination summary next /> })}
    }
    .into_any()
}

fn lead_row(lead: Listed, now: OffsetDateTime) -> impl IntoView {
    let at = clock::when(lead.received_at, now);
    let (tone, word) = match lead.outcome.as_str() {
        "success" => (Tone::Positive, "Accepted"),
        "failure" => (Tone::Danger, "Rejected"),
        _ => (Tone::Warning, "Error"),
    };
    let values = values_of(&lead.fields);
    let test = lead.test.then(|| view! { " " <Tag tone=Tone::Info text="Test" /> });
    view! {
        <tr>
            <Cell label="Received"><TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /></Cell>
            <Cell label="Flow">{lead.flow_name}</Cell>
            <Cell label="Source">{lead.source_name}</Cell>
            <Cell label="Outcome"><Tag tone text=word />{test}</Cell>
            <Cell label="Reason">{lead.reason}</Cell>
            <Cell label="Lead">
                <details>
                    <summary>{lead.id.to_string()}</summary>
                    <dl class="lead-values">{values}</dl>
                </details>
            </Cell>
        </tr>
    }
}

fn values_of(fields: &serde_json::Value) -> AnyView {
    let Some(fields) = fields.as_object() else { return ().into_any() };
    fields
        .iter()
        .map(|(name, value)| {
            let text = value["value"].as_str().unwrap_or_default().to_owned();
            let invalid = value["valid"] == false;
            view! {
                <div>
                    <dt>{docs::label_of(name)}</dt>
                    <dd>{text}{invalid.then_some(" (format is invalid)")}</dd>
                </div>
            }
        })
        .collect_view()
        .into_any()
}
