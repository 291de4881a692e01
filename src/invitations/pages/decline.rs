//! Declining an invitation, after a confirmation.

use super::visit::{decline_label, open, visible};
use crate::{
    base::{InvitationId, paths},
    invitations::{
        model::InvitationStatus,
        server::{self, access},
    },
    server::Fault,
    ui::{Button, ButtonKind, FormActions, LinkButton, TextArea},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn decline_page(visit: Visit) -> PageResult {
    let (invitation, _) = match open(&visit).await? {
        Ok(found) => found,
        Err(_) if just_declined(&visit).await? => return Ok(declined()),
        Err(screen) => return Ok(screen),
    };
    let id = invitation.id;
    let back = visit.form("decline");
    let errors = form_errors(&back);
    let title = format!("Decline the invitation from {}?", invitation.company);
    Ok(Screen::plain(
        "Decline the invitation",
        view! {
            <h1>{title}</h1>
            <p>"The link will stop working, and we'll tell the inviter. They can invite you again."</p>
            <form class="form" method="post" action=paths::decline_invitation(id) novalidate>
                {form_identity("decline", None)}
                {errors}
                <TextArea label="Reason" name="reason" value=back.value("reason") error=back.error("reason") help="Shown to the inviter, up to 500 characters." rows=3 optional_mark=true />
                <FormActions>
                    <Button kind=ButtonKind::Danger>{decline_label(&invitation)}</Button>
                    <LinkButton href=paths::invitation(id)>"Back"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

/// True if this browser has just declined: it may still see the invitation, and the form redirected here.
async fn just_declined(visit: &Visit) -> Result<bool, Fault> {
    let Ok(id) = visit.id::<InvitationId>("invitation_id") else { return Ok(false) };
    let mut conn = visit.cx.read().await?;
    Ok(match access::find(&mut conn, &visit.headers, id).await {
        Ok((invitation, _)) => invitation.status() == InvitationStatus::Declined && visit.query("done") == "1",
        Err(_) => false,
    })
}

fn declined() -> Screen {
    Screen::plain(
        "Invitation declined",
        view! {
            <h1>"You declined the invitation"</h1>
            <p>"We've told the inviter. You can close this page."</p>
            <p class="actions"><LinkButton href=paths::HOME>"Go to Home"</LinkButton></p>
        },
    )
}

pub async fn post_decline(post: Post) -> PostResult {
    let (invitation, access) = visible(&post).await?;
    let request =
        server::DeclineRequest { invitation_id: invitation.id, reason: post.fields.get("reason").to_owned(), access };
    post.cx.write(request, |tx, request| Box::pin(server::decline(tx, request))).await?;
    Ok(Redirect::to(format!("{}?done=1", paths::decline_invitation(invitation.id))))
}
