//! One batch of a long read, such as an export. It is a short transaction on a connection of the pool, so that a client
//! who reads slowly holds no connection between batches.

use super::{Cx, Db, Fault, session};
use sqlx::{Executor, PgConnection, Postgres, pool::PoolConnection};
use std::ops::{Deref, DerefMut};

/// Postgres notices within half a second that the connection was closed, and then ends the statement. Statements of a
/// batch may take longer than those of requests.
const BEGIN: &str =
    "begin read only; set local client_connection_check_interval = '500ms'; set local statement_timeout = '60s'";

/// The transaction of one batch. If it is dropped before [`Self::finish`], because the client has left, its connection
/// is closed, which ends the statement.
#[derive(Debug)]
pub struct Batch {
    conn: PoolConnection<Postgres>,
    cx: Cx,
    is_finished: bool,
}

impl Batch {
    pub async fn begin(cx: Cx) -> Result<Self, Fault> {
        let conn = cx.state.pool.acquire().await?;
        let mut batch = Self { conn, cx, is_finished: false };
        batch.conn.execute(BEGIN).await?;
        Ok(batch)
    }

    /// Reads the time and the viewer again, so that permissions are those of now.
    pub async fn refresh(&mut self) -> Result<(), Fault> {
        self.cx = session::reload(&mut self.conn, &self.cx).await?;
        Ok(())
    }

    pub async fn finish(mut self) -> Result<(), Fault> {
        self.conn.execute("commit").await?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if !self.is_finished {
            self.conn.close_on_drop();
        }
    }
}

impl Db for Batch {
    fn cx(&self) -> &Cx {
        &self.cx
    }
}

impl Deref for Batch {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.conn
    }
}

impl DerefMut for Batch {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.conn
    }
}
