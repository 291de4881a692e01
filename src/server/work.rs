//! Work that keeps a processor busy for more than about a millisecond. It runs beside the threads that serve requests,
//! as many at a time as the machine has processors, and its queue is bounded.

use super::Fault;
use crate::base::AppError;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};
use tokio::sync::Semaphore;

/// Maximum work that waits in the queue of the process.
const MAX_WAITING: usize = 256;

/// A bounded queue.
#[derive(Clone, Debug)]
pub struct Work {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    max_waiting: usize,
}

impl Default for Work {
    fn default() -> Self {
        Self::new(available_parallelism().map_or(2, usize::from), MAX_WAITING)
    }
}

impl Work {
    pub fn new(concurrent: usize, max_waiting: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(concurrent)), waiting: Arc::default(), max_waiting }
    }

    /// Runs the work, or fails if too much is waiting. Do not call this while holding a connection to the database.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let slot = QueueSlot::take(&self.waiting, self.max_waiting).ok_or(AppError::Unavailable)?;
        let permit = self.permits.clone().acquire_owned().await.map_err(|error| Fault::Broken(error.to_string()))?;
        drop(slot);
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        done.await.map_err(|error| Fault::Broken(error.to_string()))
    }
}

/// A place in the queue, given back when it is dropped.
struct QueueSlot(Arc<AtomicUsize>);

impl QueueSlot {
    fn take(count: &Arc<AtomicUsize>, max: usize) -> Option<Self> {
        let slot = Self(count.clone());
        (count.fetch_add(1, Ordering::AcqRel) < max).then_some(slot)
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    #[tokio::test]
    async fn work_is_done_and_its_queue_is_bounded() {
        let work = Work::new(0, MAX_WAITING);
        let many = join_all((0..MAX_WAITING + 9).map(|number| {
            let work = work.clone();
            async move {
                // The last one arrives when all others wait or are refused, and lets them work.
                if number == MAX_WAITING + 8 {
                    work.permits.add_permits(2);
                }
                work.run(move || number).await
            }
        }))
        .await;
        let done: Vec<_> = many.into_iter().filter_map(Result::ok).collect();
        assert_eq!(done, (0..MAX_WAITING).collect::<Vec<_>>());
        assert_eq!(work.run(|| 7).await.unwrap(), 7);
    }
}
