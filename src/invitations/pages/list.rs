//! The invitations an account has sent, with their actions, and the invitations the viewer has received.

use super::manage::back_to;
use crate::{
    accounts::model::{Permission, Plan},
    base::{AccountId, InvitationId, paths},
    invitations::{
        model::{InvitationStatus, InviteAction, Kind},
        server::{
            self,
            queries::{self, Listed, Page},
        },
    },
    server::{Fault, clock},
    ui::{
        Cell, Column, DataTable, EmptyState, HiddenField, Icon, Menu, PageHeader, Panel, TabLink, Tabs, Tag, TimeAgo,
        Tone,
    },
    web::{ListPage, PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The tabs: the value of `state` in the URL, and the label.
const STATES: &[(&str, &str)] = &[
    ("", "All"),
    ("pending", "Pending"),
    ("accepted", "Accepted"),
    ("declined", "Declined"),
    ("expired", "Expired"),
    ("revoked", "Revoked"),
];

pub async fn invitations_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    visit.cx.actor(membership.account_id, Permission::See)?;
    let (now, viewer) = (visit.cx.now, visit.cx.viewer()?);
    let requested = visit.query("state");
    let state = STATES.iter().map(|(key, _)| *key).find(|key| *key == requested).unwrap_or_default();
    let filter = (!state.is_empty()).then_some(state);
    let page = ListPage::of(&visit);
    let mut conn = visit.cx.read().await?;
    let wanted = Page { offset: page.offset(), limit: ListPage::LIMIT };
    let sent = queries::list_sent(&mut conn, membership.account_id, filter, wanted, now).await?;
    let (sent, pages) = page.show(sent, |page| format!("{}?state={state}&page={page}", paths::INVITATIONS));
    let admin_of = viewer.admin_of();
    let received = queries::list_received(&mut conn, &viewer.email_key, &admin_of, now).await?;
    drop(conn);
    let errors = visit.back.as_ref().map(form_errors);
    let received = (!received.is_empty()).then(|| {
        view! { <Panel title="Received">{received_table(received, now)}</Panel> }
    });
    let acting = membership.role.may(Permission::Invite).then_some(membership.account_id);
    let may_invite = acting.is_some() && membership.plan.is_some_and(Plan::may_invite);
    let sent = if sent.is_empty() { empty_state(filter, may_invite) } else { sent_table(&visit, sent, acting) };
    Ok(Screen::app(
        "Invitations",
        "invitations",
        view! {
            <PageHeader title="Invitations" />
            {errors}
            {received}
            <Panel title="Sent">
                <Tabs label="Sent invitations by state" tabs=tabs(state) />
                {sent}
                {pages}
            </Panel>
        },
    ))
}

fn tabs(current: &str) -> Vec<TabLink> {
    let tab = |(key, label): &(&str, &str)| TabLink {
        href: if key.is_empty() { paths::INVITATIONS.to_owned() } else { paths::invitations_in(key) },
        label: (*label).to_owned(),
        current: *key == current,
        count: None,
    };
    STATES.iter().map(tab).collect()
}

fn empty_state(filter: Option<&str>, may_invite: bool) -> AnyView {
    let (title, text) = match (filter, may_invite) {
        (Some(_), _) => ("No invitations in this state", ""),
        (None, true) => {
            ("No invitations sent", "Invite a seller from a flow's Sources tab, or a buyer from Recipients.")
        }
        (None, false) => ("No invitations sent", ""),
    };
    view! { <EmptyState icon=Icon::Mail title text /> }.into_any()
}

fn received_table(rows: Vec<Listed>, now: OffsetDateTime) -> AnyView {
    let head = ["From", "Sent", "Expires", "Actions"].map(Column::new).to_vec();
    let rows = rows
        .into_iter()
        .map(|row| {
            let (sent, expires) = (clock::display_time(row.sent_at, now), clock::display_time(row.expires_at, now));
            let (review, href) = (paths::invitation(row.id), paths::invitation(row.id));
            let company = row.company.clone();
            let invited_to = format!("invites you to {}", row.invited_to());
            view! {
                <tr>
                    <Cell label="From">
                        <a class="cell-title" href=href>{row.company}</a>
                        <span class="cell-note">{invited_to}</span>
                        {row.inviter.map(|name| view! { <span class="cell-note">"by " {name}</span> })}
                        {row.asked.then(|| view! { <span class="cell-note">"Someone at your company asked you to accept it."</span> })}
                    </Cell>
                    <Cell label="Sent"><TimeAgo at_iso=sent.iso relative=sent.relative absolute=sent.absolute /></Cell>
                    <Cell label="Expires"><TimeAgo at_iso=expires.iso relative=expires.relative absolute=expires.absolute /></Cell>
                    <Cell label="Actions">
                        <a class="button button-small" href=review>"Review" <span class="sr-only">" the invitation from " {company}</span></a>
                    </Cell>
                </tr>
            }
        })
        .collect_view();
    view! { <DataTable caption="Received" head>{rows}</DataTable> }.into_any()
}

fn sent_table(visit: &Visit, rows: Vec<Listed>, acting: Option<AccountId>) -> AnyView {
    let head = ["Address", "State", "Sent", "Expires", "Actions"].map(Column::new).to_vec();
    let (now, path) = (visit.cx.now, visit.path.clone());
    let rows = rows.into_iter().map(|row| view! { <tr>{sent_cells(row, now, acting, &path)}</tr> }).collect_view();
    view! { <DataTable caption="Sent" head>{rows}</DataTable> }.into_any()
}

fn sent_cells(row: Listed, now: OffsetDateTime, acting: Option<AccountId>, path: &str) -> impl IntoView + use<> {
    let status = row.status();
    let (tone, word) = state(status);
    let (sent, expires) = (clock::display_time(row.sent_at, now), clock::display_time(row.expires_at, now));
    let note = match status {
        InvitationStatus::Accepted => row.accepted_name.map(|name| format!("by {name}")),
        InvitationStatus::Declined => row.decline_reason.filter(|reason| !reason.is_empty()),
        _ => None,
    };
    let asks = if row.kind == Kind::Recipient { "to receive your leads" } else { "to send you leads" };
    let timed = matches!(status, InvitationStatus::Open | InvitationStatus::Expired);
    let problem = row.mail_problem.filter(|_| timed);
    let actions =
        acting.filter(|_| row.is_latest).map(|account_id| actions(row.id, &row.email, status, account_id, path, None));
    view! {
        <Cell label="Address">
            <span class="cell-title">{row.email}</span>
            <span class="cell-note">{asks}</span>
            {row.inviter.map(|name| view! { <span class="cell-note">"by " {name}</span> })}
        </Cell>
        <Cell label="State">
            <Tag tone text=word />
            {note.map(|note| view! { <span class="cell-note">{note}</span> })}
            {problem.map(|reason| view! { <span class="cell-note tone tone-danger">{reason}</span> })}
        </Cell>
        <Cell label="Sent"><TimeAgo at_iso=sent.iso relative=sent.relative absolute=sent.absolute /></Cell>
        <Cell label="Expires">
            {timed.then(|| view! { <TimeAgo at_iso=expires.iso relative=expires.relative absolute=expires.absolute /> })}
        </Cell>
        <Cell label="Actions">{actions}</Cell>
    }
}

/// The actions an invitation's status allows, the most likely one first. Buttons post to `path`, whose handler calls
/// `post_act`, and links lead back there. `further` holds actions that only that page has.
pub fn actions(
    id: InvitationId,
    email: &str,
    status: InvitationStatus,
    account_id: AccountId,
    path: &str,
    further: Option<AnyView>,
) -> Option<AnyView> {
    let first = match status {
        InvitationStatus::Open | InvitationStatus::Expired => {
            act_form(id, email, InviteAction::Resend, account_id, path)
        }
        InvitationStatus::Declined | InvitationStatus::Revoked => {
            act_form(id, email, InviteAction::InviteAgain, account_id, path)
        }
        InvitationStatus::Accepted | InvitationStatus::Replaced => return None,
    };
    let link = |href: String, label: &'static str, class: &'static str| {
        let to = format!(": {email}");
        view! { <a class=class href=href>{label} <span class="sr-only">{to}</span></a> }.into_any()
    };
    let again =
        (status == InvitationStatus::Expired).then(|| act_form(id, email, InviteAction::InviteAgain, account_id, path));
    let copy = (status == InvitationStatus::Open).then(|| copy_form(id, email, account_id, path));
    let readdress = link(paths::invitation_address(id, path), "Send to another address", "");
    let revoke = status.check_resendable().ok().map(|()| link(paths::revoke_invitation(id, path), "Revoke", "danger"));
    let name = format!("More for {email}");
    Some(
        view! {
            <div class="row-actions">
                {first}
                {copy}
                <Menu id=format!("more-{id}") label="More" name>{again} {readdress} {revoke} {further}</Menu>
            </div>
        }
        .into_any(),
    )
}

fn act_form(id: InvitationId, email: &str, act: InviteAction, account_id: AccountId, path: &str) -> AnyView {
    let to = format!(": {email}");
    view! {
        <form method="post" action=path.to_owned()>
            {form_identity(act.key(), Some(account_id))}
            <HiddenField name="invitation" value=id.to_string() />
            <HiddenField name="back" value=path.to_owned() />
            <button class="button button-small">{act.label()} <span class="sr-only">{to}</span></button>
        </form>
    }
    .into_any()
}

/// Opens the page with another link.
fn copy_form(id: InvitationId, email: &str, account_id: AccountId, path: &str) -> AnyView {
    let to = format!(": {email}");
    view! {
        <form method="post" action=paths::invitation_link(id, path)>
            {form_identity("link", Some(account_id))}
            <button class="button button-small">"Copy link" <span class="sr-only">{to}</span></button>
        </form>
    }
    .into_any()
}

/// The tag of an invitation.
pub fn state(status: InvitationStatus) -> (Tone, &'static str) {
    match status {
        InvitationStatus::Open => (Tone::Warning, "Pending"),
        InvitationStatus::Accepted => (Tone::Positive, "Accepted"),
        InvitationStatus::Declined => (Tone::Danger, "Declined"),
        InvitationStatus::Revoked => (Tone::Danger, "Revoked"),
        InvitationStatus::Expired => (Tone::Warning, "Expired"),
        InvitationStatus::Replaced => (Tone::Neutral, "Replaced"),
    }
}

pub async fn post_invitations(post: Post) -> PostResult {
    let back = back_to(post.fields.get("back"));
    post_act(post, back).await
}

/// Handles the button next to an invitation, on any page that shows `actions`.
pub async fn post_act(post: Post, back: String) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let act = InviteAction::parse(post.fields.get("form")).ok_or(Fault::NOT_FOUND)?;
    let id: InvitationId = post.fields.id("invitation")?;
    let outcome = post.cx.write((id, act), |tx, input| Box::pin(server::act(tx, input))).await?;
    Ok(Redirect::to(back).with_message(act.message(outcome)))
}
