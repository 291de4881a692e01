//! Texts with `{{name}}` templates. One pass without nesting: an inserted value is never parsed as a template again.

/// Maximum bytes of a parameter name.
const MAX_NAME: usize = 128;

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// The pieces of a text. None if braces are unbalanced or a name is invalid.
pub fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}")?;
        let name = name.trim();
        if before.contains("}}") || !is_name(name) {
            return None;
        }
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Name(name));
        rest = after;
    }
    if rest.contains("}}") {
        return None;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Some(pieces)
}

/// The names in a text; none if it is not a valid template.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    let pieces = pieces(text).unwrap_or_default();
    pieces.into_iter().filter_map(|piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Text(_) => None,
    })
}

/// True if new mappings can use this parameter name. Submission Docs print it in examples for shells and web pages, so
/// quotes and other special characters are rejected. Earlier mappings may have other names, which still apply.
pub fn is_parameter_name(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | ' '))
}

/// True if a text contains a template, valid or not.
pub fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// An earlier mapping can have any name without braces and control characters.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && !name.contains(|c: char| matches!(c, '{' | '}') || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_split_into_its_pieces() {
        assert_eq!(
            pieces("Mr. {{ First Name }}{{last}}!"),
            Some(vec![Piece::Text("Mr. "), Piece::Name("First Name"), Piece::Name("last"), Piece::Text("!")])
        );
        assert_eq!(pieces("plain {text}"), Some(vec![Piece::Text("plain {text}")]));
        assert_eq!(pieces(""), Some(vec![]));
        assert_eq!(names("{{a}} {{b}}").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_parameter_name_has_no_character_that_is_special_in_a_shell_or_a_page() {
        for name in ["first_name", "First Name", "loan.amount", "items[0]", "utm-source", "Prénom", "2"] {
            assert!(is_parameter_name(name), "{name}");
        }
        for c in "'\"`$&|;<>()\\!*?#~=%@/:,+^\t\n\u{202e}\u{200b}".chars() {
            assert!(!is_parameter_name(&format!("a{c}b")), "{c:?}");
        }
    }

    #[test]
    fn unbalanced_braces_are_not_a_template() {
        for text in ["{{a", "a}}", "{{}}", "{{ }}", "{{a{{b}}}}", "}}{{a}}", "{{a\u{0}}}", "{{{a}}}"] {
            assert_eq!(pieces(text), None, "{text}");
        }
    }
}
