//! The confirmation page before the address of an ended invitation is removed from the lists.

use super::manage::{back_to, crumbs, load};
use crate::{
    base::{InvitationId, Problem, paths},
    invitations::{routes::Message, server},
    ui::Tone,
    web::{Confirm, ConfirmForm, PageResult, Post, PostResult, Redirect, Visit},
};
use leptos::prelude::*;

pub async fn remove_invited_page(visit: Visit) -> PageResult {
    let (invitation, back) = load(&visit).await?;
    let confirm = Confirm::new(format!("Remove {}?", invitation.email), crumbs(), back.clone());
    let confirm = if invitation.status().check_invitable_again().is_ok() {
        let effects = "It will disappear from your lists. You can invite this address again at any time.";
        confirm.form(
            &visit,
            ConfirmForm {
                name: "remove",
                action: paths::remove_invited(invitation.id, &back),
                acting: invitation.account_id,
                hidden: Some(("back", back)),
                body: view! { <p>{effects}</p> }.into_any(),
                button: "Remove",
            },
        )
    } else {
        confirm.no_longer_open(Tone::Warning, Problem::NotPending.sentence())
    };
    Ok(confirm.screen("Remove an address", "invitations"))
}

pub async fn post_remove_invited(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id: InvitationId = post.id("invitation_id")?;
    post.cx.write(id, |tx, id| Box::pin(server::remove_invited(tx, id))).await?;
    Ok(Redirect::to(back_to(post.fields.get("back"))).with_message(Message::RemovedInvited))
}
