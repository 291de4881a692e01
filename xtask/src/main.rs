//! Builds, checks and runs Accord. `make help` lists the commands; each is one function here.

mod api_fuzz;
mod api_lint;
mod assets;
mod bench;
mod cargo;
mod checks;
mod client;
mod database;
mod debian;
mod e2e;
mod failures;
mod minify;
mod packages;
mod parts;
mod paths;
mod run;
mod server;
mod setup;
mod shell;
mod shorten;
mod site;
mod size;
mod style;
mod suite;
mod summary;
mod timings;
mod watch;

use std::process::ExitCode;

use shell::Outcome;

const HELP: &str = "\
usage: cargo xtask COMMAND   (or: make COMMAND)

  run [--release] [-- ARGS]  set up what is missing, build, and serve on http://localhost:3000
  dev                        the same, but rebuild and restart whenever a source file changes
  build [--release]          build the server and the site for the browser
  setup                      install what building and running need
  clean                      remove all build output

  test [--timings]           run all checks and tests, then list the ten slowest and the counts
  fmt [--check]              format, or only check the format
  lint                       clippy for server, browser and tools; warnings are errors
  sqlx-check                 check that .sqlx matches the queries and migrations
  unit [ARGS]                unit tests
  it [ARGS]                  integration tests on a throwaway Postgres
  api-lint                   Spectral on the OpenAPI document
  api-fuzz [ARGS]            Schemathesis on all operations of the API; --max-examples 500 for more cases
  e2e [ARGS]                 browser tests on a throwaway Postgres

  sqlx                       rewrite .sqlx after changing queries or migrations
  psql [ARGS]                psql on the development database
  size                       download size of the client, checked against its budgets
  timings                    measure a rebuild after changing one file
  lighthouse                 Lighthouse on the main pages of the release build, checked against its aims
  hostile [ARGS]             what hostile requests cost the release build; --short is part of `make test`
  bench [ARGS]               cost of the main jobs, compared with pgbench; --short takes two minutes, in CI too
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match dispatch(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // After a summary the reason is empty: its counts must stay the last line.
            if !reason.is_empty() {
                eprintln!("\n{reason}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, args: &[String]) -> Outcome {
    let flag = |name: &str| args.iter().any(|arg| arg == name);
    match command {
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        "run" => run::run(args),
        "dev" => watch::dev(),
        "build" => setup::setup().and_then(|()| site::build(flag("--release"))),
        "setup" => setup::setup(),
        "clean" => cargo::clean(),
        "test" => suite::test(flag("--timings")),
        "fmt" => checks::fmt(flag("--check")),
        "lint" => checks::lint(),
        "sqlx-check" => setup::postgres().and_then(|()| database::check_queries(database::compile())),
        "unit" => setup::postgres().and_then(|()| checks::unit(args)).and_then(summary::single),
        "it" => setup::postgres().and_then(|()| checks::integration(args)).and_then(summary::single),
        "api-lint" => api_lint::lint(),
        "api-fuzz" => setup::postgres().and_then(|()| api_fuzz::fuzz(args)).and_then(summary::single),
        "e2e" => setup::setup().and_then(|()| e2e::e2e(args)).and_then(summary::single),
        "lighthouse" => setup::setup().and_then(|()| e2e::lighthouse(args)).and_then(summary::single),
        "sqlx" => setup::postgres().and_then(|()| database::write_queries()),
        "psql" => setup::postgres().and_then(|()| database::psql(args)),
        "size" => setup::browser_target().and_then(|()| size::size()),
        "hostile" => setup::postgres().and_then(|()| bench::hostile(args)).and_then(summary::single),
        "bench" => setup::postgres().and_then(|()| bench::bench(args)),
        "timings" => setup::setup().and_then(|()| timings::timings()),
        unknown => Err(format!("Unknown command {unknown:?}.\n\n{HELP}")),
    }
}
