//! What a posted form hands back to its page.

use super::{AppError, FieldError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The typed values (never a secret) of a posted form, and why it was refused, if it was. The page is rendered again with
/// it, so that nothing typed is lost with script, without, and when posted before hydration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FormReturn {
    /// The hidden name of the form on its page.
    pub form: String,
    pub values: BTreeMap<String, String>,
    pub error: Option<AppError>,
}

impl FormReturn {
    /// Whether the page answers this form: what was typed counts, not what is saved.
    pub fn is_returned(&self) -> bool {
        !self.form.is_empty() || self.error.is_some()
    }

    /// Whether the form was not refused, and its page is the answer all the same.
    pub fn is_answer(&self) -> bool {
        !self.form.is_empty() && self.error.is_none()
    }

    /// This, if it belongs to the form of that name; else an untouched form.
    pub fn of(back: Option<&Self>, form: &str) -> Self {
        back.filter(|back| back.form == form).cloned().unwrap_or_default()
    }

    /// What was typed into a field.
    pub fn value(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    /// What was typed into a field, or what it should start with when the form was not refused.
    pub fn value_or(&self, field: &str, first: &str) -> String {
        self.values.get(field).cloned().unwrap_or_else(|| first.to_owned())
    }

    /// The sentence beside a field.
    pub fn error(&self, field: &str) -> Option<String> {
        self.error.as_ref().and_then(|error| error.of_field(field))
    }

    /// The errors that stand beside fields, in the order of the form.
    pub fn field_errors(&self) -> Vec<FieldError> {
        self.error.as_ref().map(|error| error.field_errors().to_vec()).unwrap_or_default()
    }

    /// The sentence for the whole form, where the refusal belongs to no field.
    pub fn summary(&self) -> Option<String> {
        self.error.as_ref().filter(|error| !matches!(error, AppError::Invalid(_))).map(ToString::to_string)
    }
}
