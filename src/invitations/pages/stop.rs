//! `/stop/{token}`: the owner of an address stops invitations from Accord, or allows them again.

use super::endings::not_found;
use crate::{
    base::{AppError, Token, paths},
    invitations::{
        routes::Message,
        server::{self, masked},
    },
    server::{Fault, throttle::Limit},
    ui::{Button, ButtonKind, FormActions, LinkButton},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn stop_invitations_page(visit: Visit) -> PageResult {
    let Some(token) = Token::parse(visit.param("token")) else { return Ok(not_found()) };
    let found = {
        let mut conn = visit.cx.read().await?;
        server::find_stop_state(&mut conn, token.hashed(), visit.cx.now).await
    };
    let (invitation, stopped) = match found {
        Ok(found) => found,
        Err(Fault::Expected(AppError::NotFound)) => {
            visit.cx.take([visit.cx.by_network(Limit::UnknownLink)]).await?;
            return Ok(not_found());
        }
        Err(fault) => return Err(fault),
    };
    let address = masked(&invitation.email);
    let (title, text, value, label) = if stopped {
        (
            "Invitations are stopped",
            format!(
                "{address} no longer gets invitations from anyone on Accord. Invitations you already have still work."
            ),
            "allow",
            "Allow invitations again",
        )
    } else {
        (
            "Stop invitations?",
            format!(
                "{address} will no longer get invitations from anyone on Accord. Invitations you already have still work."
            ),
            "stop",
            "Stop invitations",
        )
    };
    let kind = if stopped { ButtonKind::Secondary } else { ButtonKind::Danger };
    let errors = form_errors(&visit.form("stop"));
    Ok(Screen::plain(
        title,
        view! {
            <h1>{title}</h1>
            <p>{text}</p>
            <form class="form" method="post" action=paths::stop_invitations(&token.reveal())>
                {form_identity("stop", None)}
                {errors}
                <FormActions>
                    <Button kind name="do" value>{label}</Button>
                    <LinkButton href=paths::HOME kind=ButtonKind::Quiet>"Go to Home"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

/// Handles the page's form and one-click unsubscribe by mail programs (RFC 8058), which post
/// `List-Unsubscribe=One-Click` without loading the page.
pub async fn post_stop(post: Post) -> PostResult {
    let token = Token::parse(post.param("token")).ok_or(Fault::NOT_FOUND)?;
    let stop = post.fields.get("do") != "allow";
    let done = post.cx.write((token.hashed(), stop), |tx, input| Box::pin(server::set_stopped(tx, input))).await;
    if matches!(done, Err(Fault::Expected(AppError::NotFound))) {
        post.cx.take([post.cx.by_network(Limit::UnknownLink)]).await?;
    }
    done?;
    let message = if stop { Message::InvitationsStopped } else { Message::InvitationsAllowed };
    Ok(Redirect::to(paths::stop_invitations(post.param("token"))).with_message(message))
}
