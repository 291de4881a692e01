//! The entries of a list in a rule: separated by commas, semicolons or lines, in any mixture.

use std::{borrow::Cow, iter};

/// The entries without the blank ones. A separator inside double quotes belongs to its entry, and two quotes there are
/// one; a quote anywhere else is a character like any other.
pub fn entries(list: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = list;
    let next = move || {
        rest = rest.trim_start_matches(|c: char| is_separator(c) || c.is_whitespace());
        if rest.is_empty() {
            return None;
        }
        if let Some((entry, after)) = quoted(rest) {
            rest = after;
            return Some(entry);
        }
        let (entry, after) = rest.split_at(rest.find(is_separator).unwrap_or(rest.len()));
        rest = after;
        Some(Cow::Borrowed(entry.trim_end()))
    };
    iter::from_fn(next).filter(|entry| !entry.is_empty())
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '\n' | '\r')
}

/// The quoted entry at the start of a text, and what follows it. None if no quote ends before a separator.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut from = 0;
    loop {
        let end = from + inside.get(from..)?.find('"')?;
        let after = &inside[end + 1..];
        if after.starts_with('"') {
            from = end + 2;
            continue;
        }
        let blank = after.trim_start_matches(|c: char| c.is_whitespace() && !is_separator(c));
        let entry = inside[..end].trim();
        let entry = if entry.contains('"') { Cow::Owned(entry.replace("\"\"", "\"")) } else { Cow::Borrowed(entry) };
        return (blank.is_empty() || blank.starts_with(is_separator)).then_some((entry, blank));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_separated_by_commas_semicolons_or_lines() {
        for (list, expected) in [
            ("CA,TX", &["CA", "TX"][..]),
            (" CA ;TX\n NY\r\nFL ", &["CA", "TX", "NY", "FL"]),
            ("CA, ;\n\n; TX,", &["CA", "TX"]),
            ("New York; Los Angeles", &["New York", "Los Angeles"]),
            (r#""Smith, Jr.";Poe"#, &["Smith, Jr.", "Poe"]),
            (r#""a;b" , "say ""hi""""#, &["a;b", "say \"hi\""]),
            ("\"two\nlines\",x", &["two\nlines", "x"]),
            (r#"5" pipe, 6" pipe"#, &["5\" pipe", "6\" pipe"]),
            (r#""5" pipe, x"#, &["\"5\" pipe", "x"]),
            (r#""open, x"#, &["\"open", "x"]),
            (r#""", " ""#, &[]),
            ("\"\"\"\"", &["\""]),
            (" ,;\n", &[]),
            ("", &[]),
            ("É;ß", &["É", "ß"]),
        ] {
            assert_eq!(entries(list).collect::<Vec<_>>(), expected, "{list:?}");
        }
    }

    #[test]
    fn quotes_that_never_end_take_time_in_proportion_to_the_list() {
        let list = "\"a,".repeat(200_000);
        assert_eq!(entries(&list).count(), 200_000);
    }
}
