//! Invite to Connect from a partner's page: the same invitation as from a flow, for this partner.

use crate::{
    accounts::model::Permission,
    base::{AppError, EmailAddress, PartnerId, Problem, paths},
    entities::model::Direction,
    invitations::{
        islands::InviteFields,
        model::{InvitationStatus, InviteAction},
        server::{self as invitations, queries},
    },
    partners::server::{
        policy,
        queries::{self as partners, Partner},
    },
    reports::server::find_partner_invitation,
    server::Fault,
    ui::{Banner, Button, ButtonKind, FormActions, Icon, LinkButton, PageHeader, Tone, icon},
    web::{PageResult, Post, PostResult, Posted, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use sqlx::PgConnection;

const ABOUT: &str = "When they accept, this partner is linked to their company, and they see the Submission Docs of its sources in your flows. You can add the company to flows at any time.";

const ABOUT_AGAIN: &str = "If the same company accepts, it is connected to this partner again, and the sources that the disconnect turned off are turned back on. If another company accepts, it becomes a separate partner.";

pub async fn connect_partner_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let (partner, actor) = policy::find_in_account(&mut conn, id, Permission::Invite).await?;
    let earlier = find_partner_invitation(&mut conn, partner.account_id, id, visit.cx.now).await?;
    let is_open = earlier.as_ref().is_some_and(|earlier| earlier.status == InvitationStatus::Open);
    let mut back = visit.form("connect");
    let other = other_partner(&mut conn, &visit, &partner, &back.value("email")).await?;
    let invite = invitations::invite_facts(&mut conn, &actor, Direction::Seller, None).await?;
    drop(conn);
    let errors = form_errors(&back);
    if back.error.is_none()
        && let Some(earlier) = earlier
    {
        back.values.insert("email".to_owned(), earlier.email);
    }
    let body = match why_not_invite(&partner, is_open) {
        Some(problem) => cannot_invite(id, problem),
        None => {
            let back = RwSignal::new(back);
            let about = if partner.linked_account_id.is_some() { ABOUT_AGAIN } else { ABOUT };
            view! {
                <form class="form" method="post" action=paths::connect_partner(id) novalidate>
                    {form_identity("connect", Some(partner.account_id))}
                    {errors}
                    {other}
                    <InviteFields invite back about=about />
                    <FormActions>
                        // Enter presses the first button.
                        <Button kind=ButtonKind::Primary>{icon(Icon::Send)} "Send Invite"</Button>
                        <Button kind=ButtonKind::Secondary name="do" value="preview">"Preview"</Button>
                        <LinkButton href=paths::partner(id)>"Cancel"</LinkButton>
                    </FormActions>
                </form>
            }
            .into_any()
        }
    };
    let breadcrumb =
        vec![("Partners".to_owned(), paths::PARTNERS.to_owned()), (partner.name.clone(), paths::partner(id))];
    Ok(Screen::app(
        format!("Invite {} to connect", partner.name),
        "partners",
        view! { <PageHeader title="Invite to Connect" breadcrumb />{body} },
    ))
}

/// The reason this partner cannot be invited, if any.
fn why_not_invite(partner: &Partner, is_open: bool) -> Option<Problem> {
    match (partner.connected, partner.archived) {
        (true, _) => Some(Problem::PartnerLinked),
        (false, true) => Some(Problem::PartnerArchived),
        (false, false) => is_open.then_some(Problem::PartnerInvited),
    }
}

fn cannot_invite(id: PartnerId, problem: Problem) -> AnyView {
    view! {
        <Banner tone=Tone::Warning title=problem.sentence() />
        <p class="actions"><LinkButton href=paths::partner(id)>"Back"</LinkButton></p>
    }
    .into_any()
}

/// If the form was rejected for it, names the partner that the typed address is already invited for.
async fn other_partner(
    conn: &mut PgConnection,
    visit: &Visit,
    partner: &Partner,
    typed: &str,
) -> Result<Option<AnyView>, Fault> {
    let refused = visit.back.as_ref().and_then(|back| back.error.as_ref());
    if refused != Some(&AppError::Refused(Problem::InvitedForAnother)) {
        return Ok(None);
    }
    let Ok(email) = EmailAddress::parse_typed(typed) else { return Ok(None) };
    let (account_id, now) = (partner.account_id, visit.cx.now);
    let Some(id) = queries::find_partner_of_address(conn, account_id, email.key(), now).await? else { return Ok(None) };
    let other = partners::find(conn, id)
        .await?
        .map(|other| view! { <p>"It was invited for " <a href=paths::partner(id)>{other.name}</a> "."</p> }.into_any());
    Ok(other)
}

pub async fn post_connect_partner(post: Post) -> PostResult<Posted> {
    post.fields.acting_account(&post.cx)?;
    let id: PartnerId = post.id("partner_id")?;
    {
        let mut conn = post.cx.read().await?;
        policy::find_in_account(&mut conn, id, Permission::Invite).await?;
    }
    if post.fields.get("do") == "preview" {
        return Ok(post.show_with([]));
    }
    let target = invitations::Target::Partner(id);
    let invite = invitations::CompanyInvite::parse(target, post.fields.get("email"), post.fields.get("note"))?;
    let sent = post.cx.write(invite, |tx, invite| Box::pin(invitations::send(tx, invite))).await?;
    Ok(Redirect::to(paths::partner(id)).with_message(InviteAction::InviteAgain.message(sent.outcome)).into())
}
