//! What judging one lead may cost, whatever its values and the rules are.

use std::cell::Cell;

/// Steps of all patterns together. A step takes about 10 to 30 nanoseconds if a pattern is written to be slow.
const STEPS: usize = 1_000_000;
/// Steps that each pattern has even after the others used all.
const MIN_STEPS: usize = 2_000;
/// Bytes that the templates of all rules together can expand to.
const EXPANDED: usize = 256 * 1024;

/// What is left for one lead. It depends only on the rules and the lead, so the same lead is judged the same way.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<usize>,
    expanded: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: Cell::new(STEPS), expanded: Cell::new(EXPANDED) }
    }
}

impl Budget {
    /// Takes the steps to look at so many bytes. Returns how many bytes can be looked at.
    pub fn take_steps(&self, bytes: usize, weight: usize) -> usize {
        let left = self.steps.get();
        let bytes = bytes.min(left.max(MIN_STEPS) / weight);
        self.steps.set(left.saturating_sub(bytes * weight));
        bytes
    }

    /// Takes the bytes of an expanded template. False if too few are left.
    pub fn take_expanded(&self, bytes: usize) -> bool {
        let left = self.expanded.get().checked_sub(bytes);
        left.map(|left| self.expanded.set(left)).is_some()
    }
}
