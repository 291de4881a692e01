//! Formats the results as a Markdown table.

use crate::options::Options;
use std::fmt;

/// The results of pgbench running the same statements as often.
#[derive(Debug)]
pub struct Comparison {
    pub per_second: f64,
    /// CPU seconds of Postgres per thousand.
    pub cpu: f64,
    pub statements: usize,
    pub commits: usize,
}

#[derive(Debug)]
pub struct Row {
    pub scenario: &'static str,
    pub target: Option<f64>,
    pub connections: u64,
    pub per_second: f64,
    /// Median, 95th and 99th percentile, in milliseconds.
    pub times: Option<[f64; 3]>,
    /// CPU seconds per thousand.
    pub app: f64,
    pub database: f64,
    /// Peak memory of the application in MiB.
    pub peak: f64,
    pub pgbench: Option<Comparison>,
}

impl Row {
    fn cpu(&self) -> f64 {
        self.app + self.database
    }

    /// The rate as a fraction of pgbench's.
    fn share(&self) -> Option<f64> {
        self.pgbench.as_ref().map(|pgbench| self.per_second / pgbench.per_second)
    }

    /// The missed targets.
    fn missed(&self) -> String {
        let missed = [
            (self.target.is_some_and(|target| self.cpu() > target), "CPU"),
            (self.peak > 64.0, "memory"),
            (self.connections == 16 && self.share().is_some_and(|share| share < 0.5), "rate"),
        ];
        missed.iter().filter(|(is_missed, _)| *is_missed).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }

    fn cells(&self) -> [String; 12] {
        let or_empty = |value: Option<String>| value.unwrap_or_default();
        let pgbench = self.pgbench.as_ref();
        [
            self.scenario.to_owned(),
            self.connections.to_string(),
            format!("{:.0}", self.per_second),
            or_empty(self.times.map(|times| times.map(|time| format!("{time:.1}")).join(" / "))),
            format!("{:.2} + {:.2} = {:.2}", self.app, self.database, self.cpu()),
            or_empty(self.target.map(|target| format!("{target:.2}"))),
            format!("{:.0}", self.peak),
            or_empty(pgbench.map(|pgbench| format!("{:.0}", pgbench.per_second))),
            or_empty(pgbench.map(|pgbench| format!("{:.2}", pgbench.cpu))),
            or_empty(self.share().map(|share| format!("{share:.2}"))),
            or_empty(pgbench.map(|pgbench| format!("{} / {}", pgbench.statements, pgbench.commits))),
            self.missed(),
        ]
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |", self.cells().join(" | "))
    }
}

pub fn markdown(rows: &[Row], options: &Options, baseline: &str) -> String {
    let mut text = format!(
        "\nCPU is seconds per 1000: application + Postgres. pgbench runs the same statements as often, prepared, as the\n\
         application's role; its CPU is Postgres' alone. {} s each; emails stay queued and are measured separately. The\n\
         last column names missed targets: CPU and half of pgbench's rate at 16 connections, 64 MiB.\n{baseline}\n\n\
         | | connections | per s | p50 / p95 / p99 ms | CPU | target | peak MiB | pgbench per s | its CPU | share | statements / commits | missed |\n\
         |---|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|---|\n",
        options.time.as_secs(),
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
    fn a_row_names_what_it_misses() {
        let mut row = Row {
            scenario: "Accept",
            target: Some(0.6),
            connections: 16,
            per_second: 400.0,
            times: None,
            app: 0.3,
            database: 0.4,
            peak: 70.0,
            pgbench: Some(Comparison { per_second: 1000.0, cpu: 0.3, statements: 2, commits: 1 }),
        };
        assert_eq!(row.missed(), "CPU, memory, rate");
        (row.app, row.peak, row.per_second) = (0.1, 20.0, 500.0);
        assert_eq!(row.missed(), "");
    }
}
