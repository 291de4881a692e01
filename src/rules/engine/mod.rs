//! [ssr] Runs rules and mappings on a lead: parsing by field type, evaluation, patterns. The browser only edits them.

mod budget;
mod dates;
mod evaluate;
mod list;
mod mapping;
mod obscene;
mod parse;
mod pattern;
mod spans;
mod states;

pub use budget::Budget;
pub use evaluate::{Compiler, Cost, Criteria, Explained, Explanation, Lead, Program, Step, Verdict};
pub use mapping::{Mappings, parameter_names};
pub use parse::{Value, parse};
pub use pattern::pattern_problems;

// Re-exports the language for the modules of this folder.
use super::{check, fields, model, numbers, template, words};
