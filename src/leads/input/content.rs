//! The content of a request, and which format its body has.

use super::{
    Builder, InputProblem, MAX_BODY, builder::MAX_FIELDS, charset, compression, first_bytes, form, header, json,
    multipart, storable, xml,
};
use std::borrow::Cow;

const FORM: &str = "application/x-www-form-urlencoded";
/// Bytes that are kept of a post that could not be read.
const MAX_EXCERPT: usize = 16 * 1024;
/// Bytes beyond, so that digits at the end are seen as part of their number.
const LOOK_AHEAD: usize = 64;
/// Digits in a row that are hidden: a number of a phone, a card or an account.
const LONG_NUMBER: usize = 5;
/// Characters that can be between two digits of one number, such as `) `.
const MAX_GAP: usize = 2;

/// What a request contains. None of it is trusted.
#[derive(Clone, Copy, Default)]
pub struct Content<'c> {
    pub query: Option<&'c str>,
    pub content_type: Option<&'c str>,
    pub content_encoding: Option<&'c str>,
    pub body: &'c [u8],
}

/// The formats of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Form,
    Multipart,
    Json,
    Xml,
    /// `name=value` in each line, which HTML forms of type `text/plain` send.
    Lines,
}

impl Content<'_> {
    pub(super) fn read_body(&self, builder: &mut Builder) -> Result<(), InputProblem> {
        if self.body.len() > MAX_BODY {
            return Err(InputProblem::BodyTooLarge);
        }
        let body = compression::decoded(self.body, self.content_encoding)?;
        if body.is_empty() {
            return Ok(());
        }
        let content_type = self.content_type.unwrap_or_default();
        let format = Format::of(&header::media_type(content_type), &body).ok_or(InputProblem::UnsupportedMediaType)?;
        if format == Format::Multipart {
            return multipart::read(&body, content_type, builder);
        }
        let label = header::parameter(content_type, "charset").map_or(Ok(None), |label| charset::of_label(&label))?;
        if format == Format::Form {
            return form::read(&body, label, builder);
        }
        let declared = xml::declared_charset(&body).filter(|_| format == Format::Xml);
        let declared = declared.map_or(Ok(None), |label| charset::of_label(&label))?;
        let (text, mark) = charset::document(&body, &[label, declared]);
        builder.mark(mark);
        match format {
            Format::Json => json::read(&text, builder),
            Format::Xml => xml::read(&text, builder),
            _ => read_lines(&text, builder),
        }
    }
}

impl Format {
    fn of(media_type: &str, body: &[u8]) -> Option<Self> {
        match media_type {
            // A program that sets no type often gets this one from its library.
            FORM => Some(if is_json_object(body) { Self::Json } else { Self::Form }),
            "multipart/form-data" => Some(Self::Multipart),
            "application/json" | "text/json" => Some(Self::Json),
            "application/xml" | "text/xml" => Some(Self::Xml),
            "" | "text/plain" => Self::sniffed(media_type, body),
            other if other.ends_with("+json") => Some(Self::Json),
            other if other.ends_with("+xml") => Some(Self::Xml),
            _ => None,
        }
    }

    fn sniffed(media_type: &str, body: &[u8]) -> Option<Self> {
        let (text, _) = charset::document(body, &[]);
        let text = text.trim();
        let is_pair = |line: &str| line.contains('=') && !line.starts_with('&') && !line.ends_with('&');
        let has_lines = || text.contains('\n') && text.lines().filter(|line| !line.is_empty()).all(is_pair);
        match text.chars().next() {
            Some('{' | '[') => Some(Self::Json),
            Some('<') => Some(Self::Xml),
            _ if !text.contains('=') => None,
            _ if media_type == "text/plain" && has_lines() => Some(Self::Lines),
            _ => Some(Self::Form),
        }
    }
}

/// True if a body that is called a form is a JSON object. No form begins with `{"` and ends with `}`.
fn is_json_object(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let inner = body.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
    inner.is_some_and(|inner| inner.trim_ascii_start().starts_with(b"\""))
}

fn read_lines(text: &str, builder: &mut Builder) -> Result<(), InputProblem> {
    let lines = text.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| !name.is_empty());
    for (index, (name, value)) in lines.enumerate() {
        if index == MAX_FIELDS {
            return Err(InputProblem::TooManyFields);
        }
        let level = builder.open(name)?;
        builder.value(value)?;
        builder.close(level);
    }
    Ok(())
}

/// The beginning of a post that could not be read, for the people who must find out why, with long numbers hidden.
pub fn excerpt(content: Content<'_>) -> String {
    let body = &content.body[..content.body.len().min(MAX_BODY)];
    let decoded = compression::decoded(body, content.content_encoding).unwrap_or(Cow::Borrowed(body));
    let bytes = if decoded.is_empty() { content.query.unwrap_or_default().as_bytes() } else { &decoded };
    let label = header::parameter(content.content_type.unwrap_or_default(), "charset");
    let label = label.and_then(|label| charset::of_label(&label).ok().flatten());
    // More than enough for each character of the excerpt in any charset.
    let (text, _) = charset::document(&bytes[..bytes.len().min(4 * (MAX_EXCERPT + LOOK_AHEAD))], &[label]);
    let masked = without_long_numbers(first_bytes(&text, MAX_EXCERPT + LOOK_AHEAD));
    first_bytes(&storable(masked.into()), MAX_EXCERPT).to_owned()
}

/// The text with each digit of a long number replaced by `#`. A number can be grouped, such as `512-555-0142`.
fn without_long_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(end_of_number(rest));
        if number.chars().filter(|c| c.is_numeric()).count() < LONG_NUMBER {
            masked.push_str(number);
        } else {
            masked.extend(number.chars().map(|c| if c.is_numeric() { '#' } else { c }));
        }
        let words = after.find(char::is_numeric).unwrap_or(after.len());
        masked.push_str(&after[..words]);
        rest = &after[words..];
    }
    masked
}

/// The end of the digits that a text begins with, with what groups them.
fn end_of_number(text: &str) -> usize {
    let (mut end, mut gap) = (0, 0);
    for (at, c) in text.char_indices() {
        match c {
            _ if c.is_numeric() => (end, gap) = (at + c.len_utf8(), 0),
            ' ' | '-' | '.' | '/' | '(' | ')' | '+' | '\u{2013}' if gap < MAX_GAP => gap += 1,
            _ => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_hides_long_numbers_and_ends_within_its_limit() {
        let of = |body: &[u8]| excerpt(Content { body, ..Default::default() });
        assert_eq!(of(b"{\"zip\":1234,\"phone\":\"5125550142\","), "{\"zip\":1234,\"phone\":\"##########\",");
        assert_eq!(of(b"ssn=123-45-6789&tel=(512) 555-0142,1"), "ssn=###-##-####&tel=(###) ###-####,1");
        assert_eq!(of(b"12 - 34   1, 2, 3, 4, 5"), "12 - 34   1, 2, 3, 4, 5");
        assert_eq!(of("٥١٢٥٥ \0é".as_bytes()), "##### é");
        assert_eq!(of(b"M\xfcller 12345"), "Müller #####");
        assert_eq!(excerpt(Content { query: Some("ssn=123456789"), ..Default::default() }), "ssn=#########");
        let number_at_the_end = format!("{}1234567", "x".repeat(MAX_EXCERPT - 3));
        assert!(of(number_at_the_end.as_bytes()).ends_with("x###"));
        for body in ["é".repeat(MAX_EXCERPT), "1".repeat(MAX_EXCERPT * 2), "\u{10ffff}".repeat(MAX_EXCERPT)] {
            let kept = of(body.as_bytes()).len();
            assert!((MAX_EXCERPT - 3..=MAX_EXCERPT).contains(&kept), "{kept}");
        }
    }
}
