//! What an entry changed: the state before and after, as a difference of lines.

use crate::{
    activity::server::search::Record,
    ui::{Diff, DiffLine},
};
use leptos::prelude::*;
use serde_json::value::RawValue;
use similar::{ChangeTag, TextDiff};

/// More than this is only in the file, in bytes of each side.
const MAX_SHOWN: usize = 16 * 1024;

/// None for an entry that changed no values.
pub fn changes(record: &Record) -> Option<AnyView> {
    let side = |value: &Option<sqlx::types::Json<Box<RawValue>>>| value.as_ref().map(|json| json.0.get().to_owned());
    let (before, after) = (side(&record.before), side(&record.after));
    if before.is_none() && after.is_none() {
        return None;
    }
    let body = match lines(before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default()) {
        Some(lines) => view! { <Diff lines /> }.into_any(),
        None => view! { <p class="muted">"Too long for a list. The file has it."</p> }.into_any(),
    };
    Some(view! { <details><summary>"Changes"</summary>{body}</details> }.into_any())
}

/// The lines that differ, with those around them. None if a side is too long.
fn lines(before: &str, after: &str) -> Option<Vec<DiffLine>> {
    if before.len().max(after.len()) > MAX_SHOWN {
        return None;
    }
    let (before, after) = (readable(before), readable(after));
    let diff = TextDiff::from_lines(&before, &after);
    let lines = diff.iter_all_changes().map(|change| {
        let text = change.value().trim_end_matches('\n').to_owned();
        match change.tag() {
            ChangeTag::Equal => DiffLine::Same(text),
            ChangeTag::Insert => DiffLine::Added(text),
            ChangeTag::Delete => DiffLine::Removed(text),
        }
    });
    Some(lines.collect())
}

/// One value a line, without the braces around all of them.
fn readable(json: &str) -> String {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(json) else { return String::new() };
    let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
    let inner = pretty.strip_prefix("{\n").and_then(|rest| rest.strip_suffix("\n}"));
    let lines = inner.unwrap_or(&pretty).lines().map(|line| line.strip_prefix("  ").unwrap_or(line));
    lines.map(|line| format!("{}\n", line.strip_suffix(',').unwrap_or(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_added_or_removed() {
        let same = |text: &str| DiffLine::Same(text.to_owned());
        let added = |text: &str| DiffLine::Added(text.to_owned());
        let removed = |text: &str| DiffLine::Removed(text.to_owned());
        let of = |before, after| lines(before, after).unwrap();
        assert_eq!(
            of(r#"{"a":1,"b":"x"}"#, r#"{"a":1,"b":"y"}"#),
            [same(r#""a": 1"#), removed(r#""b": "x""#), added(r#""b": "y""#)]
        );
        assert_eq!(of("", r#"{"on":true}"#), [added(r#""on": true"#)]);
        assert_eq!(of(r#"{"on":true}"#, ""), [removed(r#""on": true"#)]);
        assert_eq!(of("null", "[1]"), [removed("null"), added("["), added("1"), added("]")]);
        assert_eq!(lines("", &format!("[\"{}\"]", "x".repeat(MAX_SHOWN))), None);
    }
}
