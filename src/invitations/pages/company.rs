//! `/invitations/{id}/company`: creates another company for the viewer, to accept the invitation with.

use super::visit::{open, visible_to_connect};
use crate::{
    base::paths,
    invitations::{routes::Message, server},
    server::Fault,
    ui::{Button, ButtonKind, Field, FormActions, LinkButton},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn company_to_accept_page(visit: Visit) -> PageResult {
    let (invitation, _) = match open(&visit).await? {
        Ok(found) => found,
        Err(screen) => return Ok(screen),
    };
    visit.cx.viewer()?;
    if invitation.kind().is_team_invite() {
        return Err(Fault::NOT_FOUND);
    }
    let back = visit.form("company");
    let errors = form_errors(&back);
    let id = invitation.id;
    let lead = format!(
        "You'll be its Admin. Next, you can accept or decline the invitation from {}. Accepting is free and includes LeadConduit for Partners.",
        invitation.company
    );
    Ok(Screen::plain(
        "Create a new company",
        view! {
            <h1>"Create a new company"</h1>
            <p class="lead">{lead}</p>
            <form class="form" method="post" action=paths::company_to_accept(id) novalidate>
                {form_identity("company", None)}
                {errors}
                <Field label="Company name" name="company" value=back.value("company") error=back.error("company") autocomplete="organization" maxlength=100u32 required=true />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Create company"</Button>
                    <LinkButton href=paths::invitation(id) kind=ButtonKind::Quiet>"Back"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

/// Posting twice creates one company.
pub async fn post_company(post: Post) -> PostResult {
    post.cx.viewer()?;
    let (invitation, _) = visible_to_connect(&post).await?;
    invitation.status().check_answerable()?;
    let name = post.fields.get("company").to_owned();
    let account_id =
        post.cx.write(name, |tx, name| Box::pin(async move { server::create_company(tx, &name).await })).await?;
    let to = format!("{}?as={account_id}", paths::invitation(invitation.id));
    Ok(Redirect::to(to).with_message(Message::CompanyCreated))
}
