//! Checks the rules and mappings in a request; every error names its property.

use crate::{
    base::FieldError,
    rules::{
        AcceptanceCriteria, Mapping, RuleProblem, check_mappings as problems_of_mappings, pattern_problems,
        source_problem,
    },
    server::{Cx, Fault},
};

/// The names of the properties.
const CRITERIA: &str = "acceptance_criteria";
const MAPPINGS: &str = "mappings";

/// The problems of all patterns of a request, which take long to find: so they are found before the transaction. There
/// are none if there are too many rules.
pub async fn find_pattern_problems(
    cx: &Cx,
    mappings: Option<&[Mapping]>,
    criteria: Option<&AcceptanceCriteria>,
) -> Result<Vec<RuleProblem>, Fault> {
    let mappings = mappings.unwrap_or_default();
    if source_problem(mappings, criteria).is_some() {
        return Ok(Vec::new());
    }
    let at_mapping =
        |(index, mapping): (usize, &Mapping)| Some((format!("{MAPPINGS}.{index}.rule_set"), mapping.rule_set.clone()?));
    let mut sets: Vec<_> = mappings.iter().enumerate().filter_map(at_mapping).collect();
    sets.extend(criteria.map(|criteria| (format!("{CRITERIA}.rule_set"), criteria.rule_set.clone())));
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    cx.state.work.run(move || pattern_problems(sets.iter().map(|(at, set)| (at.clone(), set)))).await
}

/// Checks acceptance criteria for a flow with these fields.
pub fn check_criteria(
    criteria: Option<&AcceptanceCriteria>,
    fields: &[String],
    patterns: &[RuleProblem],
) -> Result<(), Fault> {
    let Some(criteria) = criteria else { return Ok(()) };
    let problems = criteria.check(&known(fields)).err().unwrap_or_default();
    refuse(CRITERIA, problems, patterns)
}

/// Checks the mappings of a source of a flow with these fields.
pub fn check_mappings(mappings: &[Mapping], fields: &[String], patterns: &[RuleProblem]) -> Result<(), Fault> {
    let problems = problems_of_mappings(mappings, &known(fields)).err().unwrap_or_default();
    refuse(MAPPINGS, problems, patterns)
}

/// Checks the limits of mappings and criteria together, after each has been checked alone.
pub fn check_source(mappings: &[Mapping], criteria: Option<&AcceptanceCriteria>) -> Result<(), Fault> {
    match source_problem(mappings, criteria) {
        Some(kind) => Err(Fault::field(CRITERIA, kind.into())),
        None => Ok(()),
    }
}

fn known(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}

fn refuse(property: &str, problems: Vec<RuleProblem>, patterns: &[RuleProblem]) -> Result<(), Fault> {
    let patterns = patterns.iter().filter(|problem| problem.at.split('.').next() == Some(property)).cloned();
    let errors = problems.into_iter().map(|problem| problem.under(property)).chain(patterns).map(|problem| {
        let problem_of_field = problem.kind.into();
        FieldError { field: problem.at, problem: problem_of_field }
    });
    Fault::reject_if_any(errors.collect())
}
