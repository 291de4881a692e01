//! The arguments of `make bench ARGS=…`.

use crate::{Outcome, scenario::SCENARIOS};
use std::time::Duration;

const HELP: &str = "\
make bench ARGS=\"[SCENARIO…] [--seconds N] [--connections 1,16,64] [--statements]\"

  SCENARIO       create, page, accept, members, signin, partners, partner, portal (default: all)
  --seconds      how long to measure each (default 5)
  --connections  numbers of concurrent keep-alive connections (default 1,16,64)
  --statements   also print the time of each statement in pgbench
";

/// Parsed arguments.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    scenarios: Vec<String>,
    pub time: Duration,
    pub connections: Vec<u64>,
    pub statements: bool,
}

impl Options {
    pub fn read(mut args: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut options = Self {
            scenarios: Vec::new(),
            time: Duration::from_secs(5),
            connections: vec![1, 16, 64],
            statements: false,
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value.\n\n{HELP}"));
            match arg.as_str() {
                "--seconds" => {
                    let seconds = value()?.parse().ok().filter(|seconds| (1..=600).contains(seconds));
                    options.time = Duration::from_secs(seconds.ok_or("--seconds must be a number from 1 to 600.")?);
                }
                "--connections" => {
                    let counts: Option<Vec<u64>> = value()?
                        .split(',')
                        .map(|count| count.trim().parse().ok().filter(|n| (1..=64).contains(n)))
                        .collect();
                    options.connections =
                        counts.ok_or("--connections must be numbers from 1 to 64, separated by commas.")?;
                }
                "--statements" => options.statements = true,
                name if SCENARIOS.iter().any(|scenario| scenario.name == name) => options.scenarios.push(arg),
                _ => return Err(HELP.to_owned()),
            }
        }
        Ok(options)
    }

    pub fn includes(&self, scenario: &str) -> bool {
        self.scenarios.is_empty() || self.scenarios.iter().any(|chosen| chosen == scenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Outcome<Options> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_arguments_everything_is_measured() {
        let options = read("").unwrap();
        assert!(SCENARIOS.iter().all(|scenario| options.includes(scenario.name)));
        assert_eq!(options.connections, [1, 16, 64]);
    }

    #[test]
    fn scenarios_seconds_and_connections_can_be_chosen() {
        let options = read("accept --seconds 2 --connections 16,64").unwrap();
        assert!(options.includes("accept") && !options.includes("create"));
        assert_eq!((options.time.as_secs(), options.connections), (2, vec![16, 64]));
        for wrong in ["bake", "--seconds", "--seconds 0", "--connections 65"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
