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
pub use combobox::is_address;
pub use copy::CopyButtons;
pub use criteria::CriteriaEditor;
pub use invitation::notes as invitation_notes;
pub use mappings::MappingsEditor;
pub use sources::SourcesPanel;

use crate::{
    base::{AccountId, AppError, FormState},
    flows::model::FieldOption,
    ui::{Banner, HiddenField, StatusMessage, Tone},
};
use leptos::{prelude::*, wasm_bindgen::JsCast};

/// Moves the focus to the first invalid field each time the form is rejected, once the errors are on the page. The
/// error of a field goes as soon as the field is changed.
pub fn follow_refusals(back: RwSignal<FormState>) {
    let is_correction = StoredValue::new(false);
    Effect::new(move |before: Option<()>| {
        let refused = back.with(|back| back.error.is_some());
        let corrected = is_correction.get_value();
        is_correction.set_value(false);
        if before.is_some() {
            if refused && !corrected {
                focus_next("[aria-invalid=true]".to_owned());
            }
            return;
        }
        // The first run is the page as the server rendered it, where the browser has already set the focus. Islands
        // live as long as the page, and so does this listener.
        window_event_listener(leptos::ev::input, move |event| {
            let field = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let Some(name) = field.and_then(|field| field.get_attribute("name")) else { return };
            if back.with_untracked(|back| back.error(&name).is_some()) {
                is_correction.set_value(true);
                back.update(|back| back.correct(&name));
            }
        });
    });
}

/// Moves the focus to the first element that matches, once the page shows what has changed.
fn focus_next(selector: String) {
    request_animation_frame(move || {
        let found = document().query_selector(&selector).ok().flatten();
        if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _focused = element.focus();
        }
    });
}

/// The value of an editor's form that names the first field of a new row.
pub const NEW_FIELD: &str = "new-field";

/// The result of saving an editor: a message, or the errors.
#[derive(Clone, Copy)]
pub(super) struct SaveStatus {
    message: RwSignal<Option<String>>,
    back: RwSignal<FormState>,
    /// True after a change, until it is saved.
    is_unsaved: StoredValue<bool>,
}

impl SaveStatus {
    pub fn new(back: FormState) -> Self {
        let is_unsaved = StoredValue::new(back.was_submitted());
        let back = RwSignal::new(back);
        follow_refusals(back);
        ask_before_leaving(is_unsaved);
        Self { message: RwSignal::new(None), back, is_unsaved }
    }

    /// Clears the message and the errors of the last save, because a row was added or removed.
    pub fn clear(self) {
        self.is_unsaved.set_value(true);
        self.back.set(FormState::default());
        self.message.set(None);
    }

    /// Begins a save. What is changed meanwhile is unsaved again.
    pub fn begin(self) {
        self.is_unsaved.set_value(false);
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
            Err(error) => {
                self.is_unsaved.set_value(true);
                self.back.set(FormState { error: Some(error), ..FormState::default() });
            }
        }
    }

    /// The notices above the rows.
    pub fn notices(self) -> impl IntoView {
        view! {
            {move || self.message.get().map(|text| view! { <StatusMessage text /> })}
            {move || self.back.with(FormState::summary).map(|text| view! { <div role="alert"><Banner tone=Tone::Danger title=text /></div> })}
        }
    }

    /// True for the first field of a row that a button without script has just added.
    pub fn is_new(self, field: &str) -> bool {
        self.back.with_untracked(|back| back.value(NEW_FIELD) == field)
    }

    /// The current error of a field.
    pub fn error(self, field: String) -> Signal<Option<String>> {
        Signal::derive(move || self.back.with(|back| back.error(&field)))
    }
}

/// Lets the browser ask whether to leave the page while there are changes that are not saved.
fn ask_before_leaving(is_unsaved: StoredValue<bool>) {
    // Islands live as long as the page, and so do these listeners.
    Effect::new(move |_| {
        window_event_listener(leptos::ev::input, move |event| {
            let field = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            if field.is_some_and(|field| field.closest("fieldset").is_ok_and(|editor| editor.is_some())) {
                is_unsaved.set_value(true);
            }
        });
        window_event_listener(leptos::ev::beforeunload, move |event| {
            if is_unsaved.get_value() {
                event.prevent_default();
            }
        });
    });
}

/// The name of a button that removes a row of an editor, such as `Remove rule 2: State`.
fn removal(noun: &str, number: usize, fields: StoredValue<Vec<FieldOption>>, chosen: &str) -> String {
    let mut name = format!("Remove {noun} {number}");
    fields.with_value(|fields| {
        if let Some(field) = fields.iter().find(|field| field.name == chosen) {
            name.push_str(": ");
            name.push_str(&field.label);
        }
    });
    name
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
