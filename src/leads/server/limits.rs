//! Rate limits of submissions, in the memory of this process: for each source, and for each network address. They are
//! checked before a body is read.

use crate::{
    base::{Id as _, SecretHash, SourceId},
    server::{AppState, clock::Clock, ratelimit},
};
use axum::http::{HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as GovernorClock, MonotonicClock},
    middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};
use std::{
    collections::HashSet,
    fmt,
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Maximum sources and addresses with a bucket of their own.
const MAX_KEYS: usize = 20_000;
/// The buckets that all others share.
const SHARED_BUCKETS: u128 = 1024;
/// Refilled buckets are dropped once per this many submissions.
const CLEANUP_INTERVAL: usize = 1024;

/// A submission beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    policy: &'static str,
    quota: u32,
    wait: Duration,
}

impl Excess {
    pub fn headers(self) -> [(HeaderName, HeaderValue); 3] {
        let wait = self.wait.as_secs() + u64::from(self.wait.subsec_nanos() > 0);
        ratelimit::headers(self.policy, u64::from(self.quota), 1, 0, wait.max(1))
    }

    pub fn sentence(self) -> &'static str {
        match self.policy {
            "source" => "too many submissions to this source, try again later",
            _ => "too many submissions from this address, try again later",
        }
    }
}

/// A clock that tests can advance.
#[derive(Debug, Clone)]
struct TestableClock(Clock);

impl GovernorClock for TestableClock {
    type Instant = Instant;

    fn now(&self) -> Instant {
        MonotonicClock.now() + self.0.offset()
    }
}

struct Limit {
    policy: &'static str,
    quota: NonZeroU32,
    buckets: RateLimiter<u128, HashMapStateStore<u128>, TestableClock, NoOpMiddleware<Instant>>,
    clock: TestableClock,
}

impl Limit {
    /// None if the quota is zero, which turns the limit off.
    fn new(policy: &'static str, quota: u32, clock: &Clock) -> Option<Self> {
        let (quota, clock) = (NonZeroU32::new(quota)?, TestableClock(clock.clone()));
        let buckets = RateLimiter::hashmap_with_clock(Quota::per_second(quota), clock.clone());
        Some(Self { policy, quota, buckets, clock })
    }

    fn take(&self, key: &[u8], has_own_bucket: bool) -> Result<(), Excess> {
        let hash = SecretHash::of(key);
        let number = hash.bytes().iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte));
        let bucket = if has_own_bucket { number } else { number % SHARED_BUCKETS };
        self.buckets.check_key(&bucket).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            Excess { policy: self.policy, quota: self.quota.get(), wait }
        })
    }
}

pub struct SubmissionLimits {
    by_source: Option<Limit>,
    by_address: Option<Limit>,
    /// Sources that exist. Other ids, which anybody can invent, share buckets.
    known: RwLock<HashSet<SourceId>>,
    takes: AtomicUsize,
}

impl SubmissionLimits {
    pub fn of(state: &AppState) -> Arc<Self> {
        state.shared.get(|| {
            let config = &state.config;
            let quota = |quota: u32| if config.limits { quota } else { 0 };
            Self::new(quota(config.submit_per_source), quota(config.submit_per_address), &state.clock)
        })
    }

    fn new(per_source: u32, per_address: u32, clock: &Clock) -> Self {
        Self {
            by_source: Limit::new("source", per_source, clock),
            by_address: Limit::new("address", per_address, clock),
            known: RwLock::default(),
            takes: AtomicUsize::new(0),
        }
    }

    /// Takes one submission of both. The address comes first, so that one sender cannot use up a source beyond it.
    pub fn take(&self, source: SourceId, network: Option<IpAddr>) -> Result<(), Excess> {
        if self.takes.fetch_add(1, Ordering::Relaxed) % CLEANUP_INTERVAL == CLEANUP_INTERVAL - 1 {
            let limits = self.by_source.iter().chain(&self.by_address);
            limits.for_each(|limit| limit.buckets.retain_recent());
        }
        if let (Some(limit), Some(network)) = (&self.by_address, network) {
            limit.take(network.to_string().as_bytes(), limit.buckets.len() < MAX_KEYS)?;
        }
        let Some(limit) = &self.by_source else { return Ok(()) };
        let is_known = self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&source);
        limit.take(&source.bytes(), is_known)
    }

    /// Gives a source that exists its own bucket.
    pub fn note_source(&self, source: SourceId) {
        if self.by_source.is_none() || self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&source) {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() == MAX_KEYS {
            known.clear();
        }
        known.insert(source);
    }
}

impl fmt::Debug for SubmissionLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubmissionLimits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn source(number: usize) -> SourceId {
        format!("{number:024x}").parse().unwrap()
    }

    fn address(number: u32) -> Option<IpAddr> {
        Some(Ipv4Addr::from_bits(number).into())
    }

    /// How many of a thousand submissions at once are taken.
    fn taken(limits: &SubmissionLimits, source: SourceId, network: Option<IpAddr>) -> usize {
        (0..1000).filter(|_| limits.take(source, network).is_ok()).count()
    }

    #[test]
    fn each_source_and_each_address_has_its_own_limit() {
        let clock = Clock::default();
        let limits = SubmissionLimits::new(50, 20, &clock);
        limits.note_source(source(1));
        assert!((20..30).contains(&taken(&limits, source(1), address(1))));
        assert!((20..30).contains(&taken(&limits, source(1), address(2))));
        let excess = limits.take(source(1), address(2)).unwrap_err();
        assert_eq!(excess.headers()[0].1, "\"address\";q=20;w=1");
        assert!(taken(&limits, source(1), None) < 30, "the source's own limit");
        limits.note_source(source(2));
        assert!((50..70).contains(&taken(&limits, source(2), None)));
        clock.advance(time::Duration::seconds(2));
        assert!((20..30).contains(&taken(&limits, source(1), address(1))));
    }

    #[test]
    fn a_limit_of_zero_is_off() {
        let limits = SubmissionLimits::new(0, 0, &Clock::default());
        assert_eq!(taken(&limits, source(1), address(1)), 1000);
    }

    #[test]
    fn invented_ids_and_many_addresses_share_buckets() {
        let limits = SubmissionLimits::new(5, 5, &Clock::default());
        for number in 0..30_000 {
            let _either = limits.take(source(number), address(u32::try_from(number).unwrap()));
        }
        let count = |limit: &Option<Limit>| limit.as_ref().map_or(0, |limit| limit.buckets.len());
        assert!(count(&limits.by_source) <= 1024 && count(&limits.by_address) <= MAX_KEYS + 1024);
        (0..=MAX_KEYS).for_each(|number| limits.note_source(source(number)));
        assert!(limits.known.read().unwrap().len() <= MAX_KEYS);
    }
}
