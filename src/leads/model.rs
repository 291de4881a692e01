//! [ssr] The outcome of a lead, and the filter of lists of leads.

use crate::base::{FlowId, PartnerId, SourceId, paths, text_enum::text_enum};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use time::{Date, Duration, macros::format_description};

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

text_enum! {
    /// A range of days that ends today, in the account's time zone.
    Period {
        Today = "today",
        Yesterday = "yesterday",
        Week = "7",
        Month = "30",
        Quarter = "90",
    }
}

impl Period {
    /// The first and last day.
    pub fn days(self, today: Date) -> (Date, Date) {
        let ago = |days: i64| today.saturating_sub(Duration::days(days));
        match self {
            Self::Today => (today, today),
            Self::Yesterday => (ago(1), ago(1)),
            Self::Week => (ago(6), today),
            Self::Month => (ago(29), today),
            Self::Quarter => (ago(89), today),
        }
    }
}

/// The filter of a list of leads, as its URL has it. None and empty text match everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub flow: Option<FlowId>,
    pub source: Option<SourceId>,
    pub partner: Option<PartnerId>,
    pub outcome: Option<Outcome>,
    /// Part of the reason, in any case.
    pub reason: String,
    /// The days from which and up to which leads were received, in the account's time zone. They count more than
    /// `period`.
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub period: Option<Period>,
    pub test: Option<bool>,
    /// A lead's id, e-mail address or phone number, as typed.
    pub find: String,
}

/// Maximum characters of a text in a filter.
const MAX_TEXT: usize = 320;

impl Filter {
    /// The names of the values.
    pub const NAMES: [&str; 10] =
        ["find", "flow", "source", "partner", "outcome", "reason", "test", "time", "from", "to"];

    /// Reads the filter from a query or form. Invalid values are ignored.
    pub fn read<'t>(value: impl Fn(&str) -> Cow<'t, str>) -> Self {
        let text = |name: &str| value(name).trim().chars().take(MAX_TEXT).collect();
        Self {
            flow: value("flow").parse().ok(),
            source: value("source").parse().ok(),
            partner: value("partner").parse().ok(),
            outcome: Outcome::parse(&value("outcome")),
            reason: text("reason"),
            from: parse_day(&value("from")),
            to: parse_day(&value("to")),
            period: Period::parse(&value("time")),
            test: match &*value("test") {
                "only" => Some(true),
                "without" => Some(false),
                _ => None,
            },
            find: text("find"),
        }
    }

    /// Like [`Self::read`], but None if a value is invalid, for results that must match the request exactly.
    pub fn read_strict<'t>(value: impl Fn(&str) -> Cow<'t, str>) -> Option<Self> {
        let filter = Self::read(&value);
        let read = filter.pairs();
        let is_read = |name: &&str| value(name).trim().is_empty() || read.iter().any(|(known, _)| known == name);
        Self::NAMES.iter().all(is_read).then_some(filter)
    }

    /// The name and value pairs that `read` accepts.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let test = self.test.map(|only| if only { "only" } else { "without" });
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        [
            ("find", text(&self.find)),
            ("flow", self.flow.map(|id| id.to_string())),
            ("source", self.source.map(|id| id.to_string())),
            ("partner", self.partner.map(|id| id.to_string())),
            ("outcome", self.outcome.map(|outcome| outcome.as_str().to_owned())),
            ("reason", text(&self.reason)),
            ("time", self.period.map(|period| period.as_str().to_owned())),
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
            ("test", test.map(str::to_owned)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// The filter as the activity records it, which names no person.
    pub fn to_json(&self) -> Value {
        let shown = |(name, value): (&str, String)| match name {
            "find" => (name.to_owned(), json!("a lead or person")),
            _ => (name.to_owned(), json!(value)),
        };
        Value::Object(self.pairs().into_iter().map(shown).collect())
    }

    /// The path with the filter as its query.
    pub fn in_path(&self, path: &str) -> String {
        let pairs = self.pairs();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        paths::with_query(path, &pairs)
    }
}

/// A day like `2026-11-25`. Postgres has no days with a negative year.
pub fn parse_day(text: &str) -> Option<Date> {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    (day.year() > 0).then_some(day)
}

text_enum! {
    /// A column that every export can have.
    FixedColumn {
        Lead = "lead",
        Received = "received",
        Flow = "flow",
        Source = "source",
        Outcome = "outcome",
        Reason = "reason",
        Test = "test",
        Erased = "erased",
    }
}

/// A value of a lead's input as one text. Several values of one name are joined.
pub fn joined(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(values) => Cow::Owned(values.iter().map(joined).collect::<Vec<_>>().join(", ")),
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

/// A parsed field as one text: its normal form, or what was sent if it has none.
pub fn field_text(field: &Value) -> Cow<'_, str> {
    let normal = joined(&field["value"]);
    if normal.is_empty() { joined(&field["raw"]) } else { normal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_filter_round_trips_through_its_path() {
        let id = |last: char| format!("0123456789abcdef0123456{last}");
        let filter = Filter {
            flow: id('1').parse().ok(),
            source: id('2').parse().ok(),
            partner: id('3').parse().ok(),
            outcome: Some(Outcome::Rejected),
            reason: "Age & more".to_owned(),
            from: Some(date!(2026 - 02 - 01)),
            to: Some(date!(2026 - 02 - 28)),
            period: Some(Period::Week),
            test: Some(false),
            find: "+1 555".to_owned(),
        };
        let path = filter.in_path("/leads");
        assert!(path.starts_with("/leads?find=%2B1%20555&flow=0123456789abcdef01234561&source="), "{path}");
        assert!(path.ends_with("&reason=Age%20%26%20more&time=7&from=2026-02-01&to=2026-02-28&test=without"), "{path}");
        let pairs = filter.pairs();
        let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        assert_eq!(Filter::read(|name| value(name).unwrap_or_default()), filter);
        assert_eq!(Filter::read_strict(|name| value(name).unwrap_or_default()), Some(filter));
        assert_eq!(Filter::read_strict(|_| "".into()), Some(Filter::default()));
        let texts = Filter { reason: "nonsense".to_owned(), find: "nonsense".to_owned(), ..Filter::default() };
        assert_eq!(Filter::read(|_| "nonsense".into()), texts);
        for unread in Filter::NAMES.iter().filter(|name| !["find", "reason"].contains(*name)) {
            let value = |name: &str| if name == *unread { "nonsense" } else { "" }.into();
            assert_eq!(Filter::read_strict(value), None, "{unread}");
        }
        assert_eq!(Filter::default().in_path("/leads"), "/leads");
    }

    #[test]
    fn a_recorded_filter_names_no_person() {
        let filter = Filter { find: "ann@example.com".to_owned(), test: Some(true), ..Filter::default() };
        assert_eq!(filter.to_json(), json!({ "find": "a lead or person", "test": "only" }));
    }

    #[test]
    fn ready_ranges_end_today_or_yesterday() {
        let today = date!(2026 - 03 - 01);
        for (period, first, last) in [
            (Period::Today, today, today),
            (Period::Yesterday, date!(2026 - 02 - 28), date!(2026 - 02 - 28)),
            (Period::Week, date!(2026 - 02 - 23), today),
            (Period::Month, date!(2026 - 01 - 31), today),
            (Period::Quarter, date!(2025 - 12 - 02), today),
        ] {
            assert_eq!(period.days(today), (first, last), "{period:?}");
        }
    }

    #[test]
    fn several_values_become_one_text() {
        assert_eq!(joined(&json!("a")), "a");
        assert_eq!(joined(&json!(["a", "b, c", ""])), "a, b, c, ");
        assert_eq!(joined(&Value::Null), "");
        assert_eq!(field_text(&json!({ "value": "", "raw": "nobody", "valid": false })), "nobody");
        assert_eq!(field_text(&json!({ "value": "CA", "raw": "California", "valid": true })), "CA");
        assert_eq!(field_text(&json!({ "value": null, "raw": ["a", "b"] })), "a, b");
    }
}
