//! Add Source as pages, for visitors without script or from a link: choose a source or create one.

use super::crumbs;
use crate::{
    accounts::model::Permission,
    base::{EntityId, FlowId, paths},
    flows::{
        islands::{is_address, kind_cards},
        model::Offer,
        routes::Message,
        server::{self, queries::FlowRow},
    },
    reports::server::{MAX_OFFERS, list_offers},
    server::Fault,
    ui::{
        Button, ButtonKind, Choice, Field, FormActions, Icon, LinkButton, PageHeader, RadioCards, SearchForm, Select,
        icon,
    },
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

/// The flow, if the viewer may change it.
pub async fn find_editable_flow(visit: &Visit) -> Result<FlowRow, Fault> {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    Ok(server::find_for(&mut conn, flow_id, Permission::ChangeFlows).await?.0)
}

/// The search is in the form's action, so that the list is the same after an error.
pub async fn add_source_page(visit: Visit) -> PageResult {
    let flow = find_editable_flow(&visit).await?;
    let search = visit.query("search").trim().to_owned();
    let offers = {
        let mut conn = visit.cx.read().await?;
        list_offers(&mut conn, flow.account_id, flow.id, &search, visit.cx.now).await?
    };
    let action = paths::with_query(&paths::add_source(flow.id), &[("search", &search)]);
    let note = match (search.is_empty(), offers.is_empty()) {
        (false, true) => "No source has this name.".to_owned(),
        _ => format!("The list below offers at most {MAX_OFFERS} sources. Search to find others."),
    };
    let is_part = !search.is_empty() || i64::try_from(offers.len()).is_ok_and(|count| count >= MAX_OFFERS);
    let invite = (offers.is_empty() && is_address(&search)).then(|| {
        let href = paths::with_query(&paths::invite_partner(flow.id), &[("email", &search)]);
        let label = format!("Invite {search}");
        view! { <LinkButton href kind=ButtonKind::Primary>{icon(Icon::Mail)} {label}</LinkButton> }
    });
    let search = is_part.then(|| search_form(flow.id, search, note));
    let back = visit.form("add");
    let typed = back.value("entity");
    let options = std::iter::once(Choice::new("", "Choose a source"))
        .chain(offers.into_iter().map(|offer| choice(offer, &typed)))
        .collect();
    Ok(Screen::app(
        "Add a source",
        "flows",
        view! {
            <PageHeader title="Add a source" breadcrumb=crumbs(flow.id, &flow.name) />
            {search}
            {invite.map(|invite| view! { <p class="actions">{invite}</p> })}
            <form class="form" method="post" action=action novalidate>
                {form_identity("add", Some(flow.account_id))}
                {form_errors(&back)}
                <Select label="Select a source" name="entity" options error=back.error("entity") />
                <p><a href=paths::new_source(flow.id)>"Create a new source"</a></p>
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Add"</Button>
                    <LinkButton href=paths::flow_sources(flow.id)>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

/// Finds the sources of an account that has more than the list offers.
fn search_form(flow_id: FlowId, search: String, note: String) -> AnyView {
    view! {
        <SearchForm label="Search sources" action=paths::add_source(flow_id) search />
        <p class="muted">{note}</p>
    }
    .into_any()
}

fn choice(offer: Offer, typed: &str) -> Choice {
    let value = offer.entity_id.to_string();
    let hint = format!("{}, {}", offer.tag.word(), offer.hint());
    let mut choice = Choice::new(value.clone(), offer.name).selected(value == typed);
    choice.hint = hint;
    choice.disabled = offer.in_this_flow;
    choice
}

pub async fn new_source_page(visit: Visit) -> PageResult {
    let flow = find_editable_flow(&visit).await?;
    Ok(Screen::app(
        "Create a new source",
        "flows",
        view! {
            <PageHeader title="Create a new source" breadcrumb=crumbs(flow.id, &flow.name) />
            <form class="form" method="post" action=paths::new_source(flow.id)>
                {form_identity("kind", Some(flow.account_id))}
                <RadioCards legend="Where do the leads come from?" name="kind" cards=kind_cards() />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Next"</Button>
                    <LinkButton href=paths::add_source(flow.id)>"Previous"</LinkButton>
                    <LinkButton href=paths::flow_sources(flow.id)>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

pub async fn custom_source_page(visit: Visit) -> PageResult {
    let flow = find_editable_flow(&visit).await?;
    let back = visit.form("custom");
    Ok(Screen::app(
        "Custom source",
        "flows",
        view! {
            <PageHeader title="Custom source" breadcrumb=crumbs(flow.id, &flow.name) />
            <form class="form" method="post" action=paths::custom_source(flow.id) novalidate>
                {form_identity("custom", Some(flow.account_id))}
                {form_errors(&back)}
                <Field label="Source name" name="name" value=back.value("name") error=back.error("name") help="For example: the form or campaign the leads come from." maxlength=100u32 required=true autofocus=back.error.is_none() />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Create source"</Button>
                    <LinkButton href=paths::new_source(flow.id)>"Previous"</LinkButton>
                    <LinkButton href=paths::flow_sources(flow.id)>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

pub async fn post_add_source(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let entity_id: EntityId =
        post.fields.get("entity").parse().map_err(|_| Fault::field("entity", crate::base::Problem::SourceNotChosen))?;
    post.cx.write((flow_id, entity_id), |tx, (flow, entity)| Box::pin(server::add_source(tx, flow, entity))).await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).with_message(Message::SourceAdded))
}

/// Continues with an invitation or a custom source, as chosen.
pub async fn post_new_source(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let mut conn = post.cx.read().await?;
    server::find_for(&mut conn, flow_id, Permission::ChangeFlows).await?;
    Ok(Redirect::to(match post.fields.get("kind") {
        "custom" => paths::custom_source(flow_id),
        _ => paths::invite_partner(flow_id),
    }))
}

pub async fn post_custom_source(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    post.cx
        .write((flow_id, post.fields.get("name").to_owned()), |tx, (flow, name)| {
            Box::pin(async move { server::create_source(tx, flow, &name).await })
        })
        .await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).with_message(Message::SourceCreated))
}
