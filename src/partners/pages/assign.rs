//! Assigning sources to a partner. Searching keeps the chosen sources, and so does the confirmation before a source
//! moves from another partner.

use super::{chosen_sources, source_box};
use crate::{
    accounts::model::Permission,
    base::{PartnerId, Problem, SourceId, paths},
    flows::server::{self as flows, Assignment},
    partners::{
        routes::Message,
        server::{policy, queries::Partner},
    },
    reports::server::{Candidate, CandidateQuery, list_candidates},
    server::form::Fields,
    ui::{
        Banner, Button, ButtonKind, Cell, Checkbox, Column, DataTable, EmptyState, Field, FormActions, HiddenField,
        Icon, LinkButton, PageHeader, Tag, Tone, icon,
    },
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Maximum sources shown besides the chosen ones; the search finds the others.
const LIST_LIMIT: usize = 100;
/// Prefix of the hidden field that names the partner a source was shown with.
const FROM_PREFIX: &str = "from-";

pub async fn assign_sources_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let (partner, _) = policy::find_in_account(&mut conn, id, Permission::ChangeFlows).await?;
    if partner.archived {
        return Err(Problem::PartnerArchived.into());
    }
    let (search, chosen) = selection(&visit);
    // Fetch one extra row to detect whether there are more.
    let limit = i64::try_from(LIST_LIMIT + 1).unwrap_or(i64::MAX);
    let query = CandidateQuery { partner_id: id, search: &search, chosen: &chosen, limit };
    let mut candidates = list_candidates(&mut conn, partner.account_id, query, visit.cx.now).await?;
    drop(conn);
    let is_chosen = |candidate: &Candidate| chosen.contains(&candidate.id);
    let at_most = LIST_LIMIT + candidates.iter().filter(|candidate| is_chosen(candidate)).count();
    let more = candidates.len() > at_most;
    candidates.truncate(at_most);
    let back = visit.form("assign");
    let confirmation = back.error("confirm").map(|error| {
        let moving: Vec<_> = candidates.iter().filter(|candidate| is_chosen(candidate)).cloned().collect();
        move_confirmation(&partner, moving, error)
    });
    let rows = candidates.iter().map(|candidate| row(candidate, is_chosen(candidate))).collect_view();
    let list = if candidates.is_empty() { empty_state(&search) } else { table(rows.into_any(), more) };
    let breadcrumb =
        vec![("Partners".to_owned(), paths::PARTNERS.to_owned()), (partner.name.clone(), paths::partner_sources(id))];
    Ok(Screen::app(
        format!("Assign sources to {}", partner.name),
        "partners",
        view! {
            <PageHeader title="Assign sources" lead=format!("Sources that {} sends its leads to.", partner.name) breadcrumb />
            <form class="stack" id="sources" method="post" action=paths::assign_sources(id)>
                {form_identity("assign", Some(partner.account_id))}
                {form_errors(&back)}
                {confirmation}
                <div class="filters" role="search">
                    <Field label="Search sources" name="search" kind="search" value=search autocomplete="off" />
                    // Enter presses the first button. It puts the chosen sources into the URL too.
                    <button class="button" formmethod="get">{icon(Icon::Search)} "Search"</button>
                </div>
                {list}
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Assign"</Button>
                    <LinkButton href=paths::partner_sources(id)>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

/// The search text and the chosen sources, from the rejected form or otherwise from the URL.
fn selection(visit: &Visit) -> (String, Vec<SourceId>) {
    let back = visit.form("assign");
    if back.was_submitted() {
        return (back.value("search"), chosen_sources(back.values.keys().map(String::as_str)));
    }
    let chosen = chosen_sources(visit.query_names());
    (visit.query("search").trim().to_owned(), chosen)
}

/// Asks to confirm the move, naming each source that another partner would lose.
fn move_confirmation(partner: &Partner, chosen: Vec<Candidate>, error: String) -> AnyView {
    let moving: Vec<_> = chosen
        .into_iter()
        .filter_map(|candidate| {
            let (current_id, current) = candidate.current.clone()?;
            Some(view! {
                <li>
                    <strong>{title(&candidate)}</strong> " belongs to " {current}
                    <HiddenField name=format!("{FROM_PREFIX}{}", candidate.id) value=current_id.to_string() />
                </li>
            })
        })
        .collect();
    let label = if moving.len() == 1 {
        format!("Move it to {}", partner.name)
    } else {
        format!("Move them to {}", partner.name)
    };
    view! {
        <Banner tone=Tone::Warning title="These sources belong to another partner">
            <ul>{moving}</ul>
            <p>"If you move them, all their leads count for the new partner. Their current partner no longer sees them, and their credentials end: create new ones."</p>
            <Checkbox label name="confirm" error />
        </Banner>
    }
    .into_any()
}

fn empty_state(search: &str) -> AnyView {
    if search.is_empty() {
        let text = "This partner has all the sources in your flows. Add a source to a flow first.";
        return view! { <EmptyState icon=Icon::Flow title="No sources to assign" text /> }.into_any();
    }
    view! { <EmptyState icon=Icon::Flow title=format!("No sources match “{search}”") /> }.into_any()
}

fn table(rows: AnyView, more: bool) -> AnyView {
    let head = vec![Column::new("Choose").hidden(), Column::new("Source"), Column::new("Current partner")];
    let note = more.then(|| {
        view! { <p class="muted">{format!("Only {LIST_LIMIT} sources are shown. Search to find others.")}</p> }
    });
    view! { <DataTable caption="Sources" head>{rows}</DataTable>{note} }.into_any()
}

fn row(candidate: &Candidate, is_chosen: bool) -> impl IntoView + use<> {
    let Candidate { id, tag, is_duplicate, .. } = *candidate;
    let title = title(candidate);
    let choose = source_box(id, &title, is_chosen);
    let current = match candidate.current.clone() {
        Some((partner_id, name)) => view! { <a href=paths::partner(partner_id)>{name}</a> }.into_any(),
        None => view! { <span class="muted">"none"</span> }.into_any(),
    };
    let duplicate = is_duplicate.then(|| view! { <Tag tone=Tone::Warning text="Duplicate" /> });
    view! {
        <tr>
            <Cell>{choose}</Cell>
            <Cell label="Source">
                <span class="cell-title">{title} <Tag tone=tag.tone() icon=tag.icon() text=tag.word() />{duplicate}</span>
            </Cell>
            <Cell label="Current partner">{current}</Cell>
        </tr>
    }
}

fn title(candidate: &Candidate) -> String {
    format!("{} · {}", candidate.flow_name, candidate.name)
}

pub async fn post_assign_sources(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id: PartnerId = post.id("partner_id")?;
    let sources = chosen_sources(post.fields.names());
    let wanted = Assignment { sources, moves: confirmed_moves(&post.fields) };
    post.cx.write((id, wanted), |tx, (id, wanted)| Box::pin(flows::assign(tx, id, wanted))).await?;
    Ok(Redirect::to(paths::partner_sources(id)).with_message(Message::SourcesAssigned))
}

/// The moves the person confirmed: each source with the partner it was shown with.
fn confirmed_moves(fields: &Fields) -> BTreeMap<SourceId, PartnerId> {
    if !fields.is_checked("confirm") {
        return BTreeMap::new();
    }
    let named = fields.names().filter_map(|name| {
        let source = name.strip_prefix(FROM_PREFIX)?.parse().ok()?;
        Some((source, fields.get(name).parse().ok()?))
    });
    named.collect()
}
