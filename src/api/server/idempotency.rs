//! `Idempotency-Key`: a repeated POST gets the response of the first one, for 24 hours (http-api.md, conventions).

use super::{error::ApiError, response::ApiResponse};
use crate::{
    base::{AccountId, Problem, SecretHash},
    server::{Cx, Fault, Tx},
};
use axum::{
    extract::OriginalUri,
    http::{HeaderMap, Method, StatusCode},
};
use time::{Duration, OffsetDateTime};

const RETENTION: Duration = Duration::hours(24);
/// Maximum characters of a key.
const MAX_LENGTH: usize = 255;
/// Postgres' code for a lock timeout.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A POST to run at most once.
#[derive(Debug, Clone, Copy)]
pub struct IdempotentRequest {
    pub account_id: AccountId,
    key: SecretHash,
    /// Hash of method, URI and body: the same key with another request is the caller's mistake.
    request: SecretHash,
}

impl IdempotentRequest {
    /// None if the request has no `Idempotency-Key`.
    pub fn read(
        account_id: AccountId,
        method: &Method,
        OriginalUri(uri): &OriginalUri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<Self>, ApiError> {
        let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
        let key = key.as_bytes();
        if key.is_empty() || key.len() > MAX_LENGTH || !key.iter().all(|byte| (b'!'..=b'~').contains(byte)) {
            return Err(Fault::field("Idempotency-Key", Problem::IdempotencyKeyInvalid).into());
        }
        let request = [method.as_str().as_bytes(), b" ", uri.to_string().as_bytes(), b"\n", body].concat();
        Ok(Some(Self { account_id, key: SecretHash::of(key), request: SecretHash::of(&request) }))
    }

    /// Claims the key for this transaction, or returns the stored response. If another transaction holds the key, this
    /// one waits for 250 ms and gives up; `Call::post` retries.
    pub async fn begin(&self, tx: &mut Tx) -> Result<Option<ApiResponse>, Fault> {
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

    /// Claims a key that is new or older than 24 hours.
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
            now - RETENTION,
        )
        .execute(&mut **tx)
        .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Each POST deletes up to 20 old rows; rows locked by others are skipped.
    async fn sweep(&self, tx: &mut Tx, now: OffsetDateTime) -> Result<(), Fault> {
        sqlx::query!(
            "delete from api_answers where (account_id, key_hash) in (
                 select account_id, key_hash from api_answers where account_id = $1 and at <= $2
                 limit 20 for update skip locked)",
            self.account_id as _,
            now - RETENTION,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    async fn find(&self, tx: &mut Tx) -> Result<ApiResponse, Fault> {
        let stored = sqlx::query!(
            r#"select request_hash = $3 as "is_same!", status as "status!", body as "body!"
               from api_answers where account_id = $1 and key_hash = $2 and status is not null"#,
            self.account_id as _,
            self.key.bytes(),
            self.request.bytes(),
        )
        .fetch_optional(&mut **tx)
        .await?;
        // The row was deleted between the two statements because it was too old.
        let stored = stored.ok_or(Problem::RequestInProgress)?;
        if !stored.is_same {
            return Err(Fault::field("Idempotency-Key", Problem::IdempotencyKeyReused));
        }
        let status = u16::try_from(stored.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.ok_or_else(|| Fault::ImpossibleRow("api_answers", format!("status {}", stored.status)))?;
        Ok(ApiResponse { status, body: stored.body, next: None })
    }

    /// Stores the response, in the transaction of the change.
    pub async fn store(&self, tx: &mut Tx, response: &ApiResponse) -> Result<(), Fault> {
        sqlx::query!(
            "update api_answers set status = $3, body = $4 where account_id = $1 and key_hash = $2",
            self.account_id as _,
            self.key.bytes(),
            i16::try_from(response.status.as_u16()).unwrap_or(i16::MAX),
            response.body,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Stores an error on its own, because its transaction was rolled back; except errors that a retry may resolve.
    pub async fn store_error(&self, cx: &Cx, error: &ApiError) -> Result<(), Fault> {
        let is_final = error.status.is_client_error() && error.status != StatusCode::TOO_MANY_REQUESTS;
        let is_about_key = [Problem::RequestInProgress, Problem::IdempotencyKeyReused]
            .iter()
            .any(|problem| error.has_code(problem.code()));
        if !is_final || is_about_key {
            return Ok(());
        }
        let response = ApiResponse::try_from(error)?;
        let mut conn = cx.read().await?;
        sqlx::query!(
            "insert into api_answers (account_id, key_hash, request_hash, status, body, at) values ($1, $2, $3, $4, $5, $6)
             on conflict (account_id, key_hash) do update
             set request_hash = excluded.request_hash, status = excluded.status, body = excluded.body, at = excluded.at
             where api_answers.at <= $7",
            self.account_id as _,
            self.key.bytes(),
            self.request.bytes(),
            i16::try_from(response.status.as_u16()).unwrap_or(i16::MAX),
            response.body,
            cx.now,
            cx.now - RETENTION,
        )
        .execute(&mut *conn)
        .await?;
        Ok(())
    }
}
