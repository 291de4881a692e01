//! Evaluates compiled rules on a lead: pure, total and deterministic.
//!
//! A missing field counts as an empty text. Equality ignores case and the two spellings of accents, compares numbers and
//! numeric texts alike, and parses the rule's value by the type of its field, so `California` equals `CA` on both sides.
//! A ZIP code in a rule stands for its ZIP+4 codes. Rules see at most the first 10,000 characters of a value.

mod explain;
mod fact;
mod program;
mod right;

pub use explain::{Explained, Explanation, Step};
pub use program::{Compiler, Cost, Program};

use super::{
    budget::Budget,
    fields::FieldType,
    model::{AcceptanceCriteria, Join},
    parse::{Reader, Value},
    words::{self, Cause, Failure},
};
use fact::Fact;
use program::{CompiledRule, CompiledSet, Part};
use right::Right;
use std::{borrow::Cow, collections::BTreeMap};
use time::Date;

/// The values of a lead by field name.
#[derive(Debug, Clone, Default)]
pub struct Lead {
    values: BTreeMap<String, Value>,
}

impl Lead {
    /// Parses the values by the fields of a flow, by the lead's country and day. Texts need no day. Other values are not
    /// part of the lead. `value_of` also gets the type, because of several values a yes or no is the last one.
    pub fn parse<'a, 'v>(
        value_of: impl Fn(&str, FieldType) -> Option<Cow<'v, str>>,
        fields: impl IntoIterator<Item = (&'a str, FieldType)>,
        today: Option<Date>,
    ) -> Self {
        let reader = Reader::of_lead(value_of("country", FieldType::String).as_deref(), today);
        let read = |(name, field_type): (&str, FieldType)| {
            let raw = value_of(name, field_type)?;
            Some((name.to_owned(), reader.read(field_type, &raw)))
        };
        Self { values: fields.into_iter().filter_map(read).collect() }
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
    /// The failed rules: the first one if all must pass, each one if any would have been enough. Their values are
    /// shortened.
    Failed(Vec<Failure<'a>>),
}

impl Verdict<'_> {
    pub fn passed(&self) -> bool {
        matches!(self, Self::Passed)
    }
}

impl Program {
    /// Evaluates the rules on a lead. No rules pass.
    pub fn evaluate(&self, lead: &Lead, budget: &Budget) -> Verdict<'_> {
        let missing = Value::text("");
        let facts: Vec<_> = self.fields.iter().map(|name| Fact::new(lead.get(name).unwrap_or(&missing))).collect();
        Run { facts, lead, budget }.set(&self.rules)
    }
}

/// Compiled acceptance criteria.
#[derive(Debug)]
pub struct Criteria {
    pub program: Program,
    own_reason: Option<String>,
}

impl Criteria {
    pub fn compile(criteria: &AcceptanceCriteria, compiler: &mut Compiler) -> Self {
        let own_reason = criteria.own_reason().map(str::to_owned);
        Self { program: compiler.compile(&criteria.rule_set), own_reason }
    }

    /// The reason why the criteria reject a lead: the buyer's own, otherwise the failed rules in words. None if they
    /// accept it. `label_of` maps a field name to its label.
    pub fn judge(&self, lead: &Lead, budget: &Budget, label_of: impl Fn(&str) -> String) -> Option<String> {
        match self.program.evaluate(lead, budget) {
            Verdict::Passed => None,
            Verdict::Failed(failures) => {
                Some(self.own_reason.clone().unwrap_or_else(|| words::default_reason(&failures, label_of)))
            }
        }
    }
}

/// One evaluation.
struct Run<'r> {
    facts: Vec<Fact<'r>>,
    lead: &'r Lead,
    budget: &'r Budget,
}

impl Run<'_> {
    fn set<'a>(&self, set: &'a CompiledSet) -> Verdict<'a> {
        match set.op {
            Join::And => set.parts.iter().map(|part| self.part(part)).find(|v| !v.passed()).unwrap_or(Verdict::Passed),
            Join::Or => self.any_of(&set.parts),
        }
    }

    fn any_of<'a>(&self, parts: &'a [Part]) -> Verdict<'a> {
        let mut failed = Vec::new();
        for part in parts {
            match self.part(part) {
                Verdict::Passed => return Verdict::Passed,
                Verdict::Failed(failures) => failed.extend(failures),
            }
        }
        if parts.is_empty() { Verdict::Passed } else { Verdict::Failed(failed) }
    }

    fn part<'a>(&self, part: &'a Part) -> Verdict<'a> {
        match part {
            Part::Set(set) => self.set(set),
            Part::Rule(rule) => self.failure(rule).map_or(Verdict::Passed, |failure| Verdict::Failed(vec![failure])),
        }
    }

    /// How a rule fails; None if it passes.
    fn failure<'a>(&self, rule: &'a CompiledRule) -> Option<Failure<'a>> {
        let Some(left) = self.facts.get(rule.field) else {
            return Some(Failure { rule: &rule.shown, cause: Cause::Missing });
        };
        let op = rule.shown.op;
        let expanded = rule
            .template
            .as_ref()
            .map(|template| Right::new(op, left.value.field_type, &template.expand(self.lead, self.budget)));
        let right = expanded.as_ref().unwrap_or(&rule.right);
        (!left.holds(op, right, self.budget))
            .then(|| Failure { rule: &rule.shown, cause: left.cause(op, right, self.budget) })
    }
}

#[cfg(test)]
mod tests;
