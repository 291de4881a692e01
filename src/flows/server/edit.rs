//! [ssr] Saves the rows of the rule and mapping editors, for islands and plain form posts.

use super::{find_for, find_source_for, queries};
use crate::{
    accounts::model::Permission,
    base::{AppError, FieldError, FlowId, SourceId},
    rules::{
        AcceptanceCriteria, CheckedSet, CriteriaRows, Mapping, MappingRow, RuleProblem, mappings_of_rows,
        source_problem, value_problems,
    },
    server::{Cx, Fault},
};
use std::iter;

/// Saves the mappings. Returns the new version.
pub async fn save_mappings(
    cx: &Cx,
    flow_id: FlowId,
    source_id: SourceId,
    version: i32,
    rows: Vec<MappingRow>,
) -> Result<i32, Fault> {
    let (source, fields) = {
        let mut conn = cx.read().await?;
        let (_, source, _) = find_source_for(&mut conn, flow_id, source_id, Permission::ChangeFlows).await?;
        (source, queries::list_fields(&mut conn, flow_id).await?)
    };
    let known: Vec<_> = fields.iter().map(String::as_str).collect();
    let mappings = mappings_of_rows(&rows, &source.mappings, &known).map_err(AppError::Invalid)?;
    let criteria = source.acceptance_criteria.as_ref().map(|criteria| &criteria.0);
    if let Some(kind) = source_problem(&mappings, criteria) {
        return Err(Fault::field("row-0-value", kind.into()));
    }
    cx.write((flow_id, source_id, version, mappings), |tx, (flow, source, version, mappings)| {
        Box::pin(super::set_mappings(tx, flow, source, version, mappings))
    })
    .await?;
    Ok(version + 1)
}

/// Saves the acceptance criteria of a source, or of the flow if `source_id` is None. Returns the new version.
pub async fn save_criteria(
    cx: &Cx,
    flow_id: FlowId,
    source_id: Option<SourceId>,
    version: i32,
    rows: CriteriaRows,
) -> Result<i32, Fault> {
    let (mappings, fields) = {
        let mut conn = cx.read().await?;
        find_for(&mut conn, flow_id, Permission::ChangeFlows).await?;
        let mappings = match source_id {
            Some(id) => find_source_for(&mut conn, flow_id, id, Permission::ChangeFlows).await?.1.mappings.0,
            None => Vec::new(),
        };
        (mappings, queries::list_fields(&mut conn, flow_id).await?)
    };
    // Compiling patterns takes long.
    let criteria = cx.state.work.run(move || checked_criteria(&rows, &mappings, &fields)).await?;
    let criteria = criteria.map_err(AppError::Invalid)?;
    cx.write((flow_id, source_id, version, criteria), |tx, (flow, source, version, criteria)| {
        Box::pin(async move {
            match source {
                Some(source) => super::set_source_criteria(tx, flow, source, version, criteria).await,
                None => super::set_flow_criteria(tx, flow, version, criteria).await,
            }
        })
    })
    .await?;
    Ok(version + 1)
}

/// The criteria for a source with these mappings. Limits are checked before any pattern is compiled.
fn checked_criteria(
    rows: &CriteriaRows,
    mappings: &[Mapping],
    fields: &[String],
) -> Result<Option<AcceptanceCriteria>, Vec<FieldError>> {
    let known: Vec<_> = fields.iter().map(String::as_str).collect();
    let Some(criteria) = rows.criteria(&known)? else { return Ok(None) };
    if let Some(kind) = source_problem(mappings, Some(&criteria)) {
        return Err(vec![FieldError { field: "join".to_owned(), problem: kind.into() }]);
    }
    let set = CheckedSet { at: String::new(), rules: &criteria.rule_set, of_parameters: false };
    let problems = value_problems(iter::once(set));
    let error = |problem: &RuleProblem| FieldError { field: rows.field_of(problem), problem: problem.kind.into() };
    let errors: Vec<_> = problems.iter().map(error).collect();
    if errors.is_empty() { Ok(Some(criteria)) } else { Err(errors) }
}
