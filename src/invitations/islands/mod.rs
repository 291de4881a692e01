//! [both] What lives in the browser around invitations.

mod invite_person;
mod team;

pub use invite_person::PersonFields;
pub use team::{TeamIdentity, TeamPanel, TeamPart, place_of};

use super::functions::{accept_invitation, decline_invitation, join_by_invitation};
use crate::{
    base::{AccountId, FormReturn, InvitationId, paths},
    invitations::model::{NOTE_LENGTH, Team},
    ui::{Banner, Field, Icon, TextArea, Tone, icon},
};
use leptos::{html, prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

/// What the form and the preview of an invitation need; nothing the viewer does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteFacts {
    pub inviter: String,
    pub company: String,
    /// The day an invitation sent now expires.
    pub expires: String,
    /// The account's plan allows inviting; where not, the form says what does.
    pub plan_allows: bool,
}

/// What an acceptance does in a flow.
pub const INTO_FLOW: &str = "Once they accept, their company becomes a source of this flow and reads its Submission Docs at once. Until then you can set rules and mappings.";

/// Company Email, a personal note, and how the mail will look: on the page and in the dialog.
#[component]
pub fn InviteFields(
    invite: InviteFacts,
    back: RwSignal<FormReturn>,
    /// What an acceptance does.
    #[prop(default = INTO_FLOW)]
    about: &'static str,
    /// What the mail asks for.
    #[prop(default = "invites you to connect")]
    asks: &'static str,
) -> impl IntoView {
    let first = back.get_untracked();
    let note = RwSignal::new(first.value("note"));
    let error = |field: &'static str| Signal::derive(move || back.with(|back| back.error(field)));
    let preview_note = move || {
        let note = note.get();
        (!note.trim().is_empty()).then(|| view! { <blockquote>{note}</blockquote> })
    };
    let InviteFacts { inviter, company, expires, plan_allows } = invite;
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
                help=format!("Plain text, at most {NOTE_LENGTH} characters.")
                rows=3
                optional_mark=true
            />
        </div>
        <section class="mail-preview" aria-labelledby="preview-title">
            <h3 id="preview-title">"Preview"</h3>
            <div class="mail-card">
                <p><strong>{format!("{inviter} from {company} {asks}")}</strong></p>
                {preview_note}
                <p class="muted small">{format!("The invitation expires on {expires}. Opening its link changes nothing.")}</p>
            </div>
        </section>
    }
}

/// Accept or decline an invitation that came to the viewer's own address, in place: one to connect for the active company,
/// one to join, where no account is given, for the person.
#[island]
pub fn InvitationAnswer(
    invitation_id: InvitationId,
    account_id: Option<AccountId>,
    company: String,
    accepting: String,
    may_accept: bool,
) -> impl IntoView {
    let answer = RwSignal::new(None::<Result<Answered, String>>);
    // What was pressed goes away; the focus goes to what came of it.
    let (told, sure) = (focus_when_rendered(), NodeRef::<html::Button>::new());
    let busy = RwSignal::new(false);
    let accept = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        spawn_local(async move {
            let done = match account_id {
                Some(account_id) => accept_invitation(invitation_id, account_id).await.map(|()| Answered::Connected),
                None => join_by_invitation(invitation_id).await.map(Answered::Joined),
            };
            answer.set(Some(done.map_err(|refused| refused.to_string())));
            busy.set(false);
        });
    };
    let asking = RwSignal::new(false);
    let ask = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        asking.set(true);
        request_animation_frame(move || {
            if let Some(button) = sure.get_untracked() {
                let _focused = button.focus();
            }
        });
    };
    let decline = move |_| {
        busy.set(true);
        spawn_local(async move {
            let done = decline_invitation(invitation_id, String::new()).await;
            answer.set(Some(done.map(|()| Answered::Declined).map_err(|refused| refused.to_string())));
            busy.set(false);
        });
    };
    let offer = StoredValue::new(Offer { invitation_id, account_id, company, accepting });
    view! {
        <div class="actions">
            {move || match answer.get() {
                Some(done) => outcome(done, told),
                None => view! {
                    <a class="button" href=paths::invitation(invitation_id)>"Review"</a>
                    {may_accept.then(|| accept_form(offer.get_value(), busy, accept))}
                    <a class="button button-quiet" href=paths::decline_invitation(invitation_id) on:click=ask hidden=asking>"Decline"</a>
                    <button class="button button-danger" node_ref=sure hidden=move || !asking.get() disabled=busy on:click=decline>
                        {format!("Decline {}", offer.with_value(|offer| offer.company.clone()))}
                    </button>
                }.into_any(),
            }}
        </div>
    }
}

/// What the form that accepts in place says and posts.
#[derive(Clone)]
struct Offer {
    invitation_id: InvitationId,
    account_id: Option<AccountId>,
    company: String,
    accepting: String,
}

fn accept_form(
    offer: Offer,
    busy: RwSignal<bool>,
    accept: impl FnMut(leptos::ev::SubmitEvent) + 'static,
) -> impl IntoView {
    let Offer { invitation_id, account_id, company, accepting } = offer;
    view! {
        <form method="post" action=paths::invitation(invitation_id) on:submit=accept>
            <input type="hidden" name="form" value=if account_id.is_some() { "accept" } else { "join" } />
            {account_id.map(|id| view! { <input type="hidden" name="account" value=id.to_string() /> })}
            <button class="button button-primary" disabled=busy>
                {if account_id.is_some() { format!("Accept as {accepting}") } else { "Accept invitation".to_owned() }}
                <span class="sr-only">{format!(": invitation of {company}")}</span>
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

fn outcome(done: Result<Answered, String>, told: NodeRef<html::P>) -> AnyView {
    match done {
        Ok(done) => view! {
            <p class="answer" role="status" tabindex="-1" node_ref=told>{icon(Icon::Check)} " " {done.words()}</p>
        }
        .into_any(),
        Err(refused) => {
            view! { <p role="alert" class="answer tone tone-danger" tabindex="-1" node_ref=told>{refused}</p> }
                .into_any()
        }
    }
}

/// What an answer in place came to, with the way on.
#[derive(Debug, Clone, Copy)]
enum Answered {
    Connected,
    Joined(Team),
    Declined,
}

impl Answered {
    fn words(self) -> AnyView {
        match self {
            Self::Connected => {
                view! { "You are connected. " <a href=paths::SUBMISSION_DOCS>"Submission Docs"</a> }.into_any()
            }
            Self::Joined(team) => view! { "You joined. " <a href=place_of(team)>"Go there"</a> }.into_any(),
            Self::Declined => "You declined.".into_any(),
        }
    }
}
