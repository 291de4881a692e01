//! Sends the requests of a scenario over so many connections, one thread each, and takes the time of every answer.

use crate::{Outcome, http::Connection, scenario::Scenario, server::Server};
use hdrhistogram::Histogram;
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How long.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    Time(Duration),
    Count(u64),
}

/// What was measured.
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

/// Runs request after request, from number `sequence` on, which is moved past the last one used.
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
    let begun = Instant::now();
    let deadline = match until {
        Until::Time(time) => begun + time,
        Until::Count(_) => begun + Duration::from_secs(60),
    };
    let one = || {
        let done = one_connection(scenario, &next, end, deadline, &failed);
        failed.fetch_or(done.is_err(), Ordering::Relaxed);
        done
    };
    let histograms: Vec<Outcome<Histogram<u64>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("A thread broke.".to_owned()))).collect()
    });
    let elapsed = begun.elapsed();
    let mut times = empty()?;
    for histogram in histograms {
        let histogram = histogram.map_err(|reason| format!("{}: {reason}\n{}", scenario.name, server.said()))?;
        times.add(histogram).map_err(|error| error.to_string())?;
    }
    // A number that was taken and not used is past the end or the deadline.
    *sequence = next.into_inner().min(end);
    if times.is_empty() {
        return Err(format!("{}: nothing is left to be used; choose fewer seconds.", scenario.name));
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
        let answer = connection.send(&request)?;
        let taken = sent.elapsed();
        times.saturating_record(u64::try_from(taken.as_micros()).unwrap_or(u64::MAX));
        if !matches!(answer.status, 200 | 303) || !answer.holds(scenario.answer) {
            return Err(format!("request {number} was answered by\n{}", answer.describe()));
        }
    }
    Ok(times)
}

/// Up to a minute, to a thousandth.
fn empty() -> Outcome<Histogram<u64>> {
    Histogram::new_with_bounds(1, 60_000_000, 3).map_err(|error| error.to_string())
}
