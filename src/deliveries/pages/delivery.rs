//! `/flows/{flow_id}/deliveries/{delivery_id}`: state, test, log and settings of a delivery.

use super::{
    exactly,
    form::{self, FORM, fields, secret_panel},
    log, state_tag, story,
};
use crate::{
    accounts::model::Permission,
    base::{DeliveryId, FlowId, LeadId, paths},
    deliveries::{
        model::{DeliveryState, Progress},
        routes::Message,
        server::{
            self, find_delivery_for,
            queries::{Delivery, log as queries},
        },
    },
    flows::server::queries::FlowRow,
    leads::server::search::made_at,
    server::{Fault, Reader},
    ui::{Banner, Button, ButtonKind, HiddenField, LinkButton, PageHeader, Panel, Tone},
    web::{
        Confirm, ConfirmForm, PageResult, Post, PostResult, Posted, Redirect, Screen, Visit, consequences, form_errors,
        form_identity,
    },
};
use axum::http::{HeaderName, HeaderValue};
use leptos::prelude::*;
use time::Duration;

/// Attempts of a test lead that are shown.
const MAX_ATTEMPTS: i64 = 5;
/// How long the page looks for the answer of a test lead by itself.
const MAX_LOOKING: Duration = Duration::minutes(1);

pub async fn delivery_page(visit: Visit) -> PageResult {
    let (flow_id, id): (FlowId, DeliveryId) = (visit.id("flow_id")?, visit.id("delivery_id")?);
    let mut conn = visit.cx.read().await?;
    let (flow, delivery, actor) = find_delivery_for(&mut conn, flow_id, id, Permission::See).await?;
    let may_change = actor.role.may(Permission::ChangeFlows);
    let (test, looks_again) = last_test(&mut conn, &visit, &delivery).await?;
    let log = log::panel(&mut conn, &visit, &delivery, may_change).await?;
    let rotated = secret_panel(&visit.form("rotate"));
    let back = visit.form(FORM);
    let others = ["switch", "test", "again", "all-again", "rotate"].map(|name| form_errors(&visit.form(name)));
    let refused = (!may_change).then(|| form_errors(&back));
    let settings = may_change.then(|| {
        let form = fields(&back, Some(&delivery), delivery.account_id, paths::delivery(flow_id, id), "Save");
        let rotation = rotation(&visit, &delivery);
        view! { <Panel title="Settings">{form}{rotation}</Panel> }
    });
    let send = may_change.then(|| send_test(&delivery));
    let (head, state) = (head(&flow, &delivery, may_change), state(&visit, &delivery));
    let screen = Screen::app(
        delivery.name.clone(),
        "flows",
        view! {
            {head}
            {others.into_iter().collect_view()}
            {refused}
            {rotated}
            {state}
            <Panel title="Test lead" lead="A lead with an example of each field, marked as a test." actions=send.into_any()>{test}</Panel>
            {log}
            {settings}
        },
    );
    // The answer of a test lead takes as long as the destination does. The page looks again by itself, also without script.
    let refresh = (HeaderName::from_static("refresh"), HeaderValue::from_static("1"));
    Ok(if looks_again { screen.with_header(refresh.0, refresh.1) } else { screen })
}

fn head(flow: &FlowRow, delivery: &Delivery, may_change: bool) -> AnyView {
    let (flow_id, id) = (delivery.flow_id, delivery.id);
    let breadcrumb = vec![
        ("Flows".to_owned(), paths::FLOWS.to_owned()),
        (flow.name.clone(), paths::flow_sources(flow_id)),
        ("Deliveries".to_owned(), paths::flow_deliveries(flow_id)),
    ];
    let tag = state_tag(delivery.state);
    let to = |state: DeliveryState, label: &'static str| {
        let action = paths::delivery(flow_id, id);
        view! {
            <form method="post" action=action>
                {form_identity("switch", Some(delivery.account_id))}
                <HiddenField name="state" value=state.as_str() />
                <Button kind=ButtonKind::Secondary>{label}</Button>
            </form>
        }
        .into_any()
    };
    let buttons = match delivery.state {
        DeliveryState::On => vec![to(DeliveryState::Paused, "Pause"), to(DeliveryState::Off, "Turn off")],
        DeliveryState::Paused => vec![to(DeliveryState::On, "Resume"), to(DeliveryState::Off, "Turn off")],
        DeliveryState::Off | DeliveryState::Removed => vec![to(DeliveryState::On, "Turn on")],
    };
    let actions = may_change.then(|| {
        view! {
            {buttons}
            <LinkButton href=paths::remove_delivery(flow_id, id) kind=ButtonKind::Quiet>"Remove"</LinkButton>
        }
    });
    view! { <PageHeader title=delivery.name.clone() breadcrumb state=tag>{actions}</PageHeader> }.into_any()
}

/// What needs attention.
fn state(visit: &Visit, delivery: &Delivery) -> AnyView {
    let off = delivery.off_reason.clone().map(|reason| {
        let title = format!("Accord turned this delivery off. {reason}");
        view! { <Banner tone=Tone::Danger title /> }
    });
    let now = visit.cx.now;
    let failing = delivery.failing_since.map(|since| {
        view! {
            <Banner tone=Tone::Warning title="Leads don't arrive.">
                <p>{format!("No lead has arrived since {}. Each lead is tried for a day.", exactly(since, now))}</p>
            </Banner>
        }
    });
    view! { {off}{failing} }.into_any()
}

fn send_test(delivery: &Delivery) -> AnyView {
    view! {
        <form method="post" action=paths::delivery(delivery.flow_id, delivery.id)>
            {form_identity("test", Some(delivery.account_id))}
            <Button kind=ButtonKind::Secondary>"Send a test lead"</Button>
        </form>
    }
    .into_any()
}

/// The last test lead with its request and answer, and whether the page looks for more by itself.
async fn last_test(conn: &mut Reader, visit: &Visit, delivery: &Delivery) -> Result<(AnyView, bool), Fault> {
    let Some(lead) = queries::last_test(conn, delivery.id).await? else {
        return Ok((view! { <p class="muted">"No test lead was sent yet."</p> }.into_any(), false));
    };
    let attempts = queries::attempts(conn, delivery.account_id, lead, Some(delivery.id), MAX_ATTEMPTS).await?;
    let waits = attempts.iter().any(|attempt| attempt.progress == Progress::Waiting);
    // Without a worker the page would look again for ever.
    let looks_again = waits && made_at(lead) + MAX_LOOKING > visit.cx.now;
    let on_its_way =
        waits.then(|| view! { <p role="status">"The test lead is on its way. The answer appears here."</p> });
    let shown = attempts
        .into_iter()
        .filter(|attempt| attempt.number.is_some())
        .map(|attempt| story::attempt(attempt, visit.cx.now))
        .collect_view();
    Ok((view! { {on_its_way}{shown} }.into_any(), looks_again))
}

fn rotation(visit: &Visit, delivery: &Delivery) -> AnyView {
    let now = visit.cx.now;
    let overlap = delivery.previous_ends_at.filter(|ends| *ends > now).map(|ends| {
        view! { <p>{format!("Requests are signed with the previous secret too, until {}.", exactly(ends, now))}</p> }
    });
    view! {
        <form class="form" method="post" action=paths::delivery(delivery.flow_id, delivery.id)>
            {form_identity("rotate", Some(delivery.account_id))}
            <h3>"Signing secret"</h3>
            <p class="muted">"A new secret is shown once. The old one signs too for a day, so that your system can change over."</p>
            {overlap}
            <p class="actions"><Button kind=ButtonKind::Secondary>"Make a new secret"</Button></p>
        </form>
    }
    .into_any()
}

/// What a form is about. It must belong to an account of the viewer.
fn ids(post: &Post) -> Result<(FlowId, DeliveryId), Fault> {
    post.fields.acting_account(&post.cx)?;
    Ok((post.id("flow_id")?, post.id("delivery_id")?))
}

pub async fn post_delivery(post: Post) -> PostResult {
    let (flow_id, id) = ids(&post)?;
    let input = (flow_id, id, form::read(&post.fields));
    post.cx
        .write(input, |tx, (flow_id, id, described)| {
            Box::pin(async move { server::change(tx, flow_id, id, &described).await })
        })
        .await?;
    Ok(Redirect::to(paths::delivery(flow_id, id)).with_message(Message::DeliverySaved))
}

pub async fn post_switch(post: Post) -> PostResult {
    let (flow_id, id) = ids(&post)?;
    let (to, message) = match DeliveryState::parse(post.fields.get("state")) {
        Some(DeliveryState::On) => (DeliveryState::On, Message::DeliveryOn),
        Some(DeliveryState::Paused) => (DeliveryState::Paused, Message::DeliveryPaused),
        Some(DeliveryState::Off) => (DeliveryState::Off, Message::DeliveryOff),
        Some(DeliveryState::Removed) | None => return Err(Fault::NOT_FOUND),
    };
    post.cx.write((flow_id, id, to), |tx, (flow_id, id, to)| Box::pin(server::switch(tx, flow_id, id, to))).await?;
    Ok(Redirect::to(paths::delivery(flow_id, id)).with_message(message))
}

pub async fn post_test(post: Post) -> PostResult {
    let (flow_id, id) = ids(&post)?;
    post.cx.write((flow_id, id), |tx, (flow_id, id)| Box::pin(server::send_test(tx, flow_id, id))).await?;
    Ok(Redirect::to(paths::delivery(flow_id, id)))
}

/// Responds with the page itself, so that the secret is in no URL, cookie or browser history.
pub async fn post_rotate(post: Post) -> PostResult<Posted> {
    let (flow_id, id) = ids(&post)?;
    let new = post.cx.write((flow_id, id), |tx, (flow_id, id)| Box::pin(server::rotate(tx, flow_id, id))).await?;
    Ok(post.show_once([("secret".to_owned(), new.secret.reveal().to_owned())]))
}

pub async fn post_again(post: Post) -> PostResult {
    let (flow_id, id) = ids(&post)?;
    let lead: LeadId = post.fields.id("lead")?;
    let input = (flow_id, id, lead);
    post.cx.write(input, |tx, (flow_id, id, lead)| Box::pin(server::send_again(tx, flow_id, id, lead))).await?;
    Ok(Redirect::to(paths::delivery(flow_id, id)).with_message(Message::LeadSentAgain))
}

pub async fn post_all_again(post: Post) -> PostResult {
    let (flow_id, id) = ids(&post)?;
    post.cx.write((flow_id, id), |tx, (flow_id, id)| Box::pin(server::send_failed_again(tx, flow_id, id))).await?;
    Ok(Redirect::to(paths::delivery(flow_id, id)).with_message(Message::LeadsSentAgain))
}

/// The confirmation page before a delivery is removed.
pub async fn remove_delivery_page(visit: Visit) -> PageResult {
    let (flow_id, id): (FlowId, DeliveryId) = (visit.id("flow_id")?, visit.id("delivery_id")?);
    let mut conn = visit.cx.read().await?;
    let (flow, delivery, _) = find_delivery_for(&mut conn, flow_id, id, Permission::ChangeFlows).await?;
    let breadcrumb =
        vec![(flow.name, paths::flow_deliveries(flow_id)), (delivery.name.clone(), paths::delivery(flow_id, id))];
    let effects = [
        "Leads that wait for it are not sent.",
        "Its secret and headers are deleted. The stories of its leads keep what was sent when.",
    ];
    let confirm = Confirm::new(format!("Remove {}?", delivery.name), breadcrumb, paths::delivery(flow_id, id)).form(
        &visit,
        ConfirmForm {
            name: "remove",
            action: paths::remove_delivery(flow_id, id),
            acting: delivery.account_id,
            hidden: None,
            body: consequences(effects.map(ToOwned::to_owned).to_vec()),
            button: "Remove",
        },
    );
    Ok(confirm.screen("Remove a delivery", "flows"))
}

pub async fn post_remove_delivery(post: Post) -> PostResult {
    let (flow_id, id) = ids(&post)?;
    post.cx.write((flow_id, id), |tx, (flow_id, id)| Box::pin(server::remove(tx, flow_id, id))).await?;
    Ok(Redirect::to(paths::flow_deliveries(flow_id)).with_message(Message::DeliveryRemoved))
}
