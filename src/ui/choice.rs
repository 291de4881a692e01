use leptos::prelude::*;

use super::{Icon, field::Frame, icon, non_empty};

/// One entry of a `Select`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub selected: bool,
    pub disabled: bool,
    /// Why it is disabled, or what distinguishes it; shown after the label.
    pub hint: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }

    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    pub fn disabled(mut self, hint: impl Into<String>) -> Self {
        self.disabled = true;
        self.hint = hint.into();
        self
    }

    fn text(&self) -> String {
        if self.hint.is_empty() { self.label.clone() } else { format!("{} ({})", self.label, self.hint) }
    }
}

/// A native `<select>`.
#[component]
pub fn Select(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] id: String,
    options: Vec<Choice>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional, into)] help: String,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional_mark: bool,
    #[prop(optional)] disabled: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let frame = Frame::new(id, &name, label, help, error).optional(optional_mark);
    let options = options
        .into_iter()
        .map(|choice| {
            let text = choice.text();
            view! {
                <option value=choice.value selected=choice.selected disabled=choice.disabled>
                    {text}
                </option>
            }
        })
        .collect_view();
    let control = view! {
        <select
            class="select"
            id=frame.id.clone()
            name=name
            required=required
            disabled=disabled
            autofocus=autofocus || frame.has_error()
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
        >
            {options}
        </select>
    };
    frame.around(control)
}

/// A checkbox with its label. Unchecked, it submits nothing.
#[component]
pub fn Checkbox(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] id: String,
    #[prop(optional)] checked: bool,
    #[prop(default = "on".to_owned(), into)] value: String,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional, into)] help: String,
    #[prop(optional)] required: bool,
    #[prop(optional)] disabled: bool,
) -> impl IntoView {
    let frame = Frame::new(id, &name, label, help, error);
    view! {
        <div class="check">
            <input
                type="checkbox"
                id=frame.id.clone()
                name=name
                value=value
                checked=checked
                required=required
                disabled=disabled
                autofocus=frame.has_error()
                aria-describedby=frame.described_by()
                aria-invalid=frame.invalid()
            />
            <label for=frame.id.clone()>{frame.label.clone()}</label>
            {frame.notes()}
        </div>
    }
}

/// One entry of `RadioCards`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub value: String,
    pub title: String,
    pub text: String,
    pub icon: Option<Icon>,
    pub checked: bool,
    pub disabled: bool,
}

/// Radio buttons for a few options that need a sentence each. Arrow keys move between the cards.
#[component]
pub fn RadioCards(
    #[prop(into)] legend: String,
    #[prop(into)] name: String,
    cards: Vec<Card>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional, into)] help: String,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let frame = Frame::new(String::new(), &name, legend, help, error);
    let has_error = frame.has_error();
    let cards = cards
        .into_iter()
        .map(|card| {
            let id = format!("{name}-{}", card.value);
            let note = format!("{id}-text");
            view! {
                <div class="card-choice">
                    <input
                        type="radio"
                        id=id.clone()
                        name=name.clone()
                        value=card.value
                        checked=card.checked
                        disabled=card.disabled
                        required=required
                        autofocus=has_error
                        aria-describedby=(!card.text.is_empty()).then(|| note.clone())
                    />
                    {card.icon.map(icon)}
                    <label for=id>{card.title}</label>
                    {non_empty(card.text).map(|text| view! { <p id=note>{text}</p> })}
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" id=frame.id.clone() aria-describedby=frame.described_by()>
            <legend class="field-label">{frame.label.clone()}</legend>
            <div class="card-choices">{cards}</div>
            {frame.notes()}
        </fieldset>
    }
}
