//! The input of a stored lead.

use serde_json::Value;
use std::collections::BTreeMap;

/// A parameter with its values as they arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub values: Vec<String>,
    /// True if it is a list, also one of a single value.
    pub is_list: bool,
}

/// The stored input: each value is a text or a list of texts.
#[derive(Debug, Clone)]
pub struct StoredInput(Value);

impl StoredInput {
    pub const fn new(input: Value) -> Self {
        Self(input)
    }

    /// The values as mappings and fields see them: a list is joined.
    pub fn values(&self) -> BTreeMap<String, String> {
        let joined = |parameter: Parameter| (parameter.name, parameter.values.join(", "));
        self.parameters().into_iter().map(joined).collect()
    }

    /// The parameters by name.
    pub fn parameters(&self) -> Vec<Parameter> {
        let Some(entries) = self.0.as_object() else { return Vec::new() };
        let parameter = |(name, value): (&String, &Value)| {
            let values = match value {
                Value::Array(items) => items.iter().map(text).collect(),
                one => vec![text(one)],
            };
            Parameter { name: name.clone(), values, is_list: value.is_array() }
        };
        entries.iter().map(parameter).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
