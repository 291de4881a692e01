//! `application/x-www-form-urlencoded`, for bodies and queries.

use super::{Builder, InputProblem, builder::MAX_FIELDS, charset};
use encoding_rs::Encoding;

/// The field in which a form names its own charset.
pub const CHARSET_FIELD: &str = "_charset_";

/// Reads pairs of names and values. Escapes become bytes first, and bytes text: each name and value by itself, so that
/// a damaged one takes nothing else along.
pub fn read(body: &[u8], label: Option<&'static Encoding>, builder: &mut Builder) -> Result<(), InputProblem> {
    if charset::hides_structure(label, body) {
        let (text, mark) = charset::document(body, &[label]);
        builder.mark(mark);
        return pairs(text.as_bytes(), None, builder);
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    pairs(body, label.or_else(|| own_charset(body)), builder)
}

fn pairs(body: &[u8], label: Option<&'static Encoding>, builder: &mut Builder) -> Result<(), InputProblem> {
    let pairs = body.split(|byte| *byte == b'&').map(without_line_ends).filter(|pair| !pair.is_empty());
    for (index, pair) in pairs.enumerate() {
        if index == MAX_FIELDS {
            return Err(InputProblem::TooManyFields);
        }
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        let (name, value) = (unescaped(name, true), unescaped(value.get(1..).unwrap_or_default(), true));
        if name.is_empty() {
            continue;
        }
        let (name, name_mark) = charset::part(&name, label);
        let (value, value_mark) = charset::part(&value, label);
        builder.mark(name_mark);
        builder.mark(value_mark);
        let level = builder.open(&name)?;
        builder.value(&value)?;
        builder.close(level);
    }
    Ok(())
}

/// Line ends of values are escaped, so raw ones around a pair belong to the body.
fn without_line_ends(mut pair: &[u8]) -> &[u8] {
    while let [b'\r' | b'\n', rest @ ..] | [rest @ .., b'\r' | b'\n'] = pair {
        pair = rest;
    }
    pair
}

/// The charset that a hidden field names, if it is known.
fn own_charset(body: &[u8]) -> Option<&'static Encoding> {
    let start = [CHARSET_FIELD.as_bytes(), b"="].concat();
    let label =
        body.split(|byte| *byte == b'&').take(MAX_FIELDS).find_map(|pair| pair.strip_prefix(start.as_slice()))?;
    charset::of_label(std::str::from_utf8(label).ok()?).ok().flatten()
}

/// As in browsers, a percent sign that does not begin an escape is kept. A text that is only shown, and not read, keeps
/// each plus and the escapes of control characters.
pub fn unescaped(text: &[u8], is_read: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let escaped = || Some(hex(*text.get(at + 1)?)? << 4 | hex(*text.get(at + 2)?)?);
        match (byte, escaped()) {
            (b'+', _) if is_read => bytes.push(b' '),
            (b'%', Some(byte)) if is_read || byte >= b' ' => {
                bytes.push(byte);
                at += 2;
            }
            (byte, _) => bytes.push(*byte),
        }
        at += 1;
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
