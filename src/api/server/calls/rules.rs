//! Checks the rules and mappings in a request; every error names its property.

use crate::{
    base::FieldError,
    rules::{
        AcceptanceCriteria, CheckedSet, Mapping, RuleProblem, check_mappings as problems_of_mappings, source_problem,
        value_problems,
    },
    server::{Cx, Fault},
};

/// The names of the properties.
const CRITERIA: &str = "acceptance_criteria";
const MAPPINGS: &str = "mappings";
/// Maximum errors of one property that are listed.
const MAX_ERRORS: usize = 50;

/// The values of a request's rules that no lead can match, and invalid patterns. These take long to find: so they are
/// found before the transaction. There are none if there are too many rules.
pub async fn find_value_problems(
    cx: &Cx,
    mappings: Option<&[Mapping]>,
    criteria: Option<&AcceptanceCriteria>,
) -> Result<Vec<RuleProblem>, Fault> {
    let mappings = mappings.unwrap_or_default();
    if source_problem(mappings, criteria).is_some() {
        return Ok(Vec::new());
    }
    let at_mapping = |(index, mapping): (usize, &Mapping)| {
        Some((format!("{MAPPINGS}.{index}.rule_set"), mapping.rule_set.clone()?, true))
    };
    let mut sets: Vec<_> = mappings.iter().enumerate().filter_map(at_mapping).collect();
    sets.extend(criteria.map(|criteria| (format!("{CRITERIA}.rule_set"), criteria.rule_set.clone(), false)));
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    cx.state
        .work
        .run(move || {
            value_problems(sets.iter().map(|(at, rules, of_parameters)| CheckedSet {
                at: at.clone(),
                rules,
                of_parameters: *of_parameters,
            }))
        })
        .await
}

/// Checks acceptance criteria for a flow with these fields.
pub fn check_criteria(
    criteria: Option<&AcceptanceCriteria>,
    fields: &[String],
    values: &[RuleProblem],
) -> Result<(), Fault> {
    let Some(criteria) = criteria else { return Ok(()) };
    let problems = criteria.check(&known(fields)).err().unwrap_or_default();
    refuse(CRITERIA, problems, values)
}

/// Checks the mappings of a source of a flow with these fields.
pub fn check_mappings(mappings: &[Mapping], fields: &[String], values: &[RuleProblem]) -> Result<(), Fault> {
    let problems = problems_of_mappings(mappings, &known(fields)).err().unwrap_or_default();
    refuse(MAPPINGS, problems, values)
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

fn refuse(property: &str, problems: Vec<RuleProblem>, values: &[RuleProblem]) -> Result<(), Fault> {
    let values = values.iter().filter(|problem| problem.at.split('.').next() == Some(property)).cloned();
    let errors = problems.into_iter().map(|problem| problem.under(property)).chain(values).map(|problem| {
        let problem_of_field = problem.kind.into();
        FieldError { field: problem.at, problem: problem_of_field }
    });
    Fault::reject_if_any(errors.take(MAX_ERRORS).collect())
}
