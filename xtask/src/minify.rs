//! A cautious minifier: it removes only what browsers ignore, and only understands strings and comments.

/// Removes comments, and white space that does not separate two words. Brotli does the rest.
pub fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    let mut space = false;
    while let Some(next) = rest.chars().next() {
        let token = match next {
            '/' if rest.starts_with("/*") => {
                rest = rest.find("*/").and_then(|end| rest.get(end + 2..)).unwrap_or_default();
                space = true;
                continue;
            }
            white if white.is_ascii_whitespace() => {
                rest = rest.trim_ascii_start();
                space = true;
                continue;
            }
            '"' | '\'' => string(rest, next),
            other => rest.get(..other.len_utf8()).unwrap_or_default(),
        };
        if space && !tight(out.chars().next_back()) && !tight(Some(next)) {
            out.push(' ');
        }
        if next == '}' && out.ends_with(';') {
            out.pop();
        }
        space = false;
        out.push_str(token);
        rest = rest.get(token.len()..).unwrap_or_default();
    }
    out
}

/// True if space next to this character has no meaning, unlike next to `:`, `+`, `(` and the like.
fn tight(character: Option<char>) -> bool {
    character.is_none_or(|character| "{};,".contains(character))
}

/// The string literal at the start, with its quotes; the rest of the text if it is not closed.
fn string(text: &str, quote: char) -> &str {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|&(_, character)| {
        let closes = character == quote && !escaped;
        escaped = character == '\\' && !escaped;
        closes
    });
    end.and_then(|(at, _)| text.get(..=at)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn comments_and_needless_spaces_are_removed() {
        assert_eq!(minify("/* a */\na , b {\n  color: red;\n}\n\n b{ }"), "a,b{color: red}b{}");
    }

    #[test]
    fn significant_spaces_are_kept() {
        assert_eq!(minify("a :hover { width: calc(1px + 2px) }"), "a :hover{width: calc(1px + 2px)}");
        assert_eq!(minify("a/**/b{}"), "a b{}");
        assert_eq!(minify("@media (a) and (b) {}"), "@media (a) and (b){}");
    }

    #[test]
    fn strings_are_unchanged() {
        assert_eq!(minify(r#"a::before { content: " /* \" ;  } " ; }"#), r#"a::before{content: " /* \" ;  } "}"#);
        assert_eq!(minify("a { content: 'é  '"), "a{content: 'é  '");
    }
}
