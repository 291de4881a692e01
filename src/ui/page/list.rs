use leptos::prelude::*;

use crate::ui::{Icon, Tone, icon};

/// Initials in a circle, shown beside the name.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    view! {
        <span class="avatar" aria-hidden="true">
            {initials(&name)}
        </span>
    }
}

/// The first letters of the first and last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// One entry of a `Timeline`.
pub struct TimelineItem {
    pub icon: Icon,
    pub tone: Tone,
    /// The sentence that says what happened.
    pub text: AnyView,
    /// When and by whom, in small text below the sentence.
    pub note: AnyView,
}

/// Events, newest first.
#[component]
pub fn Timeline(items: Vec<TimelineItem>) -> impl IntoView {
    let items = items
        .into_iter()
        .map(|item| {
            view! {
                <li>
                    <span class=format!("timeline-icon {}", item.tone.class())>{icon(item.icon)}</span>
                    <div class="timeline-text">{item.text}</div>
                    <div class="timeline-note">{item.note}</div>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{items}</ol> }
}

/// One line of a `Diff`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffLine {
    Same(String),
    Added(String),
    Removed(String),
}

/// The difference between two versions, line by line. Screen readers read "Added" or "Removed" before changed lines.
#[component]
pub fn Diff(lines: Vec<DiffLine>) -> impl IntoView {
    let lines = lines
        .into_iter()
        .map(|line| match line {
            DiffLine::Same(text) => view! { <li>{text}</li> }.into_any(),
            DiffLine::Added(text) => view! {
                <li class="diff-added">
                    <span class="sr-only">"Added: "</span>
                    {text}
                </li>
            }
            .into_any(),
            DiffLine::Removed(text) => view! {
                <li class="diff-removed">
                    <span class="sr-only">"Removed: "</span>
                    {text}
                </li>
            }
            .into_any(),
        })
        .collect_view();
    view! { <ol class="diff">{lines}</ol> }
}

/// A step of a `CheckList`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckStep {
    is_done: bool,
    title: &'static str,
    text: &'static str,
    href: String,
}

impl CheckStep {
    /// `href` is where the step is made.
    pub fn new(is_done: bool, title: &'static str, text: &'static str, href: impl Into<String>) -> Self {
        Self { is_done, title, text, href: href.into() }
    }
}

/// Steps that can be made in any order. What is to be done leads to where it is done.
#[component]
pub fn CheckList(steps: Vec<CheckStep>) -> impl IntoView {
    let steps = steps
        .into_iter()
        .enumerate()
        .map(|(index, CheckStep { is_done, title, text, href })| {
            let sign = if is_done { icon(Icon::Check).into_any() } else { (index + 1).to_string().into_any() };
            let title = match is_done {
                true => view! { {title} <span class="sr-only">" (done)"</span> }.into_any(),
                false => view! { <a href=href>{title}</a> }.into_any(),
            };
            view! {
                <li class=is_done.then_some("done")>
                    <span class="step-sign" aria-hidden="true">{sign}</span>
                    <p><strong>{title}</strong> <span class="muted">{text}</span></p>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="check-list">{steps}</ol> }
}

/// Progress through several steps; `current` counts from 0.
#[component]
pub fn Stepper(steps: Vec<String>, current: usize) -> impl IntoView {
    let steps = steps
        .into_iter()
        .enumerate()
        .map(|(index, step)| {
            let done = index < current;
            let marker = if done { icon(Icon::Check).into_any() } else { (index + 1).to_string().into_any() };
            view! {
                <li class=done.then_some("done") aria-current=(index == current).then_some("step")>
                    <span class="step-sign">{marker}</span>
                    <span>{step}</span>
                    {done.then(|| view! { <span class="sr-only">" (done)"</span> })}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="stepper">{steps}</ol> }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_the_first_letters_of_the_first_and_last_word() {
        assert_eq!(initials("ada maria lovelace"), "AL");
        assert_eq!(initials("Acme"), "A");
        assert_eq!(initials("  (übung) & söhne "), "ÜS");
        assert_eq!(initials(""), "");
    }
}
