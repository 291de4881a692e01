//! How often what costs something may be done: buckets in memory that fill again by themselves (GCRA, by `governor`).
//! Nothing is ever locked for good, and an answer never tells whether what it is about exists.

use super::{Cx, Fault, clock::Clock, peer};
use crate::base::Hashed;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as Measure, MonotonicClock},
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

/// So many keys a limit knows apart. While it holds that many, all keys share [`SHARED`] buckets, those it knew too, so
/// that no flood of keys fills the memory.
const MOST: usize = 20_000;
const SHARED: u128 = 1024;
/// How often buckets that are full again are forgotten, in takes.
const TIDY_EVERY: usize = 1024;

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $burst:literal, then one in $seconds:literal s,)+) => {
        /// What is limited, and what its key is. Each has its own buckets: so many at once, then one in so many seconds.
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
    /// Tries at one login from one network address.
    SignInThere: 10, then one in 60 s,
    /// Tries at one login from browsers it does not know, wherever they are.
    SignInLogin: 50, then one in 60 s,
    /// Tries at one login from a browser that signed in to it before. Nobody else can use these up.
    SignInDevice: 30, then one in 20 s,
    /// Tries at any login from one network address.
    SignInAddress: 100, then one in 3 s,
    /// Tries at the current password from within one session.
    PasswordAgain: 10, then one in 60 s,
    /// Mails of sign-up to one address.
    SignUpRecipient: 5, then one in 600 s,
    /// Sign-ups from one network address.
    SignUpAddress: 20, then one in 60 s,
    /// Mails to one address that set a password. One comes through well within the hour that its link lives.
    ForgotRecipient: 3, then one in 1200 s,
    /// Wishes for such mails from one network address.
    ForgotAddress: 20, then one in 60 s,
    /// Mails to one address that wants to become a login's.
    ChangeRecipient: 3, then one in 1200 s,
    /// Wishes of one person for another address.
    ChangePerson: 5, then one in 1200 s,
    /// Links nobody knows, from one network address.
    UnknownLink: 30, then one in 10 s,
    /// Further companies of one person.
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

/// Time that tests can move.
#[derive(Debug, Clone)]
struct Watch(Clock);

impl Measure for Watch {
    type Instant = Instant;

    fn now(&self) -> Instant {
        MonotonicClock.now() + self.0.offset()
    }
}

type Limiter = RateLimiter<u128, HashMapStateStore<u128>, Watch, NoOpMiddleware<Instant>>;

/// All buckets of this process.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    limiters: Vec<Limiter>,
    takes: AtomicUsize,
    watch: Watch,
    enabled: bool,
}

impl Limits {
    pub fn new(clock: Clock, enabled: bool) -> Self {
        let watch = Watch(clock);
        let limiters = Limit::ALL.iter().map(|limit| limiter(*limit, watch.clone())).collect();
        Self(Arc::new(Inner { limiters, takes: AtomicUsize::new(0), watch, enabled }))
    }

    /// Takes one from the bucket of this key, or refuses and says when the next is there. To be asked before the work.
    pub fn take(&self, limit: Limit, key: impl AsRef<[u8]>) -> Result<(), Fault> {
        if !self.0.enabled {
            return Ok(());
        }
        let Some(limiter) = self.0.limiters.get(limit as usize) else { return Ok(()) };
        if self.0.takes.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.0.limiters.iter().for_each(Limiter::retain_recent);
        }
        limiter.check_key(&bucket(limiter, key.as_ref())).map_err(|refused| {
            let wait = refused.wait_time_from(self.0.watch.now()).as_secs_f64().ceil();
            // A burst that was spent by others at the same moment may be back already; one second is a polite least.
            Fault::RateLimited { seconds: Duration::from_secs_f64(wait.max(1.0)).as_secs() }
        })
    }
}

fn limiter(limit: Limit, watch: Watch) -> Limiter {
    let (burst, seconds) = limit.figures();
    let quota = Quota::with_period(Duration::from_secs(seconds)).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    RateLimiter::hashmap_with_clock(quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN)), watch)
}

/// Keys are addresses and names of people: only their hash is kept.
fn bucket(limiter: &Limiter, key: &[u8]) -> u128 {
    let hash = Hashed::of(key);
    let number = hash.bytes().iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte));
    if limiter.len() < MOST { number } else { number % SHARED }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").field("enabled", &self.0.enabled).finish_non_exhaustive()
    }
}

impl Cx {
    /// The network address as a key; none where it would count everybody as one.
    pub fn network(&self) -> Option<String> {
        let address = self.address.as_deref()?.parse().ok()?;
        peer::network(address).map(|network| network.to_string())
    }

    /// Takes one by the network address of this request.
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
    fn a_bucket_empties_for_its_key_alone_and_fills_again() {
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
            assert_eq!(wait(&limits, "ann"), None, "all of it is back");
        }
    }

    #[test]
    fn a_flood_of_keys_neither_fills_the_memory_nor_opens_anything() {
        let limits = Limits::new(Clock::default(), true);
        for key in 0..MOST + 20_000 {
            let _either = limits.take(Limit::SignInThere, key.to_string());
        }
        let limiter = &limits.0.limiters[Limit::SignInThere as usize];
        assert!(limiter.len() <= MOST + 1024, "{}", limiter.len());
        assert!(limits.take(Limit::SignInThere, "one more").is_err());
    }

    #[test]
    fn switched_off_nothing_is_counted() {
        let limits = Limits::new(Clock::default(), false);
        assert!((0..100).all(|_| wait(&limits, "ann").is_none()));
    }
}
