//! Rules, rule sets, acceptance criteria and mappings, in the shape that the API reads and writes.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! operators {
    ($($name:ident = $text:literal, $opposite:ident, $arity:ident;)+) => {
        /// How a rule tests its field. The API uses the same spelling as pages. The first sixteen operators compare
        /// the field with a value, the others test the field alone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Operator {
            $(#[serde(rename = $text)] $name,)+
        }

        impl Operator {
            /// All operators, in the order of the select.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The spelling in the API and on pages.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The operator that passes where this one fails. It turns a failed rule into a reason.
            pub const fn opposite(self) -> Self {
                match self { $(Self::$name => Self::$opposite),+ }
            }

            /// True if the operator tests the field alone, so its rule has no `rhv`.
            pub const fn is_unary(self) -> bool {
                match self { $(Self::$name => operators!(@$arity)),+ }
            }
        }
    };
    (@unary) => { true };
    (@binary) => { false };
}

operators! {
    IsEqualTo = "is equal to", IsNotEqualTo, binary;
    IsNotEqualTo = "is not equal to", IsEqualTo, binary;
    IsLessThan = "is less than", IsGreaterThanOrEqualTo, binary;
    IsLessThanOrEqualTo = "is less than or equal to", IsGreaterThan, binary;
    IsGreaterThan = "is greater than", IsLessThanOrEqualTo, binary;
    IsGreaterThanOrEqualTo = "is greater than or equal to", IsLessThan, binary;
    IsIncludedIn = "is included in", IsNotIncludedIn, binary;
    IsNotIncludedIn = "is not included in", IsIncludedIn, binary;
    Includes = "includes", DoesNotInclude, binary;
    DoesNotInclude = "does not include", Includes, binary;
    IsBetween = "is between", IsNotBetween, binary;
    IsNotBetween = "is not between", IsBetween, binary;
    MatchesPattern = "matches pattern", DoesNotMatchPattern, binary;
    DoesNotMatchPattern = "does not match pattern", MatchesPattern, binary;
    MatchesWildcard = "matches wildcard", DoesNotMatchWildcard, binary;
    DoesNotMatchWildcard = "does not match wildcard", MatchesWildcard, binary;
    IsBlank = "is blank", IsNotBlank, unary;
    IsNotBlank = "is not blank", IsBlank, unary;
    FormatIsValid = "format is valid", FormatIsInvalid, unary;
    FormatIsInvalid = "format is invalid", FormatIsValid, unary;
    IsTrue = "is true", IsNotTrue, unary;
    IsNotTrue = "is not true", IsTrue, unary;
    IsFalse = "is false", IsNotFalse, unary;
    IsNotFalse = "is not false", IsFalse, unary;
    IsObscene = "is obscene", IsNotObscene, unary;
    IsNotObscene = "is not obscene", IsObscene, unary;
}

impl Operator {
    /// True if its value is a regular expression or a wildcard. These cannot contain templates, so no lead can inject
    /// one.
    pub const fn takes_pattern(self) -> bool {
        matches!(self, Self::MatchesPattern | Self::DoesNotMatchPattern) || self.takes_wildcard()
    }

    /// True if its value is a wildcard for the whole value: `*` stands for any text, `?` for one character.
    pub const fn takes_wildcard(self) -> bool {
        matches!(self, Self::MatchesWildcard | Self::DoesNotMatchWildcard)
    }

    /// True if its value is a list, separated by commas, semicolons or lines.
    pub const fn takes_list(self) -> bool {
        matches!(self, Self::IsIncludedIn | Self::IsNotIncludedIn)
    }

    /// True if its value is a range.
    pub const fn takes_range(self) -> bool {
        matches!(self, Self::IsBetween | Self::IsNotBetween)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnOperator;

impl fmt::Display for NotAnOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not a rule operator")
    }
}

impl std::error::Error for NotAnOperator {}

impl FromStr for Operator {
    type Err = NotAnOperator;

    fn from_str(text: &str) -> Result<Self, NotAnOperator> {
        Self::ALL.iter().copied().find(|operator| operator.as_str() == text).ok_or(NotAnOperator)
    }
}

/// Joins the rules of a set: all must pass, or any one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Join {
    #[default]
    And,
    Or,
}

impl Join {
    pub const ALL: &[Self] = &[Self::And, Self::Or];

    /// The spelling in the API and between rules on pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
        }
    }
}

impl FromStr for Join {
    type Err = NotAnOperator;

    fn from_str(text: &str) -> Result<Self, NotAnOperator> {
        Self::ALL.iter().copied().find(|join| join.as_str() == text).ok_or(NotAnOperator)
    }
}

/// One test of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The tested variable, such as `lead.state`.
    pub lhv: String,
    pub op: Operator,
    /// The value to compare with, which may contain `{{lead.field}}` templates. None for a unary operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rhv: Option<String>,
}

impl Rule {
    pub fn new(lhv: impl Into<String>, op: Operator, rhv: Option<&str>) -> Self {
        Self { lhv: lhv.into(), op, rhv: rhv.map(str::to_owned) }
    }

    /// The name of the tested field: `lhv` without its `lead.`.
    pub fn field(&self) -> &str {
        self.lhv.strip_prefix("lead.").unwrap_or(&self.lhv)
    }

    /// The value to compare with, or an empty text.
    pub fn value(&self) -> &str {
        self.rhv.as_deref().unwrap_or_default()
    }
}

/// Rules and nested sets with one join. An empty set passes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    pub op: Join,
    pub rules: Vec<Node>,
}

impl RuleSet {
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// A rule or a nested set. In JSON, only a set has `rules`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "Shape")]
pub enum Node {
    Rule(Rule),
    Set(RuleSet),
}

/// An unchecked node. An untagged enum would report every mistake with the same sentence; this one names the property.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    op: String,
    lhv: Option<String>,
    rhv: Option<String>,
    rules: Option<Vec<Node>>,
}

impl TryFrom<Shape> for Node {
    type Error = String;

    fn try_from(shape: Shape) -> Result<Self, String> {
        let Shape { op, lhv, rhv, rules } = shape;
        match (lhv, rules) {
            (None, Some(rules)) if rhv.is_none() => {
                let op = op.parse().map_err(|_| format!("`{op}` cannot join rules, expected `and` or `or`"))?;
                Ok(Self::Set(RuleSet { op, rules }))
            }
            (Some(lhv), None) => {
                let op = op.parse().map_err(|_| format!("`{op}` is not a rule operator"))?;
                Ok(Self::Rule(Rule { lhv, op, rhv }))
            }
            (None, None) => Err("a rule needs `lhv`, a group needs `rules`".to_owned()),
            (_, Some(_)) => Err("a group has only `op` and `rules`".to_owned()),
        }
    }
}

/// Rules that decide whether a lead is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceCriteria {
    pub rule_set: RuleSet,
    /// The reason for the seller, instead of the failed rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl AcceptanceCriteria {
    /// The reason the buyer wrote, unless it is blank.
    pub fn own_reason(&self) -> Option<&str> {
        self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty())
    }
}

/// Sets a field from the submission. Mostly renames a seller's own parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The field to set.
    pub property: String,
    /// A constant, or a text with `{{parameter}}` templates that refer to the submission as sent.
    pub value: String,
    /// The condition for applying it. Without one, it always applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<RuleSet>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<RuleSet, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn every_operator_round_trips_and_has_an_opposite() {
        assert_eq!(Operator::ALL.len(), 26);
        for operator in Operator::ALL {
            assert_eq!(operator.as_str().parse(), Ok(*operator));
            assert_eq!(serde_json::to_string(operator).unwrap(), format!("{:?}", operator.as_str()));
            assert_eq!(operator.opposite().opposite(), *operator);
            assert_eq!(operator.opposite().is_unary(), operator.is_unary());
            assert_ne!(operator.opposite(), *operator);
        }
        assert_eq!("IS EQUAL TO".parse::<Operator>(), Err(NotAnOperator));
    }

    #[test]
    fn a_nested_set_round_trips() {
        let json = r#"{"op":"and","rules":[{"lhv":"lead.state","op":"is included in","rhv":"CA, TX"},{"op":"or","rules":[{"lhv":"lead.email","op":"is not blank"},{"lhv":"lead.phone_1","op":"is not blank"}]}]}"#;
        let set = read(json).unwrap();
        assert!(matches!(&set.rules[1], Node::Set(RuleSet { op: Join::Or, rules }) if rules.len() == 2));
        assert_eq!(serde_json::to_string(&set).unwrap(), json);
    }

    #[test]
    fn an_invalid_rule_is_rejected_with_the_reason() {
        for (json, part) in [
            (r#"{"op":"and","rules":[],"outcome":"failure"}"#, "unknown field `outcome`"),
            (r#"{"op":"and","rules":[{"lhv":"lead.a","op":"is blank","id":"x"}]}"#, "unknown field `id`"),
            (r#"{"op":"and","rules":[{"lhv":"lead.a","op":"equals","rhv":"x"}]}"#, "`equals` is not a rule operator"),
            (r#"{"op":"and","rules":[{"op":"xor","rules":[]}]}"#, "`xor` cannot join rules"),
            (r#"{"op":"and","rules":[{"op":"is blank"}]}"#, "needs `lhv`"),
            (r#"{"op":"and","rules":[{"op":"and","lhv":"lead.a","rules":[]}]}"#, "only `op` and `rules`"),
            (r#"{"op":"and","rules":[{"lhv":"lead.a","op":"is equal to","rhv":["x"]}]}"#, "expected a string"),
            (r#"{"op":"and"}"#, "missing field `rules`"),
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn an_extremely_deep_set_is_rejected_by_the_parser() {
        let json = format!("{}{}", r#"{"op":"and","rules":["#.repeat(5_000), "]}".repeat(5_000));
        assert!(read(&json).is_err());
    }

    #[test]
    fn criteria_and_mappings_omit_absent_properties() {
        let criteria = AcceptanceCriteria::default();
        assert_eq!(serde_json::to_string(&criteria).unwrap(), r#"{"rule_set":{"op":"and","rules":[]}}"#);
        let mapping: Mapping = serde_json::from_str(r#"{"property":"first_name","value":"{{f_name}}"}"#).unwrap();
        assert_eq!(mapping.rule_set, None);
        assert!(serde_json::from_str::<Mapping>(r#"{"property":"a","value":"b","when":1}"#).is_err());
    }

    #[test]
    fn the_field_of_a_rule_is_its_variable_without_the_lead_prefix() {
        assert_eq!(Rule::new("lead.state", Operator::IsBlank, None).field(), "state");
        assert_eq!(Rule::new("state", Operator::IsBlank, None).field(), "state");
    }

    #[test]
    fn a_blank_reason_counts_as_none() {
        let criteria = AcceptanceCriteria { reason: Some("  ".to_owned()), ..Default::default() };
        assert_eq!(criteria.own_reason(), None);
    }
}
