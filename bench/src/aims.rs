//! What the measurements should reach, and whether they do.

use crate::table::Row;

/// Where an aim applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Any,
    Connections(u64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Size {
    /// At least so many per second, or at least this share of pgbench's rate.
    Rate { per_second: f64, share: f64 },
    /// At most so many CPU seconds per 1000, application and Postgres together.
    Cpu(f64),
    /// At most so many statements from begin to commit, both counted.
    Statements(usize),
    /// The 99th percentile is less than so many times the median.
    Tail(f64),
    /// The median is at most so many milliseconds over that of pgbench's insert.
    OverInsert(f64),
    /// Less than so many MiB at the peak.
    Memory(f64),
    /// The 95th percentile is less than so many milliseconds.
    At95(f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aim {
    pub at: At,
    pub size: Size,
}

impl Aim {
    /// The aim in words and whether it is met. None if it does not apply to the row.
    pub fn verdict(&self, row: &Row) -> Option<(String, bool)> {
        if let At::Connections(connections) = self.at
            && connections != row.connections
        {
            return None;
        }
        let times = row.times;
        Some(match self.size {
            Size::Rate { per_second, share } => {
                let reached = row.share();
                let is_met = row.per_second >= per_second || reached.is_some_and(|reached| reached >= share);
                (format!("rate ≥ {per_second:.0} or {share:.2} of pgbench's"), is_met)
            }
            Size::Cpu(limit) => (format!("CPU ≤ {limit:.2}"), rounded(row.cpu()) <= limit),
            Size::Statements(limit) => (format!("statements ≤ {limit}"), row.statements?.in_transaction <= limit),
            Size::Tail(limit) => {
                let [median, _, at_99] = times?;
                (format!("p99 < {limit:.0} × p50 (is {:.1} ×)", at_99 / median), at_99 < limit * median)
            }
            Size::OverInsert(limit) => {
                let over = times?[0] - row.pgbench.as_ref()?.median?;
                (format!("p50 ≤ pgbench's + {limit:.1} ms (is {over:+.2})"), over <= limit)
            }
            Size::Memory(limit) => (format!("memory < {limit:.0}"), row.peak < limit),
            Size::At95(limit) => (format!("p95 < {limit:.0} ms"), times?[1] < limit),
        })
    }
}

/// As the table shows it.
fn rounded(seconds: f64) -> f64 {
    (seconds * 100.0).round() / 100.0
}

/// All aims of a row, each with its verdict.
pub fn verdicts(aims: &[Aim], row: &Row) -> String {
    let all = aims.iter().filter_map(|aim| aim.verdict(row));
    all.map(|(aim, is_met)| format!("{aim}: {}", if is_met { "met" } else { "**missed**" }))
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Comparison, Statements};

    fn row() -> Row {
        Row {
            connections: 16,
            per_second: 3_000.0,
            times: Some([2.0, 4.0, 9.0]),
            app: 0.15,
            database: 0.05,
            peak: 40.0,
            statements: Some(Statements { all: 14, in_transaction: 10 }),
            pgbench: Some(Comparison { per_second: 10_000.0, cpu: 0.05, median: Some(1.2) }),
            ..Row::default()
        }
    }

    #[test]
    fn each_aim_is_met_up_to_its_limit_and_missed_beyond_it() {
        for (met, missed) in [
            (Size::Rate { per_second: 3_000.0, share: 0.9 }, Size::Rate { per_second: 3_001.0, share: 0.31 }),
            (Size::Rate { per_second: 7_000.0, share: 0.3 }, Size::Rate { per_second: 7_000.0, share: 0.31 }),
            (Size::Cpu(0.2), Size::Cpu(0.19)),
            (Size::Statements(10), Size::Statements(9)),
            (Size::Tail(5.0), Size::Tail(4.5)),
            (Size::OverInsert(0.9), Size::OverInsert(0.7)),
            (Size::Memory(41.0), Size::Memory(40.0)),
            (Size::At95(5.0), Size::At95(4.0)),
        ] {
            for (size, is_met) in [(met, true), (missed, false)] {
                let verdict = Aim { at: At::Any, size }.verdict(&row());
                assert_eq!(verdict.map(|(_, is_met)| is_met), Some(is_met), "{size:?}");
            }
        }
    }

    #[test]
    fn an_aim_applies_at_its_number_of_connections() {
        let aims = [16, 128].map(|connections| Aim { at: At::Connections(connections), size: Size::Cpu(0.1) });
        assert_eq!(verdicts(&aims, &row()), "CPU ≤ 0.10: **missed**");
        assert_eq!(verdicts(&[Aim { at: At::Any, size: Size::Memory(64.0) }], &row()), "memory < 64: met");
    }

    #[test]
    fn without_figures_there_is_no_verdict() {
        let bare = Row { times: None, statements: None, pgbench: None, ..row() };
        for size in [Size::Statements(1), Size::Tail(5.0), Size::OverInsert(1.0), Size::At95(1.0)] {
            assert_eq!(Aim { at: At::Any, size }.verdict(&bare), None);
        }
    }
}
