//! Work that each person can have running only once, in all processes together. Each process has one connection with an
//! advisory lock per running piece of work. Postgres releases them when the connection ends, so those of a killed
//! process do not stay.

use super::Fault;
use crate::base::{Id, SecretHash};
use sqlx::{Connection, PgConnection, PgPool};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Time limit of a connection attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One kind of work.
#[derive(Debug, Clone, Default)]
pub struct Exclusive(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The work that runs in this process.
    running: Mutex<HashSet<i64>>,
    /// Holds the locks of that work. Open only while there is any.
    conn: tokio::sync::Mutex<Option<PgConnection>>,
}

/// A person's turn. It ends when this is dropped.
#[derive(Debug)]
pub struct Turn {
    exclusive: Exclusive,
    key: i64,
    is_over: bool,
}

impl Exclusive {
    /// The turn of a person or API key; `None` if they have one already.
    pub async fn begin(&self, pool: &PgPool, holder: impl Id) -> Result<Option<Turn>, Fault> {
        let key = key(holder);
        if !self.running().insert(key) {
            return Ok(None);
        }
        let turn = Turn { exclusive: self.clone(), key, is_over: false };
        let mut conn = self.0.conn.lock().await;
        let locked = match conn.as_mut() {
            Some(conn) => lock(conn, key).await.ok(),
            None => None,
        };
        let is_ours = match locked {
            Some(is_ours) => is_ours,
            None => self.lock_again(conn.insert(connect(pool).await?), key).await?,
        };
        drop(conn);
        Ok(is_ours.then_some(turn))
    }

    /// Takes the lock on a new connection, and those of the other work, which the failed one has lost.
    async fn lock_again(&self, conn: &mut PgConnection, key: i64) -> Result<bool, Fault> {
        let others: Vec<_> = self.running().iter().copied().filter(|other| *other != key).collect();
        for other in others {
            lock(conn, other).await?;
        }
        Ok(lock(conn, key).await?)
    }

    fn running(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn end(&self, key: i64) {
        let mut conn = self.0.conn.lock().await;
        let is_last = {
            let mut running = self.running();
            running.remove(&key);
            running.is_empty()
        };
        if is_last {
            // Closing the connection releases its locks.
            if let Some(conn) = conn.take() {
                let _closed = conn.close().await;
            }
        } else if let Some(conn) = conn.as_mut() {
            let released = sqlx::query_scalar!("select pg_advisory_unlock($1)", key).fetch_one(conn).await;
            // A failed connection holds no locks; the next turn replaces it.
            drop(released);
        }
    }
}

impl Turn {
    /// Ends the turn, and returns once the person can have the next one.
    pub async fn end(mut self) {
        self.is_over = true;
        self.exclusive.end(self.key).await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_over {
            let (exclusive, key) = (self.exclusive.clone(), self.key);
            tokio::spawn(async move { exclusive.end(key).await });
        }
    }
}

async fn connect(pool: &PgPool) -> Result<PgConnection, Fault> {
    let options = pool.connect_options();
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options)).await;
    Ok(connected.map_err(|_| sqlx::Error::PoolTimedOut)??)
}

async fn lock(conn: &mut PgConnection, key: i64) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "locked!""#, key).fetch_one(conn).await
}

/// The number of a holder's lock.
fn key(holder: impl Id) -> i64 {
    let hash = SecretHash::of(&[b"export of ".as_slice(), &holder.bytes()].concat());
    hash.bytes().iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
}
