use leptos::prelude::*;

use super::{Icon, non_empty};

/// The emphasis of a button. Use one `Primary` per view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    Primary,
    #[default]
    Secondary,
    Danger,
    Quiet,
}

impl ButtonKind {
    /// The class list, also for islands that render a plain `<button>`.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Secondary => "button",
            Self::Danger => "button button-danger",
            Self::Quiet => "button button-quiet",
        }
    }
}

/// A button; submits its form unless `type_` is set.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional, into)] name: String,
    #[prop(optional, into)] value: String,
    #[prop(default = "submit")] type_: &'static str,
    #[prop(optional)] disabled: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <button class=kind.class() type=type_ name=non_empty(name) value=non_empty(value) disabled=disabled>
            {children()}
        </button>
    }
}

/// A square button with only an icon. `label` is its accessible name and tooltip.
#[component]
pub fn IconButton(
    #[prop(into)] label: String,
    icon: Icon,
    #[prop(optional, into)] name: String,
    #[prop(optional, into)] value: String,
    #[prop(default = "submit")] type_: &'static str,
    #[prop(optional)] disabled: bool,
) -> impl IntoView {
    view! {
        <button
            class="button button-quiet button-icon"
            type=type_
            name=non_empty(name)
            value=non_empty(value)
            title=label.clone()
            aria-label=label
            disabled=disabled
        >
            {super::icon(icon)}
        </button>
    }
}

/// A link that looks like a button. It navigates and changes nothing.
#[component]
pub fn LinkButton(#[prop(into)] href: String, #[prop(optional)] kind: ButtonKind, children: Children) -> impl IntoView {
    view! {
        <a class=kind.class() href=href>
            {children()}
        </a>
    }
}

/// An on/off switch that submits the form around it with the opposite state.
///
/// `label` names what is switched. `aria-checked` holds the state.
#[component]
pub fn SwitchForm(
    #[prop(into)] label: String,
    checked: bool,
    #[prop(into)] name: String,
    #[prop(optional)] disabled: bool,
) -> impl IntoView {
    view! {
        <button
            class="switch"
            type="submit"
            role="switch"
            name=name
            value=if checked { "off" } else { "on" }
            aria-checked=if checked { "true" } else { "false" }
            aria-label=label
            disabled=disabled
        ></button>
    }
}
