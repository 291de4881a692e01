//! The state of a posted form when its page is shown again.

use super::{AppError, FieldError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The submitted values (never secrets) and the error, if any. The page is rendered again with them, so no input is
/// lost with scripts, without scripts, or when the form is submitted before hydration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FormState {
    /// The name in the form's hidden field, unique on its page.
    pub form: String,
    pub values: BTreeMap<String, String>,
    pub error: Option<AppError>,
}

impl FormState {
    /// True if this form was submitted: show the submitted values, not the saved ones.
    pub fn was_submitted(&self) -> bool {
        !self.form.is_empty() || self.error.is_some()
    }

    /// True if the form was accepted and its page is shown again, such as an editor with one more row.
    pub fn was_accepted(&self) -> bool {
        !self.form.is_empty() && self.error.is_none()
    }

    /// The state of the named form; empty if another form was submitted, or none.
    pub fn of(back: Option<&Self>, form: &str) -> Self {
        back.filter(|back| back.form == form).cloned().unwrap_or_default()
    }

    /// The submitted value of a field, or an empty string.
    pub fn value(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    /// The submitted value of a field, or its initial value if the form was not submitted.
    pub fn value_or(&self, field: &str, initial: &str) -> String {
        self.values.get(field).cloned().unwrap_or_else(|| initial.to_owned())
    }

    /// The message to show beside a field.
    pub fn error(&self, field: &str) -> Option<String> {
        self.error.as_ref().and_then(|error| error.field_message(field))
    }

    /// Forgets the error of a field that was changed since.
    pub fn correct(&mut self, field: &str) {
        let Some(AppError::Invalid(errors)) = &mut self.error else { return };
        errors.retain(|error| error.field != field);
        if errors.is_empty() {
            self.error = None;
        }
    }

    /// The errors of all fields, in form order.
    pub fn field_errors(&self) -> Vec<FieldError> {
        self.error.as_ref().map(|error| error.field_errors().to_vec()).unwrap_or_default()
    }

    /// The message for the whole form, if the error does not belong to a field.
    pub fn summary(&self) -> Option<String> {
        self.error.as_ref().filter(|error| !matches!(error, AppError::Invalid(_))).map(ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Problem;

    #[test]
    fn correcting_a_field_leaves_the_errors_of_the_others() {
        let error = |field: &str| FieldError { field: field.to_owned(), problem: Problem::Required };
        let invalid = AppError::Invalid(vec![error("name"), error("email")]);
        let mut state = FormState { error: Some(invalid), ..FormState::default() };
        state.correct("note");
        assert!(state.error("name").is_some());
        state.correct("name");
        assert_eq!((state.error("name"), state.error("email").is_some()), (None, true));
        state.correct("email");
        assert_eq!(state.error, None);
        let mut state = FormState { error: Some(AppError::NotFound), ..FormState::default() };
        state.correct("name");
        assert!(state.error.is_some(), "it is about the whole form");
    }
}
