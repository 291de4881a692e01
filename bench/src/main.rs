//! Measures the cost of Accord's main job, compared with pgbench running the same SQL on the same durable Postgres.
//!
//! `make bench` starts Postgres, builds the server and runs this program. All data is seeded by SQL, and the requests
//! are those of a browser without script. Nothing measured runs in this process: CPU and memory of the server and of
//! Postgres are read from `/proc`. The statements for pgbench are those the server sent for one request, taken from
//! Postgres' log (`script.rs`).

mod hostile;
mod http;
mod load;
mod mails;
mod options;
mod postgres;
mod scenario;
mod script;
mod server;
mod table;
mod usage;

use options::Options;
use postgres::Postgres;
use scenario::{SCENARIOS, Scenario};
use server::Server;
use std::{process::ExitCode, time::Duration};
use table::{Comparison, Row};

/// An error is a sentence for the person at the terminal.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).peekable();
    let done = if args.next_if_eq("hostile").is_some() {
        hostile::run(&hostile::Options::read(args))
    } else {
        Options::read(args).and_then(|options| run(&options))
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome {
    let postgres = Postgres::from_environment()?;
    Server::migrate(&postgres)?;
    eprintln!("==> seed {} sellers with open invitations of {} buyers", scenario::SELLERS, scenario::BUYERS);
    let hash = Server::password_hash(&postgres)?;
    postgres.seed(&hash)?;
    if scenario::NEED_BIG_ACCOUNT.iter().any(|name| options.includes(name)) {
        eprintln!("==> seed {} partners of one account with half a million leads", scenario::PARTNERS);
        postgres.seed_partners(&hash)?;
    }
    let server = Server::start(&postgres)?;
    let mut rows = Vec::new();
    for scenario in SCENARIOS.iter().filter(|scenario| options.includes(scenario.name)) {
        eprintln!("==> {}", scenario.title);
        let mut sequence = 0;
        let script = record(&postgres, &server, scenario, &mut sequence)?;
        eprintln!("    {} statements, {} of them commits", script.statements, script.commits);
        for connections in &options.connections {
            rows.push(measure(options, &postgres, &server, scenario, &script, *connections, &mut sequence)?);
        }
    }
    server.stop()?;
    rows.extend(mails::measure(&postgres, options)?);
    let baseline = baseline(&postgres)?;
    print!("{}", table::markdown(&rows, options, &baseline));
    Ok(())
}

/// Sends one request and records the statements it caused, twice, because both recordings must be equal.
fn record(postgres: &Postgres, server: &Server, scenario: &Scenario, sequence: &mut u64) -> Outcome<script::Script> {
    // The first requests prepare the statements and fill Postgres' catalogue caches.
    load::run(server, scenario, 1, load::Until::Count(3), sequence)?;
    let mut scripts = Vec::new();
    for _ in 0..2 {
        let number = *sequence;
        postgres.log_statements(true)?;
        let start = postgres.log_length()?;
        load::run(server, scenario, 1, load::Until::Count(1), sequence)?;
        let log = postgres.log_from(start)?;
        postgres.log_statements(false)?;
        scripts.push(script::Script::new(&script::statements(&log), number, scenario, postgres)?);
    }
    let (Some(second), Some(first)) = (scripts.pop(), scripts.pop()) else {
        return Err("Nothing was recorded.".to_owned());
    };
    if first.texts != second.texts {
        let (first, second) = (first.texts.join("\n"), second.texts.join("\n"));
        let name = scenario.name;
        return Err(format!(
            "{name}: two requests sent different statements, so there is no script for them:\n{first}\n\n{second}"
        ));
    }
    Ok(second)
}

fn measure(
    options: &Options,
    postgres: &Postgres,
    server: &Server,
    scenario: &Scenario,
    script: &script::Script,
    connections: u64,
    sequence: &mut u64,
) -> Outcome<Row> {
    let warm = load::Until::Time(Duration::from_millis(500));
    postgres.reset_limits()?;
    load::run(server, scenario, connections, warm, sequence)?;
    postgres.checkpoint()?;
    usage::reset_peak(server.pid())?;
    let (app, database) = (usage::process(server.pid())?, usage::process_tree(postgres.pid()?)?);
    let measured = load::run(server, scenario, connections, load::Until::Time(options.time), sequence)?;
    let (app, database) = (usage::process(server.pid())? - app, usage::process_tree(postgres.pid()?)? - database);
    let peak = usage::peak_mebibytes(server.pid())?;
    postgres.checkpoint()?;
    let before = usage::process_tree(postgres.pid()?)?;
    let pgbench = postgres.pgbench(script, scenario, connections, measured.count, sequence)?;
    if options.statements {
        eprintln!("{}", pgbench.output);
    }
    let pgbench_cpu = usage::process_tree(postgres.pid()?)? - before;
    let per_thousand = |seconds: f64, count: u64| seconds * 1000.0 / count as f64;
    let row = Row {
        scenario: scenario.title,
        target: scenario.target.filter(|_| connections == 16),
        connections,
        per_second: measured.per_second(),
        times: Some([0.5, 0.95, 0.99].map(|quantile| measured.milliseconds_at(quantile))),
        app: per_thousand(app, measured.count),
        database: per_thousand(database, measured.count),
        peak,
        pgbench: Some(Comparison {
            per_second: pgbench.per_second,
            cpu: per_thousand(pgbench_cpu, pgbench.count),
            statements: script.statements,
            commits: script.commits,
        }),
    };
    eprintln!("    {row}");
    Ok(row)
}

/// The minimum costs on this machine at 16 connections, so that tables of different machines can be compared: an empty
/// statement, and a durable commit of one row.
fn baseline(postgres: &Postgres) -> Outcome<String> {
    let cost = |script: &str| -> Outcome<(f64, f64)> {
        let before = usage::process_tree(postgres.pid()?)?;
        let done = postgres.pgbench_of("baseline", script, &[], 16, 500, 0)?;
        let cpu = usage::process_tree(postgres.pid()?)? - before;
        Ok((done.per_second, cpu * 1000.0 / done.count as f64))
    };
    let (empty_rate, empty) = cost("select 1;\n")?;
    let (commit_rate, commit) =
        cost("insert into suppressed_addresses (email_key, at) values (gen_random_uuid()::text, now());\n")?;
    Ok(format!(
        "On this machine, at 16 connections, an empty prepared statement costs Postgres {empty:.3} s of CPU per 1000\n\
         ({empty_rate:.0} per second), and one that inserts and commits a row {commit:.3} ({commit_rate:.0} per second)."
    ))
}
