//! Measures a scenario: first the server, then pgbench beside it.

use crate::{
    Outcome,
    load::{Load, Measured, Until},
    options::Options,
    pgbench,
    postgres::Postgres,
    scenario::{self, Beside, Scenario},
    script::{self, Script, Statement},
    table::{Comparison, Row, Statements, Written},
    usage,
};
use std::time::Duration;

pub struct Bench<'a> {
    pub options: &'a Options,
    pub postgres: &'a Postgres,
    pub load: Load<'a>,
}

/// How long each measurement is prepared by the same load.
const WARM: Duration = Duration::from_millis(500);
/// After so many leads the memory is read.
const MEMORY_AFTER: [u64; 2] = [100_000, 1_000_000];

impl Bench<'_> {
    /// A row for each number of connections.
    pub fn scenario(&self, scenario: &'static Scenario, connections: &[u64]) -> Outcome<Vec<Row>> {
        let mut sequence = 0;
        let [first, second] = self.record(scenario, &mut sequence)?;
        let statements = script::count(&second.statements);
        let Statements { all, in_transaction } = statements;
        eprintln!("    {all} statements, {in_transaction} in transactions");
        let script = match scenario.beside {
            Beside::Statements => Some(self.script(scenario, &first, &second)?),
            Beside::Insert | Beside::Nothing => None,
        };
        let mut rows = Vec::new();
        for connections in connections {
            let mut row = self.server(scenario, *connections, Until::Time(self.options.time), &mut sequence)?;
            row.statements = Some(statements);
            row.pgbench = self.beside(scenario, script.as_ref(), &row, &mut sequence)?;
            eprintln!("    {row}");
            rows.push(row);
        }
        Ok(rows)
    }

    /// Rows that show whether memory grows with the number of leads.
    pub fn memory(&self) -> Outcome<Vec<Row>> {
        let scenario = scenario::find("leads-many").ok_or("There is no scenario leads-many.")?;
        let (mut sequence, mut rows) = (0, Vec::new());
        for leads in MEMORY_AFTER {
            let stored = self.postgres.query_value("select count(*) from leads")?.parse().unwrap_or(0);
            let left = leads.saturating_sub(stored).max(1);
            let mut row = self.server(scenario, 128, Until::Count(left), &mut sequence)?;
            row.scenario = format!("{}, until {leads} are stored", scenario.title);
            eprintln!("    {row}");
            rows.push(row);
        }
        Ok(rows)
    }

    /// Sends two requests and records the statements each caused.
    fn record(&self, scenario: &'static Scenario, sequence: &mut u64) -> Outcome<[Recording; 2]> {
        // The first requests prepare the statements and fill caches.
        self.load.run(scenario, scenario.warm.min(16), Until::Count(scenario.warm), sequence)?;
        let mut one = || {
            let number = *sequence;
            self.postgres.log_statements(true)?;
            let start = self.postgres.log_length()?;
            self.load.run(scenario, 1, Until::Count(1), sequence)?;
            let log = self.postgres.log_from(start)?;
            self.postgres.log_statements(false)?;
            Ok::<_, String>(Recording { number, statements: script::statements(&log) })
        };
        Ok([one()?, one()?])
    }

    /// Both recordings must be equal, or the script would do something else than most requests.
    fn script(&self, scenario: &Scenario, first: &Recording, second: &Recording) -> Outcome<Script> {
        let script =
            |recording: &Recording| Script::new(&recording.statements, recording.number, scenario, self.postgres);
        let (first, second) = (script(first)?, script(second)?);
        if first.texts == second.texts {
            return Ok(second);
        }
        let (name, first, second) = (scenario.name, first.texts.join("\n"), second.texts.join("\n"));
        Err(format!(
            "{name}: two requests sent different statements, so there is no script for them:\n{first}\n\n{second}"
        ))
    }

    /// Everything of a row but pgbench.
    fn server(&self, scenario: &'static Scenario, connections: u64, until: Until, sequence: &mut u64) -> Outcome<Row> {
        let (postgres, server) = (self.postgres, self.load.server);
        postgres.reset_limits()?;
        self.load.run(scenario, connections, Until::Time(WARM), sequence)?;
        postgres.checkpoint()?;
        usage::reset_peak(server.pid())?;
        let before = self.reading()?;
        let measured = self.load.run(scenario, connections, until, sequence)?;
        let after = self.reading()?;
        let per_thousand = |of: fn(&Reading) -> f64| (of(&after) - of(&before)) * 1000.0 / measured.count as f64;
        Ok(Row {
            scenario: scenario.title.to_owned(),
            aims: scenario.aims,
            connections,
            per_second: measured.per_second(),
            times: Some(times(&measured)),
            app: per_thousand(|reading| reading.app),
            database: per_thousand(|reading| reading.database),
            generator: per_thousand(|reading| reading.generator),
            peak: usage::peak_mebibytes(server.pid())?,
            resident: usage::resident_mebibytes(server.pid())?,
            written: Some(Written {
                commits: per_thousand(|reading| reading.transactions),
                log: per_thousand(|reading| reading.log) / 1024.0,
            }),
            ..Row::default()
        })
    }

    fn reading(&self) -> Outcome<Reading> {
        let position = self.postgres.position()?;
        Ok(Reading {
            app: usage::process(self.load.server.pid())?,
            database: usage::process_tree(self.postgres.pid()?)?,
            generator: usage::process(std::process::id())?,
            transactions: position.transactions,
            log: position.log,
        })
    }

    fn beside(
        &self,
        scenario: &Scenario,
        script: Option<&Script>,
        row: &Row,
        sequence: &mut u64,
    ) -> Outcome<Option<Comparison>> {
        self.postgres.checkpoint()?;
        let count = (row.per_second * self.options.time.as_secs_f64()) as u64;
        let done = match (scenario.beside, script) {
            (Beside::Insert, _) => pgbench::insert(self.postgres, row.connections, self.options.time)?,
            (Beside::Statements, Some(script)) => {
                pgbench::script(self.postgres, script, scenario, row.connections, count.max(1), sequence)?
            }
            _ => return Ok(None),
        };
        if self.options.statements {
            eprintln!("{}", done.output);
        }
        Ok(Some(Comparison { per_second: done.per_second, cpu: done.cpu, median: done.median }))
    }
}

/// One request with its statements.
struct Recording {
    number: u64,
    statements: Vec<Statement>,
}

/// What has been used so far: CPU seconds, transactions that changed something, and bytes of the write-ahead log.
struct Reading {
    app: f64,
    database: f64,
    generator: f64,
    transactions: f64,
    log: f64,
}

fn times(measured: &Measured) -> [f64; 3] {
    [0.5, 0.95, 0.99].map(|quantile| measured.milliseconds_at(quantile))
}
