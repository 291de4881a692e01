//! Browser tests: the production client and the development server, on a throwaway cluster with two databases.

use std::fs;
use std::path::Path;
use std::process::{self, Command};
use std::time::Duration;

use serde_json::Value;

use crate::client::Profile;
use crate::database::{Scratch, psql_program};
use crate::failures::Failure;
use crate::shell::{Outcome, failed, step, tee};
use crate::summary::{Counts, Report, Timed, reason_or_none};
use crate::{cargo, debian, packages, paths, site};

const CHROMIUM: &str = "/usr/bin/chromium-headless-shell";

/// Builds and runs Playwright, whose configuration starts the servers.
pub fn e2e(args: &[String]) -> Outcome<Report> {
    let mut command = packages::npx("playwright")?;
    command.args(["test", "--reporter=list,json"]).args(args);
    run(command, false)
}

/// Lighthouse on the main pages of the release build, with the servers and people of the browser tests.
pub fn lighthouse(args: &[String]) -> Outcome<Report> {
    let mut command = packages::npx("playwright")?;
    command.args(["test", "--config=lighthouse.config.ts", "--reporter=list,json"]).args(args);
    run(command, true)
}

fn run(mut command: Command, is_release: bool) -> Outcome<Report> {
    if !Path::new(CHROMIUM).exists() {
        debian::install(&["chromium-headless-shell"])?;
    }
    step("build the server", || cargo::build_server(is_release))?;
    site::build_site(Profile::Small)?;
    let scratch = step("start a throwaway Postgres", || Scratch::open("e2e"))?;
    // Unique names, so that a server left by a killed run cannot open this run's databases and send its emails.
    let name = format!("e2e_{}", process::id());
    let (first, second) = (scratch.add_database(&name)?, scratch.add_database(&format!("{name}_2"))?);
    let results = paths::target().join("e2e.json");
    if results.exists() {
        fs::remove_file(&results).map_err(failed(format!("remove {}", results.display())))?;
    }
    command.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &results);
    command.env("ACCORD_BIN", paths::server(is_release)).env("ACCORD_SITE", paths::site());
    command.env("ACCORD_E2E_DATABASE_URL", first.app).env("ACCORD_E2E_DATABASE_OWNER_URL", first.owner);
    command.env("ACCORD_E2E_DATABASE_URL_2", second.app).env("ACCORD_E2E_DATABASE_OWNER_URL_2", second.owner);
    command.env("ACCORD_PSQL", psql_program()?);
    let (printed, succeeded) = tee(&mut command)?;
    let report = fs::read(&results).ok().and_then(|json| serde_json::from_slice(&json).ok());
    let mut report = report.map(|json| from_playwright(&json)).unwrap_or_default();
    if !succeeded && report.failures.is_empty() {
        report.failures.push(Failure::of_program("Playwright", &printed));
    }
    Ok(report.or_failed(succeeded))
}

/// Reads Playwright's report. A test that passed on the second attempt counts as passed, and is listed with its error.
fn from_playwright(json: &Value) -> Report {
    let count = |name: &str| json["stats"][name].as_u64().and_then(|count| count.try_into().ok()).unwrap_or(0);
    let mut report = Report {
        counts: Counts {
            passed: count("expected") + count("flaky"),
            failed: count("unexpected"),
            skipped: count("skipped"),
        },
        // Errors of no test: the servers did not start, a journey does not compile.
        failures: list(json, "errors").iter().map(|error| Failure::new("Playwright", message(error))).collect(),
        ..Report::default()
    };
    add_tests(json, &mut report);
    report
}

/// Suites are nested; the reason is in the test, the title in the spec around it.
fn add_tests(suite: &Value, report: &mut Report) {
    for spec in list(suite, "specs") {
        let title = spec["title"].as_str().unwrap_or_default();
        for test in list(spec, "tests") {
            let name = format!("[{}] {title}", test["projectName"].as_str().unwrap_or_default());
            let verdict = match test["status"].as_str() {
                Some("unexpected") => Some(""),
                Some("flaky") => Some(", passed at the second attempt"),
                _ => None,
            };
            if let Some(verdict) = verdict {
                let place = format!("{}:{}", spec["file"].as_str().unwrap_or_default(), spec["line"]);
                report.failures.push(Failure::new(format!("{name} ({place}){verdict}"), &errors(test)));
            }
            if test["status"] == "skipped" {
                let annotation = list(test, "annotations").iter().find(|annotation| annotation["type"] == "skip");
                let reason = annotation.and_then(|annotation| annotation["description"].as_str()).unwrap_or_default();
                report.skipped.push(format!("{name}: {}", reason_or_none(reason)));
            } else {
                let milliseconds = list(test, "results").iter().filter_map(|result| result["duration"].as_u64()).sum();
                report.times.push(Timed { duration: Duration::from_millis(milliseconds), test: name });
            }
        }
    }
    for inner in list(suite, "suites") {
        add_tests(inner, report);
    }
}

/// The errors of all attempts at a test. The first is that of the step; others follow while the test ends.
fn errors(test: &Value) -> String {
    let errors = list(test, "results").iter().flat_map(|result| list(result, "errors"));
    errors.map(message).collect::<Vec<_>>().join("\n")
}

fn message(error: &Value) -> &str {
    error["message"].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_tests_are_listed_with_their_reason_and_others_with_their_time() {
        let json = serde_json::json!({
            "stats": { "expected": 3, "unexpected": 1, "flaky": 1, "skipped": 1 },
            "suites": [{ "suites": [{ "specs": [{
                "title": "signs in",
                "tests": [
                    { "projectName": "phone", "status": "skipped",
                      "annotations": [{ "type": "skip", "description": "has no keyboard" }] },
                    { "projectName": "hydrated", "status": "expected", "annotations": [],
                      "results": [{ "duration": 2500 }] },
                ],
            }] }] }],
        });
        let report = from_playwright(&json);
        assert_eq!(report.counts, Counts { passed: 4, failed: 1, skipped: 1 });
        assert_eq!(report.skipped, ["[phone] signs in: has no keyboard"]);
        assert_eq!(report.times, [Timed { duration: Duration::from_millis(2500), test: "[hydrated] signs in".into() }]);
        assert_eq!(report.failures, []);
    }

    #[test]
    fn failed_tests_are_listed_with_their_place_and_their_error() {
        let json = serde_json::json!({
            "stats": { "expected": 0, "unexpected": 1, "flaky": 0, "skipped": 0 },
            "errors": [{ "message": "Error: a server did not start" }],
            "suites": [{ "suites": [{ "specs": [{
                "title": "signs in", "file": "journeys/identity.ts", "line": 12,
                "tests": [{
                    "projectName": "phone", "status": "unexpected", "annotations": [],
                    "results": [{ "duration": 1, "status": "failed", "errors": [
                        { "message": "Error: \u{1b}[2mexpect(\u{1b}[22mpage\u{1b}[2m)\u{1b}[22m failed\n\nExpected: Home" },
                        { "message": "Test timeout of 90000ms exceeded." },
                    ] }],
                }],
            }] }] }],
        });
        let listed: Vec<String> = from_playwright(&json).failures.iter().map(ToString::to_string).collect();
        assert_eq!(
            listed,
            [
                "  Playwright\n      Error: a server did not start",
                "  [phone] signs in (journeys/identity.ts:12)\n      Error: expect(page) failed\n      Expected: Home\
                 \n      Test timeout of 90000ms exceeded.",
            ]
        );
    }
}
