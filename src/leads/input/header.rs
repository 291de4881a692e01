//! Media types and parameters of headers, read as leniently as senders write them.

/// The media type of a `Content-Type`, in lower case; empty if there is none.
pub fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter of a header such as `form-data; name="a"`, with its quotes removed.
pub fn parameter(header: &str, name: &str) -> Option<String> {
    parameters(header).into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// All parameters after the first semicolon. A semicolon inside quotes separates nothing. A backslash is kept unless it
/// escapes a quote, because old browsers send paths of Windows as file names.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut characters) = (false, header.chars().peekable());
    while let Some(c) = characters.next() {
        let Some(part) = parts.last_mut() else { break };
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted && characters.peek() == Some(&'"') => part.extend(characters.next()),
            ';' if !quoted => parts.push(String::new()),
            other => part.push(other),
        }
    }
    let pair =
        |part: &String| part.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    parts.iter().skip(1).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_and_without_quotes() {
        for (header, name, value) in [
            ("text/xml; charset=utf-8", "charset", Some("utf-8")),
            ("text/xml;Charset = \"UTF-8\" ; a=b", "charset", Some("UTF-8")),
            ("multipart/form-data; boundary=\"a;b=c\"", "boundary", Some("a;b=c")),
            ("form-data; name=\"the \\\"field\\\"\"; filename=\"C:\\a\\b.txt\"", "name", Some("the \"field\"")),
            ("form-data; name=\"x\"; filename=\"C:\\a\\b.txt\"", "filename", Some("C:\\a\\b.txt")),
            ("form-data; filename=\"\"", "filename", Some("")),
            ("form-data; filename=a", "name", None),
            ("text/plain", "charset", None),
            ("charset=utf-8", "charset", None),
            ("text/plain; charset", "charset", None),
            ("text/plain; charset=\"utf-8", "charset", Some("utf-8")),
        ] {
            assert_eq!(parameter(header, name).as_deref(), value, "{header}");
        }
        assert_eq!(media_type(" Application/JSON ;charset=x"), "application/json");
    }
}
