//! The durable Postgres of the run, started by `xtask`: queried with psql.

use crate::{Outcome, scenario, scenario::Seed};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
    thread::sleep,
    time::Duration,
};

pub struct Postgres {
    pub app: String,
    pub owner: String,
    superuser: String,
    pub programs: PathBuf,
    /// The directory of the cluster and its log.
    pub dir: PathBuf,
}

/// How far the cluster has written.
#[derive(Debug, Clone, Copy)]
pub struct Position {
    /// Transactions that changed something, as numbered by Postgres.
    pub transactions: f64,
    /// Bytes of the write-ahead log.
    pub log: f64,
}

impl Postgres {
    pub fn from_environment() -> Outcome<Self> {
        let get = |name: &str| std::env::var(name).map_err(|_| "Run it with: make bench".to_owned());
        Ok(Self {
            app: get("ACCORD_BENCH_APP_URL")?,
            owner: get("ACCORD_BENCH_OWNER_URL")?,
            superuser: get("ACCORD_BENCH_SUPERUSER_URL")?,
            programs: get("ACCORD_BENCH_PROGRAMS")?.into(),
            dir: get("ACCORD_BENCH_DIR")?.into(),
        })
    }

    /// The first value a statement returns.
    pub fn query_value(&self, sql: &str) -> Outcome<String> {
        let output = self.psql(&["-c", sql])?;
        Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
    }

    /// Gives the buyers back what they may send: more is measured than a person sends in a day.
    pub fn reset_limits(&self) -> Outcome {
        self.query_value("truncate rate_limits").map(drop)?;
        let expire = "update invitations set expires_at = now() where email_key like 'new%@invited.example'";
        self.query_value(expire).map(drop)
    }

    fn psql(&self, args: &[&str]) -> Outcome<Output> {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.superuser]).args(args);
        finished(&mut command)
    }

    /// Adds the data of some scenarios.
    pub fn seed(&self, seed: Seed, password_hash: &str) -> Outcome {
        let (name, text) = match seed {
            Seed::Main => ("seed.sql", include_str!("seed.sql")),
            Seed::Leads => ("leads.sql", include_str!("leads.sql")),
            Seed::Partners => ("partners.sql", include_str!("partners.sql")),
            Seed::Large => return self.seed_large(password_hash),
        };
        self.run_seed(name, text, &scenario::SIZES, password_hash)
    }

    /// The file is read when it is needed; programs are started in the checkout.
    fn seed_large(&self, password_hash: &str) -> Outcome {
        let path = "bench/src/large.sql";
        let text = fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))?;
        self.run_seed("large.sql", &text, &scenario::LARGE_SIZES, password_hash)
    }

    /// Adds what the hostile requests are aimed at: see `hostile/seed.sql`.
    pub fn seed_hostile(&self, password_hash: &str) -> Outcome {
        self.run_seed("hostile.sql", include_str!("hostile/seed.sql"), &[], password_hash)
    }

    fn run_seed(&self, name: &str, text: &str, variables: &[(&str, u64)], password_hash: &str) -> Outcome {
        let file = self.dir.join(name);
        fs::write(&file, text).map_err(|error| format!("the seed cannot be written: {error}"))?;
        let mut args: Vec<String> =
            variables.iter().flat_map(|(name, value)| ["-v".to_owned(), format!("{name}={value}")]).collect();
        args.extend(["-v".to_owned(), format!("hash={password_hash}"), "-f".to_owned(), file.display().to_string()]);
        self.psql(&args.iter().map(String::as_str).collect::<Vec<_>>()).map(drop)
    }

    /// Writes dirty pages now, so that one measurement does not pay for the previous one.
    pub fn checkpoint(&self) -> Outcome {
        self.psql(&["-c", "checkpoint"]).map(drop)
    }

    pub fn position(&self) -> Outcome<Position> {
        let sql = "select pg_snapshot_xmax(pg_current_snapshot()) || ' ' || (pg_current_wal_insert_lsn() - '0/0')";
        let text = self.query_value(sql)?;
        let read = |text: &str| text.parse().map_err(|_| format!("Postgres gave {text} as its position."));
        let (transactions, log) = text.split_once(' ').unwrap_or_default();
        Ok(Position { transactions: read(transactions)?, log: read(log)? })
    }

    /// Turns logging of every statement with its parameters on or off.
    pub fn log_statements(&self, on: bool) -> Outcome {
        let level = if on { "all" } else { "none" };
        let log = format!("alter system set log_statement = '{level}'");
        self.psql(&[
            "-c",
            "alter system set log_line_prefix = '@%u %p@ '",
            "-c",
            &log,
            "-c",
            "select pg_reload_conf()",
        ])?;
        // Each Postgres process reads changed settings before its next command.
        sleep(Duration::from_millis(200));
        Ok(())
    }

    fn log(&self) -> Outcome<Vec<u8>> {
        fs::read(self.dir.join("log")).map_err(|error| format!("the log of Postgres cannot be read: {error}"))
    }

    pub fn log_length(&self) -> Outcome<usize> {
        Ok(self.log()?.len())
    }

    pub fn log_from(&self, start: usize) -> Outcome<String> {
        Ok(String::from_utf8_lossy(self.log()?.get(start..).unwrap_or_default()).into_owned())
    }

    /// Postgres' main process.
    pub fn pid(&self) -> Outcome<u32> {
        let file = fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap_or_default();
        let pid = file.lines().next().and_then(|line| line.trim().parse().ok());
        pid.ok_or_else(|| "Postgres is no longer running.".to_owned())
    }
}

pub fn finished(command: &mut Command) -> Outcome<Output> {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| format!("{:?} does not start: {error}", command.get_program()))?;
    if output.status.success() { Ok(output) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
