//! Sends the requests of a scenario over several connections and measures every response time. One thread serves all
//! connections, because the generator shares the cores with what it measures.

pub mod http;

use crate::{
    Outcome,
    scenario::{Places, Requests, Scenario},
    server::Server,
};
use hdrhistogram::Histogram;
use http::{Connection, Request};
use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    runtime,
    task::{JoinSet, LocalSet},
    time::timeout,
};

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    Time(Duration),
    Count(u64),
}

/// The longest that a number of requests can take.
const LONGEST: Duration = Duration::from_secs(3_600);
/// How long the last responses can take after the end.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// Sends requests to the server, whose log is part of an error.
pub struct Load<'a> {
    pub server: &'a Server,
    pub places: Rc<Places>,
}

/// What the connections share.
struct Run {
    scenario: &'static Scenario,
    places: Rc<Places>,
    next: Cell<u64>,
    end: u64,
    deadline: Instant,
    failed: Cell<bool>,
    times: RefCell<Histogram<u64>>,
}

impl Load<'_> {
    /// Runs requests from number `sequence` on, and moves it past the last one used.
    pub fn run(
        &self,
        scenario: &'static Scenario,
        connections: u64,
        until: Until,
        sequence: &mut u64,
    ) -> Outcome<Measured> {
        let started = Instant::now();
        let (end, time) = match until {
            Until::Count(count) => (*sequence + count, LONGEST),
            Until::Time(time) => (scenario.limit.unwrap_or(u64::MAX), time),
        };
        // Up to a minute, with three significant digits.
        let times = Histogram::new_with_bounds(1, 60_000_000, 3).map_err(|error| error.to_string())?;
        let run = Rc::new(Run {
            scenario,
            places: self.places.clone(),
            next: Cell::new(*sequence),
            end,
            deadline: started + time,
            failed: Cell::new(false),
            times: RefCell::new(times),
        });
        let done = block_on(async { timeout(time + PATIENCE, all_connections(&run, connections)).await })?;
        let done = done.unwrap_or_else(|_| Err("some requests got no response".to_owned()));
        done.map_err(|reason| format!("{}: {reason}\n{}", scenario.name, self.server.log_tail()))?;
        let elapsed = started.elapsed();
        // A number fetched but not used is past the end or the deadline.
        *sequence = run.next.get().min(end);
        let times = run.times.borrow().clone();
        if times.is_empty() {
            return Err(format!("{}: all numbers are used up; choose fewer seconds.", scenario.name));
        }
        Ok(Measured { count: times.len(), elapsed, times })
    }
}

/// Runs on this thread alone.
pub fn block_on<T>(work: impl Future<Output = T>) -> Outcome<T> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    Ok(LocalSet::new().block_on(&runtime, work))
}

/// The first failure ends the others.
async fn all_connections(run: &Rc<Run>, connections: u64) -> Outcome {
    let mut set = JoinSet::new();
    for _ in 0..connections {
        let run = run.clone();
        set.spawn_local(async move {
            let done = run.one_connection().await;
            run.failed.set(run.failed.get() || done.is_err());
            done
        });
    }
    while let Some(done) = set.join_next().await {
        done.map_err(|error| error.to_string())??;
    }
    Ok(())
}

impl Run {
    fn request(&self, number: u64) -> Outcome<Cow<'_, Request>> {
        match self.scenario.requests {
            Requests::Numbered(request) => Ok(Cow::Owned(request(number))),
            Requests::Page(page) => self.places.request(page).map(Cow::Borrowed),
        }
    }

    async fn one_connection(&self) -> Outcome {
        let mut connection = Connection::open().await?;
        while Instant::now() < self.deadline && !self.failed.get() && self.next.get() < self.end {
            let number = self.next.replace(self.next.get() + 1);
            let request = self.request(number)?;
            let sent = Instant::now();
            let response = connection.send(&request).await?;
            let microseconds = u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.times.borrow_mut().saturating_record(microseconds);
            if !matches!(response.status, 200 | 201 | 303) || !response.contains((self.scenario.expected)(number)) {
                return Err(format!("request {number} got an unexpected response:\n{}", response.describe()));
            }
        }
        Ok(())
    }
}
