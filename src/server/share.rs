//! The share that one caller has of this process. While others call too, a caller has few running requests and the
//! rest of its own wait, so a flood from one network delays its sender and nobody else. A caller that is alone has
//! everything.

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Running requests of one caller while others call too. On two cores, everyone else is then served within about twice
/// the usual time (`make hostile`).
const SHARE: usize = 4;
/// A caller is alone if all of the latest requests, this many, are its own.
const ALONE_FOR: u64 = 512;
/// Callers kept before those without a request are dropped.
const MAX_IDLE: usize = 1_024;

/// The shares of all callers, by their network.
#[derive(Clone, Default)]
pub struct Shares(Arc<Mutex<Callers>>);

#[derive(Default)]
struct Callers {
    running: HashMap<IpAddr, Weak<Semaphore>>,
    /// The number of requests so far.
    count: u64,
    /// The last caller, and the one before it, with the number of the last request of each.
    latest: [Option<(IpAddr, u64)>; 2],
}

impl Callers {
    /// Notes a request. True if no other network has called lately.
    fn note(&mut self, network: IpAddr) -> bool {
        self.count += 1;
        if self.latest[0].is_none_or(|(last, _)| last != network) {
            self.latest[1] = self.latest[0];
        }
        self.latest[0] = Some((network, self.count));
        self.latest[1].is_none_or(|(_, number)| self.count - number > ALONE_FOR)
    }

    fn share_of(&mut self, network: IpAddr) -> Arc<Semaphore> {
        if let Some(share) = self.running.get(&network).and_then(Weak::upgrade) {
            return share;
        }
        if self.running.len() >= MAX_IDLE {
            self.running.retain(|_, share| share.strong_count() > 0);
        }
        let share = Arc::new(Semaphore::new(SHARE));
        self.running.insert(network, Arc::downgrade(&share));
        share
    }
}

impl Shares {
    /// Waits until the caller has less than its share running. The request counts until the permit is dropped; a
    /// caller that is alone gets none and is not counted.
    pub async fn take(&self, network: IpAddr) -> Option<OwnedSemaphorePermit> {
        let share = {
            let mut callers = self.lock();
            if callers.note(network) {
                return None;
            }
            callers.share_of(network)
        };
        // A semaphore that is never closed always gives a permit in the end.
        share.acquire_owned().await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, Callers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shares")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn network(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    /// The outcome if the request need not wait.
    fn at_once(shares: &Shares, number: u32) -> Option<Option<OwnedSemaphorePermit>> {
        shares.take(network(number)).now_or_never()
    }

    #[test]
    fn a_caller_that_is_alone_never_waits() {
        let shares = Shares::default();
        let running: Vec<_> = (0..100).map(|_| at_once(&shares, 1)).collect();
        assert!(running.iter().all(Option::is_some));
    }

    #[test]
    fn beside_others_a_caller_has_its_share_and_they_do_not_wait() {
        let shares = Shares::default();
        drop(at_once(&shares, 2));
        let mut running: Vec<_> = (0..SHARE).map(|_| at_once(&shares, 1).unwrap()).collect();
        assert!(at_once(&shares, 1).is_none());
        assert!(at_once(&shares, 2).is_some());
        assert!(at_once(&shares, 3).is_some());
        running.pop();
        assert!(at_once(&shares, 1).is_some(), "the next one runs when one has ended");
    }

    #[test]
    fn a_caller_is_alone_again_after_many_requests_without_another() {
        let shares = Shares::default();
        drop(at_once(&shares, 2));
        for _ in 0..ALONE_FOR {
            drop(at_once(&shares, 1));
        }
        let running: Vec<_> = (0..100).map(|_| at_once(&shares, 1)).collect();
        assert!(running.iter().all(Option::is_some));
    }

    #[test]
    fn a_request_that_is_given_up_leaves_its_place_to_the_next() {
        let shares = Shares::default();
        drop(at_once(&shares, 2));
        let running: Vec<_> = (0..SHARE).map(|_| at_once(&shares, 1).unwrap()).collect();
        assert!(at_once(&shares, 1).is_none(), "waits, and is dropped here");
        drop(running);
        let running: Vec<_> = (0..SHARE).map(|_| at_once(&shares, 1)).collect();
        assert!(running.iter().all(Option::is_some));
    }

    #[test]
    fn callers_without_a_request_are_forgotten() {
        let shares = Shares::default();
        for number in 0..10_000 {
            drop(at_once(&shares, number));
        }
        assert!(shares.lock().running.len() <= MAX_IDLE);
    }
}
