//! Why a submission cannot become a lead, with the sentence that says what to change.

use std::{borrow::Cow, fmt};

/// A place in a body, both counted from one, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    /// The place of a byte of a text.
    pub fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte.min(text.len())).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Self { line, column: before[start..].chars().count() + 1 }
    }
}

/// Why a submission is unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputProblem {
    /// The body does not match its format.
    Unreadable {
        format: &'static str,
        place: Option<Place>,
    },
    /// The body is a list or a single value, or has several leads.
    NotOneLead,
    /// The XML document has a DOCTYPE, whose entities could include files or grow without limit.
    DoctypeRefused,
    UnsupportedMediaType,
    UnknownCharset(String),
    UnsupportedEncoding(String),
    /// The body is not what its `Content-Encoding` says.
    NotDecodable(String),
    /// The body has more than [`MAX_BODY`](super::MAX_BODY) bytes.
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
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unreadable { .. }
            | Self::NotOneLead
            | Self::DoctypeRefused
            | Self::NotDecodable(_)
            | Self::RedirectInvalid => 400,
            Self::UnsupportedMediaType | Self::UnknownCharset(_) | Self::UnsupportedEncoding(_) => 415,
            Self::BodyTooLarge | Self::ValueTooLarge | Self::LeadTooLarge => 413,
            Self::TooManyFields | Self::NameTooLong | Self::TooDeep => 422,
        }
    }

    /// False if people need not see the post to understand the sentence.
    pub const fn needs_excerpt(&self) -> bool {
        !matches!(self.status(), 413 | 422) && !matches!(self, Self::RedirectInvalid)
    }

    /// A sentence for people that says what to change.
    pub fn sentence(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Unreadable { format, place: Some(Place { line, column }) } => {
                return format!("The body is not well-formed {format}: see line {line}, column {column}.").into();
            }
            Self::Unreadable { format, place: None } => {
                return format!("The body is not well-formed {format}.").into();
            }
            Self::UnknownCharset(label) => {
                return format!("The charset \"{label}\" is unknown. Send UTF-8.").into();
            }
            Self::UnsupportedEncoding(name) => {
                return format!(
                    "The Content-Encoding \"{name}\" is not supported. Send gzip, deflate, br or no encoding."
                )
                .into();
            }
            Self::NotDecodable(name) => {
                return format!("The body is not complete {name} data, as its Content-Encoding says.").into();
            }
            Self::NotOneLead => "Send one lead per request: one object of names and values, or one XML document.",
            Self::DoctypeRefused => "Remove the DOCTYPE from the XML document.",
            Self::UnsupportedMediaType => {
                "Send application/x-www-form-urlencoded, multipart/form-data, application/json or application/xml."
            }
            Self::BodyTooLarge => "The body is larger than 1 MiB.",
            Self::ValueTooLarge => "A value can have at most 64 KiB.",
            Self::LeadTooLarge => "All names and values together can have at most 1 MiB.",
            Self::TooManyFields => "A submission can have at most 1,000 fields.",
            Self::NameTooLong => "A name can have at most 128 bytes, and 512 bytes with all its dotted parts.",
            Self::TooDeep => "A submission can be nested at most 32 levels deep.",
            Self::RedirectInvalid => "Invalid redir_url",
        })
    }
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl std::error::Error for InputProblem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let text = "{\n \"é\":}";
        for (byte, line, column) in [(0, 1, 1), (1, 1, 2), (2, 2, 1), (7, 2, 5), (99, 2, 7)] {
            assert_eq!(Place::of(text, byte), Place { line, column }, "{byte}");
        }
        assert_eq!(Place::of("é", 1), Place { line: 1, column: 2 }, "inside a character");
    }
}
