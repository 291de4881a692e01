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
mod minify;
mod packages;
mod place;
mod run;
mod server;
mod setup;
mod shell;
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
  dev                        the same, and build again whenever a source changes
  build [--release]          the server, and the site the browser gets
  setup                      only install what building and running need
  clean                      remove everything that was built

  test [--timings]           everything below up to e2e, then a summary
  fmt [--check]              format, or only look whether it is formatted
  lint                       clippy for server, browser and tools; warnings are errors
  sqlx-check                 whether .sqlx fits the queries and migrations
  unit [ARGS]                unit tests
  it [ARGS]                  integration tests on a throwaway Postgres
  api-lint                   Spectral on the document of the API
  api-fuzz [ARGS]            Schemathesis on all operations of the API; --max-examples 500 tries harder
  e2e [ARGS]                 browser tests on a throwaway Postgres

  sqlx                       write .sqlx anew after queries or migrations changed
  psql [ARGS]                psql on the development database
  size                       what the browser downloads, against the budgets
  timings                    how long a rebuild takes after one file changed
  bench [ARGS]               what the main job costs, beside pgbench; about five minutes on an idle machine
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match dispatch(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // Nothing to add after a summary, whose counts must stay the last line.
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
        "sqlx" => setup::postgres().and_then(|()| database::write_queries()),
        "psql" => setup::postgres().and_then(|()| database::psql(args)),
        "size" => setup::browser_target().and_then(|()| size::size()),
        "bench" => setup::postgres().and_then(|()| bench::bench(args)),
        "timings" => setup::setup().and_then(|()| timings::timings()),
        unknown => Err(format!("There is no command {unknown:?}.\n\n{HELP}")),
    }
}
