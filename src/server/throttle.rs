//! Rate limits, kept in Postgres (`migrations/0018_rate_limits.sql`): all processes count together, and a restart forgets
//! nothing. Nothing is locked permanently, and a response never reveals whether its object exists.

use super::{Cx, Fault, clock::Clock, db, peer, ratelimit};
use crate::base::{Problem, SecretHash};
use axum::http::{HeaderName, HeaderValue};
use governor::clock::{Clock as _, MonotonicClock};
use sqlx::PgPool;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Takes have connections of their own: a verb that holds a connection can wait for a take, because a take waits for no
/// verb.
pub const CONNECTIONS: u32 = 4;
/// Maximum rows, about 150 MB. While it is reached, keys without a row share [`SHARED_BUCKETS`] per limit, so a flood of
/// keys cannot fill the disk.
const MAX_ROWS: i32 = 1_000_000;
const SHARED_BUCKETS: u16 = 1024;
/// Maximum refused keys kept in memory.
const MAX_REFUSED: usize = 10_000;
/// Rows deleted by one statement.
const CLEANUP_BATCH: i64 = 1_000;

/// How many may be taken in what time.
#[derive(Debug, Clone, Copy)]
struct Rate {
    burst: u32,
    /// Seconds in which a used-up burst comes back.
    period: u32,
    /// True if it comes back evenly, false if at most `burst` may be taken in any `period`.
    refills: bool,
}

/// A burst, then one every this many seconds.
const fn burst(burst: u32, then_one_in: u32) -> Rate {
    Rate { burst, period: burst * then_one_in, refills: true }
}

/// At most this many in any period of this many seconds.
const fn at_most(burst: u32, period: u32) -> Rate {
    Rate { burst, period, refills: false }
}

const DAY: u32 = 24 * 60 * 60;

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident $policy:literal $rate:expr, $problem:ident;)+) => {
        /// The limited actions, each with its key. Callers lock buckets in this order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Limit {
            $($(#[$doc])* $name,)+
        }

        impl Limit {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name,)+];

            /// The name in the headers of a response, also part of the stored key.
            const fn policy(self) -> &'static str {
                match self { $(Self::$name => $policy,)+ }
            }

            const fn rate(self) -> Rate {
                match self { $(Self::$name => $rate,)+ }
            }

            /// What the caller reads.
            const fn problem(self) -> Problem {
                match self { $(Self::$name => Problem::$problem,)+ }
            }
        }
    };
}

limits! {
    /// Sign-in attempts for one user from one network address.
    SignInUserByAddress "sign-in-user-by-address" burst(10, 60), SignInTooOften;
    /// Sign-in attempts for one user from unknown browsers, at any network address.
    SignInUser "sign-in-user" burst(50, 60), SignInTooOften;
    /// Sign-in attempts for one user from a browser that they have signed in with. Nobody else can use these up.
    SignInKnownBrowser "sign-in-known-browser" burst(30, 20), SignInTooOften;
    /// Sign-in attempts for any user from one network address.
    SignInAddress "sign-in-address" burst(100, 3), SignInTooOften;
    /// Attempts at the current password within one session.
    CurrentPassword "current-password" burst(10, 60), TooOften;
    /// Sign-ups with one address, each from a browser that has not signed up with it before.
    SignUpRecipient "sign-up-recipient" burst(10, 600), EmailsTooOften;
    /// Further sign-ups and resends from browsers that have signed up with this address before.
    SignUpRecipientAgain "sign-up-recipient-again" burst(4, 600), EmailsTooOften;
    /// Sign-ups from one network address.
    SignUpAddress "sign-up-address" burst(20, 60), TooOften;
    /// Password-reset emails to one address. The next one is allowed well within the hour that a link is valid.
    ForgotRecipient "forgot-recipient" burst(3, 1200), EmailsTooOften;
    /// Password-reset requests from one network address.
    ForgotAddress "forgot-address" burst(20, 60), TooOften;
    /// The first request of a day by one person to change their address to this one. Nobody else can use it up.
    ChangeEmailFirst "change-email-first" at_most(1, DAY), EmailsTooOften;
    /// Further confirmation emails to one new address.
    ChangeEmailRecipient "change-email-recipient" burst(2, 1200), EmailsTooOften;
    /// Requests of one person to change their email address.
    ChangeEmailPerson "change-email-person" burst(5, 1200), TooOften;
    /// Unknown links from one network address.
    UnknownLink "unknown-link" burst(30, 10), TooOften;
    /// Additional companies created by one person.
    NewCompany "new-company" burst(5, 3600), TooOften;
    /// New invitations to one address by one account: less than half of what the address gets in a day, so no account
    /// can use up what others may send.
    InviteRecipientByAccount "invite-recipient-by-account" at_most(4, DAY), RecipientInvitedOften;
    /// New invitations to one address by all accounts.
    InviteRecipient "invite-recipient" at_most(10, DAY), RecipientInvitedOften;
    /// Invitations sent or resent by one person.
    InvitePerson "invite-person" at_most(30, 600), PersonInvitesOften;
    /// Invitations sent or resent by one account.
    InviteAccount "invite-account" at_most(100, DAY), AccountInvitesOften;
    /// Invitations sent or resent from one network address.
    InviteAddress "invite-address" burst(300, 30), TooOften;
}

type Key = [u8; 16];

/// What one caller has of one limit.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    limit: Limit,
    /// None is not counted.
    key: Option<Key>,
}

impl Limit {
    /// The bucket of this key. Keys can be email addresses, so only their hash is kept.
    pub fn of(self, key: impl AsRef<[u8]>) -> Bucket {
        Bucket { limit: self, key: Some(self.key(key.as_ref())) }
    }

    fn key(self, key: &[u8]) -> Key {
        let hash = SecretHash::of(&[self.policy().as_bytes(), b"\0", key].concat());
        hash.bytes().first_chunk().copied().unwrap_or_default()
    }

    /// The bucket this key shares with others while there are too many rows.
    fn shared_key(self, [first, second, ..]: Key) -> Key {
        let number = u16::from_be_bytes([first, second]) % SHARED_BUCKETS;
        self.key(&[b"shared\0", &number.to_be_bytes()[..]].concat())
    }

    fn exceeded(self, seconds: u64) -> Exceeded {
        let Rate { burst, period, .. } = self.rate();
        Exceeded::new(self.problem(), self.policy(), (burst, period), seconds)
    }
}

/// A rate limit that was reached: what the caller reads, and the headers of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    pub problem: Problem,
    policy: &'static str,
    quota: u32,
    period: u32,
    pub seconds: u64,
}

impl Exceeded {
    /// A limit of so many in a period of seconds, which allows the next one after `seconds`.
    pub fn new(problem: Problem, policy: &'static str, (quota, period): (u32, u32), seconds: u64) -> Self {
        // The wait can be over by the time of the response, but nobody should retry at once.
        Self { problem, policy, quota, period, seconds: seconds.max(1) }
    }

    pub fn headers(&self) -> [(HeaderName, HeaderValue); 3] {
        ratelimit::headers(self.policy, self.quota.into(), self.period.into(), 0, self.seconds)
    }
}

/// The rate limits.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    pool: PgPool,
    clock: Clock,
    enabled: bool,
    /// Refused keys, until when: they stay refused until then, so a flood of attempts needs no statements.
    refused: Mutex<HashMap<Key, Instant>>,
}

impl Limits {
    /// With a few connections like those of this pool.
    pub fn new(pool: &PgPool, clock: Clock, enabled: bool) -> Self {
        let pool = db::beside(pool, CONNECTIONS);
        Self(Arc::new(Inner { pool, clock, enabled, refused: Mutex::default() }))
    }

    /// Takes one from each bucket, or nothing from any of them if one is empty; then fails with the time to wait. Call it
    /// before the work. It commits by itself, so an attempt counts even if the work fails.
    pub async fn take<const N: usize>(&self, buckets: [Bucket; N]) -> Result<(), Fault> {
        if !self.0.enabled {
            return Ok(());
        }
        let mut counted: Vec<(Limit, Key)> =
            buckets.iter().filter_map(|bucket| Some((bucket.limit, bucket.key?))).collect();
        counted.sort_unstable();
        if counted.is_empty() {
            return Ok(());
        }
        if let Some((limit, wait)) = self.still_refused(&counted) {
            return Err(Fault::RateLimited(limit.exceeded(wait)));
        }
        let Some((position, seconds)) = self.take_all(&counted).await? else { return Ok(()) };
        let Some((limit, key)) = counted.get(position) else { return Ok(()) };
        self.keep_refused(*key, Duration::try_from_secs_f64(seconds).unwrap_or_default());
        Err(Fault::RateLimited(limit.exceeded(whole_seconds(seconds))))
    }

    /// Deletes the rows of full buckets, one batch. Returns how many there were.
    pub async fn clean(&self) -> Result<usize, Fault> {
        let deleted = sqlx::query!(
            "delete from rate_limits where key in (
                 select key from rate_limits where full_at <= now() + make_interval(secs => $1)
                 order by full_at limit $2 for update skip locked)",
            self.0.clock.offset().as_secs_f64(),
            CLEANUP_BATCH,
        )
        .execute(&self.0.pool)
        .await?;
        Ok(usize::try_from(deleted.rows_affected()).unwrap_or(usize::MAX))
    }

    pub async fn close(&self) {
        self.0.pool.close().await;
    }

    /// The position of an empty bucket and the seconds to wait; None if one was taken from each.
    async fn take_all(&self, counted: &[(Limit, Key)]) -> Result<Option<(usize, f64)>, Fault> {
        let keys: Vec<Vec<u8>> = counted.iter().map(|(_, key)| key.to_vec()).collect();
        let shared: Vec<Vec<u8>> = counted.iter().map(|(limit, key)| limit.shared_key(*key).to_vec()).collect();
        let rates: Vec<Rate> = counted.iter().map(|(limit, _)| limit.rate()).collect();
        let bursts: Vec<i32> = rates.iter().map(|rate| i32::try_from(rate.burst).unwrap_or(i32::MAX)).collect();
        let periods: Vec<f64> = rates.iter().map(|rate| rate.period.into()).collect();
        let refills: Vec<bool> = rates.iter().map(|rate| rate.refills).collect();
        let refused = sqlx::query!(
            r#"select refused as "position!", seconds as "seconds!"
               from take_rate_limits($1, $2, $3, $4, $5, $6, $7)"#,
            &keys,
            &shared,
            &bursts,
            &periods,
            &refills,
            self.0.clock.offset().as_secs_f64(),
            MAX_ROWS,
        )
        .fetch_optional(&self.0.pool)
        .await?;
        Ok(refused.and_then(|row| Some((usize::try_from(row.position).ok()?.checked_sub(1)?, row.seconds))))
    }

    /// The bucket that stays refused for longest, and the seconds to wait.
    fn still_refused(&self, counted: &[(Limit, Key)]) -> Option<(Limit, u64)> {
        let (now, refused) = (self.now(), self.0.refused.lock().ok()?);
        let waits =
            counted.iter().filter_map(|(limit, key)| Some((*limit, refused.get(key)?.checked_duration_since(now)?)));
        waits.max_by_key(|(_, wait)| *wait).map(|(limit, wait)| (limit, whole_seconds(wait.as_secs_f64())))
    }

    fn keep_refused(&self, key: Key, wait: Duration) {
        let now = self.now();
        let Ok(mut refused) = self.0.refused.lock() else { return };
        if refused.len() >= MAX_REFUSED {
            refused.retain(|_, until| *until > now);
        }
        if refused.len() < MAX_REFUSED {
            refused.insert(key, now + wait);
        }
    }

    fn now(&self) -> Instant {
        MonotonicClock.now() + self.0.clock.offset()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a wait is between 0 and a day")]
fn whole_seconds(seconds: f64) -> u64 {
    seconds.ceil() as u64
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
        peer::counted(address, &self.state.config).map(|network| network.to_string())
    }

    /// The bucket of the caller's network.
    pub fn by_network(&self, limit: Limit) -> Bucket {
        let key = self.network().map(|network| limit.key(network.as_bytes()));
        Bucket { limit, key }
    }

    /// Takes one from each bucket.
    pub async fn take<const N: usize>(&self, buckets: [Bucket; N]) -> Result<(), Fault> {
        self.state.limits.take(buckets).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_its_own_name_made_of_letters_and_hyphens() {
        let mut names: Vec<_> = Limit::ALL.iter().map(|limit| limit.policy()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|c| c.is_ascii_lowercase() || c == b'-')), "{names:?}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Limit::ALL.len());
    }

    #[test]
    fn keys_differ_by_limit_and_key_and_shared_ones_are_few() {
        assert_ne!(Limit::SignInUser.key(b"ann"), Limit::SignInAddress.key(b"ann"));
        assert_ne!(Limit::SignInUser.key(b"ann"), Limit::SignInUser.key(b"bob"));
        let shared: std::collections::BTreeSet<_> = (0..20_000_u32)
            .map(|number| Limit::SignInUser.shared_key(Limit::SignInUser.key(&number.to_be_bytes())))
            .collect();
        assert_eq!(shared.len(), usize::from(SHARED_BUCKETS));
    }

    #[test]
    fn a_limit_that_was_reached_says_so_in_the_headers() {
        let lines: Vec<_> = Limit::SignInAddress
            .exceeded(2)
            .headers()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .to_vec();
        let policy = "ratelimit-policy: \"sign-in-address\";q=100;w=300";
        assert_eq!(lines, [policy, "ratelimit: \"sign-in-address\";r=0;t=2", "retry-after: 2"]);
        assert_eq!(Limit::SignInAddress.exceeded(0).seconds, 1, "nobody retries at once");
    }
}
