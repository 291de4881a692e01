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
const MAX_GAP: usize = 3;

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

impl<'c> Content<'c> {
    /// The body without its encodings.
    pub fn decoded(&self) -> Result<Cow<'c, [u8]>, InputProblem> {
        if self.body.len() > MAX_BODY {
            return Err(InputProblem::BodyTooLarge);
        }
        compression::decoded(self.body, self.content_encoding)
    }

    pub(super) fn read_body(&self, builder: &mut Builder) -> Result<(), InputProblem> {
        let body = self.decoded()?;
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
            FORM => Some(Self::called_form(body)),
            "multipart/form-data" => Some(Self::Multipart),
            "application/json" | "text/json" => Some(Self::Json),
            "application/xml" | "text/xml" => Some(Self::Xml),
            "" | "text/plain" => Self::sniffed(media_type, body),
            other if other.ends_with("+json") => Some(Self::Json),
            other if other.ends_with("+xml") => Some(Self::Xml),
            _ => None,
        }
    }

    /// The format of a body that is called a form. No form begins like JSON or XML, so one that does is read as that,
    /// even if it is cut off.
    fn called_form(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
        let Some((first, rest)) = body.split_first() else { return Self::Form };
        let is_xml = || rest.starts_with(b"?xml") || rest.first().is_some_and(u8::is_ascii_alphabetic);
        match (first, rest.trim_ascii_start().first()) {
            (b'{', Some(b'"')) | (b'[', Some(b'{')) => Self::Json,
            (b'<', _) if is_xml() => Self::Xml,
            _ => Self::Form,
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

/// The beginning of a post that could not be read, for the people who must find out why: with escapes undone and long
/// numbers hidden. The body is taken as it is, without decoding it again.
pub fn excerpt(content: Content<'_>) -> String {
    let bytes = if content.body.is_empty() { content.query.unwrap_or_default().as_bytes() } else { content.body };
    let label = header::parameter(content.content_type.unwrap_or_default(), "charset");
    let label = label.and_then(|label| charset::of_label(&label).ok().flatten());
    // More than enough for each character of the excerpt in any charset.
    let (text, _) = charset::document(&bytes[..bytes.len().min(4 * (MAX_EXCERPT + LOOK_AHEAD))], &[label]);
    let masked = without_long_numbers(first_bytes(&without_escapes(&text), MAX_EXCERPT + LOOK_AHEAD));
    first_bytes(&storable(masked.into()), MAX_EXCERPT).to_owned()
}

/// The text with `%` and two digits undone, so that digits and hyphens cannot hide behind them. Escapes of control
/// characters, and of bytes that are not UTF-8, stay.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for chunk in form::unescaped(text.as_bytes(), false).utf8_chunks() {
        plain.push_str(chunk.valid());
        plain.extend(chunk.invalid().iter().map(|byte| format!("%{byte:02X}")));
    }
    plain
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
            _ if groups(c) && gap < MAX_GAP => gap += 1,
            _ => break,
        }
    }
    end
}

/// True for what people write between the digits of one number: spaces, hyphens, dots, slashes, brackets and plus.
const fn groups(c: char) -> bool {
    let is_ascii = matches!(c, ' ' | '\t' | '-' | '.' | '/' | '\\' | '(' | ')' | '[' | ']' | '{' | '}' | '+');
    let is_space = matches!(c, '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{3000}');
    is_ascii || is_space || matches!(c, '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_a_form_can_begin_like_another_format() {
        for (body, format) in [
            ("{\"a\":1", Format::Json),
            ("\u{feff} {\n\"a\"", Format::Json),
            ("[ {\"a\":1}]", Format::Json),
            ("\r\n<?xml version='1.0'?><a>", Format::Xml),
            ("<Lead><a>1</a>", Format::Xml),
            ("{a}=1", Format::Form),
            ("[x]=3&[{=1", Format::Form),
            ("<=1&<3=x", Format::Form),
            ("{", Format::Form),
            ("", Format::Form),
        ] {
            assert_eq!(Format::of(FORM, body.as_bytes()), Some(format), "{body}");
        }
    }

    #[test]
    fn an_excerpt_hides_long_numbers_and_ends_within_its_limit() {
        let of = |body: &[u8]| excerpt(Content { body, ..Default::default() });
        assert_eq!(of(b"{\"zip\":1234,\"phone\":\"5125550142\","), "{\"zip\":1234,\"phone\":\"##########\",");
        assert_eq!(of(b"ssn=123-45-6789&tel=(512) 555-0142,1"), "ssn=###-##-####&tel=(###) ###-####,1");
        assert_eq!(of(b"12 - 34    1, 2, 3, 4, 5\n6\n7"), "12 - 34    1, 2, 3, 4, 5\n6\n7");
        for (sent, shown) in [
            ("123%2D45%2D6789", "###-##-####"),
            ("ssn=%31%32%33%34%35", "ssn=#####"),
            ("123%E2%80%9045%e2%80%906789", "###\u{2010}##\u{2010}####"),
            ("123\u{2011}45\u{2212}67\u{ad}89", "###\u{2011}##\u{2212}##\u{ad}##"),
            ("12 - 34   5", "## - ##   #"),
            ("[512]/555\\0142", "[###]/###\\####"),
            ("a%40b%00%FC%zz%C3%BC%", "a@b%00%FC%zzü%"),
            ("12:34:56", "12:34:56"),
        ] {
            assert_eq!(of(sent.as_bytes()), shown, "{sent}");
        }
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
