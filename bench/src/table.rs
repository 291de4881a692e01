//! Formats the results as a Markdown table.

use crate::aims::{Aim, verdicts};
use std::fmt;

/// What pgbench did beside a scenario.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    pub per_second: f64,
    /// CPU seconds of Postgres per 1000.
    pub cpu: f64,
    /// The median in milliseconds, where it was measured.
    pub median: Option<f64>,
}

/// The statements of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statements {
    pub all: usize,
    /// From begin to commit, both counted, in all transactions of the request.
    pub in_transaction: usize,
}

/// What Postgres wrote for 1000 requests.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    pub commits: f64,
    /// Kibibytes of the write-ahead log.
    pub log: f64,
}

#[derive(Debug, Clone, Default)]
pub struct Row {
    pub scenario: String,
    pub aims: &'static [Aim],
    pub connections: u64,
    pub per_second: f64,
    /// Median, 95th and 99th percentile, in milliseconds.
    pub times: Option<[f64; 3]>,
    /// CPU seconds per 1000: the application, Postgres, and the load generator.
    pub app: f64,
    pub database: f64,
    pub generator: f64,
    /// Memory of the application in MiB: at the peak, and at the end.
    pub peak: f64,
    pub resident: f64,
    pub pgbench: Option<Comparison>,
    pub statements: Option<Statements>,
    pub written: Option<Written>,
}

impl Row {
    pub fn cpu(&self) -> f64 {
        self.app + self.database
    }

    /// The rate as a fraction of pgbench's.
    pub fn share(&self) -> Option<f64> {
        self.pgbench.as_ref().map(|pgbench| self.per_second / pgbench.per_second)
    }

    fn cells(&self) -> [String; 12] {
        let or_empty = |value: Option<String>| value.unwrap_or_default();
        let pgbench = self.pgbench.as_ref();
        [
            self.scenario.clone(),
            self.connections.to_string(),
            format!("{:.0}", self.per_second),
            or_empty(self.times.map(|times| times.map(|time| format!("{time:.1}")).join(" / "))),
            format!("{:.2} + {:.2} = {:.2}", self.app, self.database, self.cpu()),
            format!("{:.3}", self.generator),
            format!("{:.0} / {:.0}", self.peak, self.resident),
            or_empty(pgbench.map(|pgbench| format!("{:.0}", pgbench.per_second))),
            or_empty(pgbench.map(|pgbench| format!("{:.2}", pgbench.cpu))),
            or_empty(self.share().map(|share| format!("{share:.2}"))),
            self.work(),
            verdicts(self.aims, self),
        ]
    }

    /// What a request asks of Postgres.
    fn work(&self) -> String {
        let statements = self.statements.map(|statements| {
            let Statements { all, in_transaction } = statements;
            if in_transaction == 0 {
                return format!("{all} statements");
            }
            format!("{all} statements, {in_transaction} in transactions")
        });
        let written = self
            .written
            .filter(|written| written.commits >= 0.5)
            .map(|written| format!("per 1000: {:.0} commits, {:.0} kB of log", written.commits, written.log));
        statements.into_iter().chain(written).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |", self.cells().join(" | "))
    }
}

/// `notes` are sentences about the run, before the table.
pub fn markdown(rows: &[Row], notes: &str) -> String {
    let mut text = format!(
        "\n{notes}\n\n\
         | | connections | per s | p50 / p95 / p99 ms | CPU: app + Postgres | generator's CPU | peak / resident MiB | pgbench per s | its CPU | ratio | work of Postgres | aims |\n\
         |---|--:|--:|--:|---|--:|--:|--:|--:|--:|---|---|\n"
    );
    for row in rows {
        text.push_str(&format!("{row}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_every_figure() {
        let row = Row {
            scenario: "Accept".to_owned(),
            connections: 16,
            per_second: 400.0,
            times: Some([1.0, 2.0, 3.0]),
            app: 0.3,
            database: 0.4,
            generator: 0.02,
            peak: 70.0,
            resident: 60.0,
            pgbench: Some(Comparison { per_second: 1000.0, cpu: 0.3, median: None }),
            statements: Some(Statements { all: 15, in_transaction: 12 }),
            written: Some(Written { commits: 1000.0, log: 2400.0 }),
            ..Row::default()
        };
        assert_eq!(
            row.to_string(),
            "| Accept | 16 | 400 | 1.0 / 2.0 / 3.0 | 0.30 + 0.40 = 0.70 | 0.020 | 70 / 60 | 1000 | 0.30 | 0.40 | \
             15 statements, 12 in transactions; per 1000: 1000 commits, 2400 kB of log |  |"
        );
    }

    #[test]
    fn what_was_not_measured_is_empty() {
        let row = Row { scenario: "Sign in".to_owned(), connections: 1, ..Row::default() };
        assert_eq!(row.to_string(), "| Sign in | 1 | 0 |  | 0.00 + 0.00 = 0.00 | 0.000 | 0 / 0 |  |  |  |  |  |");
    }
}
