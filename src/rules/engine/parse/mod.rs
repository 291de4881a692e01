//! Parses a text by the type of its field. Parsing never fails: an invalid text is kept as sent and marked.

mod amounts;
mod country;
mod dates;
mod fold;
mod phones;
mod plain;
mod postal;
mod states;
mod web;

pub use amounts::band_scores;
pub use fold::fold as typed;
pub use plain::boolean;

use super::{fields::FieldType, numbers::Decimal};
use country::Country;
use fold::{fold, without_marks_around};
use std::{borrow::Cow, fmt};
use time::Date;

/// The value of a field of a lead.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    pub field_type: FieldType,
    /// The normal form, which is the same for all spellings of a value; the trimmed text if it is invalid.
    pub normal: String,
    /// The text as sent.
    pub raw: String,
    /// True if it fits its type. A blank value is valid; rules decide whether it can be blank.
    pub valid: bool,
}

impl Value {
    /// Free text.
    pub fn text(raw: &str) -> Self {
        parse(FieldType::String, raw)
    }

    pub fn is_blank(&self) -> bool {
        self.normal.is_empty()
    }
}

/// Hides the value: leads are about people and must not reach the log.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({}, valid: {})", self.field_type, self.valid)
    }
}

/// Parses the value of a rule, which belongs to no lead: its states can be of any country we know, and a date of birth
/// needs a year of four digits.
pub fn parse(field_type: FieldType, raw: &str) -> Value {
    Reader::default().read(field_type, raw)
}

/// Reads values as the lead means them that they belong to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader {
    country: Option<Country>,
    /// The day of the lead. None for the value of a rule.
    today: Option<Date>,
}

/// Maximum bytes of a value that has a fixed form. Longer ones are invalid without a closer look.
const MAX_FORMED: usize = 10_000;

impl Reader {
    /// The reader of a lead that came today from a country, if its `country` names one.
    pub fn of_lead(country: Option<&str>, today: Option<Date>) -> Self {
        Self { country: country.and_then(Country::read), today }
    }

    pub fn read(&self, field_type: FieldType, raw: &str) -> Value {
        let text = raw.trim();
        let normal = if text.is_empty() { Some(String::new()) } else { self.normal(field_type, text) };
        Value {
            field_type,
            valid: normal.is_some(),
            normal: normal.unwrap_or_else(|| text.to_owned()),
            raw: raw.to_owned(),
        }
    }

    fn normal(&self, field_type: FieldType, text: &str) -> Option<String> {
        match field_type {
            FieldType::Street => return Some(text.split_whitespace().collect::<Vec<_>>().join(" ")),
            FieldType::String | FieldType::List => return Some(text.to_owned()),
            FieldType::Url => return web::url(without_marks_around(text)),
            _ if text.len() > MAX_FORMED => return None,
            FieldType::TrustedformUrl => return web::trustedform_url(without_marks_around(text)),
            _ => {}
        }
        match fold(text) {
            // Only invisible marks: nothing was written.
            Cow::Owned(folded) if folded.is_empty() => Some(folded),
            folded => self.formed(field_type, &folded),
        }
    }

    /// The normal form of a folded text.
    fn formed(&self, field_type: FieldType, text: &str) -> Option<String> {
        match field_type {
            FieldType::Boolean => boolean(text).map(|yes| yes.to_string()),
            FieldType::CreditScore => amounts::credit_score(text),
            FieldType::Currency => amounts::currency(text, self.country),
            FieldType::Date => dates::date(text),
            FieldType::Dob => dates::dob(text, self.today),
            FieldType::Time => dates::time(text),
            FieldType::Email => web::email(text),
            FieldType::Gender => plain::gender(text).map(str::to_owned),
            FieldType::Integer => amounts::integer(text),
            FieldType::Ip => web::ip(text),
            FieldType::Number => Decimal::parse(text).map(|number| number.to_string()),
            FieldType::Phone => phones::phone(text, self.country),
            FieldType::PostalCode => postal::postal_code(text, self.country),
            FieldType::Range => amounts::range(text),
            FieldType::Ssn => plain::ssn(text),
            FieldType::State if self.today.is_none() => states::anywhere(text),
            FieldType::State => states::state(text, self.country),
            FieldType::List | FieldType::Street | FieldType::String | FieldType::Url | FieldType::TrustedformUrl => {
                None
            }
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
