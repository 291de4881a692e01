//! The state shared by all requests and jobs; cheap to clone.

use super::{
    clock::Clock, config::Config, db, ids::Ids, live::Live, password::Passwords, rights::check_pool, seal::Seal,
    throttle::Limits,
};
use crate::base::Id;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use sqlx::PgPool;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::sync::Notify;

#[derive(Clone, Debug)]
pub struct AppState {
    pub config: Arc<Config>,
    pub pool: PgPool,
    /// For asking time and rights again before a commit.
    pub checks: PgPool,
    pub clock: Clock,
    pub ids: Arc<Ids>,
    pub seal: Seal,
    pub passwords: Passwords,
    pub limits: Limits,
    pub live: Live,
    /// Notified after a transaction has queued an email.
    pub mail_queued: Arc<Notify>,
    pub leptos: LeptosOptions,
}

impl AppState {
    pub fn new(config: Config, pool: PgPool, seal: Seal, leptos: LeptosOptions) -> Self {
        let clock = Clock::default();
        Self {
            limits: Limits::new(clock.clone(), config.limits),
            config: Arc::new(config),
            checks: check_pool(&pool),
            pool,
            clock,
            ids: Arc::default(),
            seal,
            passwords: Passwords::default(),
            live: Live::default(),
            mail_queued: Arc::default(),
            leptos,
        }
    }

    pub fn make_id<I: Id>(&self, now: OffsetDateTime) -> I {
        self.ids.make(now)
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
