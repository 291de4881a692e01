//! The value of a name of a submission: a text, or a list of texts.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Separates the values of a list where one text is needed.
const SEPARATOR: &str = ", ";

/// A value as sent. A name that came once has a text, a name that came several times a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InputValue {
    One(String),
    Many(Vec<String>),
}

impl InputValue {
    /// A list of one is its text.
    pub fn of(mut texts: Vec<String>) -> Self {
        match (texts.pop(), texts.is_empty()) {
            (Some(only), true) => Self::One(only),
            (last, _) => {
                texts.extend(last);
                Self::Many(texts)
            }
        }
    }

    /// All texts in the order in which they came.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }

    pub fn texts_mut(&mut self) -> &mut [String] {
        match self {
            Self::One(text) => std::slice::from_mut(text),
            Self::Many(texts) => texts,
        }
    }

    /// The text that came last. A hidden field and a checkbox share a name, and the checkbox is sent last.
    pub fn last(&self) -> &str {
        self.texts().last().map_or("", String::as_str)
    }

    /// All texts in one. Blank texts of a list are left out, so that a list of blanks is blank.
    pub fn joined(&self) -> Cow<'_, str> {
        match self {
            Self::One(text) => Cow::Borrowed(text),
            Self::Many(texts) => {
                let filled: Vec<_> = texts.iter().map(String::as_str).filter(|text| !text.trim().is_empty()).collect();
                Cow::Owned(filled.join(SEPARATOR))
            }
        }
    }
}

/// Hides the texts: a submission is about a person and must not reach the log.
impl std::fmt::Debug for InputValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InputValue({} texts)", self.texts().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_stored_as_a_text_or_a_list() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for (sent, json, joined, last) in [
            (texts(&["a"]), r#""a""#, "a", "a"),
            (texts(&["a", "b"]), r#"["a","b"]"#, "a, b", "b"),
            (texts(&["", "b", " "]), r#"["","b"," "]"#, "b", " "),
            (texts(&[]), "[]", "", ""),
        ] {
            let value = InputValue::of(sent.clone());
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!(serde_json::from_str::<InputValue>(json).unwrap(), value);
            assert_eq!((value.texts(), value.joined().as_ref(), value.last()), (sent.as_slice(), joined, last));
        }
    }
}
