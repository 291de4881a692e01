//! Removes leads that their account no longer keeps, and keys that are no longer used.

use crate::{
    base::{AccountId, LeadId},
    leads::server::retention::{Reading, horizon},
    server::Fault,
};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// How the account reads its leads now.
pub async fn find_reading(
    conn: &mut PgConnection,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<Reading, Fault> {
    let row = sqlx::query!("select time_zone, lead_days from accounts where id = $1", account_id as _)
        .fetch_one(conn)
        .await?;
    Ok(Reading { zone: row.time_zone, oldest: horizon(row.lead_days, now), now })
}

pub async fn find_days(conn: &mut PgConnection, account_id: AccountId) -> Result<i32, Fault> {
    let days = sqlx::query_scalar!("select lead_days from accounts where id = $1", account_id as _);
    Ok(days.fetch_one(conn).await?)
}

/// Name and days of the account, locked against other changes.
pub async fn lock_days(conn: &mut PgConnection, account_id: AccountId) -> Result<(String, i32), Fault> {
    let row = sqlx::query!("select name, lead_days from accounts where id = $1 for no key update", account_id as _)
        .fetch_one(conn)
        .await?;
    Ok((row.name, row.lead_days))
}

pub async fn set_days(
    conn: &mut PgConnection,
    account_id: AccountId,
    days: i32,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!("update accounts set lead_days = $2, updated_at = $3 where id = $1", account_id as _, days, now,)
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts the leads before an id, up to a maximum.
pub async fn count_before(
    conn: &mut PgConnection,
    account_id: AccountId,
    before: LeadId,
    limit: i64,
) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from leads where account_id = $1 and id < $2 limit $3) older"#,
        account_id as _,
        before as _,
        limit,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// An account, and whether it has leads that it no longer keeps.
#[derive(Debug, Clone, Copy)]
pub struct Checked {
    pub id: AccountId,
    pub days: i32,
    pub has_old: bool,
}

/// The next accounts by id.
pub async fn list_accounts(
    conn: &mut PgConnection,
    after: Option<AccountId>,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Checked>, Fault> {
    let accounts = sqlx::query_as!(
        Checked,
        r#"select a.id as "id: AccountId", a.lead_days as days,
                  exists (select from leads l where l.account_id = a.id and l.id < lead_horizon(a.lead_days, $2))
                      as "has_old!"
           from accounts a where $1::bytea is null or a.id > $1
           order by a.id limit $3"#,
        after as _,
        now,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(accounts)
}

/// Removes the oldest leads before an id, at most `limit` of them, and returns their number. Those that another process
/// is removing or that are being erased wait for the next time.
pub async fn remove_before(
    conn: &mut PgConnection,
    account_id: AccountId,
    before: LeadId,
    limit: i64,
) -> Result<u64, Fault> {
    let removed = sqlx::query!(
        "delete from leads where account_id = $1 and id < $2 and id = any(array(
             select id from leads where account_id = $1 and id < $2 order by id limit $3 for update skip locked))",
        account_id as _,
        before as _,
        limit,
    )
    .execute(conn)
    .await?;
    Ok(removed.rows_affected())
}

/// Removes the oldest keys that are too old to be recognized, at most `limit` of them. Returns their number.
pub async fn remove_keys(conn: &mut PgConnection, now: OffsetDateTime, limit: i64) -> Result<u64, Fault> {
    let removed = sqlx::query!(
        "delete from lead_keys where (source_id, key_hash) in (
             select source_id, key_hash from lead_keys where created_at <= $1
             order by created_at limit $2 for update skip locked)",
        now - Duration::hours(24),
        limit,
    )
    .execute(conn)
    .await?;
    Ok(removed.rows_affected())
}
