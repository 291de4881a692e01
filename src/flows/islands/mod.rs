//! [both] The islands on the pages of flows.

mod add_source;
mod combobox;
mod copy;
pub mod criteria;
mod invitation;
mod live;
mod mappings;
mod row_actions;
mod sources;

pub use add_source::kind_cards;
pub use copy::CopyButtons;
pub use criteria::CriteriaEditor;
pub use invitation::notes as invitation_notes;
pub use mappings::MappingsEditor;
pub use sources::SourcesPanel;

use crate::{
    base::{AccountId, AppError, FormState},
    ui::{Banner, HiddenField, StatusMessage, Tone},
};
use leptos::{prelude::*, wasm_bindgen::JsCast};

/// Moves the focus to the first invalid field each time the form is rejected, once the errors are on the page.
pub fn focus_when_refused(back: RwSignal<FormState>) {
    Effect::new(move |before: Option<()>| {
        let refused = back.with(|back| back.error.is_some());
        // The first run is the page as the server rendered it, where the browser has already set the focus.
        if before.is_some() && refused {
            request_animation_frame(focus_first_invalid_field);
        }
    });
}

fn focus_first_invalid_field() {
    let found = document().query_selector("[aria-invalid=true]").ok().flatten();
    if let Some(field) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _focused = field.focus();
    }
}

/// The result of saving an editor: a message, or the errors.
#[derive(Clone, Copy)]
pub(super) struct SaveStatus {
    pub message: RwSignal<Option<String>>,
    pub back: RwSignal<FormState>,
}

impl SaveStatus {
    pub fn new(back: FormState) -> Self {
        let back = RwSignal::new(back);
        focus_when_refused(back);
        Self { message: RwSignal::new(None), back }
    }

    /// Clears the message and the errors of the last save.
    pub fn clear(self) {
        self.back.set(FormState::default());
        self.message.set(None);
    }

    /// Shows the result of a save and stores the version for the next one.
    pub fn finish(self, done: Result<i32, AppError>, version: RwSignal<i32>, sentence: &str) {
        match done {
            Ok(next) => {
                version.set(next);
                self.back.set(FormState::default());
                self.message.set(Some(sentence.to_owned()));
            }
            Err(error) => self.back.set(FormState { error: Some(error), ..FormState::default() }),
        }
    }

    /// The notices above the rows.
    pub fn notices(self) -> impl IntoView {
        view! {
            {move || self.message.get().map(|text| view! { <StatusMessage text /> })}
            {move || self.back.with(FormState::summary).map(|text| view! { <div role="alert"><Banner tone=Tone::Danger title=text /></div> })}
        }
    }

    /// The current error of a field.
    pub fn error(self, field: String) -> Signal<Option<String>> {
        Signal::derive(move || self.back.with(|back| back.error(&field)))
    }
}

/// The hidden fields of an editor's form: its name, the account it acts for, and the version it loaded.
fn editor_identity(
    form: &'static str,
    account_id: AccountId,
    version: RwSignal<i32>,
    may_change: bool,
) -> impl IntoView {
    view! {
        <HiddenField name="form" value=form />
        <HiddenField name="as" value=account_id.to_string() />
        <input type="hidden" name="version" value=move || version.get() />
        // Enter submits the form with its first button.
        <button class="sr-only" tabindex="-1" aria-hidden="true" name="do" value="save" disabled=!may_change>"Save"</button>
    }
}
