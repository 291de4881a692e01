//! `/connections`: the account's current and former connections, in either direction.

use super::flow_links;
use crate::{
    accounts::{
        model::{Permission, Plan},
        server::policy::Actor,
    },
    base::paths,
    entities::model::Direction,
    partners::model::PartnerStatus,
    reports::server::{ConnectionQuery, ConnectionRow, list_connections},
    server::clock,
    ui::{Cell, Column, DataTable, EmptyState, Icon, PageHeader, TabLink, Tabs, Tag},
    web::{ListPage, PageResult, Screen, Visit},
};
use leptos::prelude::*;

pub async fn connections_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let actor = visit.cx.actor(membership.account_id, Permission::See)?;
    let (former, page) = (!visit.query("former").is_empty(), ListPage::of(&visit));
    let (offset, limit) = (page.offset(), ListPage::LIMIT);
    let query = ConnectionQuery { active: Some(!former), after: None, offset, limit };
    let rows = {
        let mut conn = visit.cx.read().await?;
        list_connections(&mut conn, membership.account_id, query).await?
    };
    let (rows, pages) = page.show(rows, |page| path(former, page));
    let body = if rows.is_empty() { empty_state(former, page) } else { table(rows, &actor) };
    let lead = "Companies that sell to you or buy from you. Either side can end a connection.";
    Ok(Screen::app(
        "Connections",
        "connections",
        view! {
            <PageHeader title="Connections" lead />
            <Tabs label="Connections by state" tabs=tabs(former) />
            <div class="stack">{body}{pages}</div>
        },
    ))
}

fn path(former: bool, page: ListPage) -> String {
    paths::with_query(paths::CONNECTIONS, &[("former", if former { "1" } else { "" }), ("page", &page.query_value())])
}

fn tabs(former: bool) -> Vec<TabLink> {
    let tab = |label: &str, is_former: bool| TabLink {
        href: path(is_former, ListPage::FIRST),
        label: label.to_owned(),
        current: former == is_former,
        count: None,
    };
    vec![tab("Connected", false), tab("Disconnected", true)]
}

fn empty_state(former: bool, page: ListPage) -> AnyView {
    let (title, text) = match (page.is_first(), former) {
        (false, _) => ("No more connections", ""),
        (_, true) => ("No former connections", "Connections that either side has ended appear here."),
        (_, false) => {
            ("No connections yet", "You are connected when a company accepts your invitation, or you accept theirs.")
        }
    };
    view! { <EmptyState icon=Icon::Link title text /> }.into_any()
}

fn table(rows: Vec<ConnectionRow>, actor: &Actor) -> AnyView {
    let head = ["Company", "State", "Flows", "Actions"].map(Column::new).to_vec();
    let rows = rows.into_iter().map(|row| view! { <tr>{cells(row, actor)}</tr> }).collect_view();
    view! { <DataTable caption="Connections" head>{rows}</DataTable> }.into_any()
}

fn cells(row: ConnectionRow, actor: &Actor) -> impl IntoView {
    let actions = actions(&row, actor);
    let ConnectionRow { direction, other_name: name, partner_id, connected_at, disconnected_at, flows, .. } = row;
    let company = match partner_id {
        Some(id) => view! { <a class="cell-title" href=paths::partner(id)>{name}</a> }.into_any(),
        None => view! { <span class="cell-title">{name}</span> }.into_any(),
    };
    let (status, at) = match disconnected_at {
        None => (PartnerStatus::Connected, connected_at),
        Some(at) => (PartnerStatus::Disconnected, at),
    };
    let since = format!("since {}", clock::day(at));
    // A buyer's links go to its own flows, a seller's to the Submission Docs.
    let links = flows.0.iter().map(|flow| {
        let href = match direction {
            Direction::Seller => paths::flow_sources(flow.flow_id),
            Direction::Buyer => paths::source_docs(flow.flow_id, flow.source_id),
        };
        (flow.name.clone(), href)
    });
    let links = flow_links(links, flows.0.len());
    view! {
        <Cell label="Company">{company}<span class="cell-note">{direction.word()}</span></Cell>
        <Cell label="State">
            <Tag tone=status.tone() icon=status.icon() text=status.word() />
            <span class="cell-note">{since}</span>
        </Cell>
        <Cell label="Flows">{links}</Cell>
        <Cell label="Actions">{actions}</Cell>
    }
}

/// The viewer's action: end an active connection, or invite the other company again after it ended.
fn actions(row: &ConnectionRow, actor: &Actor) -> Option<AnyView> {
    let name = row.other_name.clone();
    if !actor.role.may(Permission::Invite) {
        return None;
    }
    let (href, label) = match (row.disconnected_at, row.direction, row.partner_id) {
        (None, ..) => (paths::disconnect(row.id), "Disconnect"),
        (Some(_), Direction::Seller, Some(partner)) if actor.plan.is_some_and(Plan::may_invite) => {
            (paths::connect_partner(partner), "Invite to Connect")
        }
        (Some(_), Direction::Seller, _) => return None,
        (Some(_), Direction::Buyer, _) if actor.plan.is_some_and(Plan::may_invite) => {
            (paths::INVITE_RECIPIENT.to_owned(), "Invite again")
        }
        (Some(_), Direction::Buyer, _) => {
            return Some(view! { <span class="cell-note">"They can invite you again."</span> }.into_any());
        }
    };
    Some(
        view! { <a class="button button-small" href=href>{label} <span class="sr-only">" " {name}</span></a> }
            .into_any(),
    )
}
