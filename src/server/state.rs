//! The state shared by all requests and jobs; cheap to clone.

use super::{
    capacity::Capacity, clock::Clock, config::Config, db, exclusive::Exclusive, ids::Ids, live::Live,
    password::Passwords, rights::check_pool, seal::Seal, shared::Shared, throttle::Limits, turns::Turns, work::Work,
};
use crate::base::Id;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use sqlx::PgPool;
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};
use time::OffsetDateTime;
use tokio::sync::Notify;

/// Connections that store submissions, each for one statement at a time.
pub const STORING: u32 = 2;

/// A request clones it several times, so its parts are behind one pointer.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Parts>);

#[derive(Clone, Debug)]
pub struct Parts {
    pub config: Arc<Config>,
    pub pool: PgPool,
    /// The connections of submissions.
    pub submission_pool: PgPool,
    /// The connections that store submissions. Few, because each keeps the memory of the largest batch it has stored.
    pub storing: PgPool,
    /// For asking time and rights again before a commit.
    pub checks: PgPool,
    pub capacity: Capacity,
    pub clock: Clock,
    pub ids: Arc<Ids>,
    pub seal: Seal,
    pub passwords: Passwords,
    pub limits: Limits,
    pub live: Live,
    /// The exports that run now, by person.
    pub exports: Exclusive,
    /// Notified after a transaction has queued an email.
    pub mail_queued: Arc<Notify>,
    /// Notified after leads were stored that are to be delivered.
    pub deliveries_queued: Arc<Notify>,
    /// Long work beside the threads that serve requests.
    pub work: Work,
    /// Submissions with the same key, one at a time.
    pub turns: Turns,
    /// What rooms keep in memory.
    pub shared: Shared,
    pub leptos: LeptosOptions,
}

impl Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// For building a state: changes this copy only.
impl DerefMut for AppState {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}

impl AppState {
    pub fn new(config: Config, pool: PgPool, seal: Seal, leptos: LeptosOptions) -> Self {
        let clock = Clock::default();
        Self(Arc::new(Parts {
            limits: Limits::new(&pool, clock.clone(), config.limits),
            capacity: Capacity::new(config.capacity),
            config: Arc::new(config),
            submission_pool: pool.clone(),
            storing: db::beside(&pool, STORING),
            checks: check_pool(&pool),
            pool,
            clock,
            ids: Arc::default(),
            seal,
            passwords: Passwords::default(),
            live: Live::default(),
            exports: Exclusive::default(),
            mail_queued: Arc::default(),
            deliveries_queued: Arc::default(),
            work: Work::default(),
            turns: Turns::default(),
            shared: Shared::default(),
            leptos,
        }))
    }

    pub fn make_id<I: Id>(&self, now: OffsetDateTime) -> I {
        self.ids.make(now)
    }

    /// The same state for submissions, with their own connections.
    pub fn for_submissions(&self) -> Self {
        let mut state = self.clone();
        state.pool = self.submission_pool.clone();
        state
    }

    /// Closes the database connections.
    pub async fn close(&self) {
        self.limits.close().await;
        self.submission_pool.close().await;
        self.storing.close().await;
        self.checks.close().await;
        self.pool.close().await;
    }

    /// The current time, for work without a `Cx`.
    pub async fn now(&self) -> Result<OffsetDateTime, sqlx::Error> {
        Ok(self.clock.shift(db::database_now(&self.pool).await?))
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
