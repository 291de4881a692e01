//! `/recipients`: the companies that receive the account's leads, or were asked to; and asking one.

use super::list::{actions, post_act};
use crate::{
    accounts::model::{Permission, Plan},
    app::{
        posts::Post,
        screen::{Screen, Visit, form_errors, form_identity, screen},
    },
    base::{AccountId, paths},
    entities::model::SourceTag,
    flows::islands::waiting_notes,
    invitations::{
        islands::{InviteFacts, InviteFields},
        model::{Act, Standing},
        server::{
            self,
            queries::{self, Page, Recipient},
        },
    },
    server::{
        clock,
        form::{PostResult, Posted},
    },
    ui::{
        Banner, Button, ButtonKind, Cell, Column, DataTable, EmptyState, FormActions, Icon, LinkButton, PageHeader,
        Pagination, Tag, TimeAgo, Tone, icon,
    },
};
use leptos::prelude::*;
use time::{Duration, OffsetDateTime};

const PAGE: i64 = 50;
const ABOUT: &str = "Once they accept, you are a source of a flow of theirs and read its Submission Docs at once.";

#[component]
pub fn Recipients() -> impl IntoView {
    screen(async |visit| {
        let place = visit.cx.active_place()?.clone();
        let actor = visit.cx.actor(place.account_id, Permission::See)?;
        let page: i64 = visit.query("page").parse().unwrap_or(1).clamp(1, 100_000);
        // One more than is shown tells whether there is a next page.
        let wanted = Page { offset: (page - 1) * PAGE, limit: PAGE + 1 };
        let mut rows = {
            let mut conn = visit.cx.read().await?;
            queries::list_recipients(&mut conn, place.account_id, wanted, visit.cx.now).await?
        };
        let more = i64::try_from(rows.len()).is_ok_and(|count| count > PAGE);
        rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
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
                <EmptyState icon=Icon::Send title="No recipients yet" text="A recipient is a company that receives your leads. Invite one by mail; when it accepts, you read how to send them.">
                    {invite()}
                </EmptyState>
            }
            .into_any()
        } else {
            table(&visit, rows, may_invite.then_some(place.account_id))
        };
        let pages = (page > 1 || more).then(|| pages(page, more));
        Ok(Screen::app(
            "Recipients",
            "recipients",
            view! {
                <PageHeader title="Recipients" lead="The companies that receive your leads, and those you asked to.">{head}</PageHeader>
                <div class="stack">
                    {errors}
                    {plan}
                    {body}
                    {pages}
                </div>
            },
        ))
    })
}

fn plan_banner() -> AnyView {
    view! {
        <Banner tone=Tone::Warning title="Inviting needs LeadConduit Base or Pro.">
            <p><a href=paths::SUBSCRIPTION>"Request an upgrade"</a></p>
        </Banner>
    }
    .into_any()
}

fn pages(page: i64, more: bool) -> AnyView {
    let href = |page: i64| format!("{}?page={page}", paths::RECIPIENTS);
    let previous = (page > 1).then(|| href(page - 1));
    let next = more.then(|| href(page + 1));
    view! { <Pagination summary=format!("Page {page}") previous next /> }.into_any()
}

fn table(visit: &Visit, rows: Vec<Recipient>, acting: Option<AccountId>) -> AnyView {
    let head = ["Name", "State", "Invitation", "Actions"].map(Column::new).to_vec();
    let (now, here) = (visit.cx.now, visit.path.clone());
    let rows = rows.into_iter().map(|row| view! { <tr>{cells(row, acting, &here, now)}</tr> }).collect_view();
    view! { <DataTable caption="Recipients" head>{rows}</DataTable> }.into_any()
}

fn cells(row: Recipient, acting: Option<AccountId>, here: &str, now: OffsetDateTime) -> impl IntoView + use<> {
    let Recipient { name, tag, connected_at, portal, invitation } = row;
    let since = connected_at.map(|at| clock::when(at, now));
    let waiting = invitation.filter(|(standing, _)| since.is_none() && *standing != Standing::Accepted);
    let actions = waiting
        .as_ref()
        .zip(acting)
        .map(|((standing, awaiting), account_id)| actions(awaiting.invitation_id, &name, *standing, account_id, here));
    let told = waiting.map(|(_, awaiting)| {
        let readdress = acting.map(|_| paths::invitation_address(awaiting.invitation_id, here));
        // In one element, for the card of a phone.
        view! { <div>{waiting_notes(tag, awaiting, readdress)}</div> }.into_any()
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
        <Cell label="Invitation">{told.or(connected)}</Cell>
        <Cell label="Actions">{actions}</Cell>
    }
}

#[component]
pub fn InviteRecipient() -> impl IntoView {
    screen(async |visit| {
        let place = visit.cx.active_place()?.clone();
        let actor = visit.cx.actor(place.account_id, Permission::Invite)?;
        let days = {
            let mut conn = visit.cx.read().await?;
            queries::invitation_days(&mut conn, place.account_id).await?
        };
        let back = visit.form("invite");
        let errors = form_errors(&back);
        let invite = InviteFacts {
            inviter: actor.user_name,
            company: actor.account_name,
            expires: clock::day(visit.cx.now + Duration::days(days.into())),
            plan_allows: actor.plan.is_some_and(Plan::may_invite),
        };
        let back = RwSignal::new(back);
        let breadcrumb = vec![("Recipients".to_owned(), paths::RECIPIENTS.to_owned())];
        Ok(Screen::app(
            "Invite a recipient",
            "recipients",
            view! {
                <PageHeader title="Invite a recipient" breadcrumb />
                <form class="form" method="post" action=paths::INVITE_RECIPIENT novalidate>
                    {form_identity("invite", Some(place.account_id))}
                    {errors}
                    <InviteFields invite back about=ABOUT asks="wants to send you leads" />
                    <FormActions>
                        // The first button is the one that Enter presses.
                        <Button kind=ButtonKind::Primary>{icon(Icon::Send)} "Send Invite"</Button>
                        <Button kind=ButtonKind::Secondary name="do" value="preview">"Preview"</Button>
                        <LinkButton href=paths::RECIPIENTS>"Cancel"</LinkButton>
                    </FormActions>
                </form>
            },
        ))
    })
}

pub async fn post_invite_recipient(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    if post.fields.get("do") == "preview" {
        return post.again_with([]);
    }
    let ask = server::Ask::parse(post.fields.get("email"), post.fields.get("note"))?;
    let ask = ask.for_recipient().within(account_id);
    let sent = post.cx.write(ask, |tx, ask| Box::pin(server::send(tx, ask))).await?;
    Ok(Posted::to(paths::RECIPIENTS).saying(Act::InviteAgain.said(sent.how)))
}

/// The buttons of the list.
pub async fn post_recipients(post: Post) -> PostResult {
    post_act(post, paths::RECIPIENTS.to_owned()).await
}
