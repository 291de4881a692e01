//! Creating a partner, and the form fields shared with editing one.

use crate::{
    accounts::model::{Permission, Plan},
    base::{FormState, Problem, paths},
    partners::{
        routes::Message,
        server::{self, Details, NOTES_LENGTH},
    },
    reports::server::forget_partner_orders,
    server::{Fault, form::Fields},
    ui::{Button, ButtonKind, Field, FormActions, LinkButton, PageHeader, TextArea},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn new_partner_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let actor = visit.cx.actor(membership.account_id, Permission::ChangeFlows)?;
    if !actor.plan.is_some_and(Plan::may_build_flows) {
        return Err(Problem::PlanRequired.into());
    }
    let back = visit.form("partner");
    let fields = details_fields(&back, &Details { name: String::new(), website: None, notes: None }, true);
    let breadcrumb = vec![("Partners".to_owned(), paths::PARTNERS.to_owned())];
    let lead = "Next, you can assign its sources, invite its people, or invite the company to connect.";
    Ok(Screen::app(
        "Create partner",
        "partners",
        view! {
            <PageHeader title="Create partner" lead breadcrumb />
            <form class="form" method="post" action=paths::NEW_PARTNER novalidate>
                {form_identity("partner", Some(membership.account_id))}
                {form_errors(&back)}
                {fields}
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Create partner"</Button>
                    <LinkButton href=paths::PARTNERS>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

/// The fields for name, website and notes, filled with what was typed or otherwise with what is saved.
pub(super) fn details_fields(back: &FormState, saved: &Details, autofocus: bool) -> AnyView {
    let website = saved.website.as_deref().unwrap_or_default();
    let notes = saved.notes.as_deref().unwrap_or_default();
    view! {
        <Field label="Partner name" name="name" value=back.value_or("name", &saved.name) error=back.error("name") autocomplete="off" maxlength=100u32 required=true autofocus=autofocus && back.error.is_none() />
        <Field label="Website" name="website" kind="url" value=back.value_or("website", website) error=back.error("website") autocomplete="off" maxlength=200u32 optional_mark=true />
        <TextArea label="Notes" name="notes" value=back.value_or("notes", notes) error=back.error("notes") help=format!("Visible only to your account, up to {NOTES_LENGTH} characters.") optional_mark=true />
    }
    .into_any()
}

/// Parses a form with these fields.
pub(super) fn typed_details(fields: &Fields) -> Result<Details, Fault> {
    Details::parse(fields.get("name"), fields.get("website"), Some(fields.get("notes")))
}

pub async fn post_new_partner(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::ChangeFlows)?;
    let details = typed_details(&post.fields)?;
    let id = post
        .cx
        .write((account_id, details), |tx, (account, details)| Box::pin(server::create(tx, account, details)))
        .await?;
    forget_partner_orders(&post.cx.state, account_id);
    Ok(Redirect::to(paths::partner(id)).with_message(Message::PartnerCreated))
}
