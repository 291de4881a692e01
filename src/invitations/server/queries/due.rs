//! SQL for what falls due on invitations.

use crate::{
    base::{InvitationId, MailId},
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// Invitations per batch.
const BATCH: i64 = 20;
/// Reminders are sent this long before expiry.
const REMINDER: Duration = Duration::days(3);

/// The kinds of work that fall due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueWork {
    /// It expired, and its inviter was not notified yet.
    Expiry,
    /// It needs a reminder: once, three days before expiry. Excluded are those sent less than a day before that, those
    /// whose email was not sent, and addresses that have stopped invitations.
    Reminder,
    /// Its email can't be delivered.
    Undeliverable,
}

/// A due invitation; the next batch begins after the last one.
#[derive(Debug, Clone, Copy)]
pub struct DueAfter {
    pub id: InvitationId,
    pub expires_at: OffsetDateTime,
}

/// The next batch, those that expire first at the beginning. Work that failed recently is left for later.
pub async fn list_due(
    conn: &mut PgConnection,
    work: DueWork,
    now: OffsetDateTime,
    after: Option<DueAfter>,
) -> Result<Vec<DueAfter>, Fault> {
    let (after_at, after_id) = after.map_or((None, None), |after| (Some(after.expires_at), Some(after.id)));
    let due = match work {
        DueWork::Expiry => {
            sqlx::query_as!(
                DueAfter,
                r#"select id as "id!: InvitationId", expires_at as "expires_at!" from due_expiries($1)
               where $2::timestamptz is null or (expires_at, id) > ($2, $3::bytea)
               order by expires_at, id limit $4"#,
                now,
                after_at,
                after_id as _,
                BATCH,
            )
            .fetch_all(conn)
            .await?
        }
        DueWork::Reminder => {
            sqlx::query_as!(
                DueAfter,
                r#"select id as "id!: InvitationId", expires_at as "expires_at!" from due_reminders($1, $5)
               where $2::timestamptz is null or (expires_at, id) > ($2, $3::bytea)
               order by expires_at, id limit $4"#,
                now,
                after_at,
                after_id as _,
                BATCH,
                now + REMINDER,
            )
            .fetch_all(conn)
            .await?
        }
        DueWork::Undeliverable => {
            sqlx::query_as!(
                DueAfter,
                r#"select id as "id!: InvitationId", expires_at as "expires_at!" from due_undeliverable($1)
               where $2::timestamptz is null or (expires_at, id) > ($2, $3::bytea)
               order by expires_at, id limit $4"#,
                now,
                after_at,
                after_id as _,
                BATCH,
            )
            .fetch_all(conn)
            .await?
        }
    };
    Ok(due)
}

/// The invitations of an email that can't be delivered.
pub async fn list_undeliverable(
    conn: &mut PgConnection,
    mail_id: MailId,
    now: OffsetDateTime,
) -> Result<Vec<InvitationId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id!: InvitationId" from due_undeliverable($1) where mail_id = $2"#,
        now,
        mail_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// Claims work that is still due. Returns false if it isn't, or if another process is at it.
pub async fn claim_due(tx: &mut Tx, work: DueWork, id: InvitationId) -> Result<bool, Fault> {
    let now = tx.now();
    let claimed = match work {
        DueWork::Expiry => {
            sqlx::query!(
                "update invitations set expiry_noted_at = $1, due_failures = 0, due_retry_at = null
             where id = (select id from invitations where id = $2 for update skip locked)
               and id in (select id from due_expiries($1))",
                now,
                id as _,
            )
            .execute(&mut **tx)
            .await?
        }
        DueWork::Reminder => {
            sqlx::query!(
                "update invitations set reminded_at = $1, due_failures = 0, due_retry_at = null
             where id = (select id from invitations where id = $2 for update skip locked)
               and id in (select id from due_reminders($1, $3))",
                now,
                id as _,
                now + REMINDER,
            )
            .execute(&mut **tx)
            .await?
        }
        DueWork::Undeliverable => {
            sqlx::query!(
                "update invitations set undeliverable_noted_at = $1, due_failures = 0, due_retry_at = null
             where id = (select id from invitations where id = $2 for update skip locked)
               and id in (select id from due_undeliverable($1))",
                now,
                id as _,
            )
            .execute(&mut **tx)
            .await?
        }
    };
    Ok(claimed.rows_affected() == 1)
}

/// Leaves failed work for later: a minute, and twice as long after each further failure, up to a day.
pub async fn postpone_due(tx: &mut Tx, id: InvitationId) -> Result<(), Fault> {
    sqlx::query!(
        "update invitations
         set due_failures = due_failures + 1,
             due_retry_at = $2::timestamptz + least(interval '1 minute' * 2 ^ least(due_failures, 11), interval '1 day')
         where id = $1",
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores the reminder's email, so that it can be withdrawn before it is sent.
pub async fn set_reminder_mail(conn: &mut PgConnection, id: InvitationId, mail_id: MailId) -> Result<(), Fault> {
    sqlx::query!("update invitations set reminder_mail_id = $2 where id = $1", id as _, mail_id as _)
        .execute(conn)
        .await?;
    Ok(())
}
