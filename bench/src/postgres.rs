//! The durable Postgres of the run, started by `xtask`: queried with psql, loaded with pgbench.

use crate::{Outcome, scenario, scenario::Scenario, script::Script};
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
    programs: PathBuf,
    /// The directory of the cluster and its log.
    pub dir: PathBuf,
}

/// The result of a pgbench run.
#[derive(Debug)]
pub struct PgbenchResult {
    pub count: u64,
    pub per_second: f64,
    /// Its output, including the time of each statement.
    pub output: String,
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

    /// Fills the database: see `seed.sql`.
    pub fn seed(&self, password_hash: &str) -> Outcome {
        let variables = [
            ("buyers", scenario::BUYERS),
            ("sellers", scenario::SELLERS),
            ("teams", scenario::TEAMS),
            ("first_buyer", scenario::BUYER),
            ("first_seller", scenario::SELLER),
            ("first_team", scenario::TEAM),
        ];
        self.run_seed("seed.sql", include_str!("seed.sql"), &variables, password_hash)
    }

    /// Adds the big account with its partners: see `partners.sql`.
    pub fn seed_partners(&self, password_hash: &str) -> Outcome {
        let variables =
            [("partners", scenario::PARTNERS), ("first_partner", scenario::PARTNER), ("big", scenario::BIG)];
        self.run_seed("partners.sql", include_str!("partners.sql"), &variables, password_hash)
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

    /// Turns logging of every statement with its parameters on or off.
    pub fn log_statements(&self, on: bool) -> Outcome {
        let level = if on { "all" } else { "none" };
        let log = format!("alter system set log_statement = '{level}'");
        self.psql(&["-c", "alter system set log_line_prefix = '@%u@ '", "-c", &log, "-c", "select pg_reload_conf()"])?;
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

    /// Runs the script as often as the application has just responded, with prepared statements and the application's
    /// role.
    pub fn pgbench(
        &self,
        script: &Script,
        scenario: &Scenario,
        clients: u64,
        count: u64,
        sequence: &mut u64,
    ) -> Outcome<PgbenchResult> {
        let left = scenario.limit.map_or(count, |limit| count.min(limit.saturating_sub(*sequence)));
        let each = left.div_ceil(clients).min(scenario.limit.map_or(u64::MAX, |limit| (limit - *sequence) / clients));
        if each == 0 {
            return Err(format!("{}: no numbers are left for pgbench; choose fewer seconds.", scenario.name));
        }
        let done = self.pgbench_of(scenario.name, &script.text, &script.constants, clients, each, *sequence)?;
        *sequence += done.count;
        Ok(done)
    }

    /// Runs a script `each` times per client.
    pub fn pgbench_of(
        &self,
        name: &str,
        script: &str,
        constants: &[(String, String)],
        clients: u64,
        each: u64,
        base: u64,
    ) -> Outcome<PgbenchResult> {
        let file = self.dir.join(format!("{name}.pgbench"));
        fs::write(&file, script).map_err(|error| format!("a script cannot be written: {error}"))?;
        let mut command = Command::new(self.programs.join("pgbench"));
        command.args(["-n", "-r", "-M", "prepared", "-j", "2", "-c", &clients.to_string(), "-t", &each.to_string()]);
        command.args(["-D", "i=-1", "-D", &format!("base={base}"), "-D", &format!("each={each}")]);
        for (name, value) in constants {
            command.args(["-D", &format!("{name}={value}")]);
        }
        let output = finished(command.arg("-f").arg(&file).arg(&self.app))?;
        let (count, text) = (each * clients, String::from_utf8_lossy(&output.stdout).into_owned());
        let per_second = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        match per_second {
            Some(per_second) if text.contains(&format!("processed: {count}/{count}")) => {
                Ok(PgbenchResult { count, per_second, output: text })
            }
            _ => Err(format!(
                "pgbench did not complete all transactions:\n{text}{}",
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }
}

fn finished(command: &mut Command) -> Outcome<Output> {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| format!("{:?} does not start: {error}", command.get_program()))?;
    if output.status.success() { Ok(output) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
