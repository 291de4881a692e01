//! The invitation of a source that is not connected: when it was sent, when it expires, the state of its email, how it
//! ended, and whether acceptance turns the source on.

use crate::{
    base::{AccountId, DisplayTime, paths},
    entities::model::SourceTag,
    flows::{
        functions::set_turn_on,
        model::{LatestInvitation, MailProgress, SourceRow},
    },
    ui::{HiddenField, Icon, Tag, TimeAgo, Tone, icon},
};
use leptos::{prelude::*, task::spawn_local};

/// The notes below the name of a row. *Turn on when accepted* is there as long as the invitation can be accepted or
/// resent. Its value stays for the next invitation.
#[component]
pub fn InvitationNotes(
    row: Signal<SourceRow>,
    account_id: AccountId,
    may_change: bool,
    message: RwSignal<Option<(String, Tone)>>,
    refresh: Callback<()>,
) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    let toggle = move |event: leptos::ev::Event| {
        let turn_on = event_target_checked(&event);
        spawn_local(async move {
            if let Err(refused) = set_turn_on(flow_id, id, turn_on).await {
                message.set(Some((refused.to_string(), Tone::Danger)));
            }
            refresh.run(());
        });
    };
    move || {
        let SourceRow { tag, invitation, turn_on_when_accepted, .. } = row.get();
        let is_open = matches!(tag, SourceTag::ConnectionPending | SourceTag::Expired);
        invitation.map(|invitation| {
            let readdress =
                may_change.then(|| paths::invitation_address(invitation.invitation_id, &paths::flow_sources(flow_id)));
            view! {
                <span class="cell-note">{notes(tag, invitation, readdress)}</span>
                {(may_change && is_open).then(|| view! {
                    <form class="cell-note turn-on" method="post" action=paths::flow_sources(flow_id)>
                        <HiddenField name="form" value="turn-on" />
                        <HiddenField name="as" value=account_id.to_string() />
                        <HiddenField name="source" value=id.to_string() />
                        <label>
                            <input type="checkbox" name="turn_on" checked=turn_on_when_accepted on:change=toggle />
                            " Turn on when accepted"
                        </label>
                        <noscript><button class="button button-small">"Save"</button></noscript>
                    </form>
                })}
            }
        })
    }
}

/// The state of an invitation in words.
pub fn notes(tag: SourceTag, invitation: LatestInvitation, readdress: Option<String>) -> AnyView {
    let LatestInvitation { sent, expires, mail, ended, reason, .. } = invitation;
    match (tag, ended) {
        (SourceTag::Declined, Some(at)) => {
            let reason = (!reason.is_empty()).then(|| format!(" “{reason}”"));
            view! { "Declined " {time_ago(at)} "." {reason} }.into_any()
        }
        (SourceTag::Revoked, Some(at)) => view! { "Revoked " {time_ago(at)} "." }.into_any(),
        (SourceTag::Expired, _) => {
            view! { {mail_line(mail, Some(sent), readdress)} " Expired " {time_ago(expires)} "." }.into_any()
        }
        _ => view! { {mail_line(mail, None, readdress)} " Expires " {time_ago(expires)} "." }.into_any(),
    }
}

fn time_ago(at: DisplayTime) -> AnyView {
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}

/// The state of the email. An expired invitation whose email was never sent shows `sent_if_expired` instead, because
/// that email is no longer on its way.
fn mail_line(mail: MailProgress, sent_if_expired: Option<DisplayTime>, readdress: Option<String>) -> AnyView {
    match (mail, sent_if_expired) {
        (MailProgress::Sent(at), _) => view! { "Invited " {time_ago(at)} "." }.into_any(),
        (MailProgress::Failed { reason }, _) => view! {
            <Tag tone=Tone::Danger icon=Icon::Warning text="Undeliverable" />
            " "
            {reason}
            {readdress.map(|href| view! { " " <a href=href>"Send to another address"</a> "." })}
        }
        .into_any(),
        (_, Some(sent)) => view! { "Invited " {time_ago(sent)} "." }.into_any(),
        (MailProgress::Queued, None) => "The email is on its way.".into_any(),
        (MailProgress::Retrying { reason, next }, None) => view! {
            <span class="tone tone-warning">{icon(Icon::Warning)} {reason}</span>
            " Next try "
            {time_ago(next)}
            "."
        }
        .into_any(),
    }
}
