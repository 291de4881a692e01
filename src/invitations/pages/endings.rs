//! What a link shows once its invitation can no longer be answered, each with a next step. No full address is shown.

use super::visit::visible;
use crate::{
    base::{InvitationId, Problem, Token, paths},
    invitations::{
        islands::landing_path,
        model::{InvitationStatus, Kind},
        routes::Message,
        server::{self, Invitation, Join, State, masked, queries},
    },
    server::{Fault, clock, throttle::Limit},
    ui::{Button, ButtonKind, FormActions, LinkButton, TimeAgo},
    web::{Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use axum::http::StatusCode;
use leptos::prelude::*;

/// The page of an invitation that can no longer be answered.
pub fn ending(visit: &Visit, invitation: &Invitation) -> Screen {
    let company = invitation.company.clone();
    let viewer = visit.cx.viewer.as_ref();
    let (by, account_id) = match invitation.state {
        State::Accepted { by, account_id, .. } => (Some(by), account_id),
        _ => (None, None),
    };
    let by_me = viewer.is_some_and(|viewer| Some(viewer.user_id) == by);
    let by_mine = account_id.and_then(|id| viewer?.membership(id)).map(|membership| membership.name.clone());
    let (title, text) = match invitation.status() {
        InvitationStatus::Accepted if by_me => (
            "This invitation was already accepted",
            match invitation.join() {
                Some(join) => format!("You joined {}.", join.team_name),
                None => format!("You accepted the invitation from {company}."),
            },
        ),
        InvitationStatus::Accepted => match &by_mine {
            Some(mine) => ("This invitation was already accepted", format!("{mine} is connected with {company}.")),
            None => ("This invitation was already accepted", "This link is no longer needed.".to_owned()),
        },
        InvitationStatus::Declined => {
            ("This invitation was declined", format!("Changed your mind? Ask {company} to invite you again."))
        }
        InvitationStatus::Revoked => ("This invitation was revoked", format!("If you expected it, contact {company}.")),
        InvitationStatus::Expired => (
            "This invitation has expired",
            format!("It expired on {}. Ask {company} to invite you again.", clock::day(invitation.expires_at)),
        ),
        InvitationStatus::Replaced => return replaced(visit, invitation),
        InvitationStatus::Open => (
            "This invitation is no longer valid",
            match invitation.join() {
                Some(Join { team_name, .. }) => {
                    format!(
                        "The person who sent it can no longer invite people to {team_name}. Ask for a new invitation."
                    )
                }
                None => format!("{company} can't connect at the moment. Let them know that you want to accept."),
            },
        ),
    };
    let may_request =
        matches!(invitation.status(), InvitationStatus::Declined | InvitationStatus::Expired | InvitationStatus::Open);
    let next = if may_request {
        request_form(visit, invitation)
    } else if by_me && let Some(join) = invitation.join() {
        view! { <p class="actions"><LinkButton href=landing_path(join.offer.team()) kind=ButtonKind::Primary>{format!("Go to {}", join.team_name)}</LinkButton></p> }.into_any()
    } else if (by_me || by_mine.is_some()) && invitation.kind() == Kind::Recipient {
        view! { <p class="actions"><LinkButton href=paths::FLOWS kind=ButtonKind::Primary>"Go to your flows"</LinkButton></p> }.into_any()
    } else if by_me || by_mine.is_some() {
        view! { <p class="actions"><LinkButton href=paths::SUBMISSION_DOCS kind=ButtonKind::Primary>"Go to the Submission Docs"</LinkButton></p> }.into_any()
    } else {
        view! { <p class="actions"><LinkButton href=paths::HOME kind=ButtonKind::Primary>"Go to Home"</LinkButton></p> }
            .into_any()
    };
    Screen::plain(title, view! { <h1>{title}</h1> <p>{text}</p> {next} }).with_status(StatusCode::GONE)
}

/// For an older link of a resent invitation. Shows only when it was resent.
fn replaced(visit: &Visit, invitation: &Invitation) -> Screen {
    let title = "A newer invitation was sent";
    let at = invitation.superseded_at().map(|at| clock::display_time(at, visit.cx.now)).unwrap_or_default();
    Screen::plain(
        title,
        view! {
            <h1>{title}</h1>
            <p>
                "It was sent on " {at.absolute.clone()} " ("
                <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute />
                "). Open the link in that email instead."
            </p>
            <p class="actions"><LinkButton href=paths::HOME kind=ButtonKind::Primary>"Go to Home"</LinkButton></p>
        },
    )
    .with_status(StatusCode::GONE)
}

/// Posts to the page that shows it: the link itself, or the invitation's page.
fn request_form(visit: &Visit, invitation: &Invitation) -> AnyView {
    let back = visit.form("request");
    let errors = form_errors(&back);
    let to = masked(&invitation.email);
    view! {
        <form class="form" method="post" action=visit.path.clone()>
            {form_identity("request", None)}
            {errors}
            <p class="muted">{format!("We'll email the inviter, at most once a day. A new invitation will go to {to}.")}</p>
            <FormActions>
                <Button kind=ButtonKind::Primary>"Request a new invitation"</Button>
                <LinkButton href=paths::HOME kind=ButtonKind::Quiet>"Go to Home"</LinkButton>
            </FormActions>
        </form>
    }
    .into_any()
}

/// Handles the request form on the invitation's page.
pub async fn post_request(post: Post) -> PostResult {
    let (invitation, _) = visible(&post).await?;
    if invitation.superseded_at().is_some() {
        return Err(Problem::InvitationReplaced.into());
    }
    request_new(&post, invitation.id, &paths::invitation(invitation.id)).await
}

/// Handles the request form on the page of a link. A link that a newer one replaced can't request a new invitation.
pub async fn post_link_ending(post: Post) -> PostResult {
    let token = Token::parse(post.param("token")).ok_or(Fault::NOT_FOUND)?;
    let found = {
        let mut conn = post.cx.read().await?;
        queries::find_by_token(&mut conn, token.hashed(), post.cx.now).await?
    };
    let Some((invitation, link)) = found else {
        post.cx.take([post.cx.by_network(Limit::UnknownLink)]).await?;
        return Err(Fault::NOT_FOUND);
    };
    if link.superseded_at.is_some() {
        return Err(Problem::InvitationReplaced.into());
    }
    request_new(&post, invitation.id, &paths::link(post.param("token"))).await
}

async fn request_new(post: &Post, id: InvitationId, to: &str) -> PostResult {
    post.cx.write(id, |tx, id| Box::pin(server::request_new(tx, id))).await?;
    Ok(Redirect::to(to).with_message(Message::NewInvitationRequested))
}

/// Unknown tokens and other people's invitations look the same.
pub fn not_found() -> Screen {
    Screen::plain(
        "Invitation not found",
        view! {
            <h1>"Invitation not found"</h1>
            <p>"Check that you opened the complete link from the email. If the invitation went to another address, sign in with that one."</p>
            <p class="actions">
                <LinkButton href=paths::HOME kind=ButtonKind::Primary>"Go to Home"</LinkButton>
                <LinkButton href=paths::SIGN_IN>"Sign in"</LinkButton>
            </p>
        },
    )
    .with_status(StatusCode::NOT_FOUND)
}
