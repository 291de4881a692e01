//! `/sources`: every entity the account can use as a source: accounts (connected, pending or former), custom and
//! standard.

use super::{LINKED_FLOWS, ago, flow_links};
use crate::{
    accounts::model::{Permission, Plan},
    base::paths,
    entities::model::SourceTag,
    reports::server::{SourceEntity, SourceEntityQuery, list_source_entities},
    ui::{ButtonKind, Cell, Column, DataTable, Icon, LinkButton, NothingFound, PageHeader, SearchForm, Tag, icon},
    web::{ListPage, PageResult, Screen, Visit},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn sources_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let actor = visit.cx.actor(membership.account_id, Permission::See)?;
    let (search, page, now) = (visit.query("search").trim().to_owned(), ListPage::of(&visit), visit.cx.now);
    let query = SourceEntityQuery {
        search: &search,
        offset: page.offset(),
        limit: ListPage::LIMIT,
        flows: i64::try_from(LINKED_FLOWS).unwrap_or(i64::MAX),
    };
    let rows = {
        let mut conn = visit.cx.read().await?;
        list_source_entities(&mut conn, membership.account_id, query, now).await?
    };
    let (rows, pages) = page.show(rows, |page| path(&search, page));
    let may_invite = actor.role.may(Permission::Invite) && actor.plan.is_some_and(Plan::may_invite);
    let invite = may_invite.then(|| {
            view! { <LinkButton href=paths::INVITE_SOURCE kind=ButtonKind::Primary>{icon(Icon::Plus)} "Invite Partner"</LinkButton> }
        });
    let body = match rows.is_empty() {
        true => view! { <NothingFound things="sources" search=search.clone() all=paths::SOURCES /> }.into_any(),
        false => table(rows, now),
    };
    let lead = "Everything that can send leads to your flows, and the flows that use it.";
    Ok(Screen::app(
        "Sources",
        "sources",
        view! {
            <PageHeader title="Sources" lead>{invite}</PageHeader>
            <div class="stack">
                <SearchForm label="Search sources" action=paths::SOURCES search />
                {body}
                {pages}
            </div>
        },
    ))
}

fn path(search: &str, page: ListPage) -> String {
    paths::with_query(paths::SOURCES, &[("search", search), ("page", &page.query_value())])
}

fn table(rows: Vec<SourceEntity>, now: OffsetDateTime) -> AnyView {
    let head =
        vec![Column::new("Name"), Column::new("Used in").numeric(), Column::new("Flows"), Column::new("Invited")];
    let rows = rows.into_iter().map(|row| view! { <tr>{cells(row, now)}</tr> }).collect_view();
    view! { <DataTable caption="Sources" head>{rows}</DataTable> }.into_any()
}

fn cells(row: SourceEntity, now: OffsetDateTime) -> impl IntoView {
    let SourceEntity { name, tag, invited_at, used_in, flows, .. } = row;
    let links = flows.into_iter().map(|flow| (flow.name, paths::source_mappings(flow.flow_id, flow.source_id)));
    let links = flow_links(links, usize::try_from(used_in).unwrap_or(usize::MAX));
    let invited = match invited_at {
        Some(at) => ago(at, now),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    let next_step =
        next_step(tag).map(|(label, href)| view! { <span class="cell-note"><a href=href>{label}</a></span> });
    view! {
        <Cell label="Name">
            <span class="cell-title">{name}</span>
            <span class="cell-note"><Tag tone=tag.tone() icon=tag.icon() text=tag.word() /></span>
        </Cell>
        <Cell label="Used in" numeric=true>{used_in}</Cell>
        <Cell label="Flows">{links}</Cell>
        <Cell label="Invited">{invited}{next_step}</Cell>
    }
}

/// The link to the page where the viewer can fix a source that may not send.
fn next_step(tag: SourceTag) -> Option<(&'static str, String)> {
    let state = match tag {
        SourceTag::ConnectionPending => "pending",
        SourceTag::Expired => "expired",
        SourceTag::Declined => "declined",
        SourceTag::Revoked => "revoked",
        SourceTag::Disconnected => {
            return Some(("See the connection", paths::with_query(paths::CONNECTIONS, &[("former", "1")])));
        }
        SourceTag::AccountSource | SourceTag::Custom | SourceTag::Standard => return None,
    };
    Some(("See the invitation", paths::invitations_in(state)))
}
