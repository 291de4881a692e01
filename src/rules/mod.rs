//! Field types, rule sets and mappings: a pure language with an evaluator and words for people. No I/O.

mod check;
mod fields;
mod model;
mod numbers;
mod rows;
mod template;
mod words;

#[cfg(feature = "ssr")]
mod dates;
#[cfg(feature = "ssr")]
mod evaluate;
#[cfg(feature = "ssr")]
mod mapping;
#[cfg(feature = "ssr")]
mod obscene;
#[cfg(feature = "ssr")]
mod parse;
#[cfg(feature = "ssr")]
mod pattern;
#[cfg(feature = "ssr")]
mod spans;
#[cfg(feature = "ssr")]
mod states;

pub use check::{
    MAX_DEPTH, MAX_MAPPINGS, MAX_REASON, MAX_RULES, MAX_VALUE, RuleProblem, RuleProblemKind, check_mappings,
    is_plain_name, is_reserved_name,
};
pub use fields::{FieldType, NotAFieldType, STANDARD_FIELDS, StandardField, standard_field};
pub use model::{AcceptanceCriteria, Join, Mapping, Node, NotAnOperator, Operator, Rule, RuleSet};
pub use rows::{CriteriaRows, MappingRow, RowContent, RuleRow, mapping_rows_from_values, mappings_of_rows};
pub use words::{Line, default_reason, describe, rule_text};

#[cfg(feature = "ssr")]
pub use evaluate::{Lead, Verdict, evaluate, judge};
#[cfg(feature = "ssr")]
pub use mapping::{apply, parameter_names};
#[cfg(feature = "ssr")]
pub use parse::{Value, parse};
#[cfg(feature = "ssr")]
pub use pattern::pattern_problems;
