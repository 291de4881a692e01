//! What a signed-in visitor sees: accept for one of their companies, or ask an Admin.

use super::{receiving, visit::visible_to_connect};
use crate::{
    accounts::model::{Permission, plan_after_acceptance},
    base::{AccountId, FormState, Problem, paths},
    flows::server::queries::ReceivingFlow,
    invitations::{
        routes::Message,
        server::{self, Onward, access::Access, queries::Invitation},
    },
    server::{Fault, Membership, Viewer},
    ui::{Banner, Button, ButtonKind, Checkbox, Choice, FormActions, HiddenField, LinkButton, Select, Tone},
    web::{Post, PostResult, Redirect, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

/// The part of the page below the invitation's facts, for a signed-in visitor.
pub async fn accepting(
    visit: &Visit,
    invitation: &Invitation,
    access: Access,
    viewer: &Viewer,
) -> Result<AnyView, Fault> {
    let asked = &invitation.asked;
    let (admin_of, others): (Vec<_>, Vec<_>) =
        viewer.memberships.iter().partition(|membership| membership.role.may(Permission::AcceptInvitations));
    // Admins who see the invitation only because a colleague asked them may accept only for that company.
    let admin_of: Vec<_> = admin_of
        .into_iter()
        .filter(|membership| access != Access::Asked || asked.contains(&membership.account_id))
        .collect();
    let flows = receiving::flows_of(&visit.cx, invitation, &admin_of).await?;
    let is_other = |membership: &&Membership| membership.account_id != invitation.account_id;
    let own_only = !admin_of.is_empty() && !admin_of.iter().any(is_other);
    let accept = admin_of.iter().any(is_other).then(|| accept_form(visit, invitation, access, &admin_of, &flows));
    let ask: Vec<_> = others.into_iter().filter(is_other).collect();
    let ask = (!ask.is_empty()).then(|| ask_form(visit, invitation, &ask, asked, accept.is_none()));
    // Errors of a posted form that is no longer shown, for example after a demotion.
    let accept_errors = accept.is_none().then(|| form_errors(&visit.form("accept")));
    let ask_errors = ask.is_none().then(|| form_errors(&visit.form("ask")));
    let own = own_only.then(|| view! { <Banner tone=Tone::Warning title=Problem::OwnInvitation.sentence() /> });
    let decline = accept.is_none().then(|| {
        view! { <LinkButton href=paths::decline_invitation(invitation.id) kind=ButtonKind::Quiet>"Decline Invite to Connect"</LinkButton> }
    });
    // An Admin who was asked accepts for the company that was asked and no other.
    let company = (access != Access::Asked).then(|| {
        view! { <LinkButton href=paths::company_to_accept(invitation.id)>"Create a new company"</LinkButton> }
    });
    Ok(view! {
        {signed_in_as(invitation, viewer)}
        {accept_errors}
        {ask_errors}
        {own}
        {accept}
        {ask}
        <div class="actions">
            {company}
            {decline}
        </div>
    }
    .into_any())
}

fn signed_in_as(invitation: &Invitation, viewer: &Viewer) -> AnyView {
    let next = paths::sign_in_and_back(&paths::invitation(invitation.id));
    view! {
        <div class="muted">
            "You are signed in as " {viewer.name.clone()} " (" {viewer.email.clone()} "). "
            <form method="post" action=paths::SIGN_OUT class="inline">
                <HiddenField name="next" value=next />
                <button class="button-link">"Switch account"</button>
            </form>
        </div>
    }
    .into_any()
}

fn accept_form(
    visit: &Visit,
    invitation: &Invitation,
    access: Access,
    admin_of: &[&Membership],
    flows: &[ReceivingFlow],
) -> AnyView {
    let back = visit.form("accept");
    let receiving = receiving::choice(invitation, admin_of, flows, &back);
    let chosen = match visit.query("as") {
        created if created.is_empty() => back.value("account"),
        created => created,
    };
    let viewer = visit.cx.viewer.as_ref();
    let first = viewer.and_then(|viewer| viewer.active).map(|id| id.to_string()).unwrap_or_default();
    let options = admin_of.iter().map(|membership| company_choice(membership, invitation, &chosen, &first)).collect();
    let email = viewer.filter(|viewer| viewer.email_key != invitation.email_key).map(|viewer| viewer.email.clone());
    // An Admin asked by a colleague never has the invited address, so there is nothing to confirm.
    let confirm = email.filter(|_| access != Access::Asked).map(|email| confirmation(&back, &email, &invitation.email));
    let errors = form_errors(&back);
    let id = invitation.id;
    view! {
        <form class="form" method="post" action=paths::invitation(id)>
            {form_identity("accept", None)}
            {errors}
            <Select label="Accept as" name="account" options error=back.error("account") help="This company will be connected." />
            {receiving}
            {confirm}
            <FormActions>
                <Button kind=ButtonKind::Primary>"Accept Invite to Connect"</Button>
                <LinkButton href=paths::decline_invitation(id) kind=ButtonKind::Quiet>"Decline Invite to Connect"</LinkButton>
            </FormActions>
        </form>
    }
    .into_any()
}

fn confirmation(back: &FormState, email: &str, invited: &str) -> AnyView {
    let label = format!("Accept as {email}, although the invitation was sent to {invited}");
    view! {
        <Banner tone=Tone::Warning title="You're signed in with a different address">
            <p>"The inviter will see both addresses."</p>
        </Banner>
        <Checkbox label name="confirm" error=back.error("confirm") />
    }
    .into_any()
}

/// A company, with a hint about its plan after accepting.
fn company_choice(membership: &Membership, invitation: &Invitation, chosen: &str, first: &str) -> Choice {
    let value = membership.account_id.to_string();
    let selected = if chosen.is_empty() { value == first } else { value == chosen };
    let choice = Choice::new(value, membership.name.clone()).selected(selected);
    if membership.account_id == invitation.account_id {
        return choice.disabled("sent this invitation");
    }
    let plan = plan_after_acceptance(membership.plan);
    let hint =
        if membership.plan.is_none() { format!("gets {}", plan.word()) } else { format!("keeps {}", plan.word()) };
    Choice { hint, ..choice }
}

/// Asks an Admin to accept, for companies where the viewer isn't one.
fn ask_form(
    visit: &Visit,
    invitation: &Invitation,
    memberships: &[&Membership],
    asked: &[AccountId],
    is_only_way: bool,
) -> AnyView {
    let back = visit.form("ask");
    let errors = form_errors(&back);
    let (done, open): (Vec<&Membership>, Vec<&Membership>) =
        memberships.iter().partition(|membership| asked.contains(&membership.account_id));
    let done = (!done.is_empty()).then(|| {
        let names = done.iter().map(|membership| membership.name.as_str()).collect::<Vec<_>>().join(", ");
        view! { <p role="note">{format!("We asked the Admins of {names}. The invitation stays pending until one of them accepts.")}</p> }
    });
    let options: Vec<_> =
        open.iter().map(|membership| Choice::new(membership.account_id.to_string(), membership.name.clone())).collect();
    let kind = if is_only_way { ButtonKind::Primary } else { ButtonKind::Secondary };
    let form = (!options.is_empty()).then(|| {
        view! {
            <form class="form" method="post" action=paths::invitation(invitation.id)>
                {form_identity("ask", None)}
                {errors}
                <p>"Only an Admin can accept for a company. We'll email the Admins a link to this invitation."</p>
                <Select label="Company" name="company" options error=back.error("account") />
                <FormActions><Button kind>"Ask an Admin"</Button></FormActions>
            </form>
        }
    });
    view! { {done} {form} }.into_any()
}

pub async fn post_accept(post: Post) -> PostResult {
    let (invitation, access) = visible_to_connect(&post).await?;
    post.cx.viewer()?;
    invitation.status().check_answerable()?;
    let Ok(account_id) = post.fields.get("account").parse::<AccountId>() else {
        return Err(Fault::field("account", Problem::AccountNotChosen));
    };
    let acceptance = server::Acceptance {
        invitation_id: invitation.id,
        account_id,
        flow: receiving::chosen(post.fields.get("flow"))?,
        other_address_confirmed: post.fields.is_checked("confirm"),
        access,
    };
    let next = match server::accept_or_notify(&post.cx, acceptance).await? {
        Onward::Flow(flow) => paths::flow_sources(flow),
        Onward::Docs(flow, source) => paths::source_docs(flow, source),
        Onward::Home => paths::HOME.to_owned(),
    };
    Ok(Redirect::to(next).with_message(Message::Accepted))
}

/// Asks the Admins of the chosen company to accept.
pub async fn post_ask_admin(post: Post) -> PostResult {
    let (invitation, access) = visible_to_connect(&post).await?;
    post.cx.viewer()?;
    let Ok(account_id) = post.fields.get("company").parse::<AccountId>() else {
        return Err(Fault::field("account", Problem::AskNeedsMember));
    };
    let request = server::AdminRequest { invitation_id: invitation.id, account_id, access };
    let asked = post.cx.write(request, |tx, request| Box::pin(server::ask_admin(tx, request))).await?;
    let message = if asked { Message::AdminAsked } else { Message::AdminAskedBefore };
    Ok(Redirect::to(paths::invitation(invitation.id)).with_message(message))
}
