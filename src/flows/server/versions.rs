//! The configurations of a flow and of a source as their versions keep them. `queries/versions.rs` writes one in the
//! transaction of each change.

use crate::rules::{AcceptanceCriteria, Mapping};
use serde::Deserialize;

/// Everything of a flow that judges leads.
#[derive(Debug, Clone, Deserialize)]
pub struct FlowConfiguration {
    pub enabled: bool,
    /// In order.
    pub fields: Vec<String>,
    pub acceptance_criteria: Option<AcceptanceCriteria>,
}

/// Everything of a source that judges leads.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceConfiguration {
    pub mappings: Vec<Mapping>,
    pub acceptance_criteria: Option<AcceptanceCriteria>,
    pub require_authentication: bool,
}
