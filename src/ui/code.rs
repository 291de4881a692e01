use leptos::prelude::*;

use super::{Icon, icon};

/// A button that copies `text`. It is hidden until an island handles clicks on `[data-copy]`.
///
/// The island sets `data-copies` on `<html>` when it is ready, and briefly `data-copied` on a clicked button.
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

/// Code or a URL with a copy button; `label` says what it is.
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
