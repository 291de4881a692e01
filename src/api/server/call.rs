//! One call: its account, and its ways to the database: read, write, and POST with an `Idempotency-Key`.

use super::{
    error::ApiError,
    idempotency::IdempotentRequest,
    response::{ApiResponse, Reply},
};
use crate::{
    accounts::model::Permission,
    base::{AccountId, AppError, Problem},
    server::{Cx, Fault, Tx},
};
use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderMap, Method, request::Parts},
};
use futures::future::BoxFuture;
use std::time::Duration;

/// A repeated request waits up to ten seconds for the first one: on each try 250 ms for the locked key
/// (`IdempotentRequest::begin`), then this pause without a connection.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// Extracted by every handler: the calling account, authenticated by its key.
#[derive(Debug, Clone)]
pub struct Call {
    pub cx: Cx,
    /// Input for verbs, which check permissions themselves.
    pub account_id: AccountId,
    pub uri: OriginalUri,
    method: Method,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(uri) = OriginalUri::from_request_parts(parts, state).await;
        let cx = parts.extensions.get::<Cx>().cloned();
        let cx = cx.ok_or_else(|| Fault::Broken("a call without authentication".to_owned()))?;
        let account_id = cx.active_membership()?.account_id;
        Ok(Self { cx, account_id, uri, method: parts.method.clone(), headers: parts.headers.clone() })
    }
}

impl Call {
    /// The account to read from, after checking the permission to see it. A call that skips this check gets no data.
    pub fn readable_account(&self) -> Result<AccountId, Fault> {
        Ok(self.cx.actor(self.account_id, Permission::See)?.account_id)
    }

    /// Runs a verb in one transaction.
    pub async fn write<I, F>(&self, input: I, verb: F) -> Reply
    where
        I: Clone + Send,
        F: for<'a> Fn(&'a mut Tx, I) -> BoxFuture<'a, Result<ApiResponse, Fault>>,
    {
        Ok(self.cx.write(input, verb).await?)
    }

    /// Runs the verb of a POST at most once per `Idempotency-Key`. The response is stored in the same transaction, so
    /// it is repeated exactly if the change was committed.
    pub async fn post<I, F>(&self, body: &[u8], input: I, verb: F) -> Reply
    where
        I: Clone + Send + 'static,
        F: for<'a> Fn(&'a mut Tx, I) -> BoxFuture<'a, Result<ApiResponse, Fault>> + Copy + Send + Sync + 'static,
    {
        let Some(request) = IdempotentRequest::read(self.account_id, &self.method, &self.uri, &self.headers, body)?
        else {
            return self.write(input, verb).await;
        };
        for _ in 0..TRIES {
            match self
                .cx
                .write((request, input.clone()), move |tx, (request, input)| Box::pin(run(tx, request, input, verb)))
                .await
            {
                Ok(response) => return Ok(response),
                Err(Fault::Expected(AppError::Refused(Problem::RequestInProgress))) => {
                    // Wait without holding a connection, which others may need.
                    tokio::time::sleep(PAUSE).await;
                }
                Err(fault) => {
                    let error = ApiError::from(fault);
                    request.store_error(&self.cx, &error).await?;
                    return Err(error);
                }
            }
        }
        Err(Problem::RequestInProgress.into())
    }
}

async fn run<I, F>(tx: &mut Tx, request: IdempotentRequest, input: I, verb: F) -> Result<ApiResponse, Fault>
where
    F: for<'a> Fn(&'a mut Tx, I) -> BoxFuture<'a, Result<ApiResponse, Fault>>,
{
    if let Some(response) = request.begin(tx).await? {
        tx.cx.actor(request.account_id, Permission::See)?;
        return Ok(response);
    }
    let response = verb(tx, input).await?;
    request.store(tx, &response).await?;
    Ok(response)
}
