//! The input of a stored lead.

use crate::{
    leads::input::{Input, InputValue},
    leads::server::{configuration::Configuration, judging},
    rules::{Budget, Lead, Mappings},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use time::Date;

/// A parameter with its values as they arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub values: Vec<String>,
    /// True if it is a list, also one of a single value.
    pub is_list: bool,
}

impl Parameter {
    /// True if one of the names means this parameter. A template can name an item of a list (`tags.0`).
    pub fn is_one_of(&self, names: &BTreeSet<String>) -> bool {
        let is_item = |name: &String| {
            let rest = name.strip_prefix(self.name.as_str()).and_then(|rest| rest.strip_prefix('.'));
            self.is_list && rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        names.contains(&self.name) || names.iter().any(is_item)
    }
}

/// The stored input: each value is a text or a list of texts.
#[derive(Debug, Clone)]
pub struct StoredInput {
    pub parameters: Vec<Parameter>,
    /// The same, as mappings and fields see it.
    input: Input,
}

impl StoredInput {
    pub fn read(stored: &Value) -> Self {
        let entries = stored.as_object().into_iter().flatten();
        let parameters: Vec<_> = entries
            .map(|(name, value)| {
                let values =
                    value.as_array().map_or_else(|| vec![text(value)], |items| items.iter().map(text).collect());
                Parameter { name: name.clone(), values, is_list: value.is_array() }
            })
            .collect();
        let value = |parameter: &Parameter| (parameter.name.clone(), InputValue::of(parameter.values.clone()));
        let input = Input::of(parameters.iter().map(value).collect());
        Self { parameters, input }
    }

    /// The fields that the mappings set.
    pub fn apply(&self, mappings: &Mappings, budget: &Budget) -> BTreeMap<String, String> {
        mappings.apply(judging::sent_value(&self.input), budget)
    }

    /// The fields of the lead, and why it is rejected, if it arrived with this input today.
    pub fn judge(&self, configuration: &Configuration, fields: &[String], today: Date) -> (Lead, Option<String>) {
        judging::decide(&self.input, configuration, fields, today)
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
