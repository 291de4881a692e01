//! A partner's Sources tab: its sources with their figures, and unassigning them.

use super::{ago_or_none, chosen_sources, partner_head, source_box};
use crate::{
    accounts::model::Permission,
    base::{FormState, PartnerId, paths},
    flows::server as flows,
    partners::{
        routes::Message,
        server::{policy, queries},
    },
    reports::{
        parts::{grouped, rate},
        server::{PartnerSource, PartnerSourceQuery, list_partner_sources},
    },
    ui::{
        Button, ButtonKind, Cell, Column, DataTable, EmptyState, FormActions, Icon, LinkButton, NothingFound,
        SearchForm, Tag, Tone, icon,
    },
    web::{ListPage, PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn partner_sources_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let (now, mut conn) = (visit.cx.now, visit.cx.read().await?);
    let (partner, actor) = policy::find_in_account(&mut conn, id, Permission::See).await?;
    let (search, page) = (visit.query("search").trim().to_owned(), ListPage::of(&visit));
    let query = PartnerSourceQuery { partner_id: id, search: &search, offset: page.offset(), limit: ListPage::LIMIT };
    let rows = list_partner_sources(&mut conn, partner.account_id, query, now).await?;
    let (rows, pages) = page.show(rows, |page| {
        paths::with_query(&paths::partner_sources(id), &[("search", &search), ("page", &page.query_value())])
    });
    let status = queries::find_status(&mut conn, &partner, now).await?;
    drop(conn);
    let may_change = actor.role.may(Permission::ChangeFlows) && !partner.archived;
    let assign = move || may_change.then(|| assign_button(id));
    let back = visit.form("unassign");
    let errors = form_errors(&back);
    let is_part = !search.is_empty() || !page.is_first();
    let search_form = (is_part || pages.is_some()).then(|| {
        view! { <SearchForm label="Search sources" action=paths::partner_sources(id) search=search.clone() /> }
    });
    let body = if rows.is_empty() && is_part {
        let all = paths::partner_sources(id);
        view! { <NothingFound things="sources" search=search.clone() all /> }.into_any()
    } else if rows.is_empty() {
        let text = "Assign the sources this business sends leads to. Sources of a connected company are assigned automatically.";
        view! { <EmptyState icon=Icon::Flow title="No sources yet" text>{assign()}</EmptyState> }.into_any()
    } else {
        table(rows, may_change.then_some(&back), now)
    };
    let body = if may_change {
        view! {
            <form class="stack" id="sources" method="post" action=paths::partner_sources(id)>
                {form_identity("unassign", Some(partner.account_id))}
                {body}
            </form>
        }
        .into_any()
    } else {
        body
    };
    Ok(Screen::app(
        format!("Sources of {}", partner.name),
        "partners",
        view! { {partner_head(&partner, status, "sources", assign().into_any())}{errors}{search_form}{body}{pages} },
    ))
}

fn assign_button(id: PartnerId) -> AnyView {
    view! { <LinkButton href=paths::assign_sources(id) kind=ButtonKind::Primary>{icon(Icon::Plus)} "Assign sources"</LinkButton> }
        .into_any()
}

/// The table of sources. Given a form, it has checkboxes and the Unassign button.
fn table(rows: Vec<PartnerSource>, form: Option<&FormState>, now: OffsetDateTime) -> AnyView {
    let mut head = vec![
        Column::new("Source"),
        Column::new("Mappings").numeric(),
        Column::new("Credential"),
        Column::new("Leads, 30 days").numeric(),
        Column::new("Accepted").numeric(),
        Column::new("Last lead").numeric(),
    ];
    if form.is_some() {
        head.insert(0, Column::new("Choose").hidden());
    }
    let chosen = form.map(|back| chosen_sources(back.values.keys().map(String::as_str)));
    let rows = rows
        .into_iter()
        .map(|row| {
            let title = format!("{} · {}", row.flow_name, row.name);
            let choose = chosen.as_ref().map(|chosen| {
                let choose = source_box(row.id, &title, chosen.contains(&row.id));
                view! { <Cell>{choose}</Cell> }
            });
            view! { <tr>{choose}{source_cells(row, title, now)}</tr> }
        })
        .collect_view();
    let unassign = chosen.is_some().then(|| {
        view! {
            <FormActions>
                <Button>"Unassign"</Button>
                <p class="muted">"The chosen sources stay in their flows and still accept leads."</p>
            </FormActions>
        }
    });
    view! { <DataTable caption="Sources" head>{rows}</DataTable>{unassign} }.into_any()
}

fn source_cells(row: PartnerSource, title: String, now: OffsetDateTime) -> impl IntoView {
    let PartnerSource { tag, leads, accepted, .. } = row;
    let duplicate = row.is_duplicate.then(|| view! { <Tag tone=Tone::Warning text="Duplicate" /> });
    let credential = if row.has_credential { "created" } else { "none" };
    let required =
        row.require_authentication.then(|| view! { <span class="cell-note">"Authentication required"</span> });
    view! {
        <Cell label="Source">
            <span class="cell-title">
                <a href=paths::source_mappings(row.flow_id, row.id)>{title}</a>
                <Tag tone=tag.tone() icon=tag.icon() text=tag.word() />
                {duplicate}
            </span>
        </Cell>
        <Cell label="Mappings" numeric=true>{row.mappings}</Cell>
        <Cell label="Credential">{credential}{required}</Cell>
        <Cell label="Leads, 30 days" numeric=true>{grouped(leads)}</Cell>
        <Cell label="Accepted" numeric=true>{rate(leads, accepted)}</Cell>
        <Cell label="Last lead" numeric=true>{ago_or_none(row.last_lead_at, now)}</Cell>
    }
}

pub async fn post_partner_sources(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id: PartnerId = post.id("partner_id")?;
    let sources = chosen_sources(post.fields.names());
    post.cx.write((id, sources), |tx, (id, sources)| Box::pin(flows::unassign(tx, id, sources))).await?;
    Ok(Redirect::to(paths::partner_sources(id)).with_message(Message::SourcesUnassigned))
}
