//! Reads a submission in any supported format, within the limits of its builder.

use builder::Builder;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

mod builder;
mod charset;
mod compression;
mod content;
mod form;
mod header;
mod json;
mod mark;
mod multipart;
mod problem;
mod value;
mod xml;

pub use content::{Content, excerpt};
pub use mark::Mark;
pub use problem::InputProblem;
pub use value::InputValue;

/// Maximum bytes of a body, compressed or not.
pub const MAX_BODY: usize = 1 << 20;

/// The values of a submission as sent, by dotted names such as `contact.phone`, and not parsed by field type. Null
/// values are left out.
#[derive(Clone, Default, PartialEq)]
pub struct Input {
    values: BTreeMap<String, InputValue>,
    /// The texts of lists in one, each worked out once, however many mappings use it. This includes lists that were sent
    /// item by item, such as `tags.0` and `tags.1`, by the name of the whole.
    joined: BTreeMap<String, String>,
    marks: BTreeSet<Mark>,
}

impl Input {
    /// Reads the body by its content type. A query parameter replaces all values of the body with its name. A GET, or a
    /// POST without a body, has only the query.
    pub fn read(content: Content<'_>) -> Result<Self, InputProblem> {
        let (mut fields, mut over) = (Builder::default(), Builder::default());
        content.read_body(&mut fields)?;
        form::read(content.query.unwrap_or_default().as_bytes(), None, &mut over)?;
        fields.overlay(over)?;
        let (values, marks) = fields.finish();
        Ok(Self { marks, ..Self::of(values) })
    }

    /// The input of a stored lead.
    pub fn of(values: BTreeMap<String, InputValue>) -> Self {
        let lists =
            values.iter().filter(|(_, value)| matches!(value, InputValue::Many(_))).map(|(name, _)| name.as_str());
        let wholes =
            values.keys().filter_map(|name| name.strip_suffix(".0")).filter(|name| !values.contains_key(*name));
        let joined = lists.chain(wholes).filter_map(|name| Some((name.to_owned(), joined(&values, name)?))).collect();
        Self { values, joined, marks: BTreeSet::new() }
    }

    /// The one text that a field or mapping sees: of several values the last one if it is a yes or no, else all of
    /// them. The name can have brackets, and can be an item of a list, such as `tags.0`, or a list that was sent item by
    /// item.
    pub fn text(&self, name: &str, is_boolean: bool) -> Option<&str> {
        let dotted = builder::dotted(name);
        let name = if self.values.contains_key(name) { name } else { dotted.as_ref() };
        match self.values.get(name) {
            Some(InputValue::One(text)) => Some(text),
            Some(value) if is_boolean => Some(value.last()),
            Some(_) => self.joined.get(name).map(String::as_str),
            None => match self.joined.get(name) {
                Some(_) if is_boolean => {
                    let last = below(&self.values, name).max_by_key(|(item, _)| index_of(item));
                    last.map(|(_, value)| value.last())
                }
                Some(joined) => Some(joined),
                None => {
                    let (list, index) = name.rsplit_once('.')?;
                    self.values.get(list)?.texts().get(index_of(index)?).map(String::as_str)
                }
            },
        }
    }

    /// Takes a value out, so that it is not part of the lead. Of several, this is the last one.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        self.joined.remove(name);
        self.values.remove(name).map(|value| value.last().to_owned())
    }

    pub const fn values(&self) -> &BTreeMap<String, InputValue> {
        &self.values
    }

    /// What was changed so that the input can be stored.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        self.marks.iter().copied()
    }

    /// Each name with each of its texts.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().flat_map(|(name, value)| value.texts().iter().map(|text| (name.as_str(), text.as_str())))
    }

    /// Replaces the texts for which `change` returns another one.
    pub fn rewrite(&mut self, change: impl Fn(&str, &str) -> Option<String>) {
        for (name, value) in &mut self.values {
            for text in value.texts_mut() {
                if let Some(changed) = change(name, text) {
                    *text = changed;
                }
            }
        }
        for (name, joined) in &mut self.joined {
            if let Some(changed) = self::joined(&self.values, name) {
                *joined = changed;
            }
        }
    }

    /// Gives a value another name, in place of a value that has that name.
    pub fn rename(&mut self, from: &str, to: String) {
        if let Some(joined) = self.joined.remove(from) {
            self.joined.insert(to.clone(), joined);
        } else {
            self.joined.remove(&to);
        }
        if let Some(value) = self.values.remove(from) {
            self.values.insert(to, value);
        }
    }
}

/// Hides the values: a submission is about a person and must not reach the log.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({} names)", self.values.len())
    }
}

/// The texts of a list in one, whether it came as one value or item by item.
fn joined(values: &BTreeMap<String, InputValue>, list: &str) -> Option<String> {
    if let Some(value) = values.get(list) {
        return Some(value.joined().into_owned());
    }
    let mut texts = BTreeMap::new();
    for (item, value) in below(values, list) {
        let InputValue::One(text) = value else { return None };
        texts.insert(index_of(item)?, text.clone());
    }
    let is_whole = texts.keys().copied().eq(0..texts.len());
    is_whole.then(|| InputValue::of(texts.into_values().collect()).joined().into_owned())
}

/// The values below a name, each with the rest of its name.
fn below<'v>(
    values: &'v BTreeMap<String, InputValue>,
    name: &str,
) -> impl Iterator<Item = (&'v str, &'v InputValue)> + use<'v> {
    let start = format!("{name}.");
    values.range(start.clone()..).map_while(move |(name, value)| Some((name.strip_prefix(&start)?, value)))
}

/// The index that a part of a name is. Numbers in any other spelling are none.
fn index_of(part: &str) -> Option<usize> {
    part.parse().ok().filter(|index: &usize| index.to_string() == part)
}

/// The beginning of a text that a stranger sent, for a sentence.
fn shown(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

/// The first bytes of a text, whole characters only.
fn first_bytes(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    &text[..end]
}

/// A text as the database can store it.
fn storable(text: Cow<'_, str>) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text.into_owned() }
}

#[cfg(test)]
mod tests;
