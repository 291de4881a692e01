//! [both] What lives in the browser on the pages of flows.

mod add_source;
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

use crate::base::FormReturn;
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

    /// The sentence beside a field, now.
    pub fn error(self, field: String) -> Signal<Option<String>> {
        Signal::derive(move || self.back.with(|back| back.error(&field)))
    }
}
