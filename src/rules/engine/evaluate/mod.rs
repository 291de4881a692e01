//! Evaluates compiled rules on a lead: pure, total and deterministic.
//!
//! A missing field counts as an empty text. Equality ignores case, compares numbers and numeric texts alike, and parses
//! the rule's value by the type of its field, so `California` equals `CA` on both sides. Rules see at most the first
//! 10,000 characters of a value.

mod explain;
mod fact;
mod program;
mod right;

pub use explain::{Explained, Explanation, Step};
pub use program::{Compiler, Cost, Program};

use super::{
    budget::Budget,
    fields::FieldType,
    model::{AcceptanceCriteria, Join, Rule},
    parse::{Value, parse},
    words,
};
use fact::Fact;
use program::{CompiledRule, CompiledSet, Part};
use std::collections::BTreeMap;

/// The values of a lead by field name.
#[derive(Debug, Clone, Default)]
pub struct Lead {
    values: BTreeMap<String, Value>,
}

impl Lead {
    /// Parses the values by the fields of a flow. Other values are not part of the lead.
    pub fn parse<'a, 'v>(
        value_of: impl Fn(&str) -> Option<&'v str>,
        fields: impl IntoIterator<Item = (&'a str, FieldType)>,
    ) -> Self {
        let read = |(name, field_type): (&str, FieldType)| {
            let raw = value_of(name)?;
            Some((name.to_owned(), parse(field_type, raw)))
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
    Failed(Vec<&'a Rule>),
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
            Verdict::Failed(rules) => {
                Some(self.own_reason.clone().unwrap_or_else(|| words::default_reason(&rules, label_of)))
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
                Verdict::Failed(rules) => failed.extend(rules),
            }
        }
        if parts.is_empty() { Verdict::Passed } else { Verdict::Failed(failed) }
    }

    fn part<'a>(&self, part: &'a Part) -> Verdict<'a> {
        match part {
            Part::Set(set) => self.set(set),
            Part::Rule(rule) if self.passes(rule) => Verdict::Passed,
            Part::Rule(rule) => Verdict::Failed(vec![&rule.shown]),
        }
    }

    fn passes(&self, rule: &CompiledRule) -> bool {
        let Some(left) = self.facts.get(rule.field) else { return false };
        match &rule.template {
            None => left.holds(rule.shown.op, &rule.right, self.budget),
            Some(template) => {
                let text = template.expand(self.lead, self.budget);
                let right = right::Right::new(rule.shown.op, left.value.field_type, &text);
                left.holds(rule.shown.op, &right, self.budget)
            }
        }
    }
}

#[cfg(test)]
mod tests;
