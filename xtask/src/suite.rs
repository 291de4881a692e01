//! `make test`: runs every part, even if an earlier one failed, and prints a summary.

use std::env;
use std::time::Instant;

use crate::failures::Failure;
use crate::shell::Outcome;
use crate::summary::{self, Report};
use crate::{api_fuzz, api_lint, assets, bench, checks, e2e, paths, setup, size, timings};

type Part = (&'static str, fn() -> Outcome<Report>);

/// The quick parts come first.
const PARTS: [Part; 11] = [
    ("fmt", || checks::fmt(true).map(|()| Report::default())),
    ("lint", || checks::lint_and_check_queries().map(|()| Report::default())),
    ("build", || checks::build_tests().map(|()| Report::default())),
    ("unit", || checks::unit(&[])),
    ("it", || checks::integration(&[])),
    ("api-lint", || api_lint::lint().map(|()| Report::default())),
    ("api-fuzz", || api_fuzz::fuzz(&[])),
    ("hostile", || bench::hostile(&["--short".to_owned()])),
    ("e2e", || e2e::e2e(&[])),
    ("size", || size::size().map(|()| Report::default())),
    ("bench", bench::in_ci),
];

/// How many of the slowest tests the summary lists.
const SLOWEST: usize = 10;

/// Runs all parts. The last line printed has the counts, and is kept in `target/counts.txt` too.
pub fn test(with_timings: bool) -> Outcome {
    setup::setup()?;
    let mut total = Report::default();
    let mut lines = Vec::new();
    for (name, part) in PARTS {
        println!("\n######## {name}");
        let start = Instant::now();
        // A part that could not run at all counts as a failed test, so that the counts never look better than it was.
        let report = part().unwrap_or_else(|reason| {
            eprintln!("{reason}");
            let failures = vec![Failure::new(name, &reason)];
            Report { failures, ..Report::default() }.or_failed(false)
        });
        let verdict = if report.counts.failed == 0 { "ok" } else { "FAILED" };
        let seconds = start.elapsed().as_secs();
        lines.push(format!("  {name:<12}{verdict:<8}{:<36}{seconds:>5} s", report.counts.to_string()));
        total.add(report.named_by(name));
    }
    if with_timings || env::var_os("CI").is_some_and(|ci| ci == "true") {
        println!();
        timings::timings()?;
    }
    println!("\n{}", lines.join("\n"));
    println!("\nThe slowest tests");
    for timed in total.slowest(SLOWEST) {
        println!("  {timed}");
    }
    for skipped in &total.skipped {
        println!("  skipped: {skipped}");
    }
    if let Err(reason) = size::print() {
        println!("{reason}");
    }
    // Last, because a log may be kept by its end only.
    summary::print_failures(&total.failures);
    println!("\n{}", total.counts);
    assets::write(&paths::target().join("counts.txt"), format!("{}\n", total.counts).as_bytes())?;
    if total.counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}
