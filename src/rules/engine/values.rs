//! Checks the values of rules before they are saved: what no lead can match is a mistake. Saved rules are not checked
//! again, so a rule from before still loads and judges as it did.

use super::{
    check::{MAX_LIST, MAX_PATTERNS, MAX_PROBLEMS, MAX_VALUE, RuleProblem, RuleProblemKind, join},
    entries::entries,
    fields::{FieldType, standard_field},
    model::{Node, Operator, Rule, RuleSet},
    numbers::{Decimal, Range},
    parse::typed,
    pattern::{self, MAX_COMPILED_TOTAL, Pattern},
    ranges::{compared, named_range, read},
    template,
};
use std::collections::BTreeSet;

/// Maximum invalid patterns that are reported at once, because each costs the most.
const MAX_INVALID: usize = 10;
/// Digits that a text has at least if it can be in the place of a number that identifies, such as 9999999999.
const FEW_DIGITS: usize = 3;
/// What senders write where they have no value. Buyers turn these away in fields of every type.
const PLACEHOLDERS: &[&str] = &["n/a", "na", "none", "null", "unknown", "test", "-"];
/// Maximum characters of a postal code or of its beginning.
const MAX_POSTAL: usize = 12;

/// Rules to check.
#[derive(Debug, Clone)]
pub struct CheckedSet<'a> {
    /// The path of the set.
    pub at: String,
    pub rules: &'a RuleSet,
    /// True if the rules test parameters as sent, which are all texts; false if they test fields.
    pub of_parameters: bool,
}

/// The values of these sets that no lead can match, invalid patterns, and patterns that are too large together. The
/// checks that need no engine come first: this one expects at most [`MAX_PATTERNS`] patterns, and looks at no more.
pub fn value_problems<'a>(sets: impl Iterator<Item = CheckedSet<'a>>) -> Vec<RuleProblem> {
    let mut found = Found::default();
    for CheckedSet { at, rules, of_parameters } in sets {
        found.set(rules, &at, of_parameters);
    }
    found.problems
}

#[derive(Default)]
struct Found {
    problems: Vec<RuleProblem>,
    patterns: usize,
    invalid: usize,
    /// The patterns that were counted, and their size.
    seen: BTreeSet<String>,
    size: usize,
}

impl Found {
    fn set(&mut self, set: &RuleSet, at: &str, of_parameters: bool) {
        for (index, node) in set.rules.iter().enumerate() {
            let at = join(at, &format!("rules.{index}"));
            match node {
                Node::Set(inner) => self.set(inner, &at, of_parameters),
                Node::Rule(rule) => {
                    let problem = if rule.op.takes_pattern() { self.pattern(rule) } else { value(rule, of_parameters) };
                    if let Some(kind) = problem.filter(|_| self.problems.len() < MAX_PROBLEMS) {
                        self.problems.push(RuleProblem::new(join(&at, "rhv"), kind));
                    }
                }
            }
        }
    }

    /// A blank value is reported by the checks that need no engine.
    fn pattern(&mut self, rule: &Rule) -> Option<RuleProblemKind> {
        self.patterns += 1;
        let is_looked_at =
            self.patterns <= MAX_PATTERNS && self.invalid < MAX_INVALID && self.size <= MAX_COMPILED_TOTAL;
        if !is_looked_at || rule.value().trim().is_empty() {
            return None;
        }
        let source = pattern::source(rule.op, rule.value()).filter(|source| !source.is_empty());
        let pattern = source.as_deref().and_then(Pattern::compile).filter(Pattern::can_match);
        let (Some(source), Some(pattern)) = (source, pattern) else {
            self.invalid += 1;
            return Some(RuleProblemKind::BadPattern);
        };
        if self.seen.insert(source) {
            self.size += pattern.size();
        }
        (self.size > MAX_COMPILED_TOTAL).then_some(RuleProblemKind::PatternsTooLarge)
    }
}

/// The problem of a value that is no pattern. A template can become any value.
fn value(rule: &Rule, of_parameters: bool) -> Option<RuleProblemKind> {
    let text = rule.value().trim();
    let longest = if rule.op.takes_list() { MAX_LIST } else { MAX_VALUE };
    if rule.op.is_unary() || text.is_empty() || text.len() > longest || template::is_template(text) {
        return None;
    }
    let field = standard_field(rule.field()).filter(|_| !of_parameters);
    let field_type = field.map_or(FieldType::String, |field| field.field_type);
    match rule.op {
        Operator::IsEqualTo | Operator::IsNotEqualTo => {
            (!can_be(field_type, text)).then_some(RuleProblemKind::UnreadableValue)
        }
        Operator::IsIncludedIn | Operator::IsNotIncludedIn => {
            (!entries(text).all(|entry| can_be(field_type, &entry))).then_some(RuleProblemKind::UnreadableValue)
        }
        Operator::IsLessThan
        | Operator::IsLessThanOrEqualTo
        | Operator::IsGreaterThan
        | Operator::IsGreaterThanOrEqualTo => {
            let span = compared(text, field_type).filter(|_| is_ordered(field_type));
            let can_pass = span.is_some_and(|span| reaches_beyond(rule.op, field_type, &span));
            (!can_pass).then_some(RuleProblemKind::UnorderedValue)
        }
        Operator::IsBetween | Operator::IsNotBetween if !is_ordered(field_type) => {
            Some(RuleProblemKind::UnorderedValue)
        }
        Operator::IsBetween | Operator::IsNotBetween => match named_range(text, field_type) {
            None => Some(RuleProblemKind::BadRange),
            Some(range) => (!has_values(field_type, &range)).then_some(RuleProblemKind::UnreadableValue),
        },
        _ => None,
    }
}

/// True if a field of this type can have this value. Numbers that identify something are compared as sent where they
/// are invalid, because buyers turn away invented ones; postal codes differ between countries.
fn can_be(field_type: FieldType, text: &str) -> bool {
    if PLACEHOLDERS.iter().any(|word| text.eq_ignore_ascii_case(word)) || read(field_type, text).valid {
        return true;
    }
    let text = typed(text);
    let digits = || text.chars().filter(char::is_ascii_digit).count();
    match field_type {
        FieldType::Phone | FieldType::Ssn => digits() >= FEW_DIGITS,
        FieldType::PostalCode => {
            let is_written = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-');
            text.len() <= MAX_POSTAL && digits() > 0 && text.chars().all(is_written)
        }
        _ => false,
    }
}

/// The lowest and the highest value of a type that has them.
fn bounds(field_type: FieldType) -> Option<(Decimal, Decimal)> {
    let is_score = field_type == FieldType::CreditScore;
    is_score.then(|| Decimal::parse("300").zip(Decimal::parse("850"))).flatten()
}

/// True if some value is on the side that the operator asks for. None is beyond an open end.
fn reaches_beyond(op: Operator, field_type: FieldType, span: &Range) -> bool {
    let (lowest, highest) = bounds(field_type).unzip();
    let above = |test: fn(&Decimal, &Decimal) -> bool| {
        span.min.as_ref().is_some_and(|min| lowest.as_ref().is_none_or(|lowest| test(min, lowest)))
    };
    let below = |test: fn(&Decimal, &Decimal) -> bool| {
        span.max.as_ref().is_some_and(|max| highest.as_ref().is_none_or(|highest| test(max, highest)))
    };
    match op {
        Operator::IsLessThan => above(|min, lowest| min > lowest),
        Operator::IsLessThanOrEqualTo => above(|min, lowest| min >= lowest),
        Operator::IsGreaterThan => below(|max, highest| max < highest),
        _ => below(|max, highest| max <= highest),
    }
}

/// True if the range has at least one value of this type.
fn has_values(field_type: FieldType, range: &Range) -> bool {
    bounds(field_type).is_none_or(|(lowest, highest)| {
        range.max.as_ref().is_none_or(|max| *max >= lowest) && range.min.as_ref().is_none_or(|min| *min <= highest)
    })
}

/// False if values of this type are neither less nor greater.
const fn is_ordered(field_type: FieldType) -> bool {
    !matches!(
        field_type,
        FieldType::Boolean
            | FieldType::Email
            | FieldType::Gender
            | FieldType::Ip
            | FieldType::State
            | FieldType::Url
            | FieldType::TrustedformUrl
    )
}

#[cfg(test)]
mod tests;
