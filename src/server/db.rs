//! Access to the database: `read` lends a connection, `write` runs a transaction. A transaction is retried after
//! serialization failures and deadlocks, and publishes events only after it has committed.

use super::{AppState, Cx, Fault, config::Config, gathered::Gathered, live::Event};
use crate::base::{AppError, Id, Problem, Secret};
use futures::future::BoxFuture;
use governor::clock::{Clock as _, MonotonicClock};
use sqlx::{
    Connection, PgConnection, PgPool, Postgres,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    ops::{Deref, DerefMut},
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use time::OffsetDateTime;

static MIGRATIONS: Migrator = sqlx::migrate!();
const MAX_ATTEMPTS: u32 = 3;
/// Connections that were idle for less are used without a ping, unless another one was lost meanwhile.
const MAX_IDLE_WITHOUT_PING: Duration = Duration::from_secs(2);

/// A connection together with its request. Finders and policies take one, inside and outside of transactions.
pub trait Db: DerefMut<Target = PgConnection> + Send {
    fn cx(&self) -> &Cx;

    fn now(&self) -> OffsetDateTime {
        self.cx().now
    }
}

/// A connection for reading.
#[derive(Debug)]
pub struct Reader {
    conn: PoolConnection<Postgres>,
    cx: Cx,
}

impl Db for Reader {
    fn cx(&self) -> &Cx {
        &self.cx
    }
}

impl Deref for Reader {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.conn
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.conn
    }
}

/// A transaction together with its request, and the events to publish once it has committed.
#[derive(Debug)]
pub struct Tx {
    transaction: sqlx::Transaction<'static, Postgres>,
    pub cx: Cx,
    events: Vec<Event>,
    mails_queued: bool,
    deliveries_queued: bool,
    pub(super) gathered: Gathered,
    /// When the transaction must have committed, if what it does expires.
    pub(super) deadline: Option<OffsetDateTime>,
}

impl Tx {
    fn new(transaction: sqlx::Transaction<'static, Postgres>, cx: Cx) -> Self {
        let gathered = Gathered::default();
        let events = Vec::new();
        Self { transaction, cx, events, mails_queued: false, deliveries_queued: false, gathered, deadline: None }
    }

    pub fn now(&self) -> OffsetDateTime {
        self.cx.now
    }

    pub fn make_id<I: Id>(&self) -> I {
        self.cx.state.make_id(self.cx.now)
    }

    /// Notifies open pages after the commit.
    pub fn announce(&mut self, event: Event) {
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    /// Wakes the mail worker after the commit.
    pub fn wake_mail_worker(&mut self) {
        self.mails_queued = true;
    }

    /// Wakes the worker that delivers leads, after the commit.
    pub fn wake_deliveries(&mut self) {
        self.deliveries_queued = true;
    }
}

impl Db for Tx {
    fn cx(&self) -> &Cx {
        &self.cx
    }
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl Cx {
    /// A connection for reading. Take one per request.
    pub async fn read(&self) -> Result<Reader, Fault> {
        Ok(Reader { conn: self.state.pool.acquire().await?, cx: self.clone() })
    }

    /// Runs a verb in one transaction. Serialization failures and deadlocks are retried, up to three attempts in total,
    /// each with a fresh copy of the input. The verb also runs again if time or rights have changed so that it may not
    /// commit, this time with the current ones (`rights.rs`).
    pub async fn write<I, T, F>(&self, input: I, verb: F) -> Result<T, Fault>
    where
        I: Clone + Send,
        F: for<'a> Fn(&'a mut Tx, I) -> BoxFuture<'a, Result<T, Fault>>,
    {
        let (mut attempts, mut reloaded) = (1, None);
        loop {
            let cx = reloaded.as_ref().unwrap_or(self);
            match cx.attempt(input.clone(), &verb).await {
                Err(fault) if fault.is_retryable() && attempts < MAX_ATTEMPTS => {
                    tracing::warn!(%fault, attempts, "retrying a transaction");
                }
                // The check was made before the rights changed, and the verb relies on it.
                Err(Fault::Unproved(_)) if reloaded.is_some() => return Err(Problem::NotAllowed.into()),
                Ok(None) if attempts < MAX_ATTEMPTS => reloaded = Some(cx.reloaded().await?),
                Ok(None) => return Err(AppError::Unavailable.into()),
                Ok(Some(value)) => return Ok(value),
                Err(fault) => return Err(fault),
            }
            attempts += 1;
        }
    }

    /// Runs the verb once. Returns `None`, with nothing changed, if time or rights no longer hold.
    async fn attempt<I, T, F>(&self, input: I, verb: &F) -> Result<Option<T>, Fault>
    where
        F: for<'a> Fn(&'a mut Tx, I) -> BoxFuture<'a, Result<T, Fault>>,
    {
        let transaction = self.state.pool.begin().await?;
        let mut tx = Tx::new(transaction, self.clone());
        let value = verb(&mut tx, input).await?;
        self.require_proof()?;
        tx.store_gathered().await?;
        if !tx.may_commit().await? {
            return Ok(None);
        }
        tx.transaction.commit().await?;
        for event in tx.events {
            self.state.live.publish(event);
        }
        if tx.mails_queued {
            self.state.mail_queued.notify_one();
        }
        if tx.deliveries_queued {
            self.state.deliveries_queued.notify_one();
        }
        Ok(Some(value))
    }
}

/// A transaction that neither continues nor ends for this long loses its connection, for example because its process
/// has stopped running.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(60);

/// A connection pool for the application's role.
pub async fn connect(url: &Secret, config: &Config, connections: u32) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url.reveal())?.application_name("accord").options([
        ("statement_timeout", config.statement_timeout.as_millis()),
        ("lock_timeout", config.lock_timeout.as_millis()),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION.as_millis()),
    ]);
    // Compiling a plan over many partitions takes seconds, its execution a millisecond.
    let options = options.options([("jit", "off")]);
    pool_options(connections).connect_with(options).await
}

/// A further pool for the same role, with its own connections, which are opened when they are needed.
pub fn beside(pool: &PgPool, connections: u32) -> PgPool {
    pool_options(connections).connect_lazy_with((*pool.connect_options()).clone())
}

fn pool_options(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        // Recently used connections need no ping; sqlx also checks them when they are returned.
        .test_before_acquire(false)
        .before_acquire(|conn, used| {
            Box::pin(async move {
                if used.idle_for > MAX_IDLE_WITHOUT_PING || was_lost_within(used.idle_for) {
                    conn.ping().await.inspect_err(|_| note_loss())?;
                }
                Ok(true)
            })
        })
}

/// When a connection was last found to be lost, in any pool of this process. Those that have not been used since may be
/// lost too, for example after a fail-over: they are tested before they are used, so that it costs few callers a 503.
static LAST_LOSS: Mutex<Option<Instant>> = Mutex::new(None);

/// Remembers that a connection was found to be lost.
pub(super) fn note_loss() {
    *LAST_LOSS.lock().unwrap_or_else(PoisonError::into_inner) = Some(MonotonicClock.now());
}

fn was_lost_within(period: Duration) -> bool {
    let last = *LAST_LOSS.lock().unwrap_or_else(PoisonError::into_inner);
    last.is_some_and(|at| MonotonicClock.now().duration_since(at) <= period)
}

/// Brings the schema up to date, as the owner of the tables. An advisory lock ensures that only one process does it.
pub async fn migrate(owner_url: &Secret) -> Result<(), sqlx::migrate::MigrateError> {
    let pool = PgPoolOptions::new().max_connections(1).connect(owner_url.reveal()).await?;
    MIGRATIONS.run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// True if the schema is the one this program was built for.
pub async fn schema_is_current(pool: &PgPool) -> Result<bool, sqlx::Error> {
    Ok(schema_version(pool).await? == expected_version())
}

/// The last migration that was applied.
pub async fn schema_version(pool: &PgPool) -> Result<Option<i64>, sqlx::Error> {
    // Not checked at compile time, because sqlx's own table is not part of our schema.
    sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(pool).await
}

/// The last migration this program was built with.
pub fn expected_version() -> Option<i64> {
    MIGRATIONS.iter().map(|migration| migration.version).max()
}

pub async fn database_now(pool: &PgPool) -> Result<OffsetDateTime, sqlx::Error> {
    sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(pool).await
}

impl AppState {
    /// A context for background work: no viewer, no address.
    pub async fn system(&self) -> Result<Cx, Fault> {
        Ok(Cx {
            state: self.clone(),
            now: self.now().await?,
            viewer: None,
            address: None,
            browser: String::new(),
            admission: None,
        })
    }
}
