//! The endings of a link, each with its next step. No full address is shown.

use crate::{
    app::screen::{Screen, Visit},
    base::paths,
    invitations::{model::Standing, server::queries::Invitation},
    ui::{ButtonKind, LinkButton},
};
use axum::http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// The page of an invitation that can no longer be answered.
pub fn ending(visit: &Visit, invitation: &Invitation) -> Screen {
    set_status(StatusCode::GONE);
    let company = invitation.company.clone();
    let mine = visit.cx.viewer.as_ref().is_some_and(|viewer| Some(viewer.user_id) == invitation.accepted_by);
    let (title, text) = match invitation.standing() {
        Standing::Accepted if mine => {
            ("This invitation was already accepted", format!("You accepted the invitation of {company}."))
        }
        Standing::Accepted => {
            ("This invitation was already accepted", "There is nothing left to do with this link.".to_owned())
        }
        Standing::Declined => {
            ("This invitation was declined", format!("If that was a mistake, ask {company} to invite you again."))
        }
        Standing::Revoked => {
            ("This invitation was revoked", format!("{company} took it back. Ask them if you expected it."))
        }
        Standing::Expired => ("This invitation has expired", format!("Ask {company} to invite you again.")),
        Standing::Replaced => (
            "A newer invitation was sent",
            "Look for the latest mail of this invitation and open the link in it.".to_owned(),
        ),
        Standing::Open => ("This invitation is no longer valid", format!("Ask {company} to invite you again.")),
    };
    let (href, label) = if mine {
        (paths::SUBMISSION_DOCS, "Go to the Submission Docs")
    } else {
        (paths::HOME, "Go to the first page")
    };
    Screen::plain(
        title,
        view! {
            <h1>{title}</h1>
            <p>{text}</p>
            <p class="actions"><LinkButton href kind=ButtonKind::Primary>{label}</LinkButton></p>
        },
    )
}

/// Unknown tokens and invitations of others are all alike.
pub fn not_found() -> Screen {
    set_status(StatusCode::NOT_FOUND);
    Screen::plain(
        "Invitation not found",
        view! {
            <h1>"Invitation not found"</h1>
            <p>"Check that you opened the whole link of the mail. If you are invited under another address, sign in with that one."</p>
            <p class="actions">
                <LinkButton href=paths::HOME kind=ButtonKind::Primary>"Go to the first page"</LinkButton>
                <LinkButton href=paths::SIGN_IN>"Sign in"</LinkButton>
            </p>
        },
    )
}

fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}
