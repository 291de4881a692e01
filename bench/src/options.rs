//! The arguments of `make bench ARGS=…`.

use crate::{
    Outcome,
    scenario::{self, Scenario, Seed},
};
use std::time::Duration;

const HELP: &str = "\
make bench ARGS=\"[--short] [SCENARIO…] [--seconds N] [--connections 1,16,128] [--statements]\"

  SCENARIO       leads, leads-many, create, page, accept, members, signin, partners, partner, portal: without a name,
                 all of these; lead-memory: memory up to a million leads; lists: every list with five million leads
  --short        the main job only, two seconds each, about a minute and a half
  --seconds      how long to measure each (default 5)
  --connections  numbers of concurrent keep-alive connections (default: by scenario)
  --statements   also print the time of each statement in pgbench
";

/// The scenario that is none: it measures another one until many leads are stored.
const MEMORY: &str = "lead-memory";
/// All scenarios of the large seed.
const LISTS: &str = "lists";
/// pgbench and the pools of the server need a connection of Postgres for each.
const MAX_CONNECTIONS: u64 = 200;

/// Parsed arguments.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    scenarios: Vec<String>,
    pub short: bool,
    pub memory: bool,
    pub time: Duration,
    connections: Option<Vec<u64>>,
    pub statements: bool,
}

impl Options {
    pub fn read(args: impl Iterator<Item = String>) -> Outcome<Self> {
        let args: Vec<String> = args.collect();
        let short = args.iter().any(|arg| arg == "--short");
        let mut options = Self {
            scenarios: Vec::new(),
            short,
            memory: false,
            time: Duration::from_secs(if short { 2 } else { 5 }),
            connections: None,
            statements: false,
        };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value.\n\n{HELP}"));
            match arg.as_str() {
                "--short" => {}
                "--seconds" => options.time = seconds(&value()?)?,
                "--connections" => options.connections = Some(connections(&value()?)?),
                "--statements" => options.statements = true,
                MEMORY => options.memory = true,
                name if name == LISTS || scenario::find(name).is_some() => {
                    options.scenarios.push(arg);
                }
                _ => return Err(HELP.to_owned()),
            }
        }
        Ok(options)
    }

    fn includes(&self, scenario: &Scenario) -> bool {
        let is_named = |name: &str| self.scenarios.iter().any(|chosen| chosen == name);
        let is_large = scenario.seed == Seed::Large;
        if is_named(scenario.name) || (is_large && is_named(LISTS)) {
            return true;
        }
        self.scenarios.is_empty() && !self.memory && !is_large && (!self.short || !scenario.short.is_empty())
    }

    /// The scenarios to measure, each with its numbers of connections.
    pub fn plan(&self) -> Vec<(&'static Scenario, Vec<u64>)> {
        let chosen = scenario::all().filter(|scenario| self.includes(scenario));
        let connections = |scenario: &Scenario| match &self.connections {
            Some(connections) => connections.clone(),
            None if self.short && !scenario.short.is_empty() => scenario.short.to_vec(),
            None => scenario.connections.to_vec(),
        };
        chosen.map(|scenario| (scenario, connections(scenario))).collect()
    }

    /// The data that the scenarios need. What pgbench inserts into is in the first.
    pub fn seeds(&self) -> Vec<Seed> {
        let plan = self.plan();
        let is_needed = |seed: &Seed| match seed {
            Seed::Main => true,
            Seed::Leads if self.memory => true,
            seed => plan.iter().any(|(scenario, _)| scenario.seed == *seed),
        };
        Seed::ALL.into_iter().filter(is_needed).collect()
    }

    /// What the table says about itself.
    pub fn notes(&self) -> String {
        format!(
            "CPU is seconds per 1000: application + Postgres, and that of the load generator apart, which runs on the same\n\
             cores. Beside leads, pgbench inserts one row per commit; beside all others it runs the statements of the\n\
             request as often, prepared, as the application's role. Its CPU is Postgres' alone. {} s each. The limits on\n\
             submissions are off (SUBMIT_PER_SOURCE=0, SUBMIT_PER_ADDRESS=0). Emails stay queued and are measured apart.",
            self.time.as_secs(),
        )
    }
}

fn seconds(text: &str) -> Outcome<Duration> {
    let seconds = text.parse().ok().filter(|seconds| (1..=600).contains(seconds));
    Ok(Duration::from_secs(seconds.ok_or("--seconds must be a number from 1 to 600.")?))
}

fn connections(text: &str) -> Outcome<Vec<u64>> {
    let one = |count: &str| count.trim().parse().ok().filter(|count| (1..=MAX_CONNECTIONS).contains(count));
    let counts: Option<Vec<u64>> = text.split(',').map(one).collect();
    counts.ok_or_else(|| format!("--connections must be numbers from 1 to {MAX_CONNECTIONS}, separated by commas."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Outcome<Options> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    fn names(line: &str) -> Vec<&'static str> {
        read(line).unwrap().plan().iter().map(|(scenario, _)| scenario.name).collect()
    }

    #[test]
    fn without_arguments_everything_is_measured_that_needs_no_large_seed() {
        let all = scenario::all().filter(|scenario| scenario.seed != Seed::Large);
        assert_eq!(names(""), all.map(|scenario| scenario.name).collect::<Vec<_>>());
        assert!(names("lists").len() > 10 && names("lists").iter().all(|name| !names("").contains(name)));
    }

    #[test]
    fn the_short_form_measures_the_main_job() {
        assert_eq!(names("--short"), ["leads", "leads-many", "create", "page", "accept", "members"]);
        let options = read("--short").unwrap();
        assert_eq!(options.time.as_secs(), 2);
        assert_eq!(options.plan().first().map(|(_, connections)| connections.clone()), Some(vec![1, 16, 128]));
        assert_eq!(options.seeds(), [Seed::Main, Seed::Leads]);
    }

    #[test]
    fn memory_is_measured_alone() {
        let options = read("lead-memory").unwrap();
        assert!(options.memory && options.plan().is_empty());
        assert_eq!(options.seeds(), [Seed::Main, Seed::Leads]);
    }

    #[test]
    fn scenarios_seconds_and_connections_can_be_chosen() {
        assert_eq!(names("accept members"), ["accept", "members"]);
        let options = read("accept --seconds 2 --connections 16,64").unwrap();
        assert_eq!(options.time.as_secs(), 2);
        assert_eq!(options.plan().first().map(|(_, connections)| connections.clone()), Some(vec![16, 64]));
        for wrong in ["bake", "--seconds", "--seconds 0", "--connections 201"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
