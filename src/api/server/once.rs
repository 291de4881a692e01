//! `Idempotency-Key`: a repeated post gets the answer of the first one, for 24 hours (http-api.md, conventions).

use super::{answer::Answer, refusal::Refusal};
use crate::{
    base::{AccountId, Hashed, Problem},
    server::{Cx, Fault, Tx},
};
use axum::{
    extract::OriginalUri,
    http::{HeaderMap, Method, StatusCode},
};
use time::{Duration, OffsetDateTime};

const KEPT: Duration = Duration::hours(24);
/// Characters of a key.
const LENGTH: usize = 255;
/// Postgres: a lock was not there in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A post that is to happen at most once.
#[derive(Debug, Clone, Copy)]
pub struct Once {
    pub account_id: AccountId,
    key: Hashed,
    /// Of method, address and body: the same key with another request is a mistake of the caller's.
    request: Hashed,
}

impl Once {
    /// None where the caller asks for nothing of the kind.
    pub fn read(
        account_id: AccountId,
        method: &Method,
        OriginalUri(uri): &OriginalUri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<Self>, Refusal> {
        let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
        let key = key.as_bytes();
        if key.is_empty() || key.len() > LENGTH || !key.iter().all(|byte| (b'!'..=b'~').contains(byte)) {
            return Err(Fault::field("Idempotency-Key", Problem::IdempotencyKeyInvalid).into());
        }
        let request = [method.as_str().as_bytes(), b" ", uri.to_string().as_bytes(), b"\n", body].concat();
        Ok(Some(Self { account_id, key: Hashed::of(key), request: Hashed::of(&request) }))
    }

    /// Takes the key for this transaction, or finds what was answered before. While another transaction holds it, this one
    /// waits for a moment and then gives up; `Call::post` comes again.
    pub async fn begin(&self, tx: &mut Tx) -> Result<Option<Answer>, Fault> {
        let now = tx.now();
        sqlx::query!("select set_config('lock_timeout', '250ms', true) as set").fetch_one(&mut **tx).await?;
        let claimed = self.claim(tx, now).await.map_err(|fault| match &fault {
            Fault::Database(sqlx::Error::Database(error)) if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => {
                Problem::RequestInProgress.into()
            }
            _ => fault,
        })?;
        sqlx::query!("select set_config('lock_timeout', '0', true) as set").fetch_one(&mut **tx).await?;
        if claimed { self.sweep(tx, now).await.map(|()| None) } else { self.find(tx).await.map(Some) }
    }

    /// A key whose day is over is free again.
    async fn claim(&self, tx: &mut Tx, now: OffsetDateTime) -> Result<bool, Fault> {
        let claimed = sqlx::query!(
            "insert into api_answers (account_id, key_hash, request_hash, at) values ($1, $2, $3, $4)
             on conflict (account_id, key_hash) do update
             set request_hash = excluded.request_hash, status = null, body = null, at = excluded.at
             where api_answers.at <= $5",
            self.account_id as _,
            self.key.bytes(),
            self.request.bytes(),
            now,
            now - KEPT,
        )
        .execute(&mut **tx)
        .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Some of what is too old goes with each post; what others hold is theirs.
    async fn sweep(&self, tx: &mut Tx, now: OffsetDateTime) -> Result<(), Fault> {
        sqlx::query!(
            "delete from api_answers where (account_id, key_hash) in (
                 select account_id, key_hash from api_answers where account_id = $1 and at <= $2
                 limit 20 for update skip locked)",
            self.account_id as _,
            now - KEPT,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    async fn find(&self, tx: &mut Tx) -> Result<Answer, Fault> {
        let kept = sqlx::query!(
            r#"select request_hash = $3 as "is_same!", status as "status!", body as "body!"
               from api_answers where account_id = $1 and key_hash = $2 and status is not null"#,
            self.account_id as _,
            self.key.bytes(),
            self.request.bytes(),
        )
        .fetch_optional(&mut **tx)
        .await?;
        // Gone between the two statements: its day is over.
        let kept = kept.ok_or(Problem::RequestInProgress)?;
        if !kept.is_same {
            return Err(Fault::field("Idempotency-Key", Problem::IdempotencyKeyReused));
        }
        let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.ok_or_else(|| Fault::ImpossibleRow("api_answers", format!("status {}", kept.status)))?;
        Ok(Answer { status, body: kept.body, next: None })
    }

    /// The answer, in the transaction of what it answers.
    pub async fn keep(&self, tx: &mut Tx, answer: &Answer) -> Result<(), Fault> {
        sqlx::query!(
            "update api_answers set status = $3, body = $4 where account_id = $1 and key_hash = $2",
            self.account_id as _,
            self.key.bytes(),
            i16::try_from(answer.status.as_u16()).unwrap_or(i16::MAX),
            answer.body,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// A refusal has left nothing behind, so it is kept by itself; but not what another try may mend.
    pub async fn keep_refusal(&self, cx: &Cx, refusal: &Refusal) -> Result<(), Fault> {
        let lasts = refusal.status.is_client_error() && refusal.status != StatusCode::TOO_MANY_REQUESTS;
        let is_about_key = [Problem::RequestInProgress, Problem::IdempotencyKeyReused]
            .iter()
            .any(|problem| refusal.names(problem.code()));
        if !lasts || is_about_key {
            return Ok(());
        }
        let answer = Answer::try_from(refusal)?;
        let mut conn = cx.read().await?;
        sqlx::query!(
            "insert into api_answers (account_id, key_hash, request_hash, status, body, at) values ($1, $2, $3, $4, $5, $6)
             on conflict (account_id, key_hash) do update
             set request_hash = excluded.request_hash, status = excluded.status, body = excluded.body, at = excluded.at
             where api_answers.at <= $7",
            self.account_id as _,
            self.key.bytes(),
            self.request.bytes(),
            i16::try_from(answer.status.as_u16()).unwrap_or(i16::MAX),
            answer.body,
            cx.now,
            cx.now - KEPT,
        )
        .execute(&mut *conn)
        .await?;
        Ok(())
    }
}
