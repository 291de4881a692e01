//! [both] Rule sets and mappings as the flat rows that an editor shows and a plain form posts.
//!
//! A group is a row; its rows follow one level deeper. Form fields are named `row-0-field`, `row-0-op`, `row-0-value`
//! or, for a group, `row-0-join`; each row also has `row-0-depth`.

use super::{
    AcceptanceCriteria, Join, MAX_DEPTH, MAX_MAPPINGS, MAX_RULES, Mapping, Node, Operator, Rule, RuleProblem, RuleSet,
    check_mappings,
};
use crate::base::{FieldError, Problem};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Maximum rows of the rule editor. Each rule can be in as many groups as groups can be nested.
const MAX_ROWS: usize = MAX_RULES * MAX_DEPTH;

/// One line of the rule editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// 0 for the outermost rows.
    pub depth: u32,
    pub content: RowContent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowContent {
    Group(Join),
    Rule {
        /// The name of the field, without `lead.`; empty until one is chosen.
        field: String,
        op: Operator,
        value: String,
    },
}

impl RuleRow {
    pub fn rule(depth: u32) -> Self {
        Self {
            depth,
            content: RowContent::Rule { field: String::new(), op: Operator::IsEqualTo, value: String::new() },
        }
    }

    pub fn group(depth: u32) -> Self {
        Self { depth, content: RowContent::Group(Join::Or) }
    }

    fn values(&self, index: usize) -> Vec<(String, String)> {
        let depth = named(index, "depth", &self.depth.to_string());
        match &self.content {
            RowContent::Group(join) => vec![depth, named(index, "join", join.as_str())],
            RowContent::Rule { field, op, value } => {
                vec![depth, named(index, "field", field), named(index, "op", op.as_str()), named(index, "value", value)]
            }
        }
    }
}

/// The rule editor as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriteriaRows {
    pub join: Join,
    pub rows: Vec<RuleRow>,
    pub reason: String,
}

impl CriteriaRows {
    pub fn of(criteria: Option<&AcceptanceCriteria>) -> Self {
        let Some(criteria) = criteria else { return Self::default() };
        let mut rows = Vec::new();
        flatten(&criteria.rule_set, 0, &mut rows);
        Self { join: criteria.rule_set.op, rows, reason: criteria.reason.clone().unwrap_or_default() }
    }

    /// Parses a posted form.
    pub fn from_values(values: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| values.get(name).cloned().unwrap_or_default();
        let rows = (0..)
            .map_while(|index| {
                let depth = values.get(&format!("row-{index}-depth"))?.parse().ok()?;
                let content = match values.get(&format!("row-{index}-join")) {
                    Some(join) => RowContent::Group(join.parse().ok()?),
                    None => RowContent::Rule {
                        field: text(&format!("row-{index}-field")),
                        op: text(&format!("row-{index}-op")).parse().ok()?,
                        value: text(&format!("row-{index}-value")),
                    },
                };
                Some(RuleRow { depth, content })
            })
            .collect();
        Self { join: text("join").parse().unwrap_or_default(), rows, reason: text("reason") }
    }

    /// The criteria, or the errors by form field. None means no rules: every lead passes.
    pub fn criteria(&self, known_fields: &[&str]) -> Result<Option<AcceptanceCriteria>, Vec<FieldError>> {
        if self.rows.len() > MAX_ROWS {
            return Err(vec![error("join", Problem::RulesTooMany)]);
        }
        let reason = Some(self.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let mut paths = vec![String::new(); self.rows.len()];
        let (rules, rest) = nest(&self.rows, 0, 0, "rule_set", &mut paths);
        if rest < self.rows.len() {
            return Err(vec![error("join", Problem::RulesUnreadable)]);
        }
        let criteria = AcceptanceCriteria { rule_set: RuleSet { op: self.join, rules }, reason };
        criteria
            .check(known_fields)
            .map_err(|problems| problems.iter().map(|problem| self.error_of(problem, &paths)).collect::<Vec<_>>())?;
        Ok((!criteria.rule_set.is_empty()).then_some(criteria))
    }

    fn error_of(&self, problem: &RuleProblem, paths: &[String]) -> FieldError {
        let field = self.form_field(problem, paths);
        let row = field.strip_prefix("row-").and_then(|rest| rest.strip_suffix("-field")).map(str::parse::<usize>);
        let no_field_chosen = match row {
            Some(Ok(row)) => matches!(&self.rows[row].content, RowContent::Rule { field, .. } if field.is_empty()),
            _ => false,
        };
        error(&field, if no_field_chosen { Problem::RuleFieldMissing } else { problem.kind.into() })
    }

    /// The form field of a problem that the server found in the values of the rule set.
    pub fn field_of(&self, problem: &RuleProblem) -> String {
        let mut paths = vec![String::new(); self.rows.len()];
        nest(&self.rows, 0, 0, "", &mut paths);
        let rooted = RuleProblem { at: format!(".{}", problem.at), kind: problem.kind };
        self.form_field(&rooted, &paths)
    }

    fn form_field(&self, problem: &RuleProblem, paths: &[String]) -> String {
        let row = paths.iter().rposition(|path| problem.at.starts_with(path.as_str()) && !path.is_empty());
        match (row, problem.at.rsplit('.').next()) {
            (Some(row), Some("lhv")) => format!("row-{row}-field"),
            (Some(row), Some("rhv")) => format!("row-{row}-value"),
            (Some(row), _) => format!("row-{row}-join"),
            (None, Some("reason")) => "reason".to_owned(),
            (None, _) => "join".to_owned(),
        }
    }

    /// The rows as form fields.
    pub fn values(&self) -> Vec<(String, String)> {
        self.rows.iter().enumerate().flat_map(|(index, row)| row.values(index)).collect()
    }

    /// Appends a rule or group to the outermost level.
    pub fn add(&mut self, row: RuleRow) {
        self.rows.push(row);
    }

    /// Appends a rule to the group at `index`.
    pub fn add_under(&mut self, index: usize) -> Option<usize> {
        let depth = self.rows.get(index)?.depth;
        let end = self.end_of(index);
        self.rows.insert(end, RuleRow::rule(depth.saturating_add(1)));
        Some(end)
    }

    /// Removes a row; a group with everything in it.
    pub fn remove(&mut self, index: usize) {
        if index < self.rows.len() {
            self.rows.drain(index..self.end_of(index));
        }
    }

    fn end_of(&self, index: usize) -> usize {
        let depth = self.rows[index].depth;
        let inside = self.rows[index + 1..].iter().take_while(|row| row.depth > depth).count();
        index + 1 + inside
    }
}

fn flatten(set: &RuleSet, depth: u32, rows: &mut Vec<RuleRow>) {
    for node in &set.rules {
        match node {
            Node::Rule(rule) => rows.push(RuleRow {
                depth,
                content: RowContent::Rule {
                    field: rule.field().to_owned(),
                    op: rule.op,
                    value: rule.value().to_owned(),
                },
            }),
            Node::Set(inner) => {
                rows.push(RuleRow { depth, content: RowContent::Group(inner.op) });
                flatten(inner, depth + 1, rows);
            }
        }
    }
}

/// The nodes at `depth` from row `start` on, and the index after the last row. Stores the path of each row's node in
/// `paths`.
fn nest(rows: &[RuleRow], start: usize, depth: u32, path: &str, paths: &mut [String]) -> (Vec<Node>, usize) {
    let (mut nodes, mut at) = (Vec::new(), start);
    while let Some(row) = rows.get(at).filter(|row| row.depth == depth && row.depth <= MAX_DEPTH as u32) {
        let node_path = format!("{path}.rules.{}", nodes.len());
        paths[at] = format!("{node_path}.");
        at += 1;
        match &row.content {
            RowContent::Group(join) => {
                let (rules, end) = nest(rows, at, depth + 1, &node_path, paths);
                nodes.push(Node::Set(RuleSet { op: *join, rules }));
                at = end;
            }
            RowContent::Rule { field, op, value } => {
                let value = (!op.is_unary()).then_some(value.as_str());
                nodes.push(Node::Rule(Rule::new(format!("lead.{field}"), *op, value)));
            }
        }
    }
    (nodes, at)
}

/// One row of the mapping editor: a field of the flow, set from a parameter of the seller or a fixed text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingRow {
    pub property: String,
    pub is_text: bool,
    /// The name of the parameter, or the text, which may contain `{{parameter}}` templates.
    pub value: String,
}

impl MappingRow {
    pub fn of(mapping: &Mapping) -> Self {
        let name = mapping.value.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
        match name.filter(|name| !name.contains(['{', '}'])) {
            Some(name) => Self { property: mapping.property.clone(), is_text: false, value: name.to_owned() },
            None => Self { property: mapping.property.clone(), is_text: true, value: mapping.value.clone() },
        }
    }

    /// The row as form fields.
    pub fn values(&self, index: usize) -> [(String, String); 3] {
        let kind = if self.is_text { "text" } else { "parameter" };
        [named(index, "property", &self.property), named(index, "kind", kind), named(index, "value", &self.value)]
    }

    fn mapping(&self) -> Mapping {
        let value = if self.is_text { self.value.clone() } else { format!("{{{{{}}}}}", self.value.trim()) };
        Mapping { property: self.property.clone(), value, rule_set: None }
    }
}

/// Parses a posted form.
pub fn mapping_rows_from_values(values: &BTreeMap<String, String>) -> Vec<MappingRow> {
    let text = |index: usize, name: &str| values.get(&format!("row-{index}-{name}")).cloned();
    (0..)
        .map_while(|index| {
            Some(MappingRow {
                property: text(index, "property")?,
                is_text: text(index, "kind").is_some_and(|kind| kind == "text"),
                value: text(index, "value").unwrap_or_default(),
            })
        })
        .collect()
}

/// The mappings, or the errors by form field. `before` are the saved mappings, whose conditions are kept because the
/// editor does not show them.
pub fn mappings_of_rows(
    rows: &[MappingRow],
    before: &[Mapping],
    known_fields: &[&str],
) -> Result<Vec<Mapping>, Vec<FieldError>> {
    if rows.len() > MAX_MAPPINGS {
        return Err(vec![error("row-0-value", Problem::MappingsTooMany)]);
    }
    let mut errors = Vec::new();
    let mut mappings = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if !known_fields.contains(&row.property.as_str()) {
            errors.push(error(&format!("row-{index}-property"), Problem::MappingTargetUnknown));
        }
        if !row.is_text && (row.value.trim().is_empty() || row.value.contains(['{', '}'])) {
            errors.push(error(&format!("row-{index}-value"), Problem::MappingValueMissing));
        }
        let mut mapping = row.mapping();
        let same = before.iter().find(|old| old.property == mapping.property && old.value == mapping.value);
        mapping.rule_set = same.and_then(|old| old.rule_set.clone());
        mappings.push(mapping);
    }
    if errors.is_empty()
        && let Err(problems) = check_mappings(&mappings, known_fields)
    {
        errors.extend(problems.iter().map(|problem| {
            let mut path = problem.at.split('.');
            let row = path.next().filter(|row| !row.is_empty()).unwrap_or("0");
            let column = if path.next() == Some("property") { "property" } else { "value" };
            error(&format!("row-{row}-{column}"), problem.kind.into())
        }));
    }
    if errors.is_empty() { Ok(mappings) } else { Err(errors) }
}

fn named(index: usize, part: &str, value: &str) -> (String, String) {
    (format!("row-{index}-{part}"), value.to_owned())
}

fn error(field: &str, problem: Problem) -> FieldError {
    FieldError { field: field.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["state", "age", "email"];

    fn rule(depth: u32, field: &str, op: Operator, value: &str) -> RuleRow {
        RuleRow { depth, content: RowContent::Rule { field: field.to_owned(), op, value: value.to_owned() } }
    }

    fn editor() -> CriteriaRows {
        CriteriaRows {
            join: Join::And,
            rows: vec![
                rule(0, "email", Operator::FormatIsValid, ""),
                RuleRow::group(0),
                rule(1, "state", Operator::IsEqualTo, "CA"),
                rule(1, "age", Operator::IsGreaterThan, "21"),
            ],
            reason: String::new(),
        }
    }

    #[test]
    fn rows_and_criteria_round_trip() {
        let criteria = editor().criteria(KNOWN).unwrap().unwrap();
        assert_eq!(CriteriaRows::of(Some(&criteria)), editor());
    }

    #[test]
    fn a_problem_is_reported_at_the_field_of_its_row() {
        let mut rows = editor();
        rows.rows[2] = rule(1, "state", Operator::IsEqualTo, " ");
        rows.rows[3] = rule(1, "", Operator::IsGreaterThan, "21");
        let errors = rows.criteria(KNOWN).unwrap_err();
        assert_eq!(
            errors,
            [error("row-2-value", Problem::RuleValueMissing), error("row-3-field", Problem::RuleFieldMissing)]
        );
    }

    #[test]
    fn adding_appends_to_a_group_and_removing_a_group_removes_its_rows() {
        let mut rows = editor();
        rows.add_under(1);
        assert_eq!(rows.rows[4], RuleRow::rule(1));
        rows.remove(1);
        assert_eq!(rows.rows.len(), 1);
    }

    #[test]
    fn a_row_deeper_than_its_group_is_rejected() {
        let rows = CriteriaRows { rows: vec![rule(3, "state", Operator::IsBlank, "")], ..CriteriaRows::default() };
        assert_eq!(rows.criteria(KNOWN).unwrap_err(), [error("join", Problem::RulesUnreadable)]);
    }

    #[test]
    fn a_mapping_has_a_parameter_or_a_fixed_text() {
        let rows = [
            MappingRow { property: "state".into(), is_text: false, value: " st ".into() },
            MappingRow { property: "age".into(), is_text: true, value: "42".into() },
        ];
        let mappings = mappings_of_rows(&rows, &[], KNOWN).unwrap();
        assert_eq!(mappings[0].value, "{{st}}");
        assert_eq!(MappingRow::of(&mappings[0]).value, "st");
        assert_eq!(MappingRow::of(&mappings[1]), rows[1]);
    }

    #[test]
    fn a_mapping_to_a_field_outside_the_flow_is_rejected_at_that_field() {
        let rows = [MappingRow { property: "shoe_size".into(), is_text: false, value: "".into() }];
        let fields: Vec<_> = mappings_of_rows(&rows, &[], KNOWN).unwrap_err().into_iter().map(|e| e.field).collect();
        assert_eq!(fields, ["row-0-property", "row-0-value"]);
    }
}
