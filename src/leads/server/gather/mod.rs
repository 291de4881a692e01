//! Leads that arrive together are stored together. A lead waits only while others are being stored; one that comes
//! alone is stored at once. Each answer leaves after its own lead is on disk.

mod batch;
mod moments;

pub use batch::{Became, Waiting};
pub use moments::Moments;

use super::queries::NewLead;
use crate::{
    base::AppError,
    server::{AppState, Fault, STORING, clock::Clock, ids::random_bytes, turns::Turn},
};
use batch::Batch;
use sqlx::{PgPool, Postgres, pool::PoolConnection};
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, oneshot};

/// Statements that store leads at a time. While one waits for the disk, the other gathers.
const COMMITTERS: usize = STORING as usize;
/// Maximum leads of a statement, and maximum bytes of their content.
const MAX_LEADS: usize = 128;
const MAX_BYTES: usize = 1 << 20;
/// Maximum leads that wait in this process, and maximum bytes of their content.
const MAX_WAITING: usize = 4_000;
const MAX_WAITING_BYTES: usize = 32 << 20;

/// The leads of this process that wait to be stored, in the order in which they came.
pub struct Gatherer {
    queue: Mutex<Queue>,
    pool: PgPool,
    clock: Clock,
    deliveries: Arc<Notify>,
    /// The first share of a day's count that this process uses. Each committer has its own, so that they do not wait
    /// for each other.
    share: u8,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// The committers that run.
    running: [bool; COMMITTERS],
}

impl Queue {
    /// What one statement stores: at least one lead if any waits.
    fn take(&mut self) -> Vec<Waiting> {
        let mut taken = Vec::with_capacity(self.waiting.len().min(MAX_LEADS));
        let mut bytes = 0;
        while let Some(next) = self.waiting.front() {
            bytes += next.size();
            if !taken.is_empty() && (taken.len() == MAX_LEADS || bytes > MAX_BYTES) {
                break;
            }
            self.bytes -= next.size();
            taken.extend(self.waiting.pop_front());
        }
        taken
    }
}

impl Queue {
    /// The lead that came first, if it has waited too long.
    fn take_late(&mut self) -> Option<Waiting> {
        let late = self.waiting.pop_front_if(|first| first.is_late())?;
        self.bytes -= late.size();
        Some(late)
    }
}

impl Gatherer {
    pub fn of(state: &AppState) -> Arc<Self> {
        state.shared.get(|| {
            let [random] = random_bytes();
            let (pool, clock, deliveries) =
                (state.storing.clone(), state.clock.clone(), state.deliveries_queued.clone());
            Self { queue: Mutex::default(), pool, clock, deliveries, share: random }
        })
    }

    /// Stores a lead, and returns what became of it, with the turn of its `Idempotency-Key`. The turn waits with the lead:
    /// a sender that hangs up and posts again cannot have two leads of one key stored at the same time. A lead whose
    /// sender hangs up is stored all the same.
    pub async fn store(self: &Arc<Self>, lead: NewLead, turn: Option<Turn>) -> Result<(Became, Option<Turn>), Fault> {
        let (answer, answered) = oneshot::channel();
        self.add(Waiting::new(lead, turn, answer))?;
        answered.await.map_err(|_| AppError::Unavailable)?
    }

    fn add(self: &Arc<Self>, waiting: Waiting) -> Result<(), Fault> {
        let mut queue = self.lock();
        if queue.waiting.len() >= MAX_WAITING || queue.bytes + waiting.size() > MAX_WAITING_BYTES {
            return Err(AppError::Unavailable.into());
        }
        queue.bytes += waiting.size();
        queue.waiting.push_back(waiting);
        let free = queue.running.iter().position(|running| !running);
        if let Some(number) = free {
            queue.running[number] = true;
        }
        // A runtime that ends drops the committer at once, which takes the lock.
        drop(queue);
        if let Some(number) = free {
            tokio::spawn(commit(Place { gatherer: self.clone(), number, is_left: false }));
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gatherer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gatherer({} waiting)", self.lock().waiting.len())
    }
}

/// The place of a committer that runs. Its end makes room for the next one, also after a panic.
struct Place {
    gatherer: Arc<Gatherer>,
    number: usize,
    is_left: bool,
}

impl Place {
    /// What to store next. None if nothing waits; the place is then left.
    fn next(&mut self) -> Option<Batch> {
        let mut queue = self.gatherer.lock();
        while let Some(late) = queue.take_late() {
            late.fail(AppError::Unavailable.into());
        }
        let taken = queue.take();
        if taken.is_empty() {
            queue.running[self.number] = false;
            self.is_left = true;
            return None;
        }
        let share = self.gatherer.share.wrapping_add(self.number as u8);
        let (ahead, deliveries) = (self.gatherer.clock.offset().as_secs_f64(), self.gatherer.deliveries.clone());
        Some(Batch::new(taken, share, ahead, deliveries))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_left {
            return;
        }
        let mut queue = self.gatherer.lock();
        queue.running[self.number] = false;
        // After a panic nobody may come for what waits.
        queue.bytes = 0;
        let left = std::mem::take(&mut queue.waiting);
        drop(queue);
        left.into_iter().for_each(|waiting| waiting.fail(AppError::Unavailable.into()));
    }
}

/// Stores what waits until nothing waits. Leads that come while it waits for a connection are taken too.
async fn commit(mut place: Place) {
    let mut conn: Option<PoolConnection<Postgres>> = None;
    loop {
        let connected = match conn.take() {
            Some(conn) => Ok(conn),
            None => place.gatherer.pool.acquire().await,
        };
        let Some(batch) = place.next() else { return };
        match connected {
            Ok(mut connected) => {
                if batch.store(&mut connected).await {
                    conn = Some(connected);
                }
            }
            Err(error) => batch.fail(error.into()),
        }
    }
}

#[cfg(test)]
mod tests;
