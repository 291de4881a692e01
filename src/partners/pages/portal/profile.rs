//! `/portal/{partner_id}/profile`: the partner's name and website. The account's notes are not shown here.

use crate::{
    base::{AppError, FormState, PartnerId, Problem, paths},
    partners::{
        model::PartnerPermission,
        pages::{portal_head, portal_screen},
        routes::Message,
        server::{
            Details, policy, profile,
            queries::{self, Partner},
        },
    },
    server::{Fault, clock},
    ui::{Button, ButtonKind, Field, FormActions, HiddenField, KeyValues, Panel},
    web::{PageResult, Post, PostResult, Redirect, Visit, form_errors, partner_identity},
};
use leptos::prelude::*;

pub async fn portal_profile_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let actor = policy::find_in_portal(&mut conn, id, PartnerPermission::See).await?;
    let since = queries::find_since(&mut conn, actor.partner.account_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    let may_edit = actor.side.may(PartnerPermission::EditProfile);
    let back = visit.form("profile");
    let content = if may_edit { form(&actor.partner, back) } else { form_errors(&back) };
    let mut about = Vec::new();
    if !may_edit {
        about.push(("Name".to_owned(), actor.partner.name.clone().into_any()));
        about.push((
            "Website".to_owned(),
            actor.partner.website.clone().unwrap_or_else(|| "none".to_owned()).into_any(),
        ));
    }
    about.push(("Buyer".to_owned(), actor.partner.company.clone().into_any()));
    about.push(("Partner since".to_owned(), clock::day(since).into_any()));
    let head = portal_head(&actor, "profile");
    Ok(portal_screen(
        &visit,
        format!("Profile of {}", actor.partner.name),
        actor,
        view! {
            {head}
            <Panel title="Profile"><div class="stack">{content}<KeyValues items=about /></div></Panel>
        },
    ))
}

fn form(partner: &Partner, back: FormState) -> AnyView {
    // After a stale version the form shows the values saved since, so the person can reapply the change.
    let is_stale = back.error == Some(AppError::Refused(Problem::StaleVersion));
    let typed = |name: &str, now: &str| if is_stale { now.to_owned() } else { back.value_or(name, now) };
    let company = partner.company.clone();
    view! {
        <form class="form" method="post" action=paths::portal_profile(partner.id) novalidate>
            {partner_identity("profile", partner.id)}
            <HiddenField name="version" value=typed("version", &partner.version.to_string()) />
            {form_errors(&back)}
            <Field label="Name" name="name" value=typed("name", &partner.name) error=back.error("name") help=format!("{company} sees this name.") autocomplete="organization" maxlength=100u32 required=true />
            <Field label="Website" name="website" kind="url" value=typed("website", partner.website.as_deref().unwrap_or("")) error=back.error("website") autocomplete="url" maxlength=200u32 optional_mark=true />
            <FormActions><Button kind=ButtonKind::Primary>"Save profile"</Button></FormActions>
        </form>
    }
    .into_any()
}

pub async fn post_profile(post: Post) -> PostResult {
    let id: PartnerId = post.id("partner_id")?;
    {
        // Check the permission before the fields, so that a 403 or 404 comes before any field error.
        let mut conn = post.cx.read().await?;
        policy::find_in_portal(&mut conn, id, PartnerPermission::EditProfile).await?;
    }
    let details = Details::parse(post.fields.get("name"), post.fields.get("website"), None)?;
    let version: i32 = post.fields.get("version").parse().map_err(|_| Problem::StaleVersion)?;
    post.cx
        .write((id, version, details), |tx, (id, version, details)| Box::pin(profile::change(tx, id, version, details)))
        .await?;
    Ok(Redirect::to(paths::portal_profile(id)).with_message(Message::ProfileSaved))
}
