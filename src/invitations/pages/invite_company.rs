//! Inviting a company to connect outside of a flow: a seller from the list of sources, a buyer from the list of
//! recipients.

use crate::{
    accounts::model::Permission,
    base::{AccountId, paths},
    entities::model::Direction,
    invitations::{
        islands::InviteFields,
        model::InviteAction,
        server::{self, CompanyInvite, Target},
    },
    ui::{Button, ButtonKind, FormActions, Icon, LinkButton, PageHeader, icon},
    web::{PageResult, Post, PostResult, Posted, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

/// The texts and paths that differ between inviting a seller and inviting a buyer.
struct InvitePage {
    title: &'static str,
    list: &'static str,
    list_path: &'static str,
    nav: &'static str,
    path: &'static str,
    about: &'static str,
    direction: Direction,
}

const SELLER: InvitePage = InvitePage {
    title: "Invite a partner",
    list: "Sources",
    list_path: paths::SOURCES,
    nav: "sources",
    path: paths::INVITE_SOURCE,
    about: "When they accept, they become an account source. You can add it to flows before that.",
    direction: Direction::Seller,
};

const BUYER: InvitePage = InvitePage {
    title: "Invite a recipient",
    list: "Recipients",
    list_path: paths::RECIPIENTS,
    nav: "recipients",
    path: paths::INVITE_RECIPIENT,
    about: "When they accept, you become a source in one of their flows and see how to send leads.",
    direction: Direction::Buyer,
};

pub async fn invite_source_page(visit: Visit) -> PageResult {
    invite_page(&visit, SELLER).await
}

pub async fn invite_recipient_page(visit: Visit) -> PageResult {
    invite_page(&visit, BUYER).await
}

async fn invite_page(visit: &Visit, page: InvitePage) -> PageResult {
    let InvitePage { title, list, list_path, nav, path, about, direction } = page;
    let membership = visit.cx.active_membership()?.clone();
    let actor = visit.cx.actor(membership.account_id, Permission::Invite)?;
    let invite = {
        let mut conn = visit.cx.read().await?;
        server::invite_facts(&mut conn, &actor, direction, None).await?
    };
    let back = visit.form("invite");
    let errors = form_errors(&back);
    let back = RwSignal::new(back);
    let breadcrumb = vec![(list.to_owned(), list_path.to_owned())];
    Ok(Screen::app(
        title,
        nav,
        view! {
            <PageHeader title=title breadcrumb />
            <form class="form" method="post" action=path novalidate>
                {form_identity("invite", Some(membership.account_id))}
                {errors}
                <InviteFields invite back about />
                <FormActions>
                    // Enter presses the first button.
                    <Button kind=ButtonKind::Primary>{icon(Icon::Send)} "Send Invite"</Button>
                    <Button kind=ButtonKind::Secondary name="do" value="preview">"Preview"</Button>
                    <LinkButton href=list_path>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

pub async fn post_invite_source(post: Post) -> PostResult<Posted> {
    post_invite(post, &SELLER, Target::Seller).await
}

pub async fn post_invite_recipient(post: Post) -> PostResult<Posted> {
    post_invite(post, &BUYER, Target::Recipient).await
}

async fn post_invite(post: Post, page: &InvitePage, target: fn(AccountId) -> Target) -> PostResult<Posted> {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::Invite)?;
    if post.fields.get("do") == "preview" {
        return Ok(post.show_with([]));
    }
    let request = CompanyInvite::parse(target(account_id), post.fields.get("email"), post.fields.get("note"))?;
    let sent = post.cx.write(request, |tx, request| Box::pin(server::send(tx, request))).await?;
    Ok(Redirect::to(page.list_path).with_message(InviteAction::InviteAgain.message(sent.outcome)).into())
}
