//! Keeps people's texts from becoming links. Mail programs turn everything that looks like a URL into a link, so a
//! company named "Great bargains at evil.com" could advertise in our name. Such text is broken up at its joints: the
//! dots and colons that make a URL of it. Only the email addresses that the letter itself mentions stay whole.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    /// A dot or colon between two characters, after which the text must be broken up.
    Joint(&'t str),
}

/// The parts of a text. `whole` are the email addresses that stay as they are.
pub(super) fn parts<'t>(text: &'t str, whole: &[String]) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    let (mut start, mut rest_from) = (0, 0);
    while let Some(c) = text.get(rest_from..).and_then(|rest| rest.chars().next()) {
        if let Some(address) = whole.iter().find(|address| stands_at(text, rest_from, address)) {
            rest_from += address.len();
            continue;
        }
        let end = rest_from + c.len_utf8();
        if is_joint(text, rest_from, c) {
            parts.extend([Part::Text(&text[start..rest_from]), Part::Joint(&text[rest_from..end])]);
            start = end;
        }
        rest_from = end;
    }
    parts.push(Part::Text(&text[start..]));
    parts.retain(|part| *part != Part::Text(""));
    parts
}

/// Plain text in which nothing becomes a link: a space follows each joint.
pub(super) fn plain(text: &str, whole: &[String]) -> String {
    let words = parts(text, whole).into_iter().flat_map(|part| match part {
        Part::Text(text) => [text, ""],
        Part::Joint(joint) => [joint, " "],
    });
    words.collect()
}

/// True if this address begins here and is not part of a longer word.
fn stands_at(text: &str, at: usize, address: &str) -> bool {
    let Some(after) = text.get(at..).and_then(|rest| rest.strip_prefix(address)) else { return false };
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let mut following = after.chars();
    let continues = match (following.next(), following.next()) {
        (Some(c), next) if is_dot(c) => next.is_some_and(char::is_alphanumeric),
        (Some(c), _) => c.is_alphanumeric() || "-_@/:?#%".contains(c),
        (None, _) => false,
    };
    !address.is_empty() && !continues && before.is_none_or(|c| c.is_whitespace() || "(\"'<>:".contains(c))
}

/// Full stops, and the characters that become one in host names (IDNA).
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{2024}' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

fn is_joint(text: &str, at: usize, c: char) -> bool {
    let (before, after) = text.split_at(at);
    let after = &after[c.len_utf8()..];
    let (Some(previous), Some(next)) = (before.chars().next_back(), after.chars().next()) else { return false };
    if previous.is_whitespace() || next.is_whitespace() {
        return false;
    }
    if matches!(c, ':' | '\u{ff1a}') {
        return matches!(next, '/' | '\\') || previous.is_alphabetic();
    }
    if !is_dot(c) || !next.is_alphanumeric() {
        return false;
    }
    // Numbers such as 2.5 stay, four of them are an IP address.
    next.is_alphabetic() || ends_in_www(before) || dots_of_number(before, after) >= 3
}

fn ends_in_www(before: &str) -> bool {
    let mut letters = before.chars().rev().take(3);
    letters.by_ref().filter(|c| c.eq_ignore_ascii_case(&'w')).count() == 3
}

/// How many dots the digits and dots around a dot have, with the dot itself.
fn dots_of_number(before: &str, after: &str) -> usize {
    let is_part = |c: &char| c.is_numeric() || is_dot(*c);
    let around = before.chars().rev().take_while(is_part).chain(after.chars().take_while(is_part));
    around.filter(|c| is_dot(*c)).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_link_is_broken_up_and_other_text_stays() {
        for (text, broken) in [
            ("Great bargains at evil.com.", "Great bargains at evil. com."),
            ("https://evil.com/x?y=1", "https: //evil. com/x?y=1"),
            ("HTTP://EVIL.COM", "HTTP: //EVIL. COM"),
            ("www.evil.com", "www. evil. com"),
            ("WWW.1und1", "WWW. 1und1"),
            ("bob@evil.com", "bob@evil. com"),
            ("bob@evil.co.uk now", "bob@evil. co. uk now"),
            ("mailto:bob", "mailto: bob"),
            ("tel:+15550100", "tel: +15550100"),
            ("call 10.0.0.1 now", "call 10. 0. 0. 1 now"),
            ("http://3232235777/", "http: //3232235777/"),
            ("http:\\\\evil", "http: \\\\evil"),
            ("evil\u{3002}com evil\u{ff0e}com", "evil\u{3002} com evil\u{ff0e} com"),
            ("münchen.example", "münchen. example"),
            ("localhost:8080/x", "localhost: 8080/x"),
            ("Acme Inc., St. John", "Acme Inc., St. John"),
            ("2.5 leads at 10:30", "2.5 leads at 10:30"),
            ("Who? Us: you", "Who? Us: you"),
            (".com", ".com"),
            ("", ""),
        ] {
            assert_eq!(plain(text, &[]), broken);
        }
    }

    #[test]
    fn only_the_mentioned_addresses_stay_whole() {
        let whole = ["ann@buyer.example".to_owned()];
        for (text, broken) in [
            ("to ann@buyer.example.", "to ann@buyer.example."),
            ("(ann@buyer.example)", "(ann@buyer.example)"),
            ("Email: ann@buyer.example", "Email: ann@buyer.example"),
            ("bob@evil.com and ann@buyer.example", "bob@evil. com and ann@buyer.example"),
            ("ann@buyer.example.evil.com", "ann@buyer. example. evil. com"),
            ("joann@buyer.example", "joann@buyer. example"),
            ("ann@buyer.example/path", "ann@buyer. example/path"),
            ("x.ann@buyer.example", "x. ann@buyer. example"),
        ] {
            assert_eq!(plain(text, &whole), broken);
        }
    }
}
