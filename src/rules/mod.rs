//! Field types, rule sets and mappings: a pure language with an evaluator and descriptions in English. No I/O.

mod check;
mod entries;
mod fields;
mod model;
mod rows;
mod template;
mod words;

#[cfg(feature = "ssr")]
mod engine;

pub use check::{
    MAX_DEPTH, MAX_LIST, MAX_MAPPINGS, MAX_PATTERNS, MAX_REASON, MAX_RULES, MAX_VALUE, RuleProblem, RuleProblemKind,
    check_mappings, is_plain_name, is_reserved_name, source_problem,
};
pub use fields::{FieldType, NotAFieldType, STANDARD_FIELDS, StandardField, standard_field};
pub use model::{AcceptanceCriteria, Join, Mapping, Node, NotAnOperator, Operator, Rule, RuleSet};
pub use rows::{CriteriaRows, MappingRow, RowContent, RuleRow, mapping_rows_from_values, mappings_of_rows};
pub use template::names as template_names;
pub use words::{Cause, Failure, Line, default_reason, describe, rule_text};

#[cfg(feature = "ssr")]
pub use engine::{
    Budget, CheckedSet, Compiler, Cost, Criteria, Explained, Explanation, Lead, MAX_EXPANDED_TOTAL, Mappings, Program,
    Reader, Step, Value, Verdict, Way, Ways, parse, value_problems, ways_to_send,
};
