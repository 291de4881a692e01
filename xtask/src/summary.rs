//! The results of the test programs: counts, failed and skipped tests, and times.

use std::time::Duration;

use crate::failures::{self, Failure};
use crate::shell::Outcome;

/// The number of tests by result.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The result of one part of the tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub counts: Counts,
    /// Each failed test with its error.
    pub failures: Vec<Failure>,
    /// Each skipped test with its reason.
    pub skipped: Vec<String>,
    /// How long each test took.
    pub times: Vec<Timed>,
}

/// One test and its duration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timed {
    pub duration: Duration,
    pub test: String,
}

impl std::fmt::Display for Timed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>6.1} s  {}", self.duration.as_secs_f64(), self.test)
    }
}

impl Report {
    /// Reads what `cargo test` printed. A program that failed without a failed test (it did not compile, it crashed)
    /// counts as one.
    pub fn from_cargo(printed: &str, succeeded: bool) -> Self {
        let mut report = Self { failures: failures::of_cargo(printed), ..Self::default() };
        for line in printed.lines() {
            if let Some(result) = line.strip_prefix("test result:") {
                report.counts += Counts {
                    passed: number_before(result, "passed"),
                    failed: number_before(result, "failed"),
                    skipped: number_before(result, "ignored"),
                };
            } else if let Some((name, reason)) =
                line.strip_prefix("test ").and_then(|test| test.split_once(" ... ignored"))
            {
                report.skipped.push(format!("{name}: {}", reason_or_none(reason)));
            } else {
                report.times.extend(timed(line));
            }
        }
        if !succeeded && report.counts.failed == 0 {
            report.failures.push(Failure::of_program("the program ended early", printed));
        }
        report.or_failed(succeeded)
    }

    /// Adds a failure if the program failed without a failed test.
    pub fn or_failed(mut self, succeeded: bool) -> Self {
        if !succeeded && self.counts.failed == 0 {
            self.counts.failed = 1;
        }
        self
    }

    /// Lists a failed part whose program named no failed test under the part's own name.
    pub fn named_by(mut self, part: &str) -> Self {
        if self.counts.failed > 0 && self.failures.is_empty() {
            self.failures.push(Failure::new(part, "It failed without naming a test. Its output is above."));
        }
        self
    }

    pub fn add(&mut self, other: Self) {
        self.counts += other.counts;
        self.failures.extend(other.failures);
        self.skipped.extend(other.skipped);
        self.times.extend(other.times);
    }

    /// The slowest tests, the slowest first.
    pub fn slowest(&self, count: usize) -> Vec<&Timed> {
        let mut times: Vec<_> = self.times.iter().collect();
        times.sort_by_key(|timed| std::cmp::Reverse(timed.duration));
        times.truncate(count);
        times
    }
}

/// How many failed tests are listed.
const LISTED: usize = 20;

/// Prints the failed tests with their errors, so that the end of the output says what went wrong.
pub fn print_failures(failures: &[Failure]) {
    if failures.is_empty() {
        return;
    }
    println!("\nFailed");
    failures.iter().take(LISTED).for_each(|failure| println!("{failure}"));
    if failures.len() > LISTED {
        println!("  and {} more", failures.len() - LISTED);
    }
}

/// Prints the report of a part that was run alone, and fails if a test failed.
pub fn single(report: Report) -> Outcome {
    for skipped in &report.skipped {
        println!("skipped: {skipped}");
    }
    print_failures(&report.failures);
    println!("{}", report.counts);
    if report.counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// The reason a test was skipped, or a note that none was given.
pub fn reason_or_none(reason: &str) -> &str {
    let reason = reason.trim_start_matches([',', ' ']).trim();
    if reason.is_empty() { "no reason given" } else { reason }
}

/// Reads `test NAME ... ok <1.234s>`.
fn timed(line: &str) -> Option<Timed> {
    let (test, result) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let seconds = result.split_once('<')?.1.strip_suffix("s>")?.parse().ok()?;
    Some(Timed { duration: Duration::try_from_secs_f64(seconds).ok()?, test: test.to_owned() })
}

fn number_before(text: &str, word: &str) -> usize {
    let clauses = text.split(['.', ';']).map(str::trim);
    clauses.filter_map(|clause| clause.strip_suffix(word)).find_map(|number| number.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "running 3 tests\n\
        test a ... ok <0.250s>\n\
        test e ... FAILED <1.500s>\n\
        test b::c ... ignored, needs a printer\n\
        test d ... ignored\n\
        test result: ok. 1 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
        test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";

    #[test]
    fn the_results_of_several_programs_are_added_up() {
        let report = Report::from_cargo(PRINTED, false);
        assert_eq!(report.counts, Counts { passed: 5, failed: 2, skipped: 2 });
        assert_eq!(report.skipped, ["b::c: needs a printer", "d: no reason given"]);
        assert_eq!(report.failures.len(), 1, "the test that failed is listed once");
        let slowest: Vec<String> = report.slowest(1).iter().map(ToString::to_string).collect();
        assert_eq!(slowest, ["   1.5 s  e"]);
    }

    #[test]
    fn a_program_that_does_not_compile_is_a_failure() {
        let report = Report::from_cargo("error: could not start", false);
        assert_eq!((report.counts.failed, report.failures.len()), (1, 1));
        assert_eq!(report.failures[0].error, ["error: could not start"]);
        assert_eq!(Report::from_cargo("", true).counts.failed, 0);
    }
}
