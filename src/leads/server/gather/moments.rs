//! The time of submissions. Reading it for each would cost as much as storing it, so all that begin within a few
//! milliseconds have the same.

use crate::{
    base::AppError,
    server::{AppState, Fault, db},
};
use governor::clock::{Clock as _, MonotonicClock};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use time::OffsetDateTime;

/// How long a time that was read is used.
const VALID: Duration = Duration::from_millis(5);

/// The time that was read last, and when.
#[derive(Debug, Default)]
pub struct Moments {
    latest: Mutex<Option<(OffsetDateTime, Instant)>>,
    reading: tokio::sync::Mutex<()>,
    /// How often the time could not be read.
    failures: AtomicU64,
}

impl Moments {
    pub fn of(state: &AppState) -> Arc<Self> {
        state.shared.get(Self::default)
    }

    /// The time of the database, a few milliseconds ago at most.
    pub async fn now(&self, state: &AppState) -> Result<OffsetDateTime, Fault> {
        let at = match self.find() {
            Some(at) => at,
            None => self.read(state).await?,
        };
        Ok(state.clock.shift(at))
    }

    /// Reads the time for all that wait for it. If that fails, it fails for all of them: each further attempt could take
    /// as long.
    async fn read(&self, state: &AppState) -> Result<OffsetDateTime, Fault> {
        let failures = self.failures.load(Ordering::Relaxed);
        let _reading = self.reading.lock().await;
        if let Some(at) = self.find() {
            return Ok(at);
        }
        if self.failures.load(Ordering::Relaxed) != failures {
            return Err(AppError::Unavailable.into());
        }
        let begun = MonotonicClock.now();
        let read = db::database_now(&state.submission_pool).await;
        if read.is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        let at = read?;
        *self.lock() = Some((at, begun));
        Ok(at)
    }

    fn find(&self) -> Option<OffsetDateTime> {
        let (at, read) = (*self.lock())?;
        (MonotonicClock.now() - read < VALID).then_some(at)
    }

    fn lock(&self) -> MutexGuard<'_, Option<(OffsetDateTime, Instant)>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
