//! Validates rules and mappings before they are saved. The editor and the API use the same check; only the server,
//! which has the engine, checks whether a value can match.

use super::{
    entries::entries,
    model::{AcceptanceCriteria, Mapping, Node, Rule, RuleSet},
    template::{self, is_parameter_name},
};
use serde::{Deserialize, Serialize};
use std::iter;

/// Maximum depth of nested groups, including the outermost.
pub const MAX_DEPTH: usize = 5;
/// Maximum rules of a source or a flow, including those in groups and in the conditions of mappings.
pub const MAX_RULES: usize = 500;
/// Maximum rules among these that match a pattern.
pub const MAX_PATTERNS: usize = 50;
/// Maximum mappings of a source.
pub const MAX_MAPPINGS: usize = 200;
/// Maximum characters of a value that is not a list.
pub const MAX_VALUE: usize = 10_000;
/// Maximum bytes and entries of a list in a rule, such as all postal codes of a country.
pub const MAX_LIST: usize = 1 << 20;
pub const MAX_ENTRIES: usize = 50_000;
/// Maximum problems that are reported at once.
pub(super) const MAX_PROBLEMS: usize = 50;
/// Maximum characters of a reason.
pub const MAX_REASON: usize = 200;
/// Maximum characters of a field name.
pub const MAX_NAME: usize = 64;

/// Reserved first parts of names, which no field or mapping can use.
const RESERVED: &[&str] = &[
    "accord",
    "account",
    "flow",
    "idempotency_key",
    "lead",
    "outcome",
    "price",
    "reason",
    "redir_url",
    "source",
    "submission",
];

/// A problem with one part of rules or mappings. Its sentence is in `words`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleProblemKind {
    UnknownField,
    MissingValue,
    UnneededValue,
    ValueTooLong,
    BadRange,
    EmptyList,
    UnreadableValue,
    UnorderedValue,
    BadPattern,
    BadTemplate,
    UnknownTemplateField,
    EmptyGroup,
    TooDeep,
    TooManyRules,
    TooManyPatterns,
    PatternsTooLarge,
    ListTooLong,
    ReasonTooLong,
    BadTarget,
    ReservedTarget,
    TooManyMappings,
}

/// A problem and its location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleProblem {
    /// The path of the property within the checked value, such as `rules.0.rhv`; empty for the whole value.
    pub at: String,
    pub kind: RuleProblemKind,
}

impl RuleProblem {
    pub(super) fn new(at: impl Into<String>, kind: RuleProblemKind) -> Self {
        Self { at: at.into(), kind }
    }

    /// The same problem with its path under `parent`.
    pub fn under(self, parent: &str) -> Self {
        Self { at: join(parent, &self.at), kind: self.kind }
    }
}

/// True if a text can name a field: lowercase letters, digits and underscores, nested by single dots.
pub fn is_plain_name(name: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    name.len() <= MAX_NAME && name.split('.').all(part)
}

/// True if the name is reserved.
pub fn is_reserved_name(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    RESERVED.contains(&first)
}

/// The number of rules, and of patterns among them.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    rules: usize,
    patterns: usize,
}

impl Tally {
    fn add(&mut self, set: &RuleSet) {
        for node in &set.rules {
            match node {
                Node::Set(inner) => self.add(inner),
                Node::Rule(rule) => {
                    self.rules += 1;
                    self.patterns += usize::from(rule.op.takes_pattern());
                }
            }
        }
    }

    fn of<'a>(sets: impl Iterator<Item = &'a RuleSet>) -> Self {
        let mut tally = Self::default();
        sets.for_each(|set| tally.add(set));
        tally
    }

    fn problem(self) -> Option<RuleProblemKind> {
        match self {
            _ if self.rules > MAX_RULES => Some(RuleProblemKind::TooManyRules),
            _ if self.patterns > MAX_PATTERNS => Some(RuleProblemKind::TooManyPatterns),
            _ => None,
        }
    }
}

/// The limit that the mappings and the criteria of a source exceed together.
pub fn source_problem(mappings: &[Mapping], criteria: Option<&AcceptanceCriteria>) -> Option<RuleProblemKind> {
    Tally::of(conditions(mappings).chain(criteria.map(|criteria| &criteria.rule_set))).problem()
}

fn conditions(mappings: &[Mapping]) -> impl Iterator<Item = &RuleSet> {
    mappings.iter().filter_map(|mapping| mapping.rule_set.as_ref())
}

impl RuleSet {
    /// Finds all problems of the rules, for a flow with these fields.
    pub fn check(&self, known_fields: &[&str]) -> Result<(), Vec<RuleProblem>> {
        ok_if_empty(Checker::run(self, Some(known_fields)))
    }

    /// The number of rules, including those in groups.
    pub fn count(&self) -> usize {
        Tally::of(iter::once(self)).rules
    }
}

impl AcceptanceCriteria {
    /// Finds all problems of the criteria, for a flow with these fields.
    pub fn check(&self, known_fields: &[&str]) -> Result<(), Vec<RuleProblem>> {
        let rules = Checker::run(&self.rule_set, Some(known_fields));
        let mut problems: Vec<_> = rules.into_iter().map(|problem| problem.under("rule_set")).collect();
        if self.reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON) {
            problems.push(RuleProblem::new("reason", RuleProblemKind::ReasonTooLong));
        }
        ok_if_empty(problems)
    }
}

impl Mapping {
    /// Finds all problems of the mapping, for a flow with these fields. Its condition can name any parameter, because
    /// mappings exist for sellers' own names.
    pub fn check(&self, known_fields: &[&str]) -> Result<(), Vec<RuleProblem>> {
        let mut problems = Vec::new();
        if is_reserved_name(&self.property) {
            problems.push(RuleProblem::new("property", RuleProblemKind::ReservedTarget));
        } else if !known_fields.contains(&self.property.as_str()) && !is_plain_name(&self.property) {
            problems.push(RuleProblem::new("property", RuleProblemKind::BadTarget));
        }
        if self.value.chars().count() > MAX_VALUE {
            problems.push(RuleProblem::new("value", RuleProblemKind::ValueTooLong));
        } else if template::pieces(&self.value).is_none() || !template::names(&self.value).all(is_parameter_name) {
            problems.push(RuleProblem::new("value", RuleProblemKind::BadTemplate));
        }
        if let Some(condition) = &self.rule_set {
            problems.extend(Checker::run(condition, None).into_iter().map(|problem| problem.under("rule_set")));
        }
        ok_if_empty(problems)
    }
}

/// Finds all problems of the mappings of a source. Paths begin with the index of the mapping.
pub fn check_mappings(mappings: &[Mapping], known_fields: &[&str]) -> Result<(), Vec<RuleProblem>> {
    if mappings.len() > MAX_MAPPINGS {
        return Err(vec![RuleProblem::new("", RuleProblemKind::TooManyMappings)]);
    }
    if let Some(kind) = source_problem(mappings, None) {
        return Err(vec![RuleProblem::new("", kind)]);
    }
    let problems = mappings.iter().enumerate().flat_map(|(index, mapping)| {
        let problems = mapping.check(known_fields).err().unwrap_or_default();
        problems.into_iter().map(move |problem| problem.under(&index.to_string()))
    });
    ok_if_empty(problems.take(MAX_PROBLEMS).collect())
}

fn ok_if_empty(problems: Vec<RuleProblem>) -> Result<(), Vec<RuleProblem>> {
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

pub(super) fn join(parent: &str, at: &str) -> String {
    match (parent, at) {
        ("", at) => at.to_owned(),
        (parent, "") => parent.to_owned(),
        (parent, at) => format!("{parent}.{at}"),
    }
}

struct Checker<'a> {
    /// The known fields, or None if any name is allowed.
    known: Option<&'a [&'a str]>,
    problems: Vec<RuleProblem>,
}

impl<'a> Checker<'a> {
    fn run(set: &RuleSet, known: Option<&'a [&'a str]>) -> Vec<RuleProblem> {
        if let Some(kind) = Tally::of(iter::once(set)).problem() {
            return vec![RuleProblem::new("rules", kind)];
        }
        let mut checker = Self { known, problems: Vec::new() };
        checker.set(set, "", 1);
        checker.problems
    }

    fn set(&mut self, set: &RuleSet, at: &str, depth: usize) {
        for (index, node) in set.rules.iter().enumerate() {
            let at = join(at, &format!("rules.{index}"));
            match node {
                Node::Rule(rule) => self.rule(rule, &at),
                Node::Set(_) if depth == MAX_DEPTH => self.add(&at, "", RuleProblemKind::TooDeep),
                Node::Set(inner) if inner.is_empty() => self.add(&at, "rules", RuleProblemKind::EmptyGroup),
                Node::Set(inner) => self.set(inner, &at, depth + 1),
            }
        }
    }

    fn rule(&mut self, rule: &Rule, at: &str) {
        let plain = rule.lhv.strip_prefix("lead.");
        let known = match self.known {
            Some(known) => plain.is_some_and(|name| known.contains(&name)),
            None => !rule.field().trim().is_empty() && rule.lhv.len() <= MAX_VALUE && is_parameter_name(rule.field()),
        };
        if !known {
            self.add(at, "lhv", RuleProblemKind::UnknownField);
        }
        if let Some(kind) = self.value_problem(rule) {
            self.add(at, "rhv", kind);
        }
    }

    fn value_problem(&self, rule: &Rule) -> Option<RuleProblemKind> {
        let value = rule.value();
        if rule.op.is_unary() {
            return (!value.is_empty()).then_some(RuleProblemKind::UnneededValue);
        }
        if value.trim().is_empty() {
            return Some(RuleProblemKind::MissingValue);
        }
        if rule.op.takes_list() {
            if value.len() > MAX_LIST || entries(value).count() > MAX_ENTRIES {
                return Some(RuleProblemKind::ListTooLong);
            }
        } else if value.chars().count() > MAX_VALUE {
            return Some(RuleProblemKind::ValueTooLong);
        }
        if rule.op.takes_pattern() {
            return None;
        }
        if template::is_template(value) {
            return self.template_problem(value);
        }
        (rule.op.takes_list() && entries(value).next().is_none()).then_some(RuleProblemKind::EmptyList)
    }

    fn template_problem(&self, value: &str) -> Option<RuleProblemKind> {
        if template::pieces(value).is_none() {
            return Some(RuleProblemKind::BadTemplate);
        }
        let known = self.known?;
        let is_known = |name: &str| name.strip_prefix("lead.").is_some_and(|name| known.contains(&name));
        (!template::names(value).all(is_known)).then_some(RuleProblemKind::UnknownTemplateField)
    }

    fn add(&mut self, at: &str, property: &str, kind: RuleProblemKind) {
        if self.problems.len() == MAX_PROBLEMS {
            return;
        }
        self.problems.push(RuleProblem::new(join(at, property), kind));
    }
}

#[cfg(test)]
mod tests;
