//! `make bench`: runs the package `bench` on the release build of the server and its own durable Postgres.

use accord_postgres::find_binaries;

use crate::cargo::{build_server, cargo};
use crate::database::Scratch;
use crate::shell::{Outcome, execute, step};
use crate::{paths, site};

/// Builds, starts an empty durable Postgres, measures, and removes it.
pub fn bench(args: &[String]) -> Outcome {
    step("build the server (release)", || build_server(true))?;
    let site = site::stand_in("release")?;
    step("build the bench", || execute(cargo().args(["build", "-q", "--release", "-p", "accord-bench"])))?;
    let binaries = find_binaries();
    let newest = binaries.first().ok_or("Postgres programs were not found; run: make setup")?;
    let scratch = step("start a durable Postgres", || Scratch::open_durable("bench"))?;
    let urls = scratch.urls()?;
    let mut bench = std::process::Command::new(paths::target().join("release/accord-bench"));
    bench
        .args(args)
        .current_dir(paths::root())
        .env("LEPTOS_SITE_ROOT", site)
        .env("ACCORD_BENCH_SERVER", paths::server(true))
        .env("ACCORD_BENCH_APP_URL", urls.app)
        .env("ACCORD_BENCH_OWNER_URL", urls.owner)
        .env("ACCORD_BENCH_SUPERUSER_URL", scratch.superuser_url()?)
        .env("ACCORD_BENCH_PROGRAMS", newest.program(""))
        .env("ACCORD_BENCH_DIR", scratch.dir()?);
    execute(&mut bench)
}
