//! The confirmation page before an action that is hard to undo. It says what will happen and offers a way back.

use super::{Screen, Visit, form_errors, form_identity};
use crate::{
    base::AccountId,
    ui::{Banner, Button, ButtonKind, Crumb, FormActions, HiddenField, LinkButton, PageHeader, Tone},
};
use leptos::prelude::*;

/// A confirmation page.
pub struct Confirm {
    question: String,
    lead: String,
    breadcrumb: Vec<Crumb>,
    cancel: String,
    content: AnyView,
}

/// The form that confirms.
pub struct ConfirmForm {
    pub name: &'static str,
    pub action: String,
    pub acting: AccountId,
    /// An additional hidden field: name and value.
    pub hidden: Option<(&'static str, String)>,
    /// What will happen.
    pub body: AnyView,
    pub button: &'static str,
}

impl Confirm {
    /// `cancel` is where the viewer came from.
    pub fn new(question: String, breadcrumb: Vec<Crumb>, cancel: String) -> Self {
        Self { question, lead: String::new(), breadcrumb, cancel, content: ().into_any() }
    }

    pub fn lead(mut self, lead: impl Into<String>) -> Self {
        self.lead = lead.into();
        self
    }

    pub fn form(mut self, visit: &Visit, form: ConfirmForm) -> Self {
        let ConfirmForm { name, action, acting, hidden, body, button } = form;
        let (errors, cancel) = (form_errors(&visit.form(name)), self.cancel.clone());
        self.content = view! {
            <form class="form" method="post" action=action>
                {form_identity(name, Some(acting))}
                {hidden.map(|(name, value)| view! { <HiddenField name value /> })}
                {errors}
                {body}
                <FormActions>
                    <Button kind=ButtonKind::Danger>{button}</Button>
                    <LinkButton href=cancel>"Cancel"</LinkButton>
                </FormActions>
            </form>
        }
        .into_any();
        self
    }

    /// Replaces the form if the action is no longer possible.
    pub fn no_longer_open(mut self, tone: Tone, why: impl Into<String>) -> Self {
        self.content = no_longer_open(tone, why.into(), self.cancel.clone());
        self
    }

    pub fn screen(self, title: impl Into<String>, nav: &'static str) -> Screen {
        let Self { question: heading, lead, breadcrumb, content, .. } = self;
        Screen::app(title, nav, view! { <PageHeader title=heading lead breadcrumb />{content} })
    }
}

/// Says why an action is no longer possible, with a link back.
pub fn no_longer_open(tone: Tone, why: String, back: String) -> AnyView {
    view! {
        <Banner tone title=why />
        <p class="actions"><LinkButton href=back>"Back"</LinkButton></p>
    }
    .into_any()
}

/// A list of what will happen; nothing if the list is empty.
pub fn consequences(lines: Vec<String>) -> AnyView {
    if lines.is_empty() {
        return ().into_any();
    }
    let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! { <ul class="consequences">{lines}</ul> }.into_any()
}
