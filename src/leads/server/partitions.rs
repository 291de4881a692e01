//! The partitions of leads: one a week, made ahead, and dropped when no account keeps its leads any longer. The owner's
//! functions in `migrations/0026` decide what to do next; the application only asks for the next step. Each step is a
//! short transaction, so a process can be killed at any moment and another one goes on.

use super::queries::partitions;
use crate::server::{AppState, Fault};

/// Maximum steps of one turn, so that other due work is not kept waiting.
const STEPS: usize = 50;

/// Takes the next steps: makes the partitions of this week and of the weeks ahead, moves leads out of the default
/// partition, drops old partitions. Returns the number of steps. Only one process does this at a time.
pub async fn tend(state: &AppState) -> Result<usize, Fault> {
    let mut steps = 0;
    while steps < STEPS && partitions::tend(&mut *state.pool.acquire().await?).await? {
        steps += 1;
    }
    while steps < STEPS
        && let Some(name) = partitions::drop_oldest(&mut *state.pool.acquire().await?).await?
    {
        tracing::info!(name, "dropped a partition of leads that no account keeps any longer");
        steps += 1;
    }
    Ok(steps)
}
