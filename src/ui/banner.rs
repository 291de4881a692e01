use leptos::prelude::*;

use super::{Icon, Tone, icon, some};

/// A message that belongs to the page: why something is so and what to do.
#[component]
pub fn Banner(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] title: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=format!("banner {}", tone.class())>
            {icon(tone.icon())}
            <div class="banner-body">
                {some(title).map(|title| view! { <p class="banner-title">{title}</p> })}
                {children.map(|children| children())}
            </div>
        </div>
    }
}

/// Says what was just done; it floats above the page, needs no script, and leaves by itself unless pointed at.
#[component]
pub fn StatusMessage(#[prop(into)] text: String, #[prop(default = Tone::Positive)] tone: Tone) -> impl IntoView {
    view! {
        <div class="toasts" role="status">
            <p class=format!("toast {}", tone.class())>{icon(tone.icon())} <span>{text}</span></p>
        </div>
    }
}

/// In place of an empty list: what would be here, and the action that brings it.
#[component]
pub fn EmptyState(
    icon: Icon,
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon">{super::icon(icon)}</span>
            <p class="empty-title">{title}</p>
            {some(text).map(|text| view! { <p class="empty-text">{text}</p> })}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}
