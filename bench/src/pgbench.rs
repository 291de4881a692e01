//! Runs pgbench, with prepared statements and the application's role.

use crate::{
    Outcome,
    postgres::{Postgres, finished},
    scenario::Scenario,
    script::Script,
    usage,
};
use std::{fs, process::Command, time::Duration};

/// The result of a run.
#[derive(Debug)]
pub struct Done {
    pub per_second: f64,
    /// CPU seconds of Postgres per 1000.
    pub cpu: f64,
    /// The median in milliseconds, if it was asked for.
    pub median: Option<f64>,
    count: u64,
    /// Its output, including the time of each statement.
    pub output: String,
}

/// The insert of one row that commits by itself: the least that storing anything costs.
const INSERT: &str = "insert into bench_rows (at, content) values (now(), 'one row, as short as a row can be');\n";

/// Runs the script as often as the application has just responded.
pub fn script(
    postgres: &Postgres,
    script: &Script,
    scenario: &Scenario,
    clients: u64,
    count: u64,
    sequence: &mut u64,
) -> Outcome<Done> {
    let left = scenario.limit.map_or(count, |limit| count.min(limit.saturating_sub(*sequence)));
    let most = scenario.limit.map_or(u64::MAX, |limit| limit.saturating_sub(*sequence) / clients);
    let each = left.div_ceil(clients).min(most);
    if each == 0 {
        return Err(format!("{}: no numbers are left for pgbench; choose fewer seconds.", scenario.name));
    }
    let mut pgbench = command(postgres, scenario.name, &script.text, clients)?;
    pgbench.args(["-r", "-t", &each.to_string()]);
    pgbench.args(["-D", "i=-1", "-D", &format!("base={sequence}"), "-D", &format!("each={each}")]);
    for (name, value) in &script.constants {
        pgbench.args(["-D", &format!("{name}={value}")]);
    }
    let done = run(postgres, pgbench)?;
    *sequence += done.count;
    if done.count == each * clients { Ok(done) } else { Err(format!("pgbench ended early:\n{}", done.output)) }
}

/// Inserts single rows for some time. The median is measured for one client only, because the log of all times costs
/// pgbench more than an insert.
pub fn insert(postgres: &Postgres, clients: u64, time: Duration) -> Outcome<Done> {
    let mut pgbench = command(postgres, "insert", INSERT, clients)?;
    pgbench.args(["-T", &time.as_secs().max(2).to_string()]);
    if clients > 1 {
        return run(postgres, pgbench);
    }
    let prefix = postgres.dir.join("times");
    let mut done = run(postgres, {
        pgbench.arg("-l").arg(format!("--log-prefix={}", prefix.display()));
        pgbench
    })?;
    done.median = median(postgres)?;
    Ok(done)
}

/// Runs any statement for a second, to compare machines.
pub fn statement(postgres: &Postgres, sql: &str, clients: u64) -> Outcome<Done> {
    let mut pgbench = command(postgres, "statement", sql, clients)?;
    pgbench.args(["-T", "1"]);
    run(postgres, pgbench)
}

fn command(postgres: &Postgres, name: &str, script: &str, clients: u64) -> Outcome<Command> {
    let file = postgres.dir.join(format!("{name}.pgbench"));
    fs::write(&file, script).map_err(|error| format!("a script cannot be written: {error}"))?;
    let mut command = Command::new(postgres.programs.join("pgbench"));
    let threads = clients.min(2).to_string();
    command.args(["-n", "-M", "prepared", "-j", &threads, "-c", &clients.to_string()]).arg("-f").arg(file);
    Ok(command)
}

fn run(postgres: &Postgres, mut pgbench: Command) -> Outcome<Done> {
    let before = usage::process_tree(postgres.pid()?)?;
    let output = finished(pgbench.arg(&postgres.app))?;
    let cpu = usage::process_tree(postgres.pid()?)? - before;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (Some(per_second), Some(count), 0) = (rate(&text), processed(&text), failed(&text)) else {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("pgbench did not complete all transactions:\n{text}{errors}"));
    };
    Ok(Done { per_second, cpu: cpu * 1000.0 / count.max(1) as f64, median: None, count, output: text })
}

/// `tps = 8123.4 (without initial connection time)`
fn rate(text: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
}

/// `number of transactions actually processed: 8000/8000`, without the second number if a time was given.
fn processed(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("number of transactions actually processed: "))?;
    line.split('/').next()?.trim().parse().ok()
}

/// `number of failed transactions: 0 (0.000%)`, which Postgres before 15 does not print.
fn failed(text: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix("number of failed transactions: "));
    line.and_then(|line| line.split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// Reads and removes the log of times.
fn median(postgres: &Postgres) -> Outcome<Option<f64>> {
    let unreadable = |error: std::io::Error| format!("the times of pgbench cannot be read: {error}");
    let mut times = Vec::new();
    for entry in fs::read_dir(&postgres.dir).map_err(unreadable)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("times.") {
            times.extend(microseconds(&fs::read_to_string(entry.path()).map_err(unreadable)?));
            fs::remove_file(entry.path()).map_err(unreadable)?;
        }
    }
    times.sort_unstable();
    Ok(times.get(times.len() / 2).map(|time| *time as f64 / 1000.0))
}

/// The third number of each line.
fn microseconds(log: &str) -> impl Iterator<Item = u64> {
    log.lines().filter_map(|line| line.split(' ').nth(2)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_read_with_a_count_or_a_time() {
        for (end, count) in [("8000/8000", 8_000), ("8000", 8_000)] {
            let text = format!(
                "transaction type: x\nnumber of transactions actually processed: {end}\n\
                 number of failed transactions: 0 (0.000%)\nlatency average = 0.1 ms\n\
                 tps = 8123.456 (without initial connection time)\n"
            );
            assert_eq!((processed(&text), failed(&text), rate(&text)), (Some(count), 0, Some(8123.456)));
        }
        assert_eq!(failed("number of failed transactions: 3 (0.1%)"), 3);
    }

    #[test]
    fn times_are_the_third_number_of_a_line() {
        let times: Vec<_> = microseconds("0 199 2241 0 1175850568 995598\n0 200 2465 0 1175850568 998079\n").collect();
        assert_eq!(times, [2241, 2465]);
    }
}
