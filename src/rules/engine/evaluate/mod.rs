//! Evaluates a rule set on a lead. Comparison ignores case, treats numbers and numeric texts alike, and parses the
//! rule's value by the type of its field, so `California` equals `CA` on both sides.

use super::{
    fields::FieldType,
    model::{AcceptanceCriteria, Join, Node, Operator, Rule, RuleSet},
    numbers::{Decimal, Range},
    obscene,
    parse::{Value, boolean, parse},
    pattern,
    spans::{named_range, span},
    template::{self, Piece},
    words,
};
use std::{borrow::Cow, collections::BTreeMap};

/// Maximum bytes of an expanded template in a rule.
const MAX_EXPANDED: usize = 20_000;

/// The values of a lead by field name.
#[derive(Debug, Clone, Default)]
pub struct Lead {
    values: BTreeMap<String, Value>,
}

impl Lead {
    /// Parses a submission by the fields of a flow and drops parameters that are not fields.
    pub fn parse<'a>(
        submission: &BTreeMap<String, String>,
        fields: impl IntoIterator<Item = (&'a str, FieldType)>,
    ) -> Self {
        let read = |(name, field_type): (&str, FieldType)| {
            let raw = submission.get(name)?;
            Some((name.to_owned(), parse(field_type, raw)))
        };
        Self { values: fields.into_iter().filter_map(read).collect() }
    }

    /// A submission as sent, with all values as text.
    pub fn of_texts(submission: &BTreeMap<String, String>) -> Self {
        Self { values: submission.iter().map(|(name, raw)| (name.clone(), Value::text(raw))).collect() }
    }

    pub fn insert(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The values ordered by name.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// The result of a rule set for a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<'a> {
    Passed,
    /// The failed rules: the first one if all must pass, each one if any would have been enough.
    Failed(Vec<&'a Rule>),
}

impl Verdict<'_> {
    pub fn passed(&self) -> bool {
        matches!(self, Self::Passed)
    }
}

/// Evaluates a rule set on a lead. An empty set passes.
pub fn evaluate<'a>(rule_set: &'a RuleSet, lead: &Lead) -> Verdict<'a> {
    match rule_set.op {
        Join::And => {
            rule_set.rules.iter().map(|node| evaluate_node(node, lead)).find(|v| !v.passed()).unwrap_or(Verdict::Passed)
        }
        Join::Or => any_of(&rule_set.rules, lead),
    }
}

/// The reason why the criteria reject a lead: the buyer's own, otherwise the failed rules in words. None if they accept
/// it. `label_of` maps a field name to its label.
pub fn judge(criteria: &AcceptanceCriteria, lead: &Lead, label_of: impl Fn(&str) -> String) -> Option<String> {
    match evaluate(&criteria.rule_set, lead) {
        Verdict::Passed => None,
        Verdict::Failed(rules) => {
            let own = criteria.own_reason().map(str::to_owned);
            Some(own.unwrap_or_else(|| words::default_reason(&rules, label_of)))
        }
    }
}

fn any_of<'a>(nodes: &'a [Node], lead: &Lead) -> Verdict<'a> {
    let mut failed = Vec::new();
    for node in nodes {
        match evaluate_node(node, lead) {
            Verdict::Passed => return Verdict::Passed,
            Verdict::Failed(rules) => failed.extend(rules),
        }
    }
    if nodes.is_empty() { Verdict::Passed } else { Verdict::Failed(failed) }
}

fn evaluate_node<'a>(node: &'a Node, lead: &Lead) -> Verdict<'a> {
    match node {
        Node::Set(set) => evaluate(set, lead),
        Node::Rule(rule) if passes(rule, lead) => Verdict::Passed,
        Node::Rule(rule) => Verdict::Failed(vec![rule]),
    }
}

fn passes(rule: &Rule, lead: &Lead) -> bool {
    let missing = Value::text("");
    let left = lead.get(rule.field()).unwrap_or(&missing);
    let right = if rule.op.takes_pattern() { Cow::Borrowed(rule.value()) } else { expanded(rule.value(), lead) };
    let right = right.trim();
    let compared = |test: fn(&Range, &Range) -> bool| {
        let other = span(&parse(left.field_type, right));
        span(left).zip(other).is_some_and(|(left, right)| test(&left, &right))
    };
    match rule.op {
        Operator::IsEqualTo => equal(left, right),
        Operator::IsNotEqualTo => !equal(left, right),
        Operator::IsLessThan => compared(|a, b| a.max.is_some() && a.max < b.min),
        Operator::IsLessThanOrEqualTo => compared(|a, b| a.max.is_some() && a.max <= b.min),
        Operator::IsGreaterThan => compared(|a, b| b.max.is_some() && a.min > b.max),
        Operator::IsGreaterThanOrEqualTo => compared(|a, b| b.max.is_some() && a.min >= b.max),
        Operator::IsIncludedIn => included(left, right),
        Operator::IsNotIncludedIn => !included(left, right),
        Operator::Includes => includes(left, right),
        Operator::DoesNotInclude => !includes(left, right),
        Operator::IsBetween => between(left, right),
        Operator::IsNotBetween => !between(left, right),
        Operator::MatchesPattern => matches(left, right),
        Operator::DoesNotMatchPattern => !matches(left, right),
        Operator::IsBlank => left.is_blank(),
        Operator::IsNotBlank => !left.is_blank(),
        Operator::FormatIsValid => left.valid,
        Operator::FormatIsInvalid => !left.valid,
        Operator::IsTrue => boolean(&left.normal) == Some(true),
        Operator::IsNotTrue => boolean(&left.normal) != Some(true),
        Operator::IsFalse => boolean(&left.normal) == Some(false),
        Operator::IsNotFalse => boolean(&left.normal) != Some(false),
        Operator::IsObscene => obscene::is_obscene(&left.normal),
        Operator::IsNotObscene => !obscene::is_obscene(&left.normal),
    }
}

fn equal(left: &Value, right: &str) -> bool {
    let right = parse(left.field_type, right);
    let numbers = || number(left).zip(number(&right)).is_some_and(|(left, right)| left == right);
    left.normal.to_lowercase() == right.normal.to_lowercase() || numbers()
}

/// A value as a number, if it is meant as one. A postal code, a phone number and `007` are texts.
fn number(value: &Value) -> Option<Decimal> {
    let text = value.normal.as_str();
    let padded = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    let meant = matches!(value.field_type, FieldType::Number | FieldType::Range | FieldType::String);
    if meant && !padded { Decimal::parse(text) } else { None }
}

fn included(left: &Value, list: &str) -> bool {
    !left.is_blank() && list.split(',').map(str::trim).any(|item| !item.is_empty() && equal(left, item))
}

fn includes(left: &Value, part: &str) -> bool {
    !part.is_empty() && left.normal.to_lowercase().contains(&part.to_lowercase())
}

fn between(left: &Value, range: &str) -> bool {
    let range = named_range(range, left.field_type);
    range.zip(span(left)).is_some_and(|(range, span)| range.contains(&span))
}

/// An invalid pattern matches nothing; `pattern_problems` keeps it from being saved.
fn matches(left: &Value, pattern: &str) -> bool {
    pattern::compile(pattern).is_some_and(|pattern| pattern.is_match(&left.normal))
}

fn expanded<'a>(text: &'a str, lead: &Lead) -> Cow<'a, str> {
    if !template::is_template(text) {
        return Cow::Borrowed(text);
    }
    let mut whole = String::new();
    for piece in template::pieces(text).unwrap_or_default() {
        whole.push_str(match piece {
            Piece::Text(text) => text,
            Piece::Name(name) => {
                let value = lead.get(name.strip_prefix("lead.").unwrap_or(name));
                value.map(|value| value.normal.as_str()).unwrap_or_default()
            }
        });
        if whole.len() > MAX_EXPANDED {
            return Cow::Borrowed("");
        }
    }
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests;
