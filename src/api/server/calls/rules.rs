//! Checks the rules and mappings in a request; every error names its property.

use crate::{
    base::FieldError,
    rules::{AcceptanceCriteria, Mapping, RuleProblem, check_mappings as problems_of_mappings, pattern_problems},
    server::Fault,
};

/// Checks acceptance criteria for a flow with these fields.
pub fn check_criteria(criteria: Option<&AcceptanceCriteria>, fields: &[String]) -> Result<(), Fault> {
    let Some(criteria) = criteria else { return Ok(()) };
    let patterns = pattern_problems(&criteria.rule_set).into_iter().map(|problem| problem.under("rule_set"));
    let problems = criteria.check(&known(fields)).err().unwrap_or_default();
    refuse("acceptance_criteria", problems.into_iter().chain(patterns))
}

/// Checks the mappings of a source of a flow with these fields.
pub fn check_mappings(mappings: &[Mapping], fields: &[String]) -> Result<(), Fault> {
    let patterns = mappings.iter().enumerate().flat_map(|(index, mapping)| {
        let found = mapping.rule_set.as_ref().map(pattern_problems).unwrap_or_default();
        found.into_iter().map(move |problem| problem.under(&format!("{index}.rule_set")))
    });
    let problems = problems_of_mappings(mappings, &known(fields)).err().unwrap_or_default();
    refuse("mappings", problems.into_iter().chain(patterns))
}

fn known(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}

fn refuse(property: &str, problems: impl Iterator<Item = RuleProblem>) -> Result<(), Fault> {
    let errors = problems.map(|problem| {
        let problem = problem.under(property);
        FieldError { field: problem.at, problem: problem.kind.into() }
    });
    Fault::reject_if_any(errors.collect())
}
