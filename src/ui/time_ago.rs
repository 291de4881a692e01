use leptos::prelude::*;

/// A relative time, with the absolute time and zone on hover, on focus and for screen readers.
#[component]
pub fn TimeAgo(
    #[prop(into)] at_iso: String,
    #[prop(into)] relative: String,
    #[prop(into)] absolute: String,
) -> impl IntoView {
    view! {
        <time datetime=at_iso title=absolute tabindex="0">
            {relative}
        </time>
    }
}
