//! The pages for a sent invitation: send it to another address, revoke it, copy its link. Each leads back to the page
//! it was opened from.

use crate::{
    base::{AppError, EmailAddress, InvitationId, Problem, paths},
    entities::server::queries as entities,
    flows::islands::CopyButtons,
    invitations::{
        model::{InvitationStatus, Kind, SendOutcome},
        routes::Message,
        server::{self, ConnectInvitation, Invitation},
        words::InviteMessage,
    },
    server::{Fault, clock, form::local_path},
    ui::{Button, ButtonKind, CodeBlock, Field, FormActions, HiddenField, LinkButton, PageHeader, Tone},
    web::{
        Confirm, ConfirmForm, PageResult, Post, PostResult, Posted, Redirect, Screen, Visit, form_errors,
        form_identity, no_longer_open,
    },
};
use leptos::prelude::*;

/// The invitation in the path, and the page to return to. Other accounts' invitations return 404.
pub(super) async fn load(visit: &Visit) -> Result<(ConnectInvitation, String), Fault> {
    let id: InvitationId = visit.id("invitation_id")?;
    let mut conn = visit.cx.read().await?;
    let (invitation, _) = server::find_for(&mut conn, id).await?;
    Ok((invitation, back_to(&visit.query("back"))))
}

/// The page to return to: a path of this site, or else the list of invitations.
pub(super) fn back_to(back: &str) -> String {
    let path = local_path(back);
    if path == paths::HOME && back != paths::HOME { paths::INVITATIONS.to_owned() } else { path.to_owned() }
}

pub(super) fn crumbs() -> Vec<(String, String)> {
    vec![("Invitations".to_owned(), paths::INVITATIONS.to_owned())]
}

pub async fn send_to_another_address_page(visit: Visit) -> PageResult {
    let (invitation, back) = load(&visit).await?;
    let form = visit.form("address");
    let taken = taken(&visit, &invitation, &form.value("email")).await?;
    let errors = form_errors(&form);
    let possible = invitation.status().check_readdressable().is_ok();
    let (id, account_id) = (invitation.id, invitation.account_id);
    let action = paths::invitation_address(id, &back);
    let body = if possible {
        view! {
                <form class="form" method="post" action=action novalidate>
                    {form_identity("address", Some(account_id))}
                    <HiddenField name="back" value=back.clone() />
                    {errors}
                    {taken}
                    <p>{readdressing(&invitation)}</p>
                    <Field label="Company Email" name="email" kind="email" value=form.value("email") error=form.error("email") autocomplete="off" required=true />
                    <FormActions>
                        <Button kind=ButtonKind::Primary>"Send to another address"</Button>
                        <LinkButton href=back>"Cancel"</LinkButton>
                    </FormActions>
                </form>
            }
            .into_any()
    } else {
        answered(back)
    };
    Ok(Screen::app(
        "Send to another address",
        "invitations",
        view! { <PageHeader title="Send to another address" breadcrumb=crumbs() />{body} },
    ))
}

fn readdressing(invitation: &Invitation) -> String {
    let link = format!("The link sent to {} will stop working.", invitation.email);
    match invitation.kind() {
        Kind::Recipient => format!("{link} The recipient will get the new address."),
        _ => format!("{link} The source will get the new address and keep its rules and mappings."),
    }
}

fn revoking(invitation: &Invitation) -> String {
    let links = format!("The links sent to {} will stop working.", invitation.email);
    match invitation.kind() {
        Kind::Recipient => format!("{links} The recipient stays on your list. You can invite them again at any time."),
        _ => format!(
            "{links} The source stays in your flows, turned off, with its rules and mappings. You can invite them again at any time."
        ),
    }
}

/// After the form was rejected: names the entity that the typed address already belongs to.
async fn taken(visit: &Visit, invitation: &ConnectInvitation, typed: &str) -> Result<Option<AnyView>, Fault> {
    let refused = visit.back.as_ref().and_then(|back| back.error.as_ref());
    let is_taken = [Problem::AddressTaken, Problem::RecipientTaken]
        .iter()
        .any(|problem| refused == Some(&AppError::Refused(*problem)));
    if !is_taken {
        return Ok(None);
    }
    let Ok(email) = EmailAddress::parse_typed(typed) else { return Ok(None) };
    let mut conn = visit.cx.read().await?;
    let (_, actor) = server::find_for(&mut conn, invitation.id).await?;
    let Some(entity_id) =
        server::find_entity_at_address(&mut conn, &actor, invitation.connect.direction, &email).await?
    else {
        return Ok(None);
    };
    let Some(name) = entities::find_name(&mut conn, actor.account_id, entity_id).await? else { return Ok(None) };
    let named = if invitation.kind() == Kind::Recipient {
        view! { <p>"This address belongs to your recipient " <strong>{name}</strong> "."</p> }.into_any()
    } else {
        view! { <p>"This address belongs to your source " <strong>{name}</strong> ". Add that source to the flow instead."</p> }.into_any()
    };
    Ok(Some(named))
}

/// Shown instead of the form once the invitation was answered or replaced.
fn answered(back: String) -> AnyView {
    no_longer_open(Tone::Warning, Problem::NotPending.sentence().to_owned(), back)
}

pub async fn revoke_page(visit: Visit) -> PageResult {
    let (invitation, back) = load(&visit).await?;
    let question = format!("Revoke the invitation to {}?", invitation.email);
    let confirm = Confirm::new(question, crumbs(), back.clone());
    let confirm = if invitation.status().check_resendable().is_ok() {
        let effects = revoking(&invitation);
        confirm.form(
            &visit,
            ConfirmForm {
                name: "revoke",
                action: paths::revoke_invitation(invitation.id, &back),
                acting: invitation.account_id,
                hidden: Some(("back", back)),
                body: view! { <p>{effects}</p> }.into_any(),
                button: "Revoke",
            },
        )
    } else {
        confirm.no_longer_open(Tone::Warning, Problem::NotPending.sentence())
    };
    Ok(confirm.screen("Revoke an invitation", "invitations"))
}

/// Creates a link on request and shows it in the response to that POST, so that the secret is in no URL, cookie or
/// browser history.
pub async fn copy_link_page(visit: Visit) -> PageResult {
    let (invitation, back) = load(&visit).await?;
    let form = visit.form("link");
    let made = form.values.get("link").cloned();
    let errors = made.is_none().then(|| form_errors(&form));
    let Invitation { id, account_id, email, .. } = Invitation::clone(&invitation);
    let expires = clock::day(invitation.expires_at);
    let action = paths::invitation_link(id, &back);
    let body = match made {
            Some(link) => view! {
                <p>"Copy the link now. We won't show it again. It works as long as the emailed link does."</p>
                <CodeBlock code=link label="Invitation link" />
                <CopyButtons />
                <p class="muted">{format!("Anyone who has the link can accept once they confirm their own address. It expires on {expires}.")}</p>
                <p class="actions"><LinkButton href=back>"Done"</LinkButton></p>
            }
            .into_any(),
            None if invitation.status() == InvitationStatus::Open => view! {
                <form class="form" method="post" action=action>
                    {form_identity("link", Some(account_id))}
                    {errors}
                    <p>{format!("Creates another link to the invitation to {email} that you can share by chat or phone. Whoever signs up with it must confirm their email.")}</p>
                    <FormActions>
                        <Button kind=ButtonKind::Primary>"Copy link"</Button>
                        <LinkButton href=back>"Cancel"</LinkButton>
                    </FormActions>
                </form>
            }
            .into_any(),
            None => answered(back),
        };
    Ok(Screen::app("Copy link", "invitations", view! { <PageHeader title="Copy link" breadcrumb=crumbs() />{body} }))
}

pub async fn post_address(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id: InvitationId = post.id("invitation_id")?;
    let email = EmailAddress::parse_typed(post.fields.get("email"));
    let email = email.map_err(|problem| Fault::field("email", problem.into()))?;
    let outcome = post.cx.write((id, email), |tx, (id, email)| Box::pin(server::readdress(tx, id, email))).await?;
    let redirect = Redirect::to(back_to(post.fields.get("back")));
    Ok(if outcome == SendOutcome::Stopped {
        redirect.with_message(InviteMessage::InvitedUnmailed)
    } else {
        redirect.with_message(Message::Readdressed)
    })
}

pub async fn post_revoke(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let id: InvitationId = post.id("invitation_id")?;
    post.cx.write(id, |tx, id| Box::pin(server::revoke(tx, id))).await?;
    Ok(Redirect::to(back_to(post.fields.get("back"))).with_message(InviteMessage::Revoked))
}

/// Shows the page again, with the link.
pub async fn post_link(post: Post) -> PostResult<Posted> {
    post.fields.acting_account(&post.cx)?;
    let id: InvitationId = post.id("invitation_id")?;
    let token = post.cx.write(id, |tx, id| Box::pin(server::copy_link(tx, id))).await?;
    let link = post.cx.state.config.base_url.join(&paths::link(&token.reveal()));
    Ok(post.show_once([("link".to_owned(), link)]))
}
