//! The time of submissions. Reading it for each would cost as much as storing it, so all that begin within a few
//! milliseconds have the same.

use crate::server::{AppState, Fault, db};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use time::OffsetDateTime;

/// How long a time that was read is used.
const VALID: Duration = Duration::from_millis(5);

/// The time that was read last, while it is valid.
#[derive(Debug, Default)]
pub struct Moments {
    latest: Mutex<Option<OffsetDateTime>>,
    reading: tokio::sync::Mutex<()>,
}

impl Moments {
    pub fn of(state: &AppState) -> Arc<Self> {
        state.shared.get(Self::default)
    }

    /// The time of the database, at most a few milliseconds ago.
    pub async fn now(self: &Arc<Self>, state: &AppState) -> Result<OffsetDateTime, Fault> {
        let at = match self.find() {
            Some(at) => at,
            None => self.read(state).await?,
        };
        Ok(state.clock.shift(at))
    }

    /// Reads the time for all that wait for it.
    async fn read(self: &Arc<Self>, state: &AppState) -> Result<OffsetDateTime, Fault> {
        let _reading = self.reading.lock().await;
        if let Some(at) = self.find() {
            return Ok(at);
        }
        let at = db::database_now(&state.submission_pool).await?;
        *self.lock() = Some(at);
        let moments = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(VALID).await;
            *moments.lock() = None;
        });
        Ok(at)
    }

    fn find(&self) -> Option<OffsetDateTime> {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Option<OffsetDateTime>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
