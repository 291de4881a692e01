//! `application/json`.

use super::{Builder, InputProblem};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use std::{borrow::Cow, fmt};

/// Reads an object. Tolerates line breaks and tabs inside strings, which JSON forbids but forms often send.
pub fn read(body: &[u8], builder: &mut Builder) -> Result<(), InputProblem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body = escaped(body);
    if body.trim_ascii_start().first() != Some(&b'{') {
        let is_json = serde_json::from_slice::<IgnoredAny>(&body).is_ok();
        return Err(if is_json { InputProblem::NotAnObject } else { InputProblem::Unreadable });
    }
    let mut reader = serde_json::Deserializer::from_slice(&body);
    let mut problem = None;
    let read = Reader { builder, problem: &mut problem }.deserialize(&mut reader).and_then(|()| reader.end());
    read.map_err(|_| problem.unwrap_or(InputProblem::Unreadable))
}

/// The body with line breaks and tabs inside strings escaped. Only a body that has some is copied.
fn escaped(body: &[u8]) -> Cow<'_, [u8]> {
    let mut first = None;
    walk(body, |at, byte, inside| {
        if first.is_none() && inside && matches!(byte, b'\n' | b'\r' | b'\t') {
            first = Some(at);
        }
    });
    if first.is_none() {
        return Cow::Borrowed(body);
    }
    let mut escaped = Vec::with_capacity(body.len() + body.len() / 8);
    walk(body, |_, byte, inside| match byte {
        b'\n' if inside => escaped.extend(b"\\n"),
        b'\r' if inside => escaped.extend(b"\\r"),
        b'\t' if inside => escaped.extend(b"\\t"),
        other => escaped.push(other),
    });
    Cow::Owned(escaped)
}

/// Calls `each` for every byte of a JSON text, with its place and true if the byte is inside a string.
fn walk(body: &[u8], mut each: impl FnMut(usize, u8, bool)) {
    let (mut inside, mut after_backslash) = (false, false);
    for (at, byte) in body.iter().enumerate() {
        each(at, *byte, inside);
        match byte {
            _ if after_backslash => after_backslash = false,
            b'\\' if inside => after_backslash = true,
            b'"' => inside = !inside,
            _ => {}
        }
    }
}

/// Reads one value into the builder. The parser's errors cannot hold a problem, so it is kept beside.
struct Reader<'r> {
    builder: &'r mut Builder,
    problem: &'r mut Option<InputProblem>,
}

impl Reader<'_> {
    fn again(&mut self) -> Reader<'_> {
        Reader { builder: self.builder, problem: self.problem }
    }

    fn checked<T, E: Error>(&mut self, result: Result<T, InputProblem>) -> Result<T, E> {
        result.map_err(|problem| {
            *self.problem = Some(problem);
            E::custom("limit exceeded")
        })
    }

    fn value<E: Error>(mut self, text: &str) -> Result<(), E> {
        let result = self.builder.value(text);
        self.checked(result)
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.value(text)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.value(if value { "true" } else { "false" })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.value(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.value(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        match Number::from_f64(number) {
            Some(number) => self.value(&number.to_string()),
            None => Err(E::custom("not a number")),
        }
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        let result = self.builder.blank();
        self.checked(result)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let result = self.builder.list();
        self.checked(result)?;
        let mut index = 0;
        while items.next_element_seed(Item(self.again(), index))?.is_some() {
            index += 1;
        }
        if index == 0 { self.visit_unit() } else { Ok(()) }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let result = self.builder.object();
        self.checked(result)?;
        let mut is_empty = true;
        while let Some(level) = members.next_key_seed(Name(self.again()))? {
            is_empty = false;
            members.next_value_seed(self.again())?;
            self.builder.close(level);
        }
        let result = if is_empty { self.builder.empty_object() } else { Ok(()) };
        self.checked(result)
    }
}

/// Reads an item of a list under its index.
struct Item<'r>(Reader<'r>, usize);

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        let Self(mut list, index) = self;
        let result = list.builder.open_item(index);
        let level = list.checked(result)?;
        list.again().deserialize(reader)?;
        list.builder.close(level);
        Ok(())
    }
}

/// Reads the name of a member and opens it.
struct Name<'r>(Reader<'r>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = super::builder::Level;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_> {
    type Value = super::builder::Level;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(mut self, name: &str) -> Result<Self::Value, E> {
        let result = self.0.builder.open(name);
        self.0.checked(result)
    }
}
