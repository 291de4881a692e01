//! What an invited person sees. Opening any of these pages changes nothing, however often and by whomever.

use super::{
    accepting::accepting,
    endings::{ending, not_found},
    facts, joining,
};
use crate::{
    base::{InvitationId, Token, paths},
    identity::pages::newcomer_fields,
    invitations::{
        model::Standing,
        server::{
            access::{self, Access},
            queries::{self, Invitation as Row},
        },
    },
    server::{Fault, throttle::Limit},
    ui::{Button, ButtonKind, FormActions, LinkButton, TextArea},
    web::{PageResult, Screen, Visit, form_errors, form_identity},
};
use axum::http::StatusCode;
use leptos::prelude::*;

/// `/i/{token}`: swaps a living token for a cookie and leaves the address bar.
pub async fn open_link_page(visit: Visit) -> PageResult {
    let Some(token) = Token::parse(visit.param("token")) else { return Ok(not_found()) };
    let found = {
        let mut conn = visit.cx.read().await?;
        queries::find_by_token(&mut conn, token.hashed(), visit.cx.now).await?
    };
    let Some((invitation, link)) = found else {
        // Who guesses is slowed down; it cannot be guessed.
        visit.cx.take_by_address(Limit::UnknownLink)?;
        return Ok(not_found());
    };
    let invitation = match link.superseded_at {
        Some(at) if invitation.standing().resendable().is_ok() => invitation.replaced(at),
        _ => invitation,
    };
    if invitation.standing() != Standing::Open || !invitation.backed {
        return Ok(ending(&visit, &invitation));
    }
    let cookie = access::cookie(&visit.cx, invitation.id, &token);
    Ok(Screen::redirect(&paths::invitation(invitation.id)).with_cookie(cookie).with_status(StatusCode::SEE_OTHER))
}

/// The invitation, if this visitor may see it and it can be answered; else the page that says why not.
pub(super) async fn open(visit: &Visit) -> Result<Result<(Row, Access), Screen>, Fault> {
    let Ok(id) = visit.id::<InvitationId>("invitation_id") else { return Ok(Err(not_found())) };
    let mut conn = visit.cx.read().await?;
    let (invitation, access, token) = match access::find_with_token(&mut conn, &visit.headers, id).await {
        Ok(found) => found,
        Err(Fault::Told(crate::base::AppError::NotFound)) => return Ok(Err(not_found())),
        Err(fault) => return Err(fault),
    };
    if invitation.standing() != Standing::Open || !invitation.backed {
        return Ok(Err(ending(visit, &invitation)));
    }
    // The cookie lives on while the page is in use.
    if let Some(token) = token {
        visit.set_cookie(access::cookie(&visit.cx, id, &token));
    }
    Ok(Ok((invitation, access)))
}

pub async fn invitation_page(visit: Visit) -> PageResult {
    let (invitation, access) = match open(&visit).await? {
        Ok(found) => found,
        Err(screen) => return Ok(screen),
    };
    if let Some(join) = invitation.join() {
        return Ok(joining::page(&visit, &invitation, join, access));
    }
    let title = facts::title(&invitation);
    let answer = match visit.cx.viewer.clone() {
        Some(viewer) => accepting(&visit, &invitation, access, &viewer).await?,
        None => signed_out(&invitation, access),
    };
    Ok(Screen::plain(
        title.clone(),
        view! {
            <h1>{title}</h1>
            {facts::facts(&invitation, visit.cx.now)}
            {answer}
        },
    ))
}

fn signed_out(invitation: &Row, access: Access) -> AnyView {
    let id = invitation.id;
    let may_sign_up = matches!(access, Access::Link { .. });
    view! {
        <p>"To accept, sign in with your login, or create an account for your company. It is free: LeadConduit for Partners."</p>
        <div class="actions">
            {may_sign_up.then(|| view! { <LinkButton href=paths::invitation_sign_up(id) kind=ButtonKind::Primary>"Create account"</LinkButton> })}
            <LinkButton href=paths::sign_in_and_back(&paths::invitation(id))>"Sign in"</LinkButton>
            {decline_link(invitation)}
        </div>
    }
    .into_any()
}

/// Leads to the page that asks once more.
pub(super) fn decline_link(invitation: &Row) -> AnyView {
    let (href, label) = (paths::decline_invitation(invitation.id), decline_label(invitation));
    view! { <LinkButton href kind=ButtonKind::Quiet>{label}</LinkButton> }.into_any()
}

fn decline_label(invitation: &Row) -> &'static str {
    if invitation.kind().is_joining() { "Decline invitation" } else { "Decline Invite to Connect" }
}

pub async fn sign_up_to_accept_page(visit: Visit) -> PageResult {
    let (invitation, access) = match open(&visit).await? {
        Ok(found) => found,
        Err(screen) => return Ok(screen),
    };
    let id = invitation.id;
    let Access::Link { proves_address, .. } = access else { return Err(Fault::NOT_FOUND) };
    if let Some(join) = invitation.join() {
        return Ok(joining::sign_up(&visit, &invitation, join));
    }
    let back = visit.form("signup");
    let lead = if proves_address {
        format!(
            "Then you decide whether to accept the invitation of {}. With another address than the invited one you confirm it by a mail first.",
            invitation.company
        )
    } else {
        format!(
            "We send you a mail to confirm the address; then you decide about the invitation of {}.",
            invitation.company
        )
    };
    let errors = form_errors(&back);
    Ok(Screen::plain(
        "Create account",
        view! {
            <h1>"Create your account"</h1>
            <p class="lead">{lead}</p>
            <form class="form" method="post" action=paths::invitation_sign_up(id) novalidate>
                {form_identity("signup", None)}
                {errors}
                {newcomer_fields(&back, &invitation.email)}
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Create account"</Button>
                    <LinkButton href=paths::invitation(id) kind=ButtonKind::Quiet>"Back"</LinkButton>
                </FormActions>
            </form>
            <p class="muted">
                "You have a login already? " <a href=paths::sign_in_and_back(&paths::invitation(id))>"Sign in"</a>
            </p>
        },
    ))
}

pub async fn decline_page(visit: Visit) -> PageResult {
    let (invitation, _) = match open(&visit).await? {
        Ok(found) => found,
        Err(_) if just_declined(&visit).await? => return Ok(declined()),
        Err(screen) => return Ok(screen),
    };
    let id = invitation.id;
    let back = visit.form("decline");
    let errors = form_errors(&back);
    let title = format!("Decline the invitation of {}?", invitation.company);
    Ok(Screen::plain(
        "Decline the invitation",
        view! {
            <h1>{title}</h1>
            <p>"The link stops working and the inviter is told. They can invite you again."</p>
            <form class="form" method="post" action=paths::decline_invitation(id) novalidate>
                {form_identity("decline", None)}
                {errors}
                <TextArea label="Reason" name="reason" value=back.value("reason") error=back.error("reason") help="For the inviter; at most 500 characters." rows=3 optional_mark=true />
                <FormActions>
                    <Button kind=ButtonKind::Danger>{decline_label(&invitation)}</Button>
                    <LinkButton href=paths::invitation(id)>"Back"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

/// Whether this browser has just declined: it may still see the invitation, and the form has led here.
async fn just_declined(visit: &Visit) -> Result<bool, Fault> {
    let Ok(id) = visit.id::<InvitationId>("invitation_id") else { return Ok(false) };
    let mut conn = visit.cx.read().await?;
    Ok(match access::find(&mut conn, &visit.headers, id).await {
        Ok((invitation, _)) => invitation.standing() == Standing::Declined && visit.query("done") == "1",
        Err(_) => false,
    })
}

fn declined() -> Screen {
    Screen::plain(
        "Invitation declined",
        view! {
            <h1>"You declined the invitation"</h1>
            <p>"The inviter is told. You can close this page."</p>
            <p class="actions"><LinkButton href=paths::HOME>"Go to the first page"</LinkButton></p>
        },
    )
}
