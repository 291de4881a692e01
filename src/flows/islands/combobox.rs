//! The searchable list of Add Source.

use crate::{
    base::EntityId,
    flows::model::{Offer, SourceList},
    ui::{Icon, Tag, icon},
};
use leptos::{html, prelude::*};

/// State shared by the parts of the combobox.
#[derive(Clone, Copy)]
struct Offers {
    chosen: RwSignal<Option<(EntityId, String)>>,
    /// The offers whose names contain the typed text.
    matching: Memo<Vec<Offer>>,
    typed: RwSignal<String>,
    /// Index of the offer that Enter chooses.
    active: RwSignal<usize>,
    input: NodeRef<html::Input>,
    /// Invites a typed address that no offer has.
    invite: Callback<String>,
}

/// Whether a typed text is meant as an email address. The server says what is wrong with it.
pub fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) && !text.contains(' ')
}

impl Offers {
    fn new(list: RwSignal<SourceList>, chosen: RwSignal<Option<(EntityId, String)>>, invite: Callback<String>) -> Self {
        let typed = RwSignal::new(String::new());
        let matching = Memo::new(move |_| {
            let wanted = typed.read().trim().to_lowercase();
            list.with(|list| {
                let mut offers = list.offers.clone();
                offers.retain(|offer| wanted.is_empty() || offer.name.to_lowercase().contains(&wanted));
                offers
            })
        });
        Self { chosen, matching, typed, active: RwSignal::new(0), input: NodeRef::new(), invite }
    }

    /// The typed address, if it is to be invited.
    fn address(self) -> Option<String> {
        let typed = self.typed.get().trim().to_owned();
        (self.matching.with(Vec::is_empty) && is_address(&typed)).then_some(typed)
    }

    /// True if the typed text is neither part of an offer nor an address.
    fn is_empty(self) -> bool {
        self.matching.with(Vec::is_empty) && self.address().is_none()
    }

    fn choose(self, index: usize) {
        if let Some(address) = untrack(|| self.address()) {
            return self.invite.run(address);
        }
        let Some(offer) = self.matching.with_untracked(|offers| offers.get(index).cloned()) else { return };
        if !offer.in_this_flow {
            if let Some(input) = self.input.get_untracked() {
                input.set_value(&offer.name);
            }
            self.chosen.set(Some((offer.entity_id, offer.name)));
            self.active.set(index);
        }
    }

    fn on_key(self, event: &leptos::ev::KeyboardEvent) {
        let last = self.matching.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => self.active.update(|index| *index = (*index + 1).min(last)),
            "ArrowUp" => self.active.update(|index| *index = index.saturating_sub(1)),
            "Enter" if self.chosen.get_untracked().is_none() => self.choose(self.active.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    }

    fn search(self, text: String) {
        self.typed.set(text);
        self.chosen.set(None);
        self.active.set(0);
    }

    fn options(self) -> AnyView {
        let offers = self.matching.get();
        if let Some(address) = self.address() {
            return self.invitation(&address);
        }
        offers.into_iter().enumerate().map(|(index, offer)| self.option(index, offer)).collect_view().into_any()
    }

    fn invitation(self, address: &str) -> AnyView {
        view! {
            <li
                class="option"
                role="option"
                id="option-0"
                aria-selected="false"
                data-active=""
                on:mousedown=move |event| { event.prevent_default(); self.choose(0) }
            >
                {icon(Icon::Mail)}
                <span class="option-name">{["Invite ", address].concat()}</span>
            </li>
        }
        .into_any()
    }

    fn option(self, index: usize, offer: Offer) -> impl IntoView {
        let Self { chosen, active, .. } = self;
        let id = offer.entity_id;
        let hint = offer.hint();
        view! {
            <li
                class="option"
                role="option"
                id=format!("option-{index}")
                aria-selected=move || chosen.with(|chosen| chosen.as_ref().is_some_and(|(chosen, _)| *chosen == id)).to_string()
                aria-disabled=offer.in_this_flow.then_some("true")
                data-active=move || (active.get() == index).then_some("")
                on:mousedown=move |event| { event.prevent_default(); self.choose(index) }
            >
                <span class="option-name">{offer.name}</span>
                <Tag tone=offer.tag.tone() icon=offer.tag.icon() text=offer.tag.word() />
                <span class="option-hint">{hint}</span>
            </li>
        }
    }
}

/// An ARIA combobox with a listbox: typing filters, the arrow keys move, Enter chooses.
#[component]
pub fn Combobox(
    list: RwSignal<SourceList>,
    chosen: RwSignal<Option<(EntityId, String)>>,
    error: Signal<Option<String>>,
    invite: Callback<String>,
) -> impl IntoView {
    let offers = Offers::new(list, chosen, invite);
    let Offers { active, input, .. } = offers;
    view! {
        <div class="field">
            <label class="field-label" for="select-source">"Select a source"</label>
            <div class="combobox">
                <input
                    id="select-source"
                    class="input"
                    role="combobox"
                    autocomplete="off"
                    autofocus
                    aria-expanded=move || (!offers.is_empty()).to_string()
                    aria-controls="source-options"
                    aria-activedescendant=move || (!offers.is_empty()).then(|| format!("option-{}", active.get()))
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=move || error.get().map(|_| "select-source-error")
                    node_ref=input
                    on:input:target=move |event| offers.search(event.target().value())
                    on:keydown=move |event| offers.on_key(&event)
                />
                {icon(Icon::Search)}
                <ul id="source-options" class="listbox listbox-inline" role="listbox" aria-label="Sources" hidden=move || offers.is_empty()>{move || offers.options()}</ul>
                <p class="listbox-empty" role="status" hidden=move || !offers.is_empty()>{move || offers.is_empty().then_some("No source with this name. Create a new one.")}</p>
            </div>
            {move || error.get().map(|sentence| view! { <p class="field-error" id="select-source-error">{sentence}</p> })}
        </div>
    }
}
