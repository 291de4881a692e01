//! The tabs of a flow: its sources, fields and acceptance criteria.

use super::{field_options, flow_head, list::field_choice, rule_help::rule_help, source::post_criteria};
use crate::{
    accounts::model::Permission,
    base::{AppError, FlowId, FormState, InvitationId, Problem, SourceId, paths},
    entities::model::Direction,
    flows::{
        islands::{CriteriaEditor, SourcesPanel},
        model::SourcesShown,
        routes::Message,
        server,
    },
    invitations::{model::InviteAction, server as invitation_verbs},
    reports::{self, server::SourceQuery},
    rules::{CriteriaRows, STANDARD_FIELDS},
    server::{Fault, form::Fields},
    ui::{Banner, Button, ButtonKind, FormActions, HiddenField, Panel, Tone},
    web::{ListPage, PageResult, Post, PostResult, Posted, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn sources_page(visit: Visit) -> PageResult {
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = server::find_for(&mut conn, visit.id("flow_id")?, Permission::See).await?;
    let page = ListPage::of(&visit);
    let shown = SourcesShown { search: visit.query("search").trim().to_owned(), page: page.number() };
    let query = source_query(&shown);
    let mut list = reports::server::sources_now(&mut conn, flow.account_id, flow.id, query, visit.cx.now).await?;
    let (rows, has_more) = ListPage::cut(list.rows);
    list.rows = rows;
    let here = paths::flow_sources(flow.id);
    let pages = page
        .links(has_more, |page| paths::with_query(&here, &[("search", &shown.search), ("page", &page.query_value())]));
    let invite = invitation_verbs::invite_facts(&mut conn, &actor, Direction::Seller, Some(&flow.name)).await?;
    let may_change = actor.role.may(Permission::ChangeFlows);
    let errors = visit.back.as_ref().map(form_errors);
    // The dialog offers the first ones only.
    let offers_part = i64::try_from(list.offers.len()).is_ok_and(|count| count >= reports::server::MAX_OFFERS);
    let search = (may_change && offers_part).then(|| {
        view! { <p class="muted">"Your account has many sources. " <a href=paths::add_source(flow.id)>"Search for one to add"</a></p> }
    });
    Ok(Screen::app(
        flow.name.clone(),
        "flows",
        view! {
            {flow_head(&flow, "sources", may_change)}
            {errors}
            {search}
            <SourcesPanel flow_id=flow.id account_id=flow.account_id list shown may_change invite />
            {pages}
        },
    ))
}

/// One more than the page shows, to know whether others follow.
pub fn source_query(shown: &SourcesShown) -> SourceQuery<'_> {
    let page = ListPage::numbered(shown.page);
    SourceQuery { search: shown.search.trim(), offset: page.offset(), limit: ListPage::LIMIT, only: None }
}

pub async fn flow_fields_page(visit: Visit) -> PageResult {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = server::find_for(&mut conn, flow_id, Permission::See).await?;
    let fields = server::queries::list_fields(&mut conn, flow_id).await?;
    let may_change = actor.role.may(Permission::ChangeFlows);
    let back = visit.form("fields");
    // After a stale version the form shows the fields saved since, so the person can reapply the change.
    let is_stale = back.error == Some(AppError::Refused(Problem::StaleVersion));
    let typed = is_stale.then(|| typed_fields(&back));
    let errors = form_errors(&back);
    let back = if is_stale { FormState::default() } else { back };
    let (refused, values) = (back.was_submitted(), back.values.clone());
    let chosen = move |name: &str| {
        if refused { values.contains_key(&format!("field-{name}")) } else { fields.iter().any(|field| field == name) }
    };
    Ok(Screen::app(
        format!("Fields of {}", flow.name),
        "flows",
        view! {
            {flow_head(&flow, "fields", may_change)}
            <form class="form" method="post" action=paths::flow_fields(flow_id)>
                {form_identity("fields", Some(flow.account_id))}
                <HiddenField name="version" value=back.value_or("version", &flow.version.to_string()) />
                {errors}
                {typed}
                <fieldset disabled=!may_change>
                    <legend class="sr-only">"Fields of the flow"</legend>
                    {field_choice(&back, chosen)}
                </fieldset>
                {may_change.then(|| view! { <FormActions><Button kind=ButtonKind::Primary>"Save"</Button></FormActions> })}
            </form>
        },
    ))
}

/// The fields that were chosen in a form whose version is stale.
fn typed_fields(back: &FormState) -> AnyView {
    let labels: Vec<_> = STANDARD_FIELDS
        .iter()
        .filter(|field| back.values.contains_key(&format!("field-{}", field.name)))
        .map(|field| field.label)
        .collect();
    view! { <Banner tone=Tone::Info title="What you chose">{labels.join(", ")}</Banner> }.into_any()
}

pub async fn flow_criteria_page(visit: Visit) -> PageResult {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = server::find_for(&mut conn, flow_id, Permission::See).await?;
    let fields = field_options(&server::queries::list_fields(&mut conn, flow_id).await?);
    let may_change = actor.role.may(Permission::ChangeFlows);
    let back = visit.form("criteria");
    let saved = CriteriaRows::of(flow.acceptance_criteria.as_deref());
    let criteria = if back.was_submitted() { CriteriaRows::from_values(&back.values) } else { saved };
    let head = flow_head(&flow, "criteria", may_change);
    Ok(Screen::app(
        format!("Acceptance criteria of {}", flow.name),
        "flows",
        view! {
            {head}
            <Panel title="Acceptance criteria" lead="Checked for every lead in this flow, from any source.">
                <CriteriaEditor
                    flow_id
                    source_id=None
                    account_id=flow.account_id
                    version=flow.version
                    criteria
                    fields
                    may_change
                    back
                />
            </Panel>
            {rule_help()}
        },
    ))
}

/// The checked standard fields, in page order.
pub(super) fn chosen_fields(fields: &Fields) -> Vec<String> {
    fields.names().filter_map(|name| name.strip_prefix("field-")).map(ToOwned::to_owned).collect()
}

pub async fn post_fields(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    // No flow has version 0, so a form without a version is stale.
    let version: i32 = post.fields.get("version").parse().unwrap_or_default();
    post.cx
        .write((flow_id, version, chosen_fields(&post.fields)), |tx, (flow_id, version, fields)| {
            Box::pin(async move { server::set_fields(tx, flow_id, version, &fields).await })
        })
        .await?;
    Ok(Redirect::to(paths::flow_fields(flow_id)).with_message(Message::FieldsSaved))
}

pub async fn post_flow_criteria(post: Post) -> PostResult<Posted> {
    let flow_id: FlowId = post.id("flow_id")?;
    post_criteria(post, flow_id, None, paths::flow_criteria(flow_id)).await
}

/// The flow from the path and the source from the form.
fn flow_and_source(post: &Post) -> Result<(FlowId, SourceId), Fault> {
    post.fields.acting_account(&post.cx)?;
    Ok((post.id("flow_id")?, post.fields.id("source")?))
}

/// Turns a source on or off.
pub async fn post_switch_source(post: Post) -> PostResult {
    let (flow_id, source_id) = flow_and_source(&post)?;
    let on = post.fields.get("on") == "on";
    let input = (flow_id, source_id, on);
    post.cx.write(input, |tx, (flow, source, on)| Box::pin(server::switch_source(tx, flow, source, on))).await?;
    let message = if on { Message::SourceOn } else { Message::SourceOff };
    Ok(Redirect::to(paths::flow_sources(flow_id)).with_message(message))
}

/// Sets whether an accepted invitation turns the source on.
pub async fn post_turn_on(post: Post) -> PostResult {
    let (flow_id, source_id) = flow_and_source(&post)?;
    let input = (flow_id, source_id, post.fields.is_checked("turn_on"));
    post.cx.write(input, |tx, (flow, source, on)| Box::pin(server::set_turn_on(tx, flow, source, on))).await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).with_message(Message::TurnOnSaved))
}

/// Swaps a duplicate with the live source.
pub async fn post_use_instead(post: Post) -> PostResult {
    let (flow_id, source_id) = flow_and_source(&post)?;
    let input = (flow_id, source_id, post.fields.id::<SourceId>("instead_of")?);
    post.cx.write(input, |tx, (flow, source, live)| Box::pin(server::use_instead(tx, flow, source, live))).await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).with_message(Message::SourceReplaced))
}

/// Resends a source's invitation or invites again.
pub async fn post_act_on_invitation(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let act = InviteAction::parse(post.fields.get("form")).ok_or(Fault::NOT_FOUND)?;
    {
        let mut conn = post.cx.read().await?;
        server::find_for(&mut conn, flow_id, Permission::Invite).await?;
    }
    let input = (post.fields.id::<InvitationId>("invitation")?, act);
    let how = post.cx.write(input, |tx, input| Box::pin(invitation_verbs::act(tx, input))).await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).with_message(act.message(how)))
}

/// Turns the flow on or off.
pub async fn post_switch_flow(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let on = post.fields.get("on") == "on";
    post.cx.write((flow_id, on), |tx, (flow, on)| Box::pin(server::switch_flow(tx, flow, on))).await?;
    let message = if on { Message::FlowOn } else { Message::FlowOff };
    Ok(Redirect::to(paths::flow_sources(flow_id)).with_message(message))
}
