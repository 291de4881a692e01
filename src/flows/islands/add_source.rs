//! Add Source as a dialog. Without script, the link opens pages that do the same.

use super::combobox::Combobox;
use crate::{
    base::{AccountId, EntityId, FlowId, FormState, paths},
    flows::{
        functions::{add_source, create_source},
        model::SourceList,
    },
    invitations::{islands::InviteFields, model::InviteFacts},
    ui::{Banner, Button, ButtonKind, Card, Dialog, Field, HiddenField, Icon, RadioCards, Tone, form_values, icon},
};
use leptos::{prelude::*, task::spawn_local, wasm_bindgen::JsCast};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

const DIALOG: &str = "add-source";

/// The current step of the dialog.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Choose,
    Kind,
    Invite,
    Custom,
}

#[component]
pub fn AddSourceDialog(
    flow_id: FlowId,
    account_id: AccountId,
    list: RwSignal<SourceList>,
    invite: InviteFacts,
    added: Callback<String>,
) -> impl IntoView {
    let step = RwSignal::new(Step::Choose);
    let back = RwSignal::new(FormState::default());
    let busy = RwSignal::new(false);
    super::follow_refusals(back);
    // Changing the step removes the focused button, so the focus moves to the new step.
    Effect::new(move |before: Option<()>| {
        step.track();
        if before.is_some() {
            request_animation_frame(focus_first_field);
        }
    });
    let content = RwSignal::new(None::<ViewFn>);
    let done = Callback::new(move |sentence: String| {
        if let Some(dialog) = dialog() {
            dialog.close();
        }
        added.run(sentence);
    });
    let go = Callback::new(move |to: Step| {
        back.set(FormState::default());
        step.set(to);
    });
    let open = move |event: leptos::ev::MouseEvent| {
        let Some(dialog) = dialog() else { return };
        event.prevent_default();
        step.set(Step::Choose);
        back.set(FormState::default());
        let steps = Steps { flow_id, account_id, list, invite: invite.clone(), step, busy, back, go, done };
        spawn_local(async move {
            if content.with_untracked(Option::is_none) {
                match load_steps(steps).await {
                    Ok(loaded) => content.set(Some(loaded)),
                    // The page does the same.
                    Err(_) => return leave_for(&paths::add_source(flow_id)),
                }
            }
            // Once the content is in the dialog, because the focus goes to its first field.
            request_animation_frame(move || {
                let _shown = dialog.show_modal();
            });
        });
    };
    view! {
        <a class="button button-primary" href=paths::add_source(flow_id) on:click=open>
            {icon(Icon::Plus)}
            "Add Source"
        </a>
        <Dialog id=DIALOG title="Add a source">
            {move || content.get().map(|content| content.run())}
        </Dialog>
    }
}

/// What the steps of the dialog share.
struct Steps {
    flow_id: FlowId,
    account_id: AccountId,
    list: RwSignal<SourceList>,
    invite: InviteFacts,
    step: RwSignal<Step>,
    busy: RwSignal<bool>,
    back: RwSignal<FormState>,
    go: Callback<Step>,
    done: Callback<String>,
}

/// The content of the dialog. Its code is a part of the client that is loaded when the dialog is first opened.
#[wasm_split(add_source_loader_dialog, fallible)]
fn load_steps(steps: Steps) -> Result<ViewFn, SplitLoaderError> {
    let Steps { flow_id, account_id, list, invite, step, busy, back, go, done } = steps;
    Ok(ViewFn::from(move || match step.get() {
        Step::Choose => view! { <ChooseStep flow_id list busy back go done /> }.into_any(),
        Step::Kind => view! { <KindStep go /> }.into_any(),
        Step::Invite => view! { <InviteStep flow_id account_id invite=invite.clone() busy back go done /> }.into_any(),
        Step::Custom => view! { <CustomStep flow_id busy back go done /> }.into_any(),
    }))
}

fn leave_for(path: &str) {
    if let Some(window) = web_sys::window() {
        let _left = window.location().set_href(path);
    }
}

fn dialog() -> Option<web_sys::HtmlDialogElement> {
    web_sys::window()?.document()?.get_element_by_id(DIALOG)?.dyn_into().ok()
}

fn focus_first_field() {
    let fields = "input:checked, input:not([type=hidden], [type=radio])";
    let found = dialog().and_then(|dialog| dialog.query_selector(fields).ok().flatten());
    if let Some(field) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _focused = field.focus();
    }
}

fn cancel(_: leptos::ev::MouseEvent) {
    if let Some(dialog) = dialog() {
        dialog.close();
    }
}

/// A searchable list of the entities that can be added.
#[component]
fn ChooseStep(
    flow_id: FlowId,
    list: RwSignal<SourceList>,
    busy: RwSignal<bool>,
    back: RwSignal<FormState>,
    go: Callback<Step>,
    done: Callback<String>,
) -> impl IntoView {
    let chosen = RwSignal::new(None::<(EntityId, String)>);
    let invite = Callback::new(move |email: String| {
        go.run(Step::Invite);
        back.set(FormState { values: [("email".to_owned(), email)].into(), ..FormState::default() });
    });
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some((entity_id, name)) = chosen.get_untracked() else {
            back.set(refused("entity", crate::base::Problem::SourceNotChosen));
            return;
        };
        busy.set(true);
        spawn_local(async move {
            match add_source(flow_id, entity_id).await {
                Ok(_) => done.run(format!("{name} added.")),
                Err(error) => back.set(FormState { error: Some(error), ..FormState::default() }),
            }
            busy.set(false);
        });
    };
    view! {
        <form class="form" on:submit=add>
            <div class="dialog-body stack">
                <Summary back />
                <Combobox list chosen invite error=Signal::derive(move || back.with(|back| back.error("entity")).filter(|_| chosen.with(Option::is_none))) />
                <p>
                    <button class="button-link" type="button" on:click=move |_| go.run(Step::Kind)>
                        "Create a new source"
                    </button>
                </p>
            </div>
            <footer class="dialog-footer">
                <button class="button" type="button" on:click=cancel>"Cancel"</button>
                <button class="button button-primary" disabled=busy>"Add"</button>
            </footer>
        </form>
    }
}

fn refused(field: &str, problem: crate::base::Problem) -> FormState {
    FormState { error: Some(crate::base::AppError::invalid(field, problem)), ..FormState::default() }
}

/// Invite Partner or Custom Source.
#[component]
fn KindStep(go: Callback<Step>) -> impl IntoView {
    let next = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let kind = form_values(&event).remove("kind").unwrap_or_default();
        go.run(if kind == "custom" { Step::Custom } else { Step::Invite });
    };
    view! {
        <form class="form" on:submit=next>
            <div class="dialog-body">
                <RadioCards legend="Create a new source" name="kind" cards=kind_cards() />
            </div>
            <footer class="dialog-footer">
                <button class="button first" type="button" on:click=move |_| go.run(Step::Choose)>"Previous"</button>
                <button class="button" type="button" on:click=cancel>"Cancel"</button>
                <button class="button button-primary">"Next"</button>
            </footer>
        </form>
    }
}

/// The two kinds of new source, for the page and the dialog.
pub fn kind_cards() -> Vec<Card> {
    let card = |value: &str, title: &str, text: &str, icon, checked| Card {
        value: value.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
        icon: Some(icon),
        checked,
        ..Card::default()
    };
    vec![
        card("invite", "Invite Partner", "Email a seller. Set up the source before they accept.", Icon::Mail, true),
        card("custom", "Custom Source", "Your own form or system sends the leads.", Icon::Flow, false),
    ]
}

/// The seller's email address and the note.
#[component]
fn InviteStep(
    flow_id: FlowId,
    account_id: AccountId,
    invite: InviteFacts,
    busy: RwSignal<bool>,
    back: RwSignal<FormState>,
    go: Callback<Step>,
    done: Callback<String>,
) -> impl IntoView {
    use crate::invitations::{functions::send_invitation, model::SendOutcome, words::InviteMessage};
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let values = form_values(&event);
        let text = |name: &str| values.get(name).cloned().unwrap_or_default();
        let (email, note) = (text("email"), text("note"));
        busy.set(true);
        spawn_local(async move {
            match send_invitation(flow_id, email.clone(), note).await {
                Ok(SendOutcome::Sent) => done.run(format!("Invitation sent to {}.", email.trim())),
                Ok(SendOutcome::Stopped) => {
                    done.run(InviteMessage::InvitedUnmailed.sentence().to_owned());
                }
                Ok(SendOutcome::AlreadyInvited) => {
                    done.run(
                        "Source added. This address is already invited, so we didn't send another email.".to_owned(),
                    );
                }
                Ok(SendOutcome::AlreadyConnected) => {
                    done.run("Source added. You're already connected with this company.".to_owned());
                }
                Err(error) => back.set(FormState { values, error: Some(error), ..FormState::default() }),
            }
            busy.set(false);
        });
    };
    view! {
        <form class="form" method="post" action=paths::invite_partner(flow_id) on:submit=send novalidate>
            <div class="dialog-body stack">
                <Summary back />
                <HiddenField name="form" value="invite" />
                <HiddenField name="as" value=account_id.to_string() />
                <InviteFields invite back is_live=true />
            </div>
            <footer class="dialog-footer">
                <button class="button first" type="button" on:click=move |_| go.run(Step::Kind)>"Previous"</button>
                <button class="button" type="button" on:click=cancel>"Cancel"</button>
                <button class="button button-primary" disabled=busy>{icon(Icon::Send)} "Send Invite"</button>
            </footer>
        </form>
    }
}

/// The name of the account's own form or system.
#[component]
fn CustomStep(
    flow_id: FlowId,
    busy: RwSignal<bool>,
    back: RwSignal<FormState>,
    go: Callback<Step>,
    done: Callback<String>,
) -> impl IntoView {
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let values = form_values(&event);
        let name = values.get("name").cloned().unwrap_or_default();
        busy.set(true);
        spawn_local(async move {
            match create_source(flow_id, name.clone()).await {
                Ok(_) => done.run(format!("{} created and added.", name.trim())),
                Err(error) => back.set(FormState { values, error: Some(error), ..FormState::default() }),
            }
            busy.set(false);
        });
    };
    let error = Signal::derive(move || back.with(|back| back.error("name")));
    view! {
        <form class="form" on:submit=create novalidate>
            <div class="dialog-body stack">
                <Summary back />
                <Field label="Source name" name="name" id="source-name" error help="For example: the form or campaign the leads come from." required=true autofocus=true />
            </div>
            <footer class="dialog-footer">
                <button class="button first" type="button" on:click=move |_| go.run(Step::Kind)>"Previous"</button>
                <button class="button" type="button" on:click=cancel>"Cancel"</button>
                <Button kind=ButtonKind::Primary disabled=busy.get_untracked()>"Create source"</Button>
            </footer>
        </form>
    }
}

/// Why the form as a whole was rejected.
#[component]
fn Summary(back: RwSignal<FormState>) -> impl IntoView {
    move || {
        back.with(FormState::summary)
            .map(|sentence| view! { <div role="alert"><Banner tone=Tone::Danger title=sentence /></div> })
    }
}
