//! Locks by email address, within one account.

use crate::{
    base::{AccountId, InvitationId},
    entities::model::Direction,
    invitations::model::Kind,
    server::Fault,
};
use sqlx::PgConnection;

/// Serializes invitations per account and address, so that of many concurrent ones the first is created and the others
/// find it.
pub async fn lock_address(conn: &mut PgConnection, account_id: AccountId, email_key: &str) -> Result<(), Fault> {
    let name = format!("{account_id} {email_key}");
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).execute(conn).await?;
    Ok(())
}

/// Locks an invitation and those pending for its next address, ordered by id.
pub async fn lock_with_pending(
    conn: &mut PgConnection,
    id: InvitationId,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: InvitationId" from invitations
           where id = $1
              or (account_id = $2 and kind = $3 and email_key = $4 and invitation_is_unanswered(state, superseded_at))
           order by id for update"#,
        id as _,
        account_id as _,
        Kind::from(direction) as _,
        email_key,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}
