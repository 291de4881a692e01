//! What a source that is not connected waits for: since when, until when, how its mail is doing, how its invitation ended,
//! and what an acceptance will do.

use crate::{
    base::{AccountId, When, paths},
    entities::model::SourceTag,
    flows::{
        functions::set_turn_on,
        model::{Awaiting, MailProgress, SourceRow},
    },
    ui::{HiddenField, Icon, Tag, TimeAgo, Tone, icon},
};
use leptos::{prelude::*, task::spawn_local};

/// The notes below the name of a row. *Turn on when accepted* stays after an ending, for the next invitation.
#[component]
pub fn Waiting(
    row: Signal<SourceRow>,
    account_id: AccountId,
    may_change: bool,
    said: RwSignal<Option<(String, Tone)>>,
    refresh: Callback<()>,
) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    let toggle = move |event: leptos::ev::Event| {
        let turn_on = event_target_checked(&event);
        spawn_local(async move {
            if let Err(refused) = set_turn_on(flow_id, id, turn_on).await {
                said.set(Some((refused.to_string(), Tone::Danger)));
            }
            refresh.run(());
        });
    };
    move || {
        let SourceRow { tag, awaiting, turn_on_when_accepted, .. } = row.get();
        awaiting.map(|awaiting| {
            let readdress =
                may_change.then(|| paths::invitation_address(awaiting.invitation_id, &paths::flow_sources(flow_id)));
            view! {
                <span class="cell-note">{notes(tag, awaiting, readdress)}</span>
                {may_change.then(|| view! {
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

/// How the invitation of a source that is not connected stands, in words.
pub fn notes(tag: SourceTag, awaiting: Awaiting, readdress: Option<String>) -> AnyView {
    let Awaiting { sent, expires, mail, ended, reason, .. } = awaiting;
    match (tag, ended) {
        (SourceTag::Declined, Some(at)) => {
            let reason = (!reason.is_empty()).then(|| format!(" “{reason}”"));
            view! { "Declined " {ago(at)} "." {reason} }.into_any()
        }
        (SourceTag::Revoked, Some(at)) => view! { "Revoked " {ago(at)} "." }.into_any(),
        (SourceTag::Expired, _) => {
            view! { {mail_line(mail, Some(sent), readdress)} " Expired " {ago(expires)} "." }.into_any()
        }
        _ => view! { {mail_line(mail, None, readdress)} " Expires " {ago(expires)} "." }.into_any(),
    }
}

fn ago(at: When) -> AnyView {
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}

/// How the mail is doing. One that never left before its time was over is no longer on its way: then when it was asked for.
fn mail_line(mail: MailProgress, over: Option<When>, readdress: Option<String>) -> AnyView {
    match (mail, over) {
        (MailProgress::Sent(at), _) => view! { "Invited " {ago(at)} "." }.into_any(),
        (MailProgress::Failed { reason }, _) => view! {
            <Tag tone=Tone::Danger icon=Icon::Warning text="Undeliverable" />
            " "
            {reason}
            {readdress.map(|href| view! { " " <a href=href>"Send to another address"</a> "." })}
        }
        .into_any(),
        (_, Some(sent)) => view! { "Invited " {ago(sent)} "." }.into_any(),
        (MailProgress::Queued, None) => "The mail is on its way.".into_any(),
        (MailProgress::Retrying { reason, next }, None) => view! {
            <span class="tone tone-warning">{icon(Icon::Warning)} {reason}</span>
            " Next try "
            {ago(next)}
            "."
        }
        .into_any(),
    }
}
