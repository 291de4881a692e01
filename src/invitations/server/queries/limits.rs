//! What the limits of sending look up.

use crate::{
    base::{AccountId, InvitationId, PartnerId},
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// True if this many invitations are open that the account sent, or that the partner's own people sent.
pub async fn has_open_invitations(
    conn: &mut PgConnection,
    account_id: AccountId,
    of_partner: Option<PartnerId>,
    count: i64,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let reached = sqlx::query_scalar!(
        r#"select count(*) >= $2 as "reached!" from (select from open_invitations($1, $4, $3) limit $2) as open"#,
        account_id as _,
        count,
        now,
        of_partner as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(reached)
}

/// When the last resend but so many happened, if since this time.
pub async fn find_resend_before_last(
    conn: &mut PgConnection,
    id: InvitationId,
    others: i64,
    since: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, Fault> {
    let at = sqlx::query_scalar!(
        r#"select min(created_at) as "at!" from invitation_tokens where invitation_id = $1 and generation > 1
           group by generation having min(created_at) > $2 order by 1 desc offset $3 limit 1"#,
        id as _,
        since,
        others,
    )
    .fetch_optional(conn)
    .await?;
    Ok(at)
}

/// When the invitee last requested a new invitation.
pub async fn find_requested_at(conn: &mut PgConnection, id: InvitationId) -> Result<Option<OffsetDateTime>, Fault> {
    let at = sqlx::query_scalar!("select requested_at from invitations where id = $1", id as _).fetch_one(conn).await?;
    Ok(at)
}
