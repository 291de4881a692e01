//! `make bench` and `make hostile`: run the package `bench` on the server program and a Postgres of its own.

use std::env;
use std::process::Command;

use accord_postgres::find_binaries;

use crate::cargo::{build_server_as, cargo};
use crate::database::Scratch;
use crate::failures::Failure;
use crate::shell::{Outcome, execute, step, tee};
use crate::summary::{Counts, Report};
use crate::{paths, site};

/// What the program that is measured was built for: profiles of `Cargo.toml`, each with its folder in `target`.
#[derive(Debug, Clone, Copy)]
enum Build {
    Release,
    /// Nearly as fast, and built in less time.
    Measured,
    Tests,
}

impl Build {
    fn profile(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Measured => "measured",
            Self::Tests => "dev",
        }
    }

    fn folder(self) -> &'static str {
        if matches!(self, Self::Tests) { "debug" } else { self.profile() }
    }
}

/// Connections of Postgres: pgbench's, and those of the server's pools.
const CONNECTIONS: u32 = 300;

/// Builds, starts an empty durable Postgres, measures, and removes it. The short form measures a cheaper build.
pub fn bench(args: &[String]) -> Outcome {
    let is_short = args.iter().any(|arg| arg == "--short");
    measure(if is_short { Build::Measured } else { Build::Release }, args)
}

fn measure(build: Build, args: &[String]) -> Outcome {
    let scratch = || {
        step("start a durable Postgres", || {
            let mut scratch = Scratch::open_durable("bench")?;
            scratch.allow_connections(CONNECTIONS)?;
            Ok(scratch)
        })
    };
    let (mut bench, _scratch) = program(build, scratch)?;
    execute(bench.args(args))
}

/// The short form as the last part of the tests: it prints the ratios to pgbench, and fails if a request fails, whatever
/// the figures. Only in CI, because it takes minutes. Another profile would compile everything once more, ten minutes
/// from bare, so this measures the program of the tests.
pub fn in_ci() -> Outcome<Report> {
    if env::var_os("CI").is_none_or(|ci| ci != "true") {
        println!("not measured: only with CI=true; or run: make bench ARGS=--short");
        return Ok(Report::default());
    }
    println!("This program is not optimized: compare its ratios only with those of other runs of CI.");
    measure(Build::Tests, &["--short".to_owned()]).map(|()| Report::default())
}

/// Sends hostile requests to the release build, or with `--short` to the program of the tests.
pub fn hostile(args: &[String]) -> Outcome<Report> {
    let is_short = args.iter().any(|arg| arg == "--short");
    let scratch = || step("start a throwaway Postgres", || Scratch::open("hostile"));
    let (mut bench, _scratch) = program(if is_short { Build::Tests } else { Build::Release }, scratch)?;
    if is_short {
        bench.env("HEADER_TIMEOUT", "2").env("BODY_TIMEOUT", "2");
    }
    let (printed, succeeded) = tee(bench.arg("hostile").args(args))?;
    Ok(Report { counts: counts(&printed), failures: missed(&printed), ..Report::default() }.or_failed(succeeded))
}

/// Reads the last line: `70 attacks, 2 missed`.
fn counts(printed: &str) -> Counts {
    let words: Vec<&str> = printed.lines().last().unwrap_or_default().split(' ').collect();
    match words[..] {
        [all, "attacks,", missed, "missed"] => {
            let (all, missed) = (all.parse().unwrap_or(0), missed.parse().unwrap_or(0));
            Counts { passed: all - missed, failed: missed, ..Counts::default() }
        }
        _ => Counts::default(),
    }
}

/// Reads the lines `missed: ATTACK: WHAT`.
fn missed(printed: &str) -> Vec<Failure> {
    let lines = printed.lines().filter_map(|line| line.strip_prefix("missed: ")?.split_once(": "));
    lines.map(|(attack, what)| Failure::new(attack, what)).collect()
}

/// The program with everything it needs in its environment, and the Postgres that runs as long as it is kept.
fn program(build: Build, scratch: impl FnOnce() -> Outcome<Scratch>) -> Outcome<(Command, Scratch)> {
    step("build the server", || build_server_as(build.profile()))?;
    let site = site::stand_in(build.folder())?;
    step("build the bench", || {
        execute(cargo().args(["build", "-q", "-p", "accord-bench", "--profile", build.profile()]))
    })?;
    let binaries = find_binaries();
    let newest = binaries.first().ok_or("Postgres programs were not found; run: make setup")?;
    let scratch = scratch()?;
    let urls = scratch.urls()?;
    let folder = paths::target().join(build.folder());
    let mut bench = Command::new(folder.join("accord-bench"));
    bench
        .current_dir(paths::root())
        .env("LEPTOS_SITE_ROOT", site)
        .env("ACCORD_BENCH_SERVER", folder.join("accord"))
        .env("ACCORD_BENCH_APP_URL", urls.app)
        .env("ACCORD_BENCH_OWNER_URL", urls.owner)
        .env("ACCORD_BENCH_SUPERUSER_URL", scratch.superuser_url()?)
        .env("ACCORD_BENCH_PROGRAMS", newest.program(""))
        .env("ACCORD_BENCH_DIR", scratch.dir()?);
    Ok((bench, scratch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_has_the_counts() {
        let counts = counts("| table |\n70 attacks, 2 missed\n");
        assert_eq!((counts.passed, counts.failed), (68, 2));
    }

    #[test]
    fn each_missed_attack_is_a_failure() {
        let failures = missed("| table |\nmissed: slow bodies: 40 MiB, 3 s\n1 attacks, 1 missed\n");
        assert_eq!(failures, [Failure::new("slow bodies", "40 MiB, 3 s")]);
    }
}
