//! SQL for a partner's profile, and for when its users were last seen.

use crate::{
    base::{AccountId, PartnerId, UserId},
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// When the account created the partner.
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

/// Updates when a partner user was last seen, unless it was updated since `fresh`.
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
