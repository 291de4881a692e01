//! *Needs attention* on Home: what happened to sent invitations, each with its next step.

use crate::{
    base::{AccountId, NoticeId, paths},
    home::routes::Message,
    invitations::{
        model::{Kind, NoticeKind},
        server::{self, queries::Notice},
    },
    server::{Fault, clock},
    ui::{Button, ButtonKind, HiddenField, LinkButton, Panel, TimeAgo, Tone, icon},
    web::{Post, PostResult, Redirect, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// `acting` is the account if the viewer may act on the notices.
pub fn panel(notices: Vec<Notice>, acting: Option<AccountId>, now: OffsetDateTime) -> AnyView {
    let items = notices.into_iter().map(|notice| item(notice, acting, now)).collect_view();
    view! {
        <Panel title="Needs attention">
            <ul class="plain-list notices">{items}</ul>
        </Panel>
    }
    .into_any()
}

fn item(notice: Notice, acting: Option<AccountId>, now: OffsetDateTime) -> AnyView {
    let NoticeText { tone, what, more } = notice_text(&notice);
    let at = clock::display_time(notice.at, now);
    let actions = acting.map(|account_id| actions(&notice, account_id));
    view! {
        <li class="notice">
            <div class=format!("notice-text {}", tone.class())>
                {icon(tone.icon())}
                <p>
                    <strong>{what}</strong> " "
                    <span class="muted"><TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /></span>
                    {more.map(|more| view! { <span class="cell-note">{more}</span> })}
                </p>
            </div>
            {actions}
        </li>
    }
    .into_any()
}

struct NoticeText {
    tone: Tone,
    what: String,
    more: Option<String>,
}

fn notice_text(notice: &Notice) -> NoticeText {
    let email = &notice.email;
    let (tone, what, more) = match notice.kind {
        NoticeKind::Accepted => {
            let who = notice.who.as_deref().unwrap_or(email);
            let joined = notice.invitation_kind.is_team_invite();
            let what = match &notice.partner_name {
                Some(partner) if joined => format!("{who} joined {partner}."),
                _ if joined => format!("{who} joined your company."),
                _ => format!("{who} accepted your invitation."),
            };
            (Tone::Positive, what, None)
        }
        NoticeKind::Declined => {
            let reason = notice.decline_reason.clone().filter(|reason| !reason.is_empty());
            (Tone::Danger, format!("{email} declined your invitation."), reason)
        }
        NoticeKind::Expired => (Tone::Warning, format!("Your invitation to {email} has expired."), None),
        NoticeKind::Undeliverable => {
            (Tone::Danger, format!("Your invitation to {email} could not be delivered."), notice.mail_reason.clone())
        }
        NoticeKind::Requested => (Tone::Info, format!("{email} asked for a new invitation."), None),
        NoticeKind::Void => (
            Tone::Warning,
            format!("{email} could not accept your invitation."),
            Some(match notice.invitation_kind.is_team_invite() {
                true => "The inviter can no longer grant the role.".to_owned(),
                false => "Inviting needs LeadConduit Base or Pro.".to_owned(),
            }),
        ),
    };
    NoticeText { tone, what, more }
}

fn actions(notice: &Notice, account_id: AccountId) -> AnyView {
    let email = notice.email.clone();
    let (href, label) = next_step(notice);
    view! {
        <div class="actions">
            <LinkButton href>{label}</LinkButton>
            <form method="post" action=paths::HOME>
                {form_identity("dismiss", Some(account_id))}
                <HiddenField name="notice" value=notice.id.to_string() />
                <Button kind=ButtonKind::Quiet>"Dismiss" <span class="sr-only">{format!(": {email}")}</span></Button>
            </form>
        </div>
    }
    .into_any()
}

fn next_step(notice: &Notice) -> (String, &'static str) {
    if notice.invitation_kind.is_team_invite() {
        let accepted = notice.kind == NoticeKind::Accepted;
        return match notice.partner_id {
            Some(id) if accepted => (paths::partner_users(id), "See the users"),
            Some(id) => (paths::partner_invites(id), "See the invitations"),
            None => (paths::MEMBERS.to_owned(), "See the members"),
        };
    }
    let asked_buyer = notice.invitation_kind == Kind::Recipient;
    match notice.kind {
        NoticeKind::Accepted if asked_buyer => (paths::SUBMISSION_DOCS.to_owned(), "Read the Submission Docs"),
        NoticeKind::Accepted => (paths::FLOWS.to_owned(), "See your flows"),
        NoticeKind::Declined => (paths::invitations_in("declined"), "See the invitation"),
        NoticeKind::Expired => (paths::invitations_in("expired"), "See the invitation"),
        NoticeKind::Requested => (paths::INVITATIONS.to_owned(), "Invite again"),
        NoticeKind::Undeliverable => {
            (paths::invitation_address(notice.invitation_id, paths::HOME), "Send to another address")
        }
        NoticeKind::Void => (paths::SUBSCRIPTION.to_owned(), "See your subscription"),
    }
}

pub async fn post_home(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    if post.fields.get("form") != "dismiss" {
        return Err(Fault::NOT_FOUND);
    }
    let id: NoticeId = post.fields.id("notice")?;
    post.cx.write(id, |tx, id| Box::pin(server::dismiss(tx, id))).await?;
    Ok(Redirect::to(paths::HOME).with_message(Message::Dismissed))
}
