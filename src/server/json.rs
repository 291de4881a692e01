//! Checks a JSON text before it is parsed into types, without building a tree: a mebibyte of `[0,0,…]` would take fifty.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Maximum bytes of the name of a property. No property that we know is as long.
const MAX_NAME: usize = 128;

/// Maximum values of a text; the largest configuration of a source has a tenth of it. Each costs much more than the two
/// characters it is sent in.
const MAX_VALUES: usize = 100_000;

/// Why a JSON text is rejected, with the path of the value in the form `mappings.0.value`.
#[derive(Debug, PartialEq, Eq)]
pub enum JsonProblem {
    /// With the parser's message.
    Malformed(String),
    /// The character NUL, which Postgres cannot store in text.
    Nul {
        at: String,
    },
    TooManyValues,
    /// The name of a property of this object is too long to be known.
    NameTooLong {
        at: String,
    },
}

/// Finds the first problem. A syntax error comes before a NUL.
pub fn check(text: &[u8]) -> Result<(), JsonProblem> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let mut state = State::default();
    let read = Checker(&mut state).deserialize(&mut reader).and_then(|()| reader.end());
    match (read, state) {
        (Err(_), State { long_name: Some(at), .. }) => Err(JsonProblem::NameTooLong { at }),
        (Err(_), State { values, .. }) if values > MAX_VALUES => Err(JsonProblem::TooManyValues),
        (Err(error), _) => Err(JsonProblem::Malformed(error.to_string())),
        (Ok(()), State { nul: Some(at), .. }) => Err(JsonProblem::Nul { at }),
        (Ok(()), _) => Ok(()),
    }
}

#[derive(Default)]
struct State {
    values: usize,
    /// The path of the value that is being read.
    path: String,
    nul: Option<String>,
    long_name: Option<String>,
}

impl State {
    fn note_nul(&mut self, text: &str) {
        if self.nul.is_none() && text.contains('\0') {
            self.nul = Some(self.path.clone());
        }
    }

    fn push(&mut self, part: &str) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(part);
    }
}

struct Checker<'s>(&'s mut State);

impl<'de> DeserializeSeed<'de> for Checker<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        self.0.values += 1;
        if self.0.values > MAX_VALUES {
            return Err(D::Error::custom("too many values"));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checker<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.note_nul(text);
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let length = self.0.path.len();
        for index in 0_usize.. {
            self.0.push(&index.to_string());
            let item = items.next_element_seed(Checker(self.0))?;
            self.0.path.truncate(length);
            if item.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let length = self.0.path.len();
        while members.next_key_seed(Name(self.0))?.is_some() {
            members.next_value_seed(Checker(self.0))?;
            self.0.path.truncate(length);
        }
        Ok(())
    }
}

/// Reads the name of a property and adds it to the path.
struct Name<'s>(&'s mut State);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        if name.len() > MAX_NAME {
            self.0.long_name = Some(self.0.path.clone());
            return Err(E::custom("the name is too long"));
        }
        self.0.note_nul(name);
        self.0.push(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_problem_is_found_with_its_path() {
        let at = |at: &str| at.to_owned();
        let long = "n".repeat(MAX_NAME + 1);
        assert_eq!(check(br#"{"a":[1,{"b":null,"c":[true,"x",1.5,-1]}],"d":{}}"#), Ok(()));
        assert_eq!(check(br#"{"a":[1,{"b":"\u0000"}]}"#), Err(JsonProblem::Nul { at: at("a.1.b") }));
        assert_eq!(check(br#"{"a":{"b\u0000":1}}"#), Err(JsonProblem::Nul { at: at("a") }));
        assert_eq!(check(br#""\u0000""#), Err(JsonProblem::Nul { at: at("") }));
        assert_eq!(check(format!(r#"{{"a":[{{"{long}":"#).as_bytes()), Err(JsonProblem::NameTooLong { at: at("a.0") }));
        let list = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert_eq!(check(list(MAX_VALUES - 1).as_bytes()), Ok(()));
        assert_eq!(check(list(MAX_VALUES).as_bytes()), Err(JsonProblem::TooManyValues));
        for text in ["", "{", r#"{"a":"\u0000""#, "{} {}", r#"{"a":"\ud800"}"#, &"[".repeat(1 << 20)] {
            assert!(matches!(check(text.as_bytes()), Err(JsonProblem::Malformed(_))), "{text:.40}");
        }
    }

    #[test]
    fn a_long_name_over_many_items_is_rejected_at_once() {
        let items = "0,".repeat(200_000);
        let text = format!(r#"{{"{}":[{items}0]}}"#, "n".repeat(500_000));
        assert_eq!(check(text.as_bytes()), Err(JsonProblem::NameTooLong { at: String::new() }));
        assert_eq!(check(format!(r#"{{"items":[{items}0]}}"#).as_bytes()), Err(JsonProblem::TooManyValues));
    }
}
