//! Invite Partner as a page of its own, for browsers without JavaScript and for direct links.

use crate::{
    accounts::model::Permission,
    base::{FlowId, paths},
    entities::model::Direction,
    flows::pages::{crumbs, find_editable_flow},
    invitations::{
        islands::InviteFields,
        model::SendOutcome,
        routes::Message,
        server::{self, CompanyInvite, Target},
        words::InviteMessage,
    },
    ui::{Button, ButtonKind, FormActions, Icon, LinkButton, PageHeader, icon},
    web::{PageResult, Post, PostResult, Posted, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn invite_partner_page(visit: Visit) -> PageResult {
    let flow = find_editable_flow(&visit).await?;
    let invite = {
        let mut conn = visit.cx.read().await?;
        let actor = visit.cx.actor(flow.account_id, Permission::ChangeFlows)?;
        server::invite_facts(&mut conn, &actor, Direction::Seller, Some(&flow.name)).await?
    };
    let mut back = visit.form("invite");
    if !back.was_submitted() {
        back.values.insert("email".to_owned(), visit.query("email"));
    }
    let errors = form_errors(&back);
    let back = RwSignal::new(back);
    Ok(Screen::app(
        "Invite a partner",
        "flows",
        view! {
            <PageHeader title="Invite a partner" breadcrumb=crumbs(flow.id, &flow.name) />
            <form class="form" method="post" action=paths::invite_partner(flow.id) novalidate>
                {form_identity("invite", Some(flow.account_id))}
                {errors}
                <InviteFields invite back />
                <FormActions>
                    // Enter presses the first button.
                    <Button kind=ButtonKind::Primary>{icon(Icon::Send)} "Send Invite"</Button>
                    <Button kind=ButtonKind::Secondary name="do" value="preview">"Preview"</Button>
                    <LinkButton href=paths::new_source(flow.id)>"Previous"</LinkButton>
                    <LinkButton href=paths::flow_sources(flow.id)>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

pub async fn post_invite(post: Post) -> PostResult<Posted> {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::Invite)?;
    let flow_id: FlowId = post.id("flow_id")?;
    if post.fields.get("do") == "preview" {
        return Ok(post.show_with([]));
    }
    let request = CompanyInvite::parse(Target::flow(flow_id), post.fields.get("email"), post.fields.get("note"))?;
    let sent = post.cx.write(request, |tx, request| Box::pin(server::send(tx, request))).await?;
    let redirect = Redirect::to(paths::flow_sources(flow_id));
    Ok(match sent.outcome {
        SendOutcome::Sent => redirect.with_message(InviteMessage::Invited),
        SendOutcome::Stopped => redirect.with_message(InviteMessage::InvitedUnmailed),
        SendOutcome::AlreadyInvited => redirect.with_message(Message::AlreadyInvited),
        SendOutcome::AlreadyConnected => redirect.with_message(Message::AlreadyConnected),
    }
    .into())
}
