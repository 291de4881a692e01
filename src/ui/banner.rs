use leptos::prelude::*;

use super::{Icon, Tone, icon, non_empty};

/// A message within the page: the situation, and what to do about it.
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
                {non_empty(title).map(|title| view! { <p class="banner-title">{title}</p> })}
                {children.map(|children| children())}
            </div>
        </div>
    }
}

/// Confirms what was just done. It floats above the page and disappears by itself unless hovered. Needs no script.
#[component]
pub fn StatusMessage(#[prop(into)] text: String, #[prop(default = Tone::Positive)] tone: Tone) -> impl IntoView {
    view! {
        <div class="toasts" role="status">
            <p class=format!("toast {}", tone.class())>{icon(tone.icon())} <span>{text}</span></p>
        </div>
    }
}

/// Replaces an empty list: what would be here, and the action that adds it.
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
            {non_empty(text).map(|text| view! { <p class="empty-text">{text}</p> })}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}
