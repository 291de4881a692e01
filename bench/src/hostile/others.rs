//! Everyone else: one caller who opens a page and submits a lead, again and again, while the attack runs.

use super::{
    attacks,
    wire::{Raw, exchange},
};
use hdrhistogram::Histogram;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Response times of the other caller, and how many of the requests failed.
#[derive(Debug, Clone)]
pub struct Others {
    /// Microseconds.
    times: Histogram<u64>,
    pub failed: u64,
}

impl Others {
    /// True if there are enough requests for a median that says something.
    pub fn is_many(&self) -> bool {
        self.times.len() >= 20
    }

    pub fn requests(&self) -> u64 {
        self.times.len()
    }

    pub fn median(&self) -> f64 {
        self.times.value_at_quantile(0.5) as f64 / 1000.0
    }

    pub fn at_95(&self) -> f64 {
        self.times.value_at_quantile(0.95) as f64 / 1000.0
    }
}

/// Runs `attack` with the other caller beside it.
pub fn beside<T: Send>(attack: impl FnOnce() -> T + Send) -> Result<(T, Others), String> {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let others = scope.spawn(|| keep_calling(&done));
        let result = attack();
        done.store(true, Ordering::Relaxed);
        let others = others.join().map_err(|_| "the other caller panicked".to_owned())??;
        Ok((result, others))
    })
}

fn keep_calling(done: &AtomicBool) -> Result<Others, String> {
    let times = Histogram::new_with_bounds(1, 600_000_000, 3).map_err(|error| error.to_string())?;
    let mut others = Others { times, failed: 0 };
    let mut number = 0_u32;
    while !done.load(Ordering::Relaxed) || number < 4 {
        number += 1;
        let request = if number.is_multiple_of(2) { page(number) } else { lead(number) };
        let sent = Instant::now();
        let outcome = exchange(&request);
        others.times.saturating_record(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
        others.failed += u64::from(!matches!(outcome.status, 200 | 201));
        thread::sleep(Duration::from_millis(5));
    }
    Ok(others)
}

/// Different addresses, so that no rate limit stops this caller.
fn page(number: u32) -> Raw {
    Raw::new("GET", "/signin").header("Accept", "text/html").from(0x0020_0000 + number)
}

fn lead(number: u32) -> Raw {
    let body = "first_name=Lea&email=lea%40example.com&postal_code=60601&phone_1=5125550123";
    Raw::new("POST", &attacks::SUBMIT.path()).form(body).from(0x0020_0000 + number)
}
