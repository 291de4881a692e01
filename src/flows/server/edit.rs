//! [ssr] Saves the rows of the rule and mapping editors, for islands and plain form posts.

use super::{find_for, find_source_for, queries};
use crate::{
    accounts::model::Permission,
    base::{AppError, FieldError, FlowId, Problem, SourceId},
    rules::{CriteriaRows, MappingRow, mappings_of_rows, pattern_problems},
    server::{Cx, Fault},
};

/// Saves the mappings. Returns the new version.
pub async fn save_mappings(
    cx: &Cx,
    flow_id: FlowId,
    source_id: SourceId,
    version: i32,
    rows: Vec<MappingRow>,
) -> Result<i32, Fault> {
    let mappings = {
        let mut conn = cx.read().await?;
        let (_, source, _) = find_source_for(&mut conn, flow_id, source_id, Permission::ChangeFlows).await?;
        let fields = queries::list_fields(&mut conn, flow_id).await?;
        let known: Vec<_> = fields.iter().map(String::as_str).collect();
        mappings_of_rows(&rows, &source.mappings, &known).map_err(AppError::Invalid)?
    };
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
    let criteria = {
        let mut conn = cx.read().await?;
        find_for(&mut conn, flow_id, Permission::ChangeFlows).await?;
        let fields = queries::list_fields(&mut conn, flow_id).await?;
        let known: Vec<_> = fields.iter().map(String::as_str).collect();
        rows.criteria(&known).map_err(AppError::Invalid)?
    };
    if let Some(criteria) = &criteria {
        let problems = pattern_problems(&criteria.rule_set);
        let error = |problem: &_| FieldError { field: rows.field_of(problem), problem: Problem::RulePatternInvalid };
        Fault::reject_if_any(problems.iter().map(error).collect())?;
    }
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
