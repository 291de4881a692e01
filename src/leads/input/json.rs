//! JSON.

use super::{
    Builder, InputProblem, Mark,
    builder::{MAX_FIELDS, MAX_VALUE},
    problem::Place,
};
use std::borrow::Cow;
use struson::reader::{JsonReader, JsonStreamReader, ReaderError, ReaderSettings, ValueType};

/// Reads an object. Numbers keep their digits. Programs that glue texts together send line ends, tabs and halves of
/// characters inside strings, which JSON forbids; they are read too.
pub fn read(text: &str, builder: &mut Builder) -> Result<(), InputProblem> {
    let (tidy, mark) = tidied(text);
    builder.mark(mark);
    let settings = ReaderSettings {
        // The depth is limited by the builder.
        max_nesting_depth: None,
        restrict_number_values: false,
        track_path: false,
        ..Default::default()
    };
    let mut reader = JsonStreamReader::new_custom(tidy.as_bytes(), settings);
    let read = object(&mut reader, builder);
    match read.and_then(|()| reader.consume_trailing_whitespace().map_err(Stop::Reader)) {
        Ok(()) => Ok(()),
        Err(Stop::Problem(problem)) => Err(problem),
        Err(Stop::Reader(error)) => Err(unreadable(text, &tidy, &error)),
    }
}

/// Why reading ends.
enum Stop {
    Problem(InputProblem),
    Reader(ReaderError),
}

impl From<InputProblem> for Stop {
    fn from(problem: InputProblem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ReaderError> for Stop {
    fn from(error: ReaderError) -> Self {
        Self::Reader(error)
    }
}

fn object(reader: &mut impl JsonReader, builder: &mut Builder) -> Result<(), Stop> {
    if reader.peek()? != ValueType::Object {
        return Err(InputProblem::NotOneLead.into());
    }
    value(reader, builder)
}

fn value(reader: &mut impl JsonReader, builder: &mut Builder) -> Result<(), Stop> {
    match reader.peek()? {
        ValueType::Object => members(reader, builder),
        ValueType::Array => items(reader, builder),
        ValueType::Null => {
            reader.next_null()?;
            Ok(builder.blank()?)
        }
        ValueType::String => Ok(builder.value(reader.next_str()?)?),
        ValueType::Number => Ok(builder.value(reader.next_number_as_str()?)?),
        ValueType::Boolean => Ok(builder.value(if reader.next_bool()? { "true" } else { "false" })?),
    }
}

fn members(reader: &mut impl JsonReader, builder: &mut Builder) -> Result<(), Stop> {
    builder.nest()?;
    reader.begin_object()?;
    let mut is_empty = true;
    while reader.has_next()? {
        is_empty = false;
        let level = builder.open(reader.next_name()?)?;
        value(reader, builder)?;
        builder.close(level);
    }
    reader.end_object()?;
    if is_empty {
        builder.blank()?;
    }
    Ok(())
}

/// Reads a list. Plain values are values of its name. If there is any object or list in it, each item is under its
/// index instead.
fn items(reader: &mut impl JsonReader, builder: &mut Builder) -> Result<(), Stop> {
    builder.nest()?;
    reader.begin_array()?;
    let (mut plain, mut index, mut has_nested) = (Vec::new(), 0, false);
    while reader.has_next()? {
        let is_nested = matches!(reader.peek()?, ValueType::Object | ValueType::Array);
        if is_nested && !has_nested {
            has_nested = true;
            for (index, text) in plain.drain(..).enumerate() {
                let text: String = text;
                let level = builder.open_item(index)?;
                builder.value(&text)?;
                builder.close(level);
            }
        }
        if has_nested {
            let level = builder.open_item(index)?;
            value(reader, builder)?;
            builder.close(level);
        } else {
            plain.push(plain_value(reader, plain.len())?);
        }
        index += 1;
    }
    reader.end_array()?;
    plain.iter().try_for_each(|text| builder.value(text))?;
    if index == 0 {
        builder.blank()?;
    }
    Ok(())
}

/// A plain value of a list after `count` others. Null keeps its place as an empty text.
fn plain_value(reader: &mut impl JsonReader, count: usize) -> Result<String, Stop> {
    if count == MAX_FIELDS {
        return Err(InputProblem::TooManyFields.into());
    }
    let text = match reader.peek()? {
        ValueType::Null => {
            reader.next_null()?;
            ""
        }
        ValueType::Boolean if reader.next_bool()? => "true",
        ValueType::Boolean => "false",
        ValueType::Number => reader.next_number_as_str()?,
        _ => reader.next_str()?,
    };
    if text.len() > MAX_VALUE { Err(InputProblem::ValueTooLarge.into()) } else { Ok(text.to_owned()) }
}

/// The problem of a body that the reader rejected.
fn unreadable(text: &str, tidy: &str, error: &ReaderError) -> InputProblem {
    let position = match error {
        ReaderError::SyntaxError(error) => Some(&error.location),
        ReaderError::UnexpectedStructure { location, .. } => Some(location),
        _ => None,
    };
    let at = position.and_then(|position| usize::try_from(position.data_pos?).ok());
    // After a whole object there is another one.
    let rest = at.and_then(|at| tidy.get(at..)).unwrap_or_default().trim_start_matches([',', ' ', '\r', '\n']);
    if rest.starts_with(['{', '[']) && is_whole(tidy, rest) {
        return InputProblem::NotOneLead;
    }
    let place = at.map(|at| Place::of(text, original(text, at)));
    InputProblem::Unreadable { format: "JSON", place }
}

/// True if what comes before the rest is a document of its own.
fn is_whole(tidy: &str, rest: &str) -> bool {
    let first = tidy[..tidy.len() - rest.len()].trim_end_matches([',', ' ', '\r', '\n']);
    let mut reader = JsonStreamReader::new(first.as_bytes());
    first.ends_with('}') && reader.skip_value().is_ok() && reader.consume_trailing_whitespace().is_ok()
}

/// The text with what JSON forbids inside strings escaped. Only a text that has some is copied.
fn tidied(text: &str) -> (Cow<'_, str>, Option<Mark>) {
    let (mut tidy, mut mark, mut pieces) = (String::new(), None, 0);
    walk(text, |_, piece| {
        pieces += 1;
        if piece == REPLACEMENT {
            mark = Some(Mark::SurrogateReplaced);
        }
        if pieces > 1 || piece.len() < text.len() {
            tidy.push_str(piece);
        }
    });
    if tidy.is_empty() { (Cow::Borrowed(text), mark) } else { (Cow::Owned(tidy), mark) }
}

/// The place in the text of a place in the tidied text.
fn original(text: &str, tidy: usize) -> usize {
    let (mut written, mut found) = (0, None);
    walk(text, |at, piece| {
        if found.is_none() && written + piece.len() > tidy {
            found = Some((at + tidy - written).min(text.len()));
        }
        written += piece.len();
    });
    found.unwrap_or(text.len())
}

/// What a lone surrogate is replaced by.
const REPLACEMENT: &str = "\\ufffd";

/// Calls `each` for the pieces of the tidied text, with the place in the text from which each comes.
fn walk<'t>(text: &'t str, mut each: impl FnMut(usize, &'t str)) {
    let bytes = text.as_bytes();
    let (mut start, mut at, mut inside) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        let (replacement, length) = match byte {
            b'"' => {
                inside = !inside;
                (None, 1)
            }
            b'\\' if inside => escape(&bytes[at..]),
            b'\n' if inside => (Some("\\n"), 1),
            b'\r' if inside => (Some("\\r"), 1),
            b'\t' if inside => (Some("\\t"), 1),
            b'\0' if inside => (Some("\\u0000"), 1),
            _ => (None, 1),
        };
        if let Some(replacement) = replacement {
            if start < at {
                each(start, &text[start..at]);
            }
            each(at, replacement);
            start = at + length;
        }
        at += length;
    }
    if start < text.len() {
        each(start, &text[start..]);
    }
}

/// What replaces an escape, and its length. A surrogate is kept only as half of a pair.
fn escape(bytes: &[u8]) -> (Option<&'static str>, usize) {
    match unit(bytes) {
        Some(0xd800..=0xdbff) if matches!(bytes.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) => (None, 12),
        Some(0xd800..=0xdfff) => (Some(REPLACEMENT), 6),
        _ => (None, 2),
    }
}

/// The number of an escape such as `\u00e9`.
fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(bytes.strip_prefix(b"\\u")?.get(..4)?).ok()?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}
