//! Posts that could not be read: their count, and the last ones of each source for its buyer.

use super::{SHARES, Target};
use crate::{
    base::{AccountId, SourceId},
    leads::server::judging::Unread,
    server::{Fault, Tx, ids::random_bytes},
};
use sqlx::PgConnection;
use time::{Date, Duration, OffsetDateTime};

/// Maximum posts that are kept of a source, and for how long.
const MAX_KEPT: i64 = 50;
const RETENTION: Duration = Duration::days(7);
/// Posts that are removed at a time.
const BATCH: i64 = 500;

/// Counts a post that could not be read and keeps its beginning, in the place of those that are too old or too many.
pub async fn keep_unread(tx: &mut Tx, target: &Target, post: &Unread, day: Date) -> Result<(), Fault> {
    let [random] = random_bytes::<1>();
    sqlx::query!(
        "with counted as (
             insert into source_errors (account_id, source_id, day, share, count) values ($1, $2, $3, $4, 1)
             on conflict (source_id, day, share) do update set count = source_errors.count + 1
         ), removed as (
             delete from unread_posts where id in (
                 select id from unread_posts
                 where source_id = $2
                   and (received_at <= $8 or id not in (
                        select id from unread_posts where source_id = $2 order by id desc limit $9))
                 limit 100
                 for update skip locked)
         )
         insert into unread_posts (account_id, source_id, received_at, reason, excerpt) values ($1, $2, $5, $6, $7)",
        target.account_id as _,
        target.source_id as _,
        day,
        i16::from(random % SHARES),
        tx.now(),
        &post.problem.sentence(),
        post.excerpt,
        tx.now() - RETENTION,
        MAX_KEPT - 1,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A post that could not be read.
#[derive(Debug, Clone)]
pub struct UnreadPost {
    pub received_at: OffsetDateTime,
    pub reason: String,
    pub excerpt: String,
}

/// The last posts of a source that could not be read, newest first.
pub async fn list_unread(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
    now: OffsetDateTime,
) -> Result<Vec<UnreadPost>, Fault> {
    let posts = sqlx::query_as!(
        UnreadPost,
        "select received_at, reason, excerpt from unread_posts
         where account_id = $1 and source_id = $2 and received_at > $3
         order by id desc
         limit $4",
        account_id as _,
        source_id as _,
        now - RETENTION,
        MAX_KEPT,
    )
    .fetch_all(conn)
    .await?;
    Ok(posts)
}

/// Removes a batch of posts that are too old. Returns how many there were.
pub async fn remove_old(conn: &mut PgConnection, now: OffsetDateTime) -> Result<usize, Fault> {
    let removed = sqlx::query!(
        "delete from unread_posts where id in (
             select id from unread_posts where received_at <= $1 order by received_at limit $2 for update skip locked)",
        now - RETENTION,
        BATCH,
    )
    .execute(conn)
    .await?;
    Ok(usize::try_from(removed.rows_affected()).unwrap_or(usize::MAX))
}
