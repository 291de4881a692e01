//! One at a time per key, in memory, so that many requests for the same thing wait without a connection to the
//! database. Other processes wait at the row of the key.

use super::Fault;
use crate::base::{AppError, SecretHash};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::OwnedMutexGuard;

/// Maximum requests that wait in this process, and maximum bytes of their bodies together.
const MAX_WAITING: usize = 2_000;
const MAX_WAITING_BYTES: usize = 32 << 20;

#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<Queues>>);

#[derive(Default)]
struct Queues {
    keys: HashMap<Vec<u8>, Queue>,
    waiting: usize,
    bytes: usize,
}

#[derive(Default)]
struct Queue {
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The requests that have the turn or wait for it.
    count: usize,
}

impl Turns {
    /// Waits until no other request has this key. Fails at once if too many wait. The turn ends when it is dropped.
    pub async fn wait(&self, key: impl AsRef<[u8]>, body_size: usize) -> Result<Turn, Fault> {
        let key = SecretHash::of(key.as_ref()).bytes().to_vec();
        let (place, turn) = {
            let mut queues = self.lock();
            if queues.waiting >= MAX_WAITING || queues.bytes + body_size > MAX_WAITING_BYTES {
                return Err(AppError::Unavailable.into());
            }
            queues.waiting += 1;
            queues.bytes += body_size;
            let queue = queues.keys.entry(key.clone()).or_default();
            queue.count += 1;
            (Place { turns: self.clone(), key, body_size }, queue.turn.clone())
        };
        let guard = turn.lock_owned().await;
        Ok(Turn { _guard: guard, _place: place })
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn of one request. The guard is dropped before the place, so the next one can begin.
pub struct Turn {
    _guard: OwnedMutexGuard<()>,
    _place: Place,
}

/// A place in the queue of a key.
struct Place {
    turns: Turns,
    /// The hash of the key, because a sender's key can be long.
    key: Vec<u8>,
    body_size: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut queues = self.turns.lock();
        queues.waiting -= 1;
        queues.bytes -= self.body_size;
        if let Some(queue) = queues.keys.get_mut(&self.key) {
            queue.count -= 1;
            if queue.count == 0 {
                queues.keys.remove(&self.key);
            }
        }
    }
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Turns({} waiting)", self.lock().waiting)
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::{FutureExt as _, join_all};

    #[tokio::test]
    async fn requests_with_one_key_take_turns_and_others_do_not_wait() {
        let turns = Turns::default();
        let first = turns.wait(b"a", 0).await.unwrap();
        let mut second = Box::pin(turns.wait(b"a", 0));
        assert!(second.as_mut().now_or_never().is_none());
        turns.wait(b"b", 0).await.unwrap();
        drop(first);
        drop(second.await.unwrap());
        let queues = turns.lock();
        assert!(queues.keys.is_empty() && queues.waiting == 0);
    }

    #[tokio::test]
    async fn who_no_longer_waits_is_forgotten() {
        let turns = Turns::default();
        let first = turns.wait(b"a", 5).await.unwrap();
        assert!(Box::pin(turns.wait(b"a", 7)).now_or_never().is_none());
        let queues = turns.lock();
        assert_eq!((queues.waiting, queues.bytes), (1, 5));
        drop(queues);
        drop(first);
        assert!(turns.lock().keys.is_empty());
    }

    #[tokio::test]
    async fn the_requests_that_wait_and_their_bodies_are_bounded() {
        let turns = Turns::default();
        let large = turns.wait(b"a", MAX_WAITING_BYTES).await.unwrap();
        assert!(turns.wait(b"b", 1).await.is_err());
        drop(large);
        let keys: Vec<_> = (0..=MAX_WAITING).map(|number| number.to_string()).collect();
        let all = join_all(keys.iter().map(|key| turns.wait(key.as_bytes(), 0))).await;
        assert!(all[..MAX_WAITING].iter().all(Result::is_ok) && all[MAX_WAITING].is_err());
    }
}
