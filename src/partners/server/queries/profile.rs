//! SQL of a partner's profile, and of who looked at its pages.

use crate::{
    base::{AccountId, PartnerId, UserId},
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// When the account made its record.
pub async fn find_since(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: PartnerId,
) -> Result<Option<OffsetDateTime>, Fault> {
    let since = sqlx::query_scalar!(
        "select created_at from partners where account_id = $1 and id = $2",
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(since)
}

/// Notes when a user of the partner was there, unless that was noted since `fresh`.
pub async fn mark_seen(
    conn: &mut PgConnection,
    id: PartnerId,
    user_id: UserId,
    now: OffsetDateTime,
    fresh: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update partner_users set last_seen_at = $3
         where partner_id = $1 and user_id = $2 and (last_seen_at is null or last_seen_at <= $4)",
        id as _,
        user_id as _,
        now,
        fresh,
    )
    .execute(conn)
    .await?;
    Ok(())
}
