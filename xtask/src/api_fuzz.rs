//! `make api-fuzz`: runs Schemathesis on the document of a server with demo data.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::database::Scratch;
use crate::failures::Failure;
use crate::server::Accord;
use crate::shell::{Outcome, execute, failed, step};
use crate::summary::{Counts, Report};
use crate::{cargo, packages, paths, site};

/// Schemathesis stops chaining requests as soon as the same requests get other responses than before, which happens
/// after some twenty chains. So it is run several times, each with its own seed.
const CHAINED_RUNS: u64 = 6;
/// Moves the key to the demo's buyer, because a new account has no leads, figures or partners.
const HAND_OVER: &str = "update api_keys set account_id = accounts.id, created_by = null \
    from accounts where accounts.name = 'Bright Solar'";

/// Builds, starts an empty Postgres and a server, and tries every operation.
pub fn fuzz(args: &[String]) -> Outcome<Report> {
    let programs = packages::python_programs()?;
    step("build the server", || cargo::build_server(false))?;
    let dir = paths::target().join("api");
    fs::create_dir_all(&dir).map_err(failed(format!("create {}", dir.display())))?;
    let scratch = step("start a throwaway Postgres", || Scratch::open("api"))?;
    let accord = Accord::new(scratch.urls()?, site::stand_in("debug")?)?;
    let (key, server) = step("start the server", || {
        accord.seed()?;
        let key = accord.create_account("Fuzz", "fuzz@example.com")?;
        scratch.run(HAND_OVER)?;
        Ok((key, accord.serve(dir.join("server.log"))?))
    })?;
    let fuzz = Fuzz { program: programs.join("schemathesis"), dir, url: accord.url(), key };
    let mut tally = Tally::default();
    for run in runs(args)? {
        fuzz.run(&run, &mut tally)?;
        if tally.operations == 0 {
            break;
        }
    }
    if let Err(fault) = server.stop() {
        eprintln!("{fault}");
        tally.failures += 1;
    }
    println!("\n{tally}");
    Ok(tally.report())
}

/// The arguments for each run.
fn runs(args: &[String]) -> Outcome<Vec<Vec<String>>> {
    let with = |more: &[&str]| args.iter().map(String::as_str).chain(more.iter().copied()).map(str::to_owned).collect();
    if args.iter().any(|arg| arg.starts_with("--phases")) {
        return Ok(vec![with(&[])]);
    }
    let given = args.iter().position(|arg| arg == "--seed").and_then(|at| args.get(at + 1));
    let seed: u64 = given.map_or(Ok(1), |seed| seed.parse()).map_err(failed("read the number after --seed"))?;
    let mut runs = vec![with(&["--phases", "examples,coverage,fuzzing"])];
    runs.extend((seed..seed + CHAINED_RUNS).map(|seed| with(&["--phases", "stateful", "--seed", &seed.to_string()])));
    Ok(runs)
}

struct Fuzz {
    program: PathBuf,
    dir: PathBuf,
    url: String,
    key: String,
}

impl Fuzz {
    /// Runs Schemathesis once. It prints what failed and how to repeat it.
    fn run(&self, args: &[String], tally: &mut Tally) -> Outcome {
        let report = self.dir.join("report.json");
        if report.exists() {
            fs::remove_file(&report).map_err(failed(format!("remove {}", report.display())))?;
        }
        let settings = paths::root().join("end2end/api");
        let mut command = Command::new(&self.program);
        command.arg("--config-file").arg(settings.join("schemathesis.toml"));
        command.args(["run", "--checks", "all", "--report", "json", "--report-json-path"]).arg(&report);
        command.args(args).arg(format!("{}/api/openapi.json", self.url)).current_dir(&self.dir);
        command.env("ACCORD_API_KEY", &self.key).env("SCHEMATHESIS_HOOKS", settings.join("hooks.py"));
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONHASHSEED", "0");
        let succeeded = execute(&mut command).is_ok();
        let json = fs::read(&report).ok().and_then(|json| serde_json::from_slice(&json).ok());
        tally.add(&json.unwrap_or_default(), succeeded);
        Ok(())
    }
}

/// The totals of all runs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    operations: usize,
    cases: usize,
    failures: usize,
    failed: BTreeSet<String>,
}

impl Tally {
    /// Adds the report of one run. A run that fails without reporting a failure (not started, a warning) counts as one.
    fn add(&mut self, json: &Value, succeeded: bool) {
        let number = |value: &Value| value.as_u64().and_then(|number| number.try_into().ok()).unwrap_or(0);
        self.operations = self.operations.max(number(&json["operations"]["tested"]));
        self.cases += number(&json["test_cases"]["generated"]);
        let failures = json["failures"].as_array().map_or(&[][..], Vec::as_slice);
        for operation in failures.iter().filter_map(|failure| failure["operations"].as_array()).flatten() {
            self.failed.extend(operation.as_str().map(str::to_owned));
        }
        let found = number(&json["test_cases"]["unique_failures"]);
        self.failures += if succeeded { found } else { found.max(1) };
    }

    /// Operations without a failure count as passed.
    fn report(&self) -> Report {
        let passed = self.operations.saturating_sub(self.failed.len());
        let failures = self.failed.iter().map(|operation| Failure::new(operation, "")).collect();
        Report { counts: Counts { passed, failed: self.failures, skipped: 0 }, failures, ..Report::default() }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} operations, {} cases, {} failures", self.operations, self.cases, self.failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(args: &str) -> Vec<String> {
        args.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn stateful_runs_use_several_seeds() {
        let all = runs(&words("--max-examples 500 --seed 7")).unwrap_or_default();
        assert_eq!(all.len(), 7);
        assert_eq!(all[0], words("--max-examples 500 --seed 7 --phases examples,coverage,fuzzing"));
        assert_eq!(all[2], words("--max-examples 500 --seed 7 --phases stateful --seed 8"));
        assert_eq!(runs(&words("--phases coverage")), Ok(vec![words("--phases coverage")]));
        assert!(runs(&words("--seed x")).is_err());
    }

    #[test]
    fn the_results_of_runs_are_added_up() {
        let json = serde_json::json!({
            "operations": { "total": 10, "tested": 10 },
            "test_cases": { "generated": 559, "unique_failures": 2 },
            "failures": [{ "operations": ["POST /flows", "GET /flows"] }, { "operations": ["GET /flows"] }],
        });
        let mut tally = Tally::default();
        tally.add(&json, false);
        tally.add(&serde_json::json!({ "operations": { "tested": 8 }, "test_cases": { "generated": 100 } }), true);
        assert_eq!(tally.to_string(), "10 operations, 659 cases, 2 failures");
        assert_eq!(tally.report().counts, Counts { passed: 8, failed: 2, skipped: 0 });
        assert_eq!(tally.report().failures, [Failure::new("GET /flows", ""), Failure::new("POST /flows", "")]);
    }

    #[test]
    fn a_run_that_does_not_start_is_a_failure() {
        let mut tally = Tally::default();
        tally.add(&Value::Null, false);
        assert_eq!(tally.report().counts.failed, 1);
    }
}
