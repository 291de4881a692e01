//! Reads a submission in any supported format, within limits of number and depth.

use serde_json::{Map, Value, map::Entry};
use std::{collections::BTreeMap, fmt};

mod form;
mod json;
mod xml;

/// Maximum values of one submission.
pub const MAX_FIELDS: usize = 1_000;
/// Maximum depth of nested objects and lists, including the outermost, and maximum parts of a dotted name.
pub const MAX_DEPTH: usize = 32;

/// Why a submission is unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputProblem {
    /// The body does not match its content type.
    Unreadable,
    /// The body is well formed, but is a list or a single value.
    NotAnObject,
    /// The database cannot store it.
    NulCharacter,
    /// The XML document has a DOCTYPE, whose entities could include files or grow without limit.
    DoctypeRefused,
    UnsupportedMediaType,
    TooManyFields,
    TooDeep,
    /// `redir_url` is not an http or https URL.
    RedirectInvalid,
}

impl InputProblem {
    /// The HTTP status of the response.
    pub const fn status(self) -> u16 {
        match self {
            Self::Unreadable
            | Self::NotAnObject
            | Self::NulCharacter
            | Self::DoctypeRefused
            | Self::RedirectInvalid => 400,
            Self::UnsupportedMediaType => 415,
            Self::TooManyFields | Self::TooDeep => 422,
        }
    }

    /// The code of the problem for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::NotAnObject => "not_an_object",
            Self::NulCharacter => "nul_character",
            Self::DoctypeRefused => "doctype_refused",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TooManyFields => "too_many_fields",
            Self::TooDeep => "too_deep",
            Self::RedirectInvalid => "redirect_invalid",
        }
    }

    /// A sentence for people that says what is wrong.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unreadable => {
                "The body can't be read. Check that it is well-formed UTF-8 and matches its Content-Type."
            }
            Self::NotAnObject => "The body must be a JSON object of names and values.",
            Self::NulCharacter => "The submission contains a NUL character. Remove it.",
            Self::DoctypeRefused => "Remove the DOCTYPE from the XML document.",
            Self::UnsupportedMediaType => {
                "Send application/x-www-form-urlencoded, application/json, application/xml or text/xml, in UTF-8."
            }
            Self::TooManyFields => "A submission can have at most 1,000 fields.",
            Self::TooDeep => "A submission can be nested at most 32 levels deep.",
            Self::RedirectInvalid => "Invalid redir_url",
        }
    }
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for InputProblem {}

/// A submission as sent: nested, and not parsed by field type.
#[derive(Clone, Default, PartialEq)]
pub struct Input {
    fields: Map<String, Value>,
}

impl Input {
    /// Reads the body by its content type and merges the query parameters over it. Dotted names are nested; of two
    /// values with the same name, the last one counts. A GET, or a POST without a body, has only the query.
    pub fn read(query: Option<&str>, content_type: Option<&str>, body: &[u8]) -> Result<Self, InputProblem> {
        let mut fields = if body.is_empty() { Map::new() } else { read_body(content_type, body)? };
        merge(&mut fields, form::read(query.unwrap_or_default().as_bytes())?);
        let mut count = 0;
        fields.iter().try_for_each(|(name, value)| measure(name, value, 1, &mut count))?;
        Ok(Self { fields })
    }

    /// The values by dotted names, such as `contact.phones.0`. Null values are left out.
    pub fn flat(&self) -> BTreeMap<String, String> {
        let mut flat = BTreeMap::new();
        for (name, value) in &self.fields {
            flatten(name.clone(), value, &mut flat);
        }
        flat
    }
}

/// Hides the values: a submission is about a person and must not reach the log.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({} names)", self.fields.len())
    }
}

fn read_body(content_type: Option<&str>, body: &[u8]) -> Result<Map<String, Value>, InputProblem> {
    let content_type = content_type.ok_or(InputProblem::UnsupportedMediaType)?.to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    if charset.is_some_and(|charset| !is_utf8(charset.trim_matches('"'))) {
        return Err(InputProblem::UnsupportedMediaType);
    }
    match media_type {
        "application/x-www-form-urlencoded" => form::read(body),
        "application/json" => json::read(body),
        "application/xml" | "text/xml" => xml::read(body),
        _ => Err(InputProblem::UnsupportedMediaType),
    }
}

/// True if the charset is UTF-8 or its subset ASCII.
fn is_utf8(charset: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|name| charset.eq_ignore_ascii_case(name))
}

/// Inserts a value at its dotted name. A plain value in the way is replaced by an object. A name with an empty part,
/// such as `a..b`, is not split.
fn put(target: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), InputProblem> {
    let parts: Vec<&str> = name.split('.').take(MAX_DEPTH + 1).collect();
    if parts.len() > MAX_DEPTH {
        return Err(InputProblem::TooDeep);
    }
    let parts = if parts.iter().any(|part| part.is_empty()) { vec![name] } else { parts };
    let Some((last, parents)) = parts.split_last() else { return Ok(()) };
    let mut inner = target;
    for parent in parents {
        let slot = inner.entry(*parent).or_insert_with(|| Value::Object(Map::new()));
        if !slot.is_object() {
            *slot = Value::Object(Map::new());
        }
        let Value::Object(next) = slot else { return Ok(()) };
        inner = next;
    }
    merge_value(inner, (*last).to_owned(), value);
    Ok(())
}

/// Merges objects of the same name; of other values, the last one counts.
fn merge_value(target: &mut Map<String, Value>, name: String, value: Value) {
    match target.entry(name) {
        Entry::Vacant(slot) => {
            slot.insert(value);
        }
        Entry::Occupied(mut slot) => match (slot.get_mut(), value) {
            (Value::Object(old), Value::Object(new)) => merge(old, new),
            (old, new) => *old = new,
        },
    }
}

fn merge(target: &mut Map<String, Value>, over: Map<String, Value>) {
    for (name, value) in over {
        merge_value(target, name, value);
    }
}

/// Counts the values and checks the depth, the number of values and the characters.
fn measure(name: &str, value: &Value, depth: usize, count: &mut usize) -> Result<(), InputProblem> {
    if depth > MAX_DEPTH {
        return Err(InputProblem::TooDeep);
    }
    if name.contains('\0') || value.as_str().is_some_and(|text| text.contains('\0')) {
        return Err(InputProblem::NulCharacter);
    }
    match value {
        Value::Object(inner) if !inner.is_empty() => {
            inner.iter().try_for_each(|(name, value)| measure(name, value, depth + 1, count))
        }
        Value::Array(inner) if !inner.is_empty() => {
            inner.iter().try_for_each(|value| measure("", value, depth + 1, count))
        }
        _ if *count == MAX_FIELDS => Err(InputProblem::TooManyFields),
        _ => {
            *count += 1;
            Ok(())
        }
    }
}

fn flatten(name: String, value: &Value, flat: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::String(text) => {
            flat.insert(name, text.clone());
        }
        Value::Bool(_) | Value::Number(_) => {
            flat.insert(name, value.to_string());
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(format!("{name}.{index}"), item, flat);
            }
        }
        Value::Object(inner) => {
            for (key, value) in inner {
                flatten(format!("{name}.{key}"), value, flat);
            }
        }
    }
}

#[cfg(test)]
mod tests;
