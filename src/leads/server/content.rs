//! The content of a lead as the statement that stores it takes it.

use super::{contacts, judging::Judgement};
use crate::{base::AccountId, leads::model::Received, rules::Lead, server::Fault};
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::fmt::{self, Write as _};

/// Texts of JSON, and the hashes by which the lead's person is found.
#[derive(Default)]
pub struct Content {
    pub input: String,
    pub fields: String,
    pub received: String,
    /// An array as Postgres writes it; see [`contacts`].
    pub contacts: String,
}

impl Content {
    pub fn of(account: AccountId, judgement: &Judgement, received: &Received) -> Result<Self, Fault> {
        Ok(Self {
            input: json(judgement.input.values())?,
            fields: json(&StoredFields(&judgement.lead))?,
            received: json(received)?,
            contacts: array(&contacts::of_lead(account, &judgement.lead, &judgement.input)),
        })
    }

    pub const fn size(&self) -> usize {
        self.input.len() + self.fields.len() + self.received.len() + self.contacts.len()
    }
}

/// Hides the values: a lead is about a person and must not reach the log.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.size())
    }
}

fn json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Broken(error.to_string()))
}

fn array(numbers: &[i64]) -> String {
    let mut text = String::from("{");
    for number in numbers {
        let separator = if text.len() > 1 { "," } else { "" };
        let _never_fails = write!(text, "{separator}{number}");
    }
    text.push('}');
    text
}

/// Each field with its normal form, its raw text, and whether it is valid, written without a copy of the values.
struct StoredFields<'a>(&'a Lead);

#[derive(Serialize)]
struct StoredField<'a> {
    value: &'a str,
    raw: &'a str,
    valid: bool,
}

impl Serialize for StoredFields<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let mut fields = writer.serialize_map(None)?;
        for (name, value) in self.0.values() {
            fields.serialize_entry(name, &StoredField { value: &value.normal, raw: &value.raw, valid: value.valid })?;
        }
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::array;

    #[test]
    fn hashes_are_written_as_an_array() {
        for (numbers, text) in
            [(&[][..], "{}"), (&[7], "{7}"), (&[i64::MIN, 0, i64::MAX], "{-9223372036854775808,0,9223372036854775807}")]
        {
            assert_eq!(array(numbers), text);
        }
    }
}
