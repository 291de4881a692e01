use leptos::prelude::*;

/// For waits of at most a few seconds; `label` is for screen readers.
#[component]
pub fn Spinner(#[prop(default = "Loading".to_owned(), into)] label: String) -> impl IntoView {
    view! {
        <span class="spinner" role="status">
            <span class="sr-only">{label}</span>
        </span>
    }
}

/// A placeholder for lines that are still loading.
#[component]
pub fn Skeleton(#[prop(default = 3)] lines: usize) -> impl IntoView {
    let lines = (0..lines).map(|_| view! { <span class="skeleton-line"></span> }).collect_view();
    view! {
        <div class="skeleton" aria-hidden="true">
            {lines}
        </div>
    }
}

/// For long work with a known total.
#[component]
pub fn ProgressBar(#[prop(into)] label: String, done: u32, total: u32) -> impl IntoView {
    let figures = format!("{done} of {total}");
    view! {
        <div class="progress">
            <span class="progress-label">{label.clone()}</span>
            <span class="progress-figures">{figures}</span>
            <progress aria-label=label max=total.to_string() value=done.to_string()></progress>
        </div>
    }
}
