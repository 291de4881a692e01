//! The outbox: the SQL for the table `mails`, except that new rows are stored by `server/gathered.rs`. An email is queued
//! in the transaction that causes it, so neither exists without the other.
//!
//! Statements about one email use `state not in ('sent', 'failed')` instead of `state = 'queued'`. With the latter,
//! Postgres would choose the partial index of due emails, which it assumes to be empty until the next analyze, and scan
//! the whole queue for one email (83 ms with twelve thousand). For the same reason `claim` sorts only by that index.

use super::{Letter, Reason, clean_line};
use crate::{
    base::{Id, MailId, Token},
    server::{AppState, Fault, Tx, gathered::MailRow},
};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use time::{Duration, OffsetDateTime};

/// A claimed email becomes due again after this time, in case its worker was killed. Longer than any attempt can take.
const LEASE: Duration = Duration::minutes(2);

/// An email to queue. It has no `Debug`, because the secret must not be printed.
pub struct Outgoing {
    pub to: String,
    /// The recipient's name; may be empty.
    pub to_name: String,
    /// Where replies go, such as to the inviter.
    pub reply_to: Option<String>,
    pub letter: Letter,
    /// Stored encrypted, and wiped when the email has been sent.
    pub secret: Option<MailSecret>,
}

/// The secrets of an email's links, one for each purpose. It has no `Debug`, because they must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSecret {
    /// The end of each `Link::Secret`.
    pub link: String,
    /// The end of each `Link::Stop`.
    pub stop: Option<String>,
}

impl MailSecret {
    /// The secret of an email that cannot be stopped.
    pub fn of_link(token: &Token) -> Self {
        Self { link: token.reveal(), stop: None }
    }

    /// The form in which it is sealed. Earlier emails have only the link's secret, which reads the same.
    fn sealed_form(&self) -> String {
        [Some(self.link.as_str()), self.stop.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn unseal(state: &AppState, id: MailId, sealed: &[u8]) -> Option<Self> {
        let text = String::from_utf8(state.seal.open(&id.bytes(), sealed)?).ok()?;
        let (link, stop) = text.split_once(' ').map_or((text.as_str(), None), |(link, stop)| (link, Some(stop)));
        Some(Self { link: link.to_owned(), stop: stop.map(ToOwned::to_owned) })
    }
}

/// Queues an email. It is sent only after the transaction has committed.
pub async fn queue(tx: &mut Tx, mail: Outgoing) -> Result<MailId, Fault> {
    gather(tx, mail, None).await
}

/// Records an email that must not be sent, so its sender can see why.
pub async fn queue_failed(tx: &mut Tx, mail: Outgoing, reason: Reason) -> Result<MailId, Fault> {
    gather(tx, Outgoing { secret: None, ..mail }, Some(reason)).await
}

async fn gather(tx: &mut Tx, mail: Outgoing, failure: Option<Reason>) -> Result<MailId, Fault> {
    let id = tx.make_id::<MailId>();
    let Outgoing { to, to_name, reply_to, letter, secret } = mail;
    let sealed_secret = secret.map(|secret| tx.cx.state.seal.close(&id.bytes(), secret.sealed_form().as_bytes()));
    let recipient_name = clean_line(&to_name);
    let failure = failure.map(|reason| reason.to_string());
    tx.gather_mail(MailRow { id, recipient: to, recipient_name, reply_to, letter, sealed_secret, failure }).await?;
    Ok(id)
}

/// Cancels queued emails, for example because their invitation was revoked. A sent one stays as it is. One that is being
/// sent right now may still arrive, so its link must already be invalid.
pub async fn withdraw(conn: &mut PgConnection, ids: &[MailId]) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update mails set state = 'failed', reason = $2, sealed_secret = null
         where id = any($1) and state not in ('sent', 'failed')",
        ids as _,
        Reason::Withdrawn.to_string(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An email that a worker has claimed. The letter is still JSON, so an unreadable one does not block the others.
pub(super) struct ClaimedMail {
    pub id: MailId,
    pub recipient: String,
    pub recipient_name: String,
    pub reply_to: Option<String>,
    pub letter: Json<Value>,
    pub sealed_secret: Option<Vec<u8>>,
    /// Attempts so far, including this one.
    pub attempts: i32,
    pub created_at: OffsetDateTime,
}

/// Claims up to `max` due emails. Workers do not wait for each other and never claim the same email.
pub(super) async fn claim(state: &AppState, max: usize) -> Result<Vec<ClaimedMail>, Fault> {
    let now = state.now().await?;
    let claimed = sqlx::query_as!(
        ClaimedMail,
        r#"with due as (
               select id from mails where state = 'queued' and next_try_at <= $1
               order by next_try_at limit $2 for update skip locked
           )
           update mails m set attempts = m.attempts + 1, next_try_at = $3
           from due where m.id = due.id
           returning m.id as "id: MailId", m.recipient, m.recipient_name, m.reply_to,
                     m.letter as "letter: Json<Value>", m.sealed_secret, m.attempts, m.created_at"#,
        now,
        i64::try_from(max).unwrap_or(i64::MAX),
        now + LEASE,
    )
    .fetch_all(&state.pool)
    .await?;
    Ok(claimed)
}

/// Marks an email as accepted by the mail server. Its secret is no longer needed.
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

/// Marks an email that will never be sent.
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

/// Schedules the next attempt, unless another worker has claimed the email since this attempt began.
pub(super) async fn schedule_retry(
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
