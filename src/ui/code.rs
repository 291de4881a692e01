use leptos::prelude::*;

use super::{Icon, icon};

/// A button that copies `text`; hidden until an island with a click listener on `[data-copy]` marks the page.
///
/// The island sets `data-copies` on `<html>` when it can copy, and `data-copied` on the button for a moment.
#[component]
pub fn CopyButton(
    #[prop(into)] text: String,
    #[prop(default = "Copy".to_owned(), into)] label: String,
) -> impl IntoView {
    view! {
        <button class="button button-small copy" type="button" data-copy=text>
            {icon(Icon::Copy)}
            {icon(Icon::Check)}
            <span>{label}</span>
        </button>
    }
}

/// Code or an address to take away, with a copy button; `label` says what it is.
#[component]
pub fn CodeBlock(#[prop(into)] code: String, #[prop(into)] label: String) -> impl IntoView {
    view! {
        <figure class="code">
            <figcaption>
                <span>{label.clone()}</span>
                <CopyButton text=code.clone() />
            </figcaption>
            <pre tabindex="0" role="region" aria-label=label><code>{code}</code></pre>
        </figure>
    }
}
