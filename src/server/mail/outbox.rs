//! The outbox: all SQL of table `mails`. A mail is queued in the transaction that causes it, so there is never one
//! without the other.
//!
//! What is done to one mail asks for `state not in ('sent', 'failed')`, not for `state = 'queued'`: that would let Postgres
//! choose the partial index of what is due, which it believes to be empty until it has looked again, and read the whole
//! queue for one mail (83 ms at twelve thousand). For the same reason `claim` sorts by nothing but that index.

use super::{Letter, Reason, clean_line};
use crate::{
    base::{Id, MailId},
    server::{AppState, Fault, Tx},
};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use time::{Duration, OffsetDateTime};

/// A mail that a worker took comes back after this time, in case the worker was killed with it. Longer than any attempt
/// may last.
const LEASE: Duration = Duration::minutes(2);

/// A mail to be queued. It has no `Debug`: the secret must not be printed.
pub struct Outgoing {
    pub to: String,
    /// The name beside the address; may be empty.
    pub to_name: String,
    /// Who gets the answer, such as the inviter.
    pub reply_to: Option<String>,
    pub letter: Letter,
    /// What `Link::Secret` ends in. Stored sealed, wiped when the mail has left.
    pub secret: Option<String>,
}

/// Puts a mail into the outbox; it leaves after the transaction has committed, and only then.
pub async fn queue(tx: &mut Tx, mail: Outgoing) -> Result<MailId, Fault> {
    let (id, now) = (tx.make_id::<MailId>(), tx.now());
    let sealed = mail.secret.map(|secret| tx.cx.state.seal.close(&id.bytes(), secret.as_bytes()));
    sqlx::query!(
        "insert into mails (id, recipient, recipient_name, reply_to, letter, sealed_secret, next_try_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        id as _,
        mail.to,
        clean_line(&mail.to_name),
        mail.reply_to,
        Json(&mail.letter) as _,
        sealed,
        now,
    )
    .execute(&mut **tx)
    .await?;
    tx.wake_mail_worker();
    Ok(id)
}

/// A mail that is not to leave, kept so that its sender sees why.
pub async fn queue_failed(tx: &mut Tx, mail: Outgoing, reason: Reason) -> Result<MailId, Fault> {
    let id = queue(tx, Outgoing { secret: None, ..mail }).await?;
    sqlx::query!("update mails set state = 'failed', reason = $2 where id = $1", id as _, reason.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(id)
}

/// Keeps a mail that has not left from leaving, because what it was about has ended. One that has left stays as it is;
/// one that is on its way this very moment may still arrive, so its link has to be dead by then.
pub async fn withdraw(conn: &mut PgConnection, id: MailId) -> Result<(), Fault> {
    sqlx::query!(
        "update mails set state = 'failed', reason = $2, sealed_secret = null where id = $1 and state not in ('sent', 'failed')",
        id as _,
        Reason::Withdrawn.to_string(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A mail that a worker has taken. The letter is still JSON: one that cannot be read must not keep the others from
/// leaving.
pub(super) struct Due {
    pub id: MailId,
    pub recipient: String,
    pub recipient_name: String,
    pub reply_to: Option<String>,
    pub letter: Json<Value>,
    pub sealed_secret: Option<Vec<u8>>,
    /// Tries so far, this one counted.
    pub attempts: i32,
    pub created_at: OffsetDateTime,
}

/// Takes up to `most` mails that are due. Workers do not wait for each other and never get the same one.
pub(super) async fn claim(state: &AppState, most: usize) -> Result<Vec<Due>, Fault> {
    let now = state.now().await?;
    let due = sqlx::query_as!(
        Due,
        r#"with due as (
               select id from mails where state = 'queued' and next_try_at <= $1
               order by next_try_at limit $2 for update skip locked
           )
           update mails m set attempts = m.attempts + 1, next_try_at = $3
           from due where m.id = due.id
           returning m.id as "id: MailId", m.recipient, m.recipient_name, m.reply_to,
                     m.letter as "letter: Json<Value>", m.sealed_secret, m.attempts, m.created_at"#,
        now,
        i64::try_from(most).unwrap_or(i64::MAX),
        now + LEASE,
    )
    .fetch_all(&state.pool)
    .await?;
    Ok(due)
}

/// The server has taken it; nothing needs the secret any more.
pub(super) async fn mark_sent(state: &AppState, id: MailId, now: OffsetDateTime) -> Result<(), Fault> {
    sqlx::query!(
        "update mails set state = 'sent', sent_at = $2, reason = null, sealed_secret = null
         where id = $1 and state not in ('sent', 'failed')",
        id as _,
        now,
    )
    .execute(&state.pool)
    .await?;
    Ok(())
}

/// It will never leave.
pub(super) async fn mark_failed(state: &AppState, id: MailId, reason: Reason) -> Result<(), Fault> {
    sqlx::query!(
        "update mails set state = 'failed', reason = $2, sealed_secret = null where id = $1 and state not in ('sent', 'failed')",
        id as _,
        reason.to_string(),
    )
    .execute(&state.pool)
    .await?;
    Ok(())
}

/// It is tried again at `next`, unless another worker has taken it since this attempt began.
pub(super) async fn put_off(
    state: &AppState,
    id: MailId,
    attempts: i32,
    reason: Reason,
    next: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update mails set next_try_at = $4, reason = $3 where id = $1 and state not in ('sent', 'failed') and attempts = $2",
        id as _,
        attempts,
        reason.to_string(),
        next,
    )
    .execute(&state.pool)
    .await?;
    Ok(())
}
