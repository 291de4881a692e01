//! The question before what an ended invitation has left is removed: the address, from the list of recipients.

use super::manage::{back_to, crumbs, load, over};
use crate::{
    app::{
        posts::Post,
        screen::{Screen, form_errors, form_identity, screen},
    },
    base::{InvitationId, paths},
    invitations::server::{self, queries::Invitation},
    server::form::{PostResult, Posted},
    ui::{Button, ButtonKind, FormActions, HiddenField, LinkButton, PageHeader},
};
use leptos::prelude::*;

#[component]
pub fn RemoveInvited() -> impl IntoView {
    screen(async |visit| {
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
    })
}

pub async fn post_remove_invited(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id: InvitationId = post.id("invitation_id")?;
    post.cx
        .write(id, |tx, id| {
            Box::pin(async move {
                let cx = tx.cx.clone();
                let (invitation, _) = server::find_for(tx, &cx, id).await?;
                // One that lives, or went on, is dealt with otherwise.
                invitation.standing().repeatable()?;
                server::remove_entity(tx, invitation.account_id, invitation.connect.entity_id).await
            })
        })
        .await?;
    Ok(Posted::to(back_to(post.fields.get("back"))).saying("removed-invited"))
}
