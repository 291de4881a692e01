//! Format, lints, unit and integration tests.

use std::process::Command;

use crate::cargo::cargo;
use crate::database::Scratch;
use crate::place;
use crate::setup::{Compiler, WASM, compiler};
use crate::shell::{Outcome, execute, step, tee};
use crate::summary::Report;

/// Formats everything, or fails if something is not formatted.
pub fn fmt(only_check: bool) -> Outcome {
    let mut command = cargo();
    command.args(["fmt", "--all"]);
    if only_check {
        command.args(["--", "--check"]);
    }
    execute(&mut command).map_err(|error| if only_check { format!("{error}; run: make fmt") } else { error })
}

/// Clippy for the server with its tests, for the browser, and for the other packages.
pub fn lint() -> Outcome {
    let strict = ["--", "-D", "warnings"];
    step("lint the server", || {
        execute(cargo().args(["clippy", "-q", "--features", "ssr", "--all-targets"]).args(strict))
    })?;
    step("lint the client", || {
        if compiler() != Some(Compiler::Rustup) {
            eprintln!("    skipped: Debian's compiler for the browser has no clippy");
            return Ok(());
        }
        let mut clippy = cargo();
        clippy.args(["clippy", "-q", "--features", "hydrate", "--lib", "--target", WASM]);
        execute(clippy.arg("--target-dir").arg(place::client_target()).args(strict))
    })?;
    step("lint the tools", || {
        execute(
            cargo()
                .args(["clippy", "-q", "-p", "xtask", "-p", "accord-bench", "-p", "accord-postgres", "--all-targets"])
                .args(strict),
        )
    })
}

/// Unit tests of the application, the private Postgres and the tools.
pub fn unit(args: &[String]) -> Outcome<Report> {
    let mut report = cargo_test(cargo().args(["test", "--features", "ssr", "--lib"]).args(args))?;
    report.add(cargo_test(
        cargo().args(["test", "-p", "xtask", "-p", "accord-bench", "-p", "accord-postgres"]).args(args),
    )?);
    Ok(report)
}

/// `tests/it` on a throwaway cluster.
pub fn integration(args: &[String]) -> Outcome<Report> {
    let scratch = step("start a throwaway Postgres", || Scratch::open("it"))?;
    let mut command = cargo();
    command.args(["test", "--features", "ssr", "--test", "it"]).args(args);
    command.env("ACCORD_TEST_DATABASE_URL", scratch.urls()?.owner).env("ACCORD_TEST_APP_ROLE", "accord_app");
    cargo_test(&mut command)
}

fn cargo_test(command: &mut Command) -> Outcome<Report> {
    let (printed, succeeded) = tee(command)?;
    Ok(Report::from_cargo(&printed, succeeded))
}
