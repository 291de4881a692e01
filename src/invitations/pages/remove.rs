//! The question before what an ended invitation has left is removed: the address, from the list of recipients.

use super::manage::{back_to, crumbs, load, over};
use crate::{
    base::{InvitationId, paths},
    invitations::{
        routes::Message,
        server::{self, queries::Invitation},
    },
    ui::{Button, ButtonKind, FormActions, HiddenField, LinkButton, PageHeader},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn remove_invited_page(visit: Visit) -> PageResult {
    let (invitation, back) = load(&visit).await?;
    let errors = form_errors(&visit.form("remove"));
    let Invitation { id, account_id, email, .. } = Invitation::clone(&invitation);
    let action = paths::remove_invited(id, &back);
    let body = if invitation.standing().repeatable().is_ok() {
        view! {
            <form class="form" method="post" action=action>
                {form_identity("remove", Some(account_id))}
                <HiddenField name="back" value=back.clone() />
                {errors}
                <p>"It leaves your lists. You can invite the address again at any time; that begins anew."</p>
                <FormActions>
                    <Button kind=ButtonKind::Danger>"Remove"</Button>
                    <LinkButton href=back>"Cancel"</LinkButton>
                </FormActions>
            </form>
        }
        .into_any()
    } else {
        over(back)
    };
    let title = format!("Remove {email}?");
    Ok(Screen::app("Remove an address", "invitations", view! { <PageHeader title breadcrumb=crumbs() />{body} }))
}

pub async fn post_remove_invited(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id: InvitationId = post.id("invitation_id")?;
    post.cx.write(id, |tx, id| Box::pin(server::remove_invited(tx, id))).await?;
    Ok(Redirect::to(back_to(post.fields.get("back"))).saying(Message::RemovedInvited))
}
