//! A partner's Overview tab: its details, its linked company or invitation, and its performance.

use super::{
    new::{details_fields, typed_details},
    partner_head,
};
use crate::{
    accounts::model::Permission,
    base::{AppError, FormState, PartnerId, Problem, paths},
    flows::islands::invitation_notes,
    invitations::{
        model::InvitationStatus,
        pages::{invitation_actions, invitation_state, post_act},
    },
    leads::pages::export_panel,
    partners::{
        model::{PartnerPermission, PartnerStatus, Side},
        routes::Message,
        server::{self, Details, policy, queries::Partner},
    },
    reports::{
        parts::performance_panel,
        server::{
            LinkedAccount, PartnerInvitation, find_linked_account, find_partner, find_partner_invitation,
            forget_partner_orders,
            performance::{Range, Scope},
        },
    },
    server::{Fault, clock},
    ui::{
        Banner, Button, ButtonKind, FormActions, HiddenField, Icon, KeyValues, LinkButton, Panel, Tag, TimeAgo, Tone,
        icon,
    },
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn partner_overview_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let (now, mut conn) = (visit.cx.now, visit.cx.read().await?);
    let (partner, actor) = policy::find_in_account(&mut conn, id, Permission::See).await?;
    let (account_id, archived) = (partner.account_id, partner.archived);
    let row = find_partner(&mut conn, account_id, id, now).await?.ok_or(Fault::NOT_FOUND)?;
    let link = find_linked_account(&mut conn, account_id, id).await?;
    let invitation = find_partner_invitation(&mut conn, account_id, id, now).await?;
    let range = Range::parse(&visit.query("days"));
    let here = paths::partner(id);
    let performance = performance_panel(&mut conn, account_id, Scope::Partner(id), range, now, &here, None).await?;
    let may_export = Side::Account(actor.role).may(PartnerPermission::ExportLeads);
    let export = match may_export {
        true => Some(export_panel(&mut conn, account_id, id, actor.user_id).await?),
        false => None,
    };
    let export = export.map(|export| view! { <Panel title="Leads">{export}</Panel> });
    drop(conn);
    let may_change = actor.role.may(Permission::ChangeFlows);
    let may_invite = actor.role.may(Permission::Invite);
    let head = partner_head(&partner, row.status, "overview", may_change.then(|| head_actions(&partner)).into_any());
    let invite = may_invite && !archived && offers_invitation(link.as_ref(), invitation.as_ref());
    let disconnect = link.as_ref().and_then(LinkedAccount::active_connection).filter(|_| may_invite).map(|connection| {
            view! { <p class="actions"><LinkButton href=paths::disconnect(connection) kind=ButtonKind::Quiet>"Disconnect"</LinkButton></p> }
        });
    let connection = connection(&visit, &partner, link, invitation, row.status, may_invite);
    let invite = invite.then(|| {
            view! { <p class="actions"><LinkButton href=paths::connect_partner(id)>{icon(Icon::Send)} "Invite to Connect"</LinkButton></p> }
        });
    let is_form = may_change && !archived;
    let errors = visit.back.as_ref().filter(|back| !(is_form && back.form == "details")).map(form_errors);
    let details = if is_form { details_form(&visit, &partner) } else { details(&partner) };
    Ok(Screen::app(
        partner.name.clone(),
        "partners",
        view! {
            {head}
            {errors}
            <Panel title="Company">{connection}{invite}{disconnect}</Panel>
            {performance}
            {export}
            <Panel title="Details">{details}</Panel>
        },
    ))
}

fn head_actions(partner: &Partner) -> AnyView {
    let id = partner.id;
    if !partner.archived {
        return view! { <LinkButton href=paths::remove_partner(id) kind=ButtonKind::Quiet>"Archive or delete"</LinkButton> }
            .into_any();
    }
    view! {
        <form method="post" action=paths::partner(id)>
            {form_identity("restore", Some(partner.account_id))}
            <Button kind=ButtonKind::Primary>"Restore"</Button>
        </form>
    }
    .into_any()
}

/// A connected partner needs no invitation, and an open one is resent instead.
fn offers_invitation(link: Option<&LinkedAccount>, invitation: Option<&PartnerInvitation>) -> bool {
    link.and_then(LinkedAccount::active_connection).is_none()
        && invitation.is_none_or(|invitation| invitation.status != InvitationStatus::Open)
}

fn connection(
    visit: &Visit,
    partner: &Partner,
    link: Option<LinkedAccount>,
    invitation: Option<PartnerInvitation>,
    status: PartnerStatus,
    may_invite: bool,
) -> AnyView {
    let now = visit.cx.now;
    let tag = view! { <Tag tone=status.tone() icon=status.icon() text=status.word() /> }.into_any();
    let mut items = vec![("Status".to_owned(), tag)];
    let is_linked = link.is_some();
    items.extend(link.into_iter().flat_map(|link| link_items(link, now)));
    let merged = invitation.as_ref().filter(|_| !is_linked).and_then(merged_into);
    let acting = (may_invite && !partner.archived).then_some(partner.account_id);
    let here = paths::partner(partner.id);
    // For a linked company, the link already shows an accepted invitation.
    let shown = invitation.filter(|invitation| !(is_linked && invitation.status == InvitationStatus::Accepted));
    let actions = shown.as_ref().filter(|invitation| invitation.is_latest).and_then(|invitation| {
        invitation_actions(invitation.id, &invitation.email, invitation.status, acting?, &here, None)
    });
    items.extend(shown.into_iter().flat_map(|invitation| invitation_items(invitation, acting.is_some(), &here)));
    let help = (status == PartnerStatus::NotConnected && items.len() == 1).then(|| {
        view! { <p class="muted">"Invite this company to connect its own account. It then sees the Submission Docs of its sources."</p> }
    });
    view! { <KeyValues items />{merged}{help}{actions} }.into_any()
}

fn ago(at: OffsetDateTime, now: OffsetDateTime) -> AnyView {
    let at = clock::display_time(at, now);
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}

fn link_items(link: LinkedAccount, now: OffsetDateTime) -> Vec<(String, AnyView)> {
    let LinkedAccount { name, connected_at, disconnected_at, .. } = link;
    let company = ("Linked account".to_owned(), view! { <strong>{name}</strong> }.into_any());
    let since = match (connected_at, disconnected_at) {
        (_, Some(at)) => Some(("Disconnected".to_owned(), ago(at, now))),
        (Some(at), None) => Some(("Connected since".to_owned(), ago(at, now))),
        (None, None) => None,
    };
    std::iter::once(company).chain(since).collect()
}

fn invitation_items(invitation: PartnerInvitation, may_act: bool, here: &str) -> Vec<(String, AnyView)> {
    let PartnerInvitation { id, email, status, tag, awaiting, accepted_name, .. } = invitation;
    let (tone, word) = invitation_state(status);
    let readdress = may_act.then(|| paths::invitation_address(id, here));
    let notes = match status {
        InvitationStatus::Accepted => accepted_name.map(|name| format!("by {name}")).into_any(),
        _ => invitation_notes(tag, awaiting, readdress),
    };
    let state = view! { <Tag tone text=word /> " " {notes} }.into_any();
    vec![("Invited address".to_owned(), email.into_any()), ("Invitation".to_owned(), state)]
}

/// Explains that the accepting company was already connected as another partner and stays that one.
fn merged_into(invitation: &PartnerInvitation) -> Option<AnyView> {
    let (name, (id, partner)) = invitation.accepted_name.clone().zip(invitation.accepted_partner.clone())?;
    let note = view! {
        <p>{name} " accepted the invitation. It was already connected with you as " <a href=paths::partner(id)>{partner}</a> "."</p>
    };
    Some(note.into_any())
}

/// The details for viewers who may not change them.
fn details(partner: &Partner) -> AnyView {
    let website = partner.website.clone().map_or_else(
        || view! { <span class="muted">"none"</span> }.into_any(),
        |site| {
            let href = site.clone();
            view! { <a href=href rel="noopener noreferrer nofollow">{site}</a> }.into_any()
        },
    );
    let notes = if partner.notes.is_empty() {
        view! { <span class="muted">"none"</span> }.into_any()
    } else {
        view! { <span class="pre-line">{partner.notes.clone()}</span> }.into_any()
    };
    let name = partner.name.clone().into_any();
    let items = vec![("Partner name".to_owned(), name), ("Website".to_owned(), website), ("Notes".to_owned(), notes)];
    view! { <KeyValues items /> }.into_any()
}

fn details_form(visit: &Visit, partner: &Partner) -> AnyView {
    let back = visit.form("details");
    let errors = form_errors(&back);
    let stale = back.error == Some(AppError::Refused(Problem::StaleVersion));
    let typed = stale.then(|| typed_values(&back));
    // After a stale version the form shows the values saved since, so the person can reapply the change.
    let back = if stale { FormState::default() } else { back };
    view! {
        <form class="form" method="post" action=paths::partner(partner.id) novalidate>
            {form_identity("details", Some(partner.account_id))}
            <HiddenField name="version" value=back.value_or("version", &partner.version.to_string()) />
            {errors}
            {typed}
            {details_fields(&back, &Details::of(partner), false)}
            <FormActions><Button kind=ButtonKind::Primary>"Save"</Button></FormActions>
        </form>
    }
    .into_any()
}

fn typed_values(back: &FormState) -> AnyView {
    let fields = [("Partner name", "name"), ("Website", "website"), ("Notes", "notes")];
    let items = fields
        .map(|(label, field)| {
            let value = back.value(field);
            (label.to_owned(), view! { <span class="pre-line">{value}</span> }.into_any())
        })
        .into_iter()
        .collect();
    view! { <Banner tone=Tone::Info title="What you entered"><KeyValues items /></Banner> }.into_any()
}

pub async fn post_details(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id = posted_partner(&post, Permission::ChangeFlows).await?;
    let version: i32 = post.fields.get("version").parse().map_err(|_| Fault::NOT_FOUND)?;
    let details = typed_details(&post.fields)?;
    post.cx
        .write((id, version, details), |tx, (id, version, details)| Box::pin(server::change(tx, id, version, details)))
        .await?;
    Ok(Redirect::to(paths::partner(id)).with_message(Message::PartnerSaved))
}

pub async fn post_restore(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    let id: PartnerId = post.id("partner_id")?;
    post.cx.write(id, |tx, id| Box::pin(server::restore(tx, id))).await?;
    forget_partner_orders(&post.cx.state, account_id);
    Ok(Redirect::to(paths::partner(id)).with_message(Message::PartnerRestored))
}

/// Handles the buttons next to the invitation.
pub async fn post_act_on_invitation(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id = posted_partner(&post, Permission::Invite).await?;
    post_act(post, paths::partner(id)).await
}

/// The partner in the path, if the viewer has this permission for it.
async fn posted_partner(post: &Post, permission: Permission) -> Result<PartnerId, Fault> {
    let id: PartnerId = post.id("partner_id")?;
    let mut conn = post.cx.read().await?;
    policy::find_in_account(&mut conn, id, permission).await?;
    Ok(id)
}
