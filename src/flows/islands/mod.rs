//! [both] What lives in the browser on the pages of flows.

mod add_source;
mod copy;
pub mod criteria;
mod live;
mod mappings;
mod sources;

pub use add_source::kind_cards;
pub use copy::CopyButtons;
pub use criteria::CriteriaEditor;
pub use mappings::MappingsEditor;
pub use sources::SourcesPanel;

use crate::base::FormReturn;
use leptos::prelude::*;

/// Where a saved editor says that it was, and a refused one why not.
#[derive(Clone, Copy)]
pub(super) struct Saved {
    pub said: RwSignal<Option<String>>,
    pub back: RwSignal<FormReturn>,
}

impl Saved {
    pub fn new(back: FormReturn) -> Self {
        Self { said: RwSignal::new(None), back: RwSignal::new(back) }
    }

    /// The sentence beside a field, now.
    pub fn error(self, field: String) -> Signal<Option<String>> {
        Signal::derive(move || self.back.with(|back| back.error(&field)))
    }
}
