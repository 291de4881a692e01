//! [both] What lives in the browser on the pages of flows.

mod add_source;
mod combobox;
mod copy;
pub mod criteria;
mod live;
mod mappings;
mod row_actions;
mod sources;
mod waiting;

pub use add_source::kind_cards;
pub use copy::CopyButtons;
pub use criteria::CriteriaEditor;
pub use mappings::MappingsEditor;
pub use sources::SourcesPanel;
pub use waiting::notes as waiting_notes;

use crate::{
    base::{AccountId, AppError, FormReturn},
    ui::{Banner, HiddenField, StatusMessage, Tone},
};
use leptos::{prelude::*, wasm_bindgen::JsCast};

/// Moves the focus to the first wrong field each time the form is refused, once the errors stand beside their fields.
pub fn focus_when_refused(back: RwSignal<FormReturn>) {
    Effect::new(move |before: Option<()>| {
        let refused = back.with(|back| back.error.is_some());
        // The first run is the page as the server made it: there the browser has chosen the focus.
        if before.is_some() && refused {
            request_animation_frame(focus_first_wrong_field);
        }
    });
}

fn focus_first_wrong_field() {
    let found = document().query_selector("[aria-invalid=true]").ok().flatten();
    if let Some(field) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _focused = field.focus();
    }
}

/// Where a saved editor says that it was, and a refused one why not.
#[derive(Clone, Copy)]
pub(super) struct Saved {
    pub said: RwSignal<Option<String>>,
    pub back: RwSignal<FormReturn>,
}

impl Saved {
    pub fn new(back: FormReturn) -> Self {
        let back = RwSignal::new(back);
        focus_when_refused(back);
        Self { said: RwSignal::new(None), back }
    }

    /// Clears the notices about earlier rows.
    pub fn clear(self) {
        self.back.set(FormReturn::default());
        self.said.set(None);
    }

    /// Shows how saving ended, and keeps the version for the next save.
    pub fn finish(self, done: Result<i32, AppError>, version: RwSignal<i32>, sentence: &str) {
        match done {
            Ok(next) => {
                version.set(next);
                self.back.set(FormReturn::default());
                self.said.set(Some(sentence.to_owned()));
            }
            Err(error) => self.back.set(FormReturn { error: Some(error), ..FormReturn::default() }),
        }
    }

    /// The notices above the rows.
    pub fn notices(self) -> impl IntoView {
        view! {
            {move || self.said.get().map(|text| view! { <StatusMessage text /> })}
            {move || self.back.with(FormReturn::summary).map(|text| view! { <div role="alert"><Banner tone=Tone::Danger title=text /></div> })}
        }
    }

    /// The sentence beside a field, now.
    pub fn error(self, field: String) -> Signal<Option<String>> {
        Signal::derive(move || self.back.with(|back| back.error(&field)))
    }
}

/// The start of an editor's form: its name, the account it acts for, the version it was made from.
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
        // The first button is the one that Enter presses.
        <button class="sr-only" tabindex="-1" aria-hidden="true" name="do" value="save" disabled=!may_change>"Save"</button>
    }
}
