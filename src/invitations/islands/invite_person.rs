//! Inviting a person: a dialog when hydrated. Without script, the link leads to a page with the same form.

use super::team::TeamIdentity;
use crate::{
    base::FormState,
    flows::islands::follow_refusals,
    invitations::{functions::invite_person, model::Team, words::team_words},
    ui::{Banner, Choice, Dialog, Field, HiddenField, Select, Tone, form_values},
};
use leptos::{html, prelude::*, task::spawn_local, wasm_bindgen::JsCast};

/// The fields for email and role, used on the page and in the dialog.
#[component]
pub fn PersonFields(team: Team, back: RwSignal<FormState>) -> impl IntoView {
    let first = back.get_untracked();
    let error = |field: &'static str| Signal::derive(move || back.with(|back| back.error(field)));
    let chosen = first.value("role");
    let options = team
        .roles()
        .iter()
        .map(|role| Choice::new(role.as_str(), role.word()).selected(role.as_str() == chosen))
        .collect();
    view! {
        <Field label="Email" name="email" kind="email" value=first.value("email") error=error("email") autocomplete="off" required=true autofocus=first.error.is_none() />
        <Select label="Role" name="role" options error=error("role") help=team_words(team).roles />
    }
}

/// The link to the invite form, and the dialog it opens when hydrated.
#[component]
pub fn InviteDialog(team: Team, href: String, invited: Callback<String>) -> impl IntoView {
    let words = team_words(team);
    let back = RwSignal::new(FormState::default());
    follow_refusals(back);
    let form = NodeRef::<html::Form>::new();
    let open = move |event: leptos::ev::MouseEvent| {
        if let Some(dialog) = dialog_of(form) {
            event.prevent_default();
            back.set(FormState::default());
            let _shown = dialog.show_modal();
        }
    };
    let busy = RwSignal::new(false);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let values = form_values(&event);
        let value = |name: &str| values.get(name).cloned().unwrap_or_default();
        let (email, role) = (value("email"), value("role"));
        busy.set(true);
        spawn_local(async move {
            match invite_person(team, email, role).await {
                Ok(done) => {
                    close(form);
                    if let Some(form) = form.get_untracked() {
                        form.reset();
                    }
                    invited.run(done.message().sentence().to_owned());
                }
                Err(refused) => {
                    back.set(FormState { form: "invite".to_owned(), values, error: Some(refused) });
                }
            }
            busy.set(false);
        });
    };
    let refused = move || {
        back.with(FormState::summary)
            .map(|title| view! { <div role="alert"><Banner tone=Tone::Danger title=title /></div> })
    };
    view! {
        <p class="actions"><a class="button button-primary" href=href.clone() on:click=open>{words.invite}</a></p>
        <Dialog id="invite-person" title=words.invite>
            <form class="form" method="post" action=href node_ref=form on:submit=send novalidate>
                <div class="dialog-body stack">
                    <HiddenField name="form" value="invite" />
                    <TeamIdentity team />
                    {refused}
                    <PersonFields team back />
                </div>
                <footer class="dialog-footer">
                    <button class="button" type="button" on:click=move |_| close(form)>"Cancel"</button>
                    <button class="button button-primary" type="submit" disabled=busy>"Send invite"</button>
                </footer>
            </form>
        </Dialog>
    }
}

fn close(form: NodeRef<html::Form>) {
    if let Some(dialog) = dialog_of(form) {
        dialog.close();
    }
}

fn dialog_of(form: NodeRef<html::Form>) -> Option<web_sys::HtmlDialogElement> {
    let form = form.get_untracked()?;
    form.closest("dialog").ok().flatten()?.dyn_into::<web_sys::HtmlDialogElement>().ok()
}
