use leptos::prelude::*;

use super::Icon;

/// The meaning of a message or state. Always shown with text, never by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Positive,
    Warning,
    Danger,
    Info,
}

impl Tone {
    /// The class that sets the tone's text, border and background colours for an element and its children.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Positive => "tone-positive",
            Self::Warning => "tone-warning",
            Self::Danger => "tone-danger",
            Self::Info => "tone-info",
        }
    }

    /// The icon of messages in this tone.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Neutral | Self::Info => Icon::Info,
            Self::Positive => Icon::Check,
            Self::Warning | Self::Danger => Icon::Warning,
        }
    }
}

/// A state in one or two words, with a colour and optionally an icon.
#[component]
pub fn Tag(
    #[prop(optional)] tone: Tone,
    #[prop(optional_no_strip, into)] icon: Option<Icon>,
    #[prop(into)] text: String,
) -> impl IntoView {
    view! {
        <span class=format!("tag {}", tone.class())>{icon.map(super::icon)} <span>{text}</span></span>
    }
}
