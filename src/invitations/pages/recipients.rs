//! `/recipients`: the companies that receive the account's leads or were invited to.

use super::list::{actions, post_act};
use crate::{
    accounts::model::{Permission, Plan},
    base::{AccountId, paths},
    entities::model::SourceTag,
    flows::islands::invitation_notes,
    invitations::{
        model::InvitationStatus,
        server::queries::{self, Page, Recipient},
    },
    server::clock,
    ui::{
        Banner, ButtonKind, Cell, Column, DataTable, EmptyState, Icon, LinkButton, PageHeader, Tag, TimeAgo, Tone, icon,
    },
    web::{ListPage, PageResult, Post, PostResult, Screen, Visit, form_errors},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn recipients_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let actor = visit.cx.actor(membership.account_id, Permission::See)?;
    let page = ListPage::of(&visit);
    let wanted = Page { offset: page.offset(), limit: ListPage::LIMIT };
    let rows = {
        let mut conn = visit.cx.read().await?;
        queries::list_recipients(&mut conn, membership.account_id, wanted, visit.cx.now).await?
    };
    let (rows, pages) = page.show(rows, |page| format!("{}?page={page}", paths::RECIPIENTS));
    let plan_allows = actor.plan.is_some_and(Plan::may_invite);
    let may_invite = actor.role.may(Permission::Invite);
    let invite = move || {
        (may_invite && plan_allows).then(|| {
                view! { <LinkButton href=paths::INVITE_RECIPIENT kind=ButtonKind::Primary>{icon(Icon::Plus)} "Invite Partner"</LinkButton> }
            })
    };
    let head = invite();
    let plan = (!plan_allows).then(plan_banner);
    let errors = visit.back.as_ref().map(form_errors);
    let body = if rows.is_empty() {
        view! {
                <EmptyState icon=Icon::Send title="No recipients yet" text="A recipient is a company that receives your leads. Invite one by email. When it accepts, you'll see how to send leads.">
                    {invite()}
                </EmptyState>
            }
            .into_any()
    } else {
        table(&visit, rows, may_invite.then_some(membership.account_id))
    };
    Ok(Screen::app(
        "Recipients",
        "recipients",
        view! {
            <PageHeader title="Recipients" lead="Companies that receive your leads or that you've invited to receive them.">{head}</PageHeader>
            <div class="stack">
                {errors}
                {plan}
                {body}
                {pages}
            </div>
        },
    ))
}

fn plan_banner() -> AnyView {
    view! {
        <Banner tone=Tone::Warning title="Inviting needs LeadConduit Base or Pro.">
            <p><a href=paths::SUBSCRIPTION>"Request an upgrade"</a></p>
        </Banner>
    }
    .into_any()
}

fn table(visit: &Visit, rows: Vec<Recipient>, acting: Option<AccountId>) -> AnyView {
    let head = ["Name", "State", "Invitation", "Actions"].map(Column::new).to_vec();
    let (now, path) = (visit.cx.now, visit.path.clone());
    let rows = rows.into_iter().map(|row| view! { <tr>{cells(row, acting, &path, now)}</tr> }).collect_view();
    view! { <DataTable caption="Recipients" head>{rows}</DataTable> }.into_any()
}

fn cells(row: Recipient, acting: Option<AccountId>, path: &str, now: OffsetDateTime) -> impl IntoView + use<> {
    let Recipient { name, tag, connected_at, portal, invitation } = row;
    let since = connected_at.map(|at| clock::display_time(at, now));
    let waiting = invitation.filter(|(status, _)| since.is_none() && *status != InvitationStatus::Accepted);
    let actions = waiting
        .as_ref()
        .zip(acting)
        .map(|((status, awaiting), account_id)| {
            let id = awaiting.invitation_id;
            let remove = status.check_invitable_again().ok().map(|()| {
                let of = format!(": {name}");
                view! { <a class="danger" href=paths::remove_invited(id, path)>"Remove" <span class="sr-only">{of}</span></a> }
                    .into_any()
            });
            actions(id, &name, *status, account_id, path, remove)
        });
    let notes = waiting.map(|(_, awaiting)| {
        let readdress = acting.map(|_| paths::invitation_address(awaiting.invitation_id, path));
        // One element, because the phone layout shows each cell as a card.
        view! { <div>{invitation_notes(tag, awaiting, readdress)}</div> }.into_any()
    });
    let connected = since.map(|at| {
        view! { <div>"Connected " <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> "."</div> }
            .into_any()
    });
    let title = match portal {
        Some(id) => view! { <a class="cell-title" href=paths::portal(id)>{name}</a> }.into_any(),
        None => view! { <span class="cell-title">{name}</span> }.into_any(),
    };
    let icon = if tag == SourceTag::AccountSource { Icon::Check } else { tag.icon() };
    view! {
        <Cell label="Name">{title}</Cell>
        <Cell label="State"><Tag tone=tag.tone() icon text=tag.of_recipient() /></Cell>
        <Cell label="Invitation">{notes.or(connected)}</Cell>
        <Cell label="Actions">{actions}</Cell>
    }
}

pub async fn post_recipients(post: Post) -> PostResult {
    post_act(post, paths::RECIPIENTS.to_owned()).await
}
