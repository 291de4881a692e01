//! Rate limits: in-memory buckets that refill over time (GCRA, by `governor`). Nothing is locked permanently, and a
//! response never reveals whether its object exists.

use super::{Cx, Fault, clock::Clock, peer};
use crate::base::SecretHash;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as GovernorClock, MonotonicClock},
    middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};
use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Maximum keys with separate buckets per limit. While it is reached, all keys share [`SHARED_BUCKETS`], including
/// those that had their own, so a flood of keys cannot exhaust memory.
const MAX_KEYS: usize = 20_000;
const SHARED_BUCKETS: u128 = 1024;
/// Refilled buckets are dropped once per this many takes.
const CLEANUP_INTERVAL: usize = 1024;

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $burst:literal, then one in $seconds:literal s,)+) => {
        /// The limited actions, each with its key. Each limit allows a burst, then one every given number of seconds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Limit {
            $($(#[$doc])* $name,)+
        }

        impl Limit {
            const ALL: &[Self] = &[$(Self::$name,)+];

            const fn figures(self) -> (u32, u64) {
                match self { $(Self::$name => ($burst, $seconds),)+ }
            }
        }
    };
}

limits! {
    /// Sign-in attempts for one user from one network address.
    SignInUserByAddress: 10, then one in 60 s,
    /// Sign-in attempts for one user from unknown browsers, at any network address.
    SignInUser: 50, then one in 60 s,
    /// Sign-in attempts for one user from a browser that they have signed in with. Nobody else can use these up.
    SignInKnownBrowser: 30, then one in 20 s,
    /// Sign-in attempts for any user from one network address.
    SignInAddress: 100, then one in 3 s,
    /// Attempts at the current password within one session.
    CurrentPassword: 10, then one in 60 s,
    /// Sign-up emails to one address.
    SignUpRecipient: 5, then one in 600 s,
    /// Sign-ups from one network address.
    SignUpAddress: 20, then one in 60 s,
    /// Password-reset emails to one address. The next one is allowed well within the hour that a link is valid.
    ForgotRecipient: 3, then one in 1200 s,
    /// Password-reset requests from one network address.
    ForgotAddress: 20, then one in 60 s,
    /// Confirmation emails to one new address.
    ChangeEmailRecipient: 3, then one in 1200 s,
    /// Requests of one person to change their email address.
    ChangeEmailPerson: 5, then one in 1200 s,
    /// Unknown links from one network address.
    UnknownLink: 30, then one in 10 s,
    /// Additional companies created by one person.
    NewCompany: 5, then one in 3600 s,
    /// Invitations by one account.
    InviteAccount: 300, then one in 60 s,
    /// Invitations by one person.
    InvitePerson: 200, then one in 60 s,
    /// Invitations to one address, from all accounts together.
    InviteRecipient: 10, then one in 3600 s,
    /// Invitations from one network address.
    InviteAddress: 300, then one in 30 s,
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

type Limiter = RateLimiter<u128, HashMapStateStore<u128>, TestableClock, NoOpMiddleware<Instant>>;

/// All rate limits of this process.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    limiters: Vec<Limiter>,
    take_count: AtomicUsize,
    clock: TestableClock,
    enabled: bool,
}

impl Limits {
    pub fn new(clock: Clock, enabled: bool) -> Self {
        let clock = TestableClock(clock);
        let limiters = Limit::ALL.iter().map(|limit| limiter(*limit, clock.clone())).collect();
        Self(Arc::new(Inner { limiters, take_count: AtomicUsize::new(0), clock, enabled }))
    }

    /// Takes one from the key's bucket; if it is empty, fails with the time to wait. Call this before doing the work.
    pub fn take(&self, limit: Limit, key: impl AsRef<[u8]>) -> Result<(), Fault> {
        if !self.0.enabled {
            return Ok(());
        }
        let Some(limiter) = self.0.limiters.get(limit as usize) else { return Ok(()) };
        if self.0.take_count.fetch_add(1, Ordering::Relaxed) % CLEANUP_INTERVAL == CLEANUP_INTERVAL - 1 {
            self.0.limiters.iter().for_each(Limiter::retain_recent);
        }
        limiter.check_key(&bucket(limiter, key.as_ref())).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.0.clock.now()).as_secs_f64().ceil();
            // The wait can already be over by now, so ask for at least one second.
            Fault::RateLimited { seconds: Duration::from_secs_f64(wait.max(1.0)).as_secs() }
        })
    }
}

fn limiter(limit: Limit, clock: TestableClock) -> Limiter {
    let (burst, seconds) = limit.figures();
    let quota = Quota::with_period(Duration::from_secs(seconds)).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    RateLimiter::hashmap_with_clock(quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN)), clock)
}

/// Keys contain personal data such as addresses, so we keep only their hash.
fn bucket(limiter: &Limiter, key: &[u8]) -> u128 {
    let hash = SecretHash::of(key);
    let number = hash.bytes().iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte));
    if limiter.len() < MAX_KEYS { number } else { number % SHARED_BUCKETS }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").field("enabled", &self.0.enabled).finish_non_exhaustive()
    }
}

impl Cx {
    /// The caller's network as a key; `None` if it would put everyone into one bucket.
    pub fn network(&self) -> Option<String> {
        let address = self.address.as_deref()?.parse().ok()?;
        peer::network(address).map(|network| network.to_string())
    }

    /// Takes one from the bucket of the caller's network.
    pub fn take_by_address(&self, limit: Limit) -> Result<(), Fault> {
        self.network().map_or(Ok(()), |network| self.state.limits.take(limit, network))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(limits: &Limits, key: &str) -> Option<u64> {
        match limits.take(Limit::ForgotRecipient, key) {
            Ok(()) => None,
            Err(Fault::RateLimited { seconds }) => Some(seconds),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_bucket_is_separate_for_each_key_and_refills() {
        let clock = Clock::default();
        let limits = Limits::new(clock.clone(), true);
        for _ in 0..3 {
            assert_eq!(wait(&limits, "ann"), None);
        }
        assert!(wait(&limits, "ann").is_some_and(|seconds| (1190..=1200).contains(&seconds)));
        assert_eq!(wait(&limits, "bob"), None);
        clock.advance(time::Duration::seconds(1201));
        assert_eq!(wait(&limits, "ann"), None);
        assert!(wait(&limits, "ann").is_some());
        clock.advance(time::Duration::hours(1));
        for _ in 0..3 {
            assert_eq!(wait(&limits, "ann"), None, "fully refilled");
        }
    }

    #[test]
    fn a_flood_of_keys_neither_exhausts_memory_nor_lifts_limits() {
        let limits = Limits::new(Clock::default(), true);
        for key in 0..MAX_KEYS + 20_000 {
            let _either = limits.take(Limit::SignInUserByAddress, key.to_string());
        }
        let limiter = &limits.0.limiters[Limit::SignInUserByAddress as usize];
        assert!(limiter.len() <= MAX_KEYS + 1024, "{}", limiter.len());
        assert!(limits.take(Limit::SignInUserByAddress, "one more").is_err());
    }

    #[test]
    fn disabled_limits_allow_everything() {
        let limits = Limits::new(Clock::default(), false);
        assert!((0..100).all(|_| wait(&limits, "ann").is_none()));
    }
}
