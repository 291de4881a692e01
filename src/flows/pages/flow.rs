//! The tabs of a flow: its sources, fields and acceptance criteria.

use super::{field_options, flow_head, list::field_choice};
use crate::{
    accounts::model::{Permission, Plan},
    base::{FlowId, paths},
    flows::{
        islands::{CriteriaEditor, SourcesPanel},
        server::{self, queries::FlowRow},
    },
    invitations::{islands::InviteFacts, server::queries as invitations},
    reports,
    rules::CriteriaRows,
    server::{Fault, clock},
    ui::{Button, ButtonKind, FormActions, Panel},
    web::{PageResult, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use sqlx::PgConnection;
use time::Duration;

pub async fn sources_page(visit: Visit) -> PageResult {
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = server::find_for(&mut conn, &visit.cx, visit.id("flow_id")?, Permission::See).await?;
    let now = reports::server::sources_now(&mut conn, flow.account_id, flow.id, visit.cx.now).await?;
    let invite = invite_facts(&mut conn, &visit, &flow).await?;
    let may_change = actor.role.may(Permission::ChangeFlows);
    let errors = visit.back.as_ref().map(form_errors);
    Ok(Screen::app(
        flow.name.clone(),
        "flows",
        view! {
            {flow_head(&flow, "sources", may_change)}
            {errors}
            <SourcesPanel flow_id=flow.id account_id=flow.account_id now may_change invite />
        },
    ))
}

/// What the invitation form says about who invites and until when.
pub async fn invite_facts(conn: &mut PgConnection, visit: &Visit, flow: &FlowRow) -> Result<InviteFacts, Fault> {
    let viewer = visit.cx.viewer()?;
    let days = invitations::invitation_days(conn, flow.account_id).await?;
    let plan = viewer.place(flow.account_id).and_then(|place| place.plan);
    Ok(InviteFacts {
        inviter: viewer.name.clone(),
        company: flow.account_name.clone(),
        expires: clock::day(visit.cx.now + Duration::days(days.into())),
        plan_allows: plan.is_some_and(Plan::may_invite),
    })
}

pub async fn flow_fields_page(visit: Visit) -> PageResult {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = server::find_for(&mut conn, &visit.cx, flow_id, Permission::See).await?;
    let fields = server::queries::list_fields(&mut conn, flow_id).await?;
    let may_change = actor.role.may(Permission::ChangeFlows);
    let back = visit.form("fields");
    let refused = back.is_returned();
    let typed = back.values.clone();
    let chosen = move |name: &str| {
        if refused { typed.contains_key(&format!("field-{name}")) } else { fields.iter().any(|field| field == name) }
    };
    Ok(Screen::app(
        format!("Fields of {}", flow.name),
        "flows",
        view! {
            {flow_head(&flow, "fields", may_change)}
            <form class="form" method="post" action=paths::flow_fields(flow_id)>
                {form_identity("fields", Some(flow.account_id))}
                {form_errors(&back)}
                <fieldset disabled=!may_change>
                    <legend class="sr-only">"Fields of the flow"</legend>
                    {field_choice(&back, chosen)}
                </fieldset>
                {may_change.then(|| view! { <FormActions><Button kind=ButtonKind::Primary>"Save"</Button></FormActions> })}
            </form>
        },
    ))
}

pub async fn flow_criteria_page(visit: Visit) -> PageResult {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = server::find_for(&mut conn, &visit.cx, flow_id, Permission::See).await?;
    let fields = field_options(&server::queries::list_fields(&mut conn, flow_id).await?);
    let may_change = actor.role.may(Permission::ChangeFlows);
    let back = visit.form("criteria");
    let saved = CriteriaRows::of(flow.acceptance_criteria.as_deref());
    let criteria = if back.is_returned() { CriteriaRows::from_values(&back.values) } else { saved };
    let head = flow_head(&flow, "criteria", may_change);
    Ok(Screen::app(
        format!("Acceptance criteria of {}", flow.name),
        "flows",
        view! {
            {head}
            <Panel title="Acceptance criteria" lead="Every lead of this flow must meet them, whatever its source.">
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
        },
    ))
}
