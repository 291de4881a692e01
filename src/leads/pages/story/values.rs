//! Values of strangers on the page of a story: escaped, isolated from the direction of the text around them, and
//! bounded together.

use crate::server::page_rows::PAGE_BYTES;
use leptos::prelude::*;
use std::cell::Cell;

/// Characters of a value that are shown at first.
const SHORT: usize = 300;
/// Characters of a name that are shown.
const NAME: usize = 200;

/// The bytes that all values of a page still have. Values after that are left out.
pub struct Space(Cell<usize>);

impl Default for Space {
    fn default() -> Self {
        Self(Cell::new(PAGE_BYTES))
    }
}

impl Space {
    /// Takes the bytes of a text, as HTML escapes it. False if there are too few left.
    fn take(&self, text: &str) -> bool {
        let escaped = text.len() + 4 * text.bytes().filter(|byte| matches!(byte, b'&' | b'<' | b'>')).count();
        let left = self.0.get().checked_sub(escaped);
        left.map(|left| self.0.set(left)).is_some()
    }

    /// A value; a long one is shortened, with all of it on request.
    pub fn value(&self, text: &str) -> AnyView {
        if text.is_empty() {
            return view! { <span class="muted">"empty"</span> }.into_any();
        }
        let short = shortened(text, SHORT);
        if !self.take(&short) {
            return left_out(text);
        }
        if short.len() == text.len() {
            return view! { <bdi class="sent">{short}</bdi> }.into_any();
        }
        if !self.take(text) {
            return view! { <bdi class="sent">{short}</bdi> " " {left_out(text)} }.into_any();
        }
        let all = text.to_owned();
        let summary = format!("Show all {} characters", text.chars().count());
        view! {
            <bdi class="sent">{short}</bdi>
            <details class="all-of-it">
                <summary>{summary}</summary>
                <bdi class="sent">{all}</bdi>
            </details>
        }
        .into_any()
    }

    /// A name, shortened.
    pub fn name(&self, text: &str) -> AnyView {
        let short = shortened(text, NAME);
        if !self.take(&short) {
            return left_out(text);
        }
        view! { <bdi class="sent">{short}</bdi> }.into_any()
    }

    /// A sentence that quotes values, shortened like one.
    pub fn words(&self, text: &str) -> AnyView {
        self.value(text)
    }
}

fn left_out(text: &str) -> AnyView {
    let note = format!("{} characters, not shown on this page", text.chars().count());
    view! { <span class="muted">{note}</span> }.into_any()
}

fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(space: &Space, text: &str) -> String {
        Owner::new().with(|| space.value(text).to_html())
    }

    #[test]
    fn values_are_escaped_isolated_shortened_and_bounded_together() {
        let space = Space::default();
        let short = html(&space, "<script>\u{202e}");
        assert!(
            short.starts_with("<bdi") && short.contains("&lt;script&gt;\u{202e}") && short.ends_with("</bdi>"),
            "{short}"
        );
        let long = html(&space, &"x".repeat(60_000));
        assert!(long.contains("Show all 60000 characters") && long.contains(&"x".repeat(60_000)), "the whole value");
        let all: usize = (0..200).map(|_| html(&space, &"&".repeat(60_000)).len()).sum();
        assert!(all < 2 * PAGE_BYTES, "{all}");
        assert!(html(&space, &"&".repeat(60_000)).contains("not shown on this page"));
    }
}
