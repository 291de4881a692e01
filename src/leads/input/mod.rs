//! Reads a submission in any supported format, within the limits of its builder.

use builder::Builder;
use std::{collections::BTreeMap, fmt};

mod builder;
mod form;
mod json;
mod xml;

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
    /// The body has more than [`MAX_BODY`] bytes.
    BodyTooLarge,
    ValueTooLarge,
    /// All names and values together are too large.
    LeadTooLarge,
    TooManyFields,
    NameTooLong,
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
            Self::BodyTooLarge | Self::ValueTooLarge | Self::LeadTooLarge => 413,
            Self::TooManyFields | Self::NameTooLong | Self::TooDeep => 422,
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
            Self::BodyTooLarge => "body_too_large",
            Self::ValueTooLarge => "value_too_large",
            Self::LeadTooLarge => "lead_too_large",
            Self::TooManyFields => "too_many_fields",
            Self::NameTooLong => "name_too_long",
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
            Self::BodyTooLarge => "The body is larger than 1 MiB.",
            Self::ValueTooLarge => "A value can have at most 64 KiB.",
            Self::LeadTooLarge => "All names and values together can have at most 1 MiB.",
            Self::TooManyFields => "A submission can have at most 1,000 fields.",
            Self::NameTooLong => "A name can have at most 128 bytes, and 512 bytes with all its dotted parts.",
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

/// Maximum bytes of a body.
pub const MAX_BODY: usize = 1 << 20;

/// The values of a submission as sent, by dotted names such as `contact.phones.0`, and not parsed by field type. Null
/// values are left out.
#[derive(Clone, Default, PartialEq)]
pub struct Input(BTreeMap<String, String>);

impl Input {
    /// Reads the body by its content type and merges the query parameters over it. Of two values with the same name,
    /// the last one counts. A GET, or a POST without a body, has only the query.
    pub fn read(query: Option<&str>, content_type: Option<&str>, body: &[u8]) -> Result<Self, InputProblem> {
        let (mut fields, mut over) = (Builder::default(), Builder::default());
        if !body.is_empty() {
            read_body(content_type, body, &mut fields)?;
        }
        form::read(query.unwrap_or_default().as_bytes(), &mut over)?;
        fields.overlay(over)?;
        Ok(Self(fields.finish()))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Takes a value out, so that it is not part of the lead.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Each name with each of its texts.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Replaces the texts for which `change` returns another one.
    pub fn rewrite(&mut self, change: impl Fn(&str, &str) -> Option<String>) {
        for (name, text) in &mut self.0 {
            if let Some(changed) = change(name, text) {
                *text = changed;
            }
        }
    }

    /// Gives a value another name, in place of a value that has that name.
    pub fn rename(&mut self, from: &str, to: String) {
        if let Some(value) = self.0.remove(from) {
            self.0.insert(to, value);
        }
    }

    pub const fn values(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

/// Hides the values: a submission is about a person and must not reach the log.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({} names)", self.0.len())
    }
}

fn read_body(content_type: Option<&str>, body: &[u8], builder: &mut Builder) -> Result<(), InputProblem> {
    if body.len() > MAX_BODY {
        return Err(InputProblem::BodyTooLarge);
    }
    let content_type = content_type.ok_or(InputProblem::UnsupportedMediaType)?.to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    if charset.is_some_and(|charset| !is_utf8(charset.trim_matches('"'))) {
        return Err(InputProblem::UnsupportedMediaType);
    }
    match media_type {
        "application/x-www-form-urlencoded" => form::read(body, builder),
        "application/json" => json::read(body, builder),
        "application/xml" | "text/xml" => xml::read(body, builder),
        _ => Err(InputProblem::UnsupportedMediaType),
    }
}

/// True if the charset is UTF-8 or its subset ASCII.
fn is_utf8(charset: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|name| charset.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
