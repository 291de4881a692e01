//! [both] The islands of invitations.

mod invite_person;
mod team;

pub use invite_person::PersonFields;
pub use team::{TeamIdentity, TeamPanel, TeamPart, landing_path};

use super::functions::{accept_invitation, decline_invitation, join_by_invitation};
use crate::{
    base::{AccountId, FormState, InvitationId, paths},
    invitations::model::{InviteFacts, NOTE_LENGTH, Team},
    ui::{Banner, Field, Icon, TextArea, Tone, icon},
};
use leptos::{html, prelude::*, task::spawn_local};

/// What accepting does if the invitation is sent from a flow.
pub const INTO_FLOW: &str =
    "When they accept, they join this flow and see how to send leads. You can set rules and mappings before that.";

/// Company Email, a personal note and a preview of the email, used on the page and in the dialog.
#[component]
pub fn InviteFields(
    invite: InviteFacts,
    back: RwSignal<FormState>,
    /// What accepting does.
    #[prop(default = INTO_FLOW)]
    about: &'static str,
    /// True if the form follows what is typed, as in a dialog.
    #[prop(optional)]
    is_live: bool,
) -> impl IntoView {
    let first = back.get_untracked();
    let note = RwSignal::new(first.value("note"));
    let error = |field: &'static str| Signal::derive(move || back.with(|back| back.error(field)));
    let InviteFacts { inviter, subject, before_note, after_note, plan_allows } = invite;
    let preview_note = move || {
        let note = note.get();
        (!note.trim().is_empty())
            .then(|| view! { <blockquote><strong>{inviter.clone()}</strong> "\n" {note}</blockquote> })
    };
    let lines = |lines: Vec<(String, String)>| {
        lines.into_iter().map(|(class, text)| view! { <p class=class>{text}</p> }).collect_view()
    };
    let length = move || note.with(|note| format!("{}/{NOTE_LENGTH}", note.chars().count()));
    view! {
        {(!plan_allows).then(|| view! {
            <Banner tone=Tone::Warning title="Inviting needs LeadConduit Base or Pro.">
                <p><a href=paths::SUBSCRIPTION>"Request an upgrade"</a></p>
            </Banner>
        })}
        <p class="muted">{about}</p>
        <Field label="Company Email" name="email" kind="email" value=first.value("email") error=error("email") autocomplete="off" required=true />
        <div on:input=move |event| note.set(event_target_value(&event))>
            <TextArea
                label="Add a personal note"
                name="note"
                value=first.value("note")
                error=error("note")
                help=format!("Plain text, up to {NOTE_LENGTH} characters.")
                rows=3
                optional_mark=true
            />
            {is_live.then(|| view! { <p class="counter">{length}</p> })}
        </div>
        <section class="mail-preview" aria-labelledby="preview-title">
            <h3 id="preview-title">"Preview"</h3>
            <p>"Subject: " <strong>{subject}</strong></p>
            <div class="mail-card">
                {lines(before_note)}
                {preview_note}
                {lines(after_note)}
            </div>
        </section>
    }
}

/// Accepts or declines an invitation to the viewer's own address in place. With an `account_id` it is an invitation to
/// connect that company; without one it is an invitation to join.
#[island(lazy)]
pub fn InvitationAnswer(
    invitation_id: InvitationId,
    account_id: Option<AccountId>,
    company: String,
    accepting: String,
    may_accept: bool,
) -> impl IntoView {
    let answer = RwSignal::new(None::<Result<AnswerOutcome, String>>);
    // The pressed button disappears, so focus moves to the result.
    let (result_node, confirm_button) = (focus_when_rendered(), NodeRef::<html::Button>::new());
    let busy = RwSignal::new(false);
    let accept = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        spawn_local(async move {
            let done = match account_id {
                Some(account_id) => {
                    accept_invitation(invitation_id, account_id).await.map(|()| AnswerOutcome::Connected)
                }
                None => join_by_invitation(invitation_id).await.map(AnswerOutcome::Joined),
            };
            answer.set(Some(done.map_err(|refused| refused.to_string())));
            busy.set(false);
        });
    };
    let confirming = RwSignal::new(false);
    let confirm = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        confirming.set(true);
        request_animation_frame(move || {
            if let Some(button) = confirm_button.get_untracked() {
                let _focused = button.focus();
            }
        });
    };
    let decline = move |_| {
        busy.set(true);
        spawn_local(async move {
            let done = decline_invitation(invitation_id, String::new()).await;
            answer.set(Some(done.map(|()| AnswerOutcome::Declined).map_err(|refused| refused.to_string())));
            busy.set(false);
        });
    };
    let props = StoredValue::new(AcceptFormProps { invitation_id, account_id, company, accepting });
    view! {
        <div class="actions">
            {move || match answer.get() {
                Some(done) => outcome(done, result_node),
                None => view! {
                    <a class="button" href=paths::invitation(invitation_id)>"Review"</a>
                    {may_accept.then(|| accept_form(props.get_value(), busy, accept))}
                    <a class="button button-quiet" href=paths::decline_invitation(invitation_id) on:click=confirm hidden=confirming>"Decline"</a>
                    <button class="button button-danger" node_ref=confirm_button hidden=move || !confirming.get() disabled=busy on:click=decline>
                        {format!("Decline {}", props.with_value(|props| props.company.clone()))}
                    </button>
                }.into_any(),
            }}
        </div>
    }
}

/// What the accept form shows and posts.
#[derive(Clone)]
struct AcceptFormProps {
    invitation_id: InvitationId,
    account_id: Option<AccountId>,
    company: String,
    accepting: String,
}

fn accept_form(
    props: AcceptFormProps,
    busy: RwSignal<bool>,
    accept: impl FnMut(leptos::ev::SubmitEvent) + 'static,
) -> impl IntoView {
    let AcceptFormProps { invitation_id, account_id, company, accepting } = props;
    view! {
        <form method="post" action=paths::invitation(invitation_id) on:submit=accept>
            <input type="hidden" name="form" value=if account_id.is_some() { "accept" } else { "join" } />
            {account_id.map(|id| view! { <input type="hidden" name="account" value=id.to_string() /> })}
            <button class="button button-primary" disabled=busy>
                {if account_id.is_some() { format!("Accept as {accepting}") } else { "Accept invitation".to_owned() }}
                <span class="sr-only">{format!(": invitation from {company}")}</span>
            </button>
        </form>
    }
}

fn focus_when_rendered() -> NodeRef<html::P> {
    let node = NodeRef::<html::P>::new();
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            let _focused = element.focus();
        }
    });
    node
}

fn outcome(done: Result<AnswerOutcome, String>, result_node: NodeRef<html::P>) -> AnyView {
    match done {
        Ok(done) => view! {
            <p class="answer" role="status" tabindex="-1" node_ref=result_node>{icon(Icon::Check)} " " {done.words()}</p>
        }
        .into_any(),
        Err(refused) => {
            view! { <p role="alert" class="answer tone tone-danger" tabindex="-1" node_ref=result_node>{refused}</p> }
                .into_any()
        }
    }
}

/// The result of answering in place, shown with a link to the next step.
#[derive(Debug, Clone, Copy)]
enum AnswerOutcome {
    Connected,
    Joined(Team),
    Declined,
}

impl AnswerOutcome {
    fn words(self) -> AnyView {
        match self {
            Self::Connected => {
                view! { "You're connected. " <a href=paths::SUBMISSION_DOCS>"Submission Docs"</a> }.into_any()
            }
            Self::Joined(team) => view! { "You've joined. " <a href=landing_path(team)>"Continue"</a> }.into_any(),
            Self::Declined => "You declined the invitation.".into_any(),
        }
    }
}
