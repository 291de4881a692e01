//! Sends the requests of a scenario over several connections, one thread each, and measures every response time.

use crate::{Outcome, http::Connection, scenario::Scenario, server::Server};
use hdrhistogram::Histogram;
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    Time(Duration),
    Count(u64),
}

/// Counts and response times.
#[derive(Debug)]
pub struct Measured {
    pub count: u64,
    elapsed: Duration,
    /// Microseconds.
    times: Histogram<u64>,
}

impl Measured {
    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    pub fn milliseconds_at(&self, quantile: f64) -> f64 {
        self.times.value_at_quantile(quantile) as f64 / 1000.0
    }
}

/// Runs requests from number `sequence` on, and moves it past the last one used.
pub fn run(
    server: &Server,
    scenario: &Scenario,
    connections: u64,
    until: Until,
    sequence: &mut u64,
) -> Outcome<Measured> {
    let start = *sequence;
    let end = match until {
        Until::Count(count) => start + count,
        Until::Time(_) => scenario.limit.unwrap_or(u64::MAX),
    };
    let (next, failed) = (AtomicU64::new(start), AtomicBool::new(false));
    let started = Instant::now();
    let deadline = match until {
        Until::Time(time) => started + time,
        Until::Count(_) => started + Duration::from_secs(60),
    };
    let one = || {
        let done = one_connection(scenario, &next, end, deadline, &failed);
        failed.fetch_or(done.is_err(), Ordering::Relaxed);
        done
    };
    let histograms: Vec<Outcome<Histogram<u64>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("A thread panicked.".to_owned())))
            .collect()
    });
    let elapsed = started.elapsed();
    let mut times = empty()?;
    for histogram in histograms {
        let histogram = histogram.map_err(|reason| format!("{}: {reason}\n{}", scenario.name, server.log_tail()))?;
        times.add(histogram).map_err(|error| error.to_string())?;
    }
    // A number fetched but not used is past the end or the deadline.
    *sequence = next.into_inner().min(end);
    if times.is_empty() {
        return Err(format!("{}: all numbers are used up; choose fewer seconds.", scenario.name));
    }
    Ok(Measured { count: times.len(), elapsed, times })
}

fn one_connection(
    scenario: &Scenario,
    next: &AtomicU64,
    end: u64,
    deadline: Instant,
    failed: &AtomicBool,
) -> Outcome<Histogram<u64>> {
    let (mut connection, mut times) = (Connection::open()?, empty()?);
    while Instant::now() < deadline && !failed.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= end {
            break;
        }
        let request = (scenario.request)(number);
        let sent = Instant::now();
        let response = connection.send(&request)?;
        let elapsed = sent.elapsed();
        times.saturating_record(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
        if !matches!(response.status, 200 | 303) || !response.contains(scenario.expected) {
            return Err(format!("request {number} got an unexpected response:\n{}", response.describe()));
        }
    }
    Ok(times)
}

/// Up to a minute, with three significant digits.
fn empty() -> Outcome<Histogram<u64>> {
    Histogram::new_with_bounds(1, 60_000_000, 3).map_err(|error| error.to_string())
}
