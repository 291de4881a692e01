//! Signing up with an invitation's link.

use super::{join, visit::open};
use crate::{
    base::{InvitationId, paths},
    identity::{
        pages::newcomer_fields,
        routes::Message,
        server::{self as identity, Device, ForInvitation, parse::Newcomer},
    },
    invitations::{
        model::InvitationStatus,
        server::access::{self, Access},
    },
    server::Fault,
    ui::{Button, ButtonKind, FormActions, LinkButton},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn sign_up_to_accept_page(visit: Visit) -> PageResult {
    let (invitation, access) = match open(&visit).await? {
        Ok(found) => found,
        Err(screen) => return Ok(screen),
    };
    let id = invitation.id;
    let Access::Link { proves_address, .. } = access else { return Err(Fault::NOT_FOUND) };
    if let Some(join) = invitation.join() {
        return Ok(join::sign_up(&visit, &invitation, join));
    }
    let back = visit.form("signup");
    let lead = if proves_address {
        format!(
            "Next, you can accept or decline the invitation from {}. If you use a different address, we'll email you a confirmation link first.",
            invitation.company
        )
    } else {
        format!(
            "We'll email you a confirmation link. Then you can accept or decline the invitation from {}.",
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
                "Already have an account? " <a href=paths::sign_in_and_back(&paths::invitation(id))>"Sign in"</a>
            </p>
        },
    ))
}

/// Signs up with the invitation's link. A mailed link proves the invited address, so signing up with that address signs
/// in immediately. Any other address, and any sign-up by a copied link, must be confirmed by email first and then
/// returns here.
pub async fn post_sign_up(post: Post) -> PostResult {
    let (invitation, access, token) = {
        let id: InvitationId = post.id("invitation_id")?;
        let mut conn = post.cx.read().await?;
        access::find_with_token(&mut conn, &post.headers, id).await?
    };
    let (Access::Link { proves_address, .. }, Some(link)) = (access, token) else { return Err(Fault::NOT_FOUND) };
    if invitation.status() != InvitationStatus::Open {
        return Err(Fault::NOT_FOUND);
    }
    if invitation.kind().is_team_invite() {
        return join::post_sign_up_and_join(&post, &invitation, access).await;
    }
    let newcomer = Newcomer::from_form(&post.fields)?;
    if proves_address && newcomer.email.key() == invitation.email_key {
        let device = Device::of(&post.cx, &post.headers);
        let cookies = identity::sign_up_from_invitation(&post.cx, newcomer, &device).await?;
        let posted = Redirect::to(paths::invitation(invitation.id)).with_message(Message::AccountCreated);
        return Ok(cookies.into_iter().fold(posted, Redirect::with_cookie));
    }
    let for_invitation = ForInvitation { invitation_id: invitation.id, link };
    identity::count_sign_up(&post.cx, &post.headers, &newcomer.email).await?;
    let waiting = identity::sign_up(&post.cx, newcomer, Some(for_invitation)).await?;
    Ok(Redirect::to(paths::SIGN_UP_SENT).with_cookies(waiting))
}
