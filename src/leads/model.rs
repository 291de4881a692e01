//! [ssr] The outcome of a lead, and the filter of lists of leads.

use crate::base::{SourceId, text_enum::text_enum};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

text_enum! {
    /// The outcome of a stored submission.
    Outcome {
        Accepted = "success",
        Rejected = "failure",
        Error = "error",
    }
}

/// How a lead arrived: the part of the request that is kept beside its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The sender's network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// True if the sender presented a valid credential, whether or not the source requires one.
    #[serde(default)]
    pub authenticated: bool,
    /// What was changed to store the input, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

/// The filter of a list of leads. None matches everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    pub source: Option<SourceId>,
    pub outcome: Option<Outcome>,
    pub test: Option<bool>,
}

impl Filter {
    /// Reads the filter from a query or form. Invalid values are ignored.
    pub fn read<'t>(value: impl Fn(&str) -> std::borrow::Cow<'t, str>) -> Self {
        Self {
            source: value("source").parse().ok(),
            outcome: Outcome::parse(&value("outcome")),
            test: match &*value("test") {
                "only" => Some(true),
                "without" => Some(false),
                _ => None,
            },
        }
    }

    /// Like [`Self::read`], but None if a value is invalid, for results that must match the request exactly.
    pub fn read_strict<'t>(value: impl Fn(&str) -> std::borrow::Cow<'t, str>) -> Option<Self> {
        let filter = Self::read(&value);
        let read = filter.pairs();
        let is_read = |name: &str| value(name).is_empty() || read.iter().any(|(known, _)| *known == name);
        ["source", "outcome", "test"].into_iter().all(is_read).then_some(filter)
    }

    /// The name and value pairs that `read` accepts.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let test = self.test.map(|only| if only { "only" } else { "without" });
        [
            ("source", self.source.map(|id| id.to_string())),
            ("outcome", self.outcome.map(|outcome| outcome.as_str().to_owned())),
            ("test", test.map(str::to_owned)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// The filter as the activity records it.
    pub fn to_json(self) -> Value {
        Value::Object(self.pairs().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect())
    }

    /// The path with the filter as its query.
    pub fn in_path(&self, path: &str) -> String {
        let pairs: Vec<_> = self.pairs().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_round_trips_through_its_path() {
        let id = "0123456789abcdef01234567".parse().unwrap();
        let filter = Filter { source: Some(id), outcome: Some(Outcome::Rejected), test: Some(false) };
        let path = filter.in_path("/leads");
        assert_eq!(path, "/leads?source=0123456789abcdef01234567&outcome=failure&test=without");
        let pairs = filter.pairs();
        let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        assert_eq!(Filter::read(|name| value(name).unwrap_or_default()), filter);
        assert_eq!(Filter::read(|_| "nonsense".into()), Filter::default());
        assert_eq!(Filter::read_strict(|name| value(name).unwrap_or_default()), Some(filter));
        assert_eq!(Filter::read_strict(|_| "".into()), Some(Filter::default()));
        for unread in ["source", "outcome", "test"] {
            assert_eq!(
                Filter::read_strict(|name| if name == unread { "nonsense" } else { "" }.into()),
                None,
                "{unread}"
            );
        }
        assert_eq!(Filter::default().in_path("/leads"), "/leads");
    }
}
