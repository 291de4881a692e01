//! What an invitee sees. Opening any of these pages changes nothing, no matter who opens it or how often.

use super::{
    accepting::accepting,
    endings::{ending, not_found},
    facts, join,
};
use crate::{
    base::{InvitationId, Problem, Token, paths},
    invitations::{
        model::InvitationStatus,
        server::{
            access::{self, Access},
            queries::{self, Invitation as Row},
        },
    },
    server::{Fault, throttle::Limit},
    ui::{ButtonKind, LinkButton},
    web::{PageResult, Post, Screen, Visit},
};
use axum::http::StatusCode;
use leptos::prelude::*;

/// `/i/{token}`: swaps the token of an open invitation for a cookie and redirects, so that the token leaves the address
/// bar.
pub async fn open_link_page(visit: Visit) -> PageResult {
    let Some(token) = Token::parse(visit.param("token")) else { return Ok(not_found()) };
    let found = {
        let mut conn = visit.cx.read().await?;
        queries::find_by_token(&mut conn, token.hashed(), visit.cx.now).await?
    };
    let Some((invitation, link)) = found else {
        // Rate-limit guessing, although tokens are unguessable.
        visit.cx.take([visit.cx.by_network(Limit::UnknownLink)]).await?;
        return Ok(not_found());
    };
    let invitation = match link.superseded_at {
        Some(at) if invitation.status().check_resendable().is_ok() => invitation.replaced(at),
        _ => invitation,
    };
    if invitation.status() != InvitationStatus::Open || !invitation.backed {
        return Ok(ending(&visit, &invitation));
    }
    let cookie = access::cookie(&visit.cx, invitation.id, &token);
    Ok(Screen::redirect(&paths::invitation(invitation.id)).with_cookie(cookie).with_status(StatusCode::SEE_OTHER))
}

/// The invitation, if this visitor may see it and it can be answered. Otherwise the page that explains why not.
pub(super) async fn open(visit: &Visit) -> Result<Result<(Row, Access), Screen>, Fault> {
    let Ok(id) = visit.id::<InvitationId>("invitation_id") else { return Ok(Err(not_found())) };
    let mut conn = visit.cx.read().await?;
    let (invitation, access, token) = match access::find_with_token(&mut conn, &visit.headers, id).await {
        Ok(found) => found,
        Err(Fault::Expected(crate::base::AppError::NotFound)) => return Ok(Err(not_found())),
        Err(fault) => return Err(fault),
    };
    if invitation.status() != InvitationStatus::Open || !invitation.backed {
        return Ok(Err(ending(visit, &invitation)));
    }
    // Renew the cookie while the page is in use.
    if let Some(token) = token {
        visit.set_cookie(access::cookie(&visit.cx, id, &token));
    }
    Ok(Ok((invitation, access)))
}

/// The invitation that a posted form is about, if the visitor may see it.
pub(super) async fn visible(post: &Post) -> Result<(Row, Access), Fault> {
    let id: InvitationId = post.id("invitation_id")?;
    let mut conn = post.cx.read().await?;
    access::find(&mut conn, &post.headers, id).await
}

/// Like `visible`, for forms that only invitations to connect have. For an invitation to join, a viewer with another
/// address gets `OtherAddress`, and the invitee a 404.
pub(super) async fn visible_to_connect(post: &Post) -> Result<(Row, Access), Fault> {
    let (invitation, access) = visible(post).await?;
    if invitation.kind().is_team_invite() {
        let is_invited = post.cx.viewer()?.email_key == invitation.email_key;
        return Err(if is_invited { Fault::NOT_FOUND } else { Problem::OtherAddress.into() });
    }
    Ok((invitation, access))
}

pub async fn invitation_page(visit: Visit) -> PageResult {
    let (invitation, access) = match open(&visit).await? {
        Ok(found) => found,
        Err(screen) => return Ok(screen),
    };
    if let Some(join) = invitation.join() {
        return Ok(join::page(&visit, &invitation, join, access));
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
        <p>"To accept, sign in, or create an account for your company. It's free and includes LeadConduit for Partners."</p>
        <div class="actions">
            {may_sign_up.then(|| view! { <LinkButton href=paths::invitation_sign_up(id) kind=ButtonKind::Primary>"Create account"</LinkButton> })}
            <LinkButton href=paths::sign_in_and_back(&paths::invitation(id))>"Sign in"</LinkButton>
            {decline_link(invitation)}
        </div>
    }
    .into_any()
}

/// Links to the page that asks for confirmation.
pub(super) fn decline_link(invitation: &Row) -> AnyView {
    let (href, label) = (paths::decline_invitation(invitation.id), decline_label(invitation));
    view! { <LinkButton href kind=ButtonKind::Quiet>{label}</LinkButton> }.into_any()
}

pub(super) fn decline_label(invitation: &Row) -> &'static str {
    if invitation.kind().is_team_invite() { "Decline invitation" } else { "Decline Invite to Connect" }
}
