//! [ssr] Runs rules and mappings on a lead: parsing by field type, evaluation, patterns. The browser only edits them.

mod budget;
mod evaluate;
mod fold;
mod list;
mod mapping;
mod numbers;
mod obscene;
mod parse;
mod pattern;
mod ranges;
mod spans;
mod values;

pub use budget::Budget;
pub use evaluate::{Compiler, Cost, Criteria, Explained, Explanation, Lead, Program, Step, Verdict};
pub use mapping::{MAX_EXPANDED_TOTAL, Mappings, Way, Ways, ways_to_send};
pub use parse::{Reader, Value, parse};
pub use values::{CheckedSet, value_problems};

// Re-exports the language for the modules of this folder.
use super::{check, entries, fields, model, template, words};
