//! Format, lints, unit and integration tests.

use std::process::Command;

use crate::cargo::cargo;
use crate::database::{Scratch, check_queries};
use crate::paths;
use crate::setup::{Compiler, WASM, compiler, host};
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

/// Makes every warning an error.
const STRICT: [&str; 3] = ["--", "-D", "warnings"];

/// Clippy for the server with its tests, for the browser, and for the other packages.
pub fn lint() -> Outcome {
    step("lint the server", || execute(&mut lint_of_server()))?;
    lint_the_rest()
}

/// Like `lint`, and checks that `.sqlx` matches the queries, with the same compilation of the server.
pub fn lint_and_check_queries() -> Outcome {
    check_queries(lint_of_server())?;
    lint_the_rest()
}

fn lint_of_server() -> Command {
    let mut clippy = cargo();
    clippy.args(["clippy", "-q", "--features", "ssr", "--all-targets"]).args(STRICT);
    clippy
}

fn lint_the_rest() -> Outcome {
    step("lint the client", || {
        if compiler() != Some(Compiler::Rustup) {
            eprintln!("    skipped: Debian's compiler for the browser has no clippy");
            return Ok(());
        }
        let mut clippy = cargo();
        clippy.args(["clippy", "-q", "--features", "hydrate", "--lib", "--target", WASM]);
        execute(clippy.arg("--target-dir").arg(paths::client_target()).args(STRICT))
    })?;
    step("lint the tools", || {
        execute(
            cargo()
                .args(["clippy", "-q", "-p", "xtask", "-p", "accord-bench", "-p", "accord-postgres", "--all-targets"])
                .args(STRICT),
        )
    })
}

/// Compiles the server and all its tests in one call of cargo, which keeps both cores busy.
pub fn build_tests() -> Outcome {
    step("build the tests", || {
        execute(cargo().args(["test", "--features", "ssr", "--lib", "--test", "it", "--no-run"]))
    })
}

/// Unit tests of the application, the private Postgres and the tools.
pub fn unit(args: &[String]) -> Outcome<Report> {
    let mut report = cargo_test(cargo().args(["test", "--features", "ssr", "--lib"]).args(args))?;
    report.add(cargo_test(
        cargo()
            .args(["test", "-p", "xtask", "-p", "accord-bench", "-p", "accord-postgres", "--lib", "--bins"])
            .args(args),
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

/// Runs tests with the time of each, an option that libtest has on stable compilers only with this variable. The runner
/// sets it for the test program alone, because cargo would rebuild everything if it were set for the compiler.
fn cargo_test(command: &mut Command) -> Outcome<Report> {
    if let Some(host) = host() {
        let runner = format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace('-', "_"));
        command.env(runner, "env RUSTC_BOOTSTRAP=1");
        if !command.get_args().any(|arg| arg == "--") {
            command.arg("--");
        }
        command.args(["-Z", "unstable-options", "--report-time"]);
    }
    let (printed, succeeded) = tee(command)?;
    Ok(Report::from_cargo(&printed, succeeded))
}
