//! One call: who makes it, and the three ways it goes to the database.

use super::{
    answer::{Answer, Reply},
    once::Once,
    refusal::Refusal,
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

/// A repetition waits for the first request for ten seconds in all: so many times a moment at its key (`Once::begin`) and this
/// long away from it.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// The edge of every handler: the account that calls, by its key.
#[derive(Debug, Clone)]
pub struct Call {
    pub cx: Cx,
    /// For the input of verbs, which ask for themselves.
    pub account_id: AccountId,
    pub uri: OriginalUri,
    method: Method,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Ok(uri) = OriginalUri::from_request_parts(parts, state).await;
        let cx = parts.extensions.get::<Cx>().cloned();
        let cx = cx.ok_or_else(|| Fault::Broken("a call without its key".to_owned()))?;
        let account_id = cx.active_place()?.account_id;
        Ok(Self { cx, account_id, uri, method: parts.method.clone(), headers: parts.headers.clone() })
    }
}

impl Call {
    /// The account whose things the call shows. Reading asks here, so that a call that forgets to ask answers nothing.
    pub fn seen(&self) -> Result<AccountId, Fault> {
        Ok(self.cx.actor(self.account_id, Permission::See)?.account_id)
    }

    /// Runs a verb in one transaction.
    pub async fn write<I, F>(&self, input: I, verb: F) -> Reply
    where
        I: Clone + Send,
        F: for<'a> Fn(&'a mut Tx, I) -> BoxFuture<'a, Result<Answer, Fault>>,
    {
        Ok(self.cx.write(input, verb).await?)
    }

    /// The same for a POST, at most once per `Idempotency-Key`: the answer is kept in the transaction of what it answers, so
    /// that it is given again exactly when that has happened.
    pub async fn post<I, F>(&self, body: &[u8], input: I, verb: F) -> Reply
    where
        I: Clone + Send + 'static,
        F: for<'a> Fn(&'a mut Tx, I) -> BoxFuture<'a, Result<Answer, Fault>> + Copy + Send + Sync + 'static,
    {
        let Some(once) = Once::read(self.account_id, &self.method, &self.uri, &self.headers, body)? else {
            return self.write(input, verb).await;
        };
        for _ in 0..TRIES {
            match self
                .cx
                .write((once, input.clone()), move |tx, (once, input)| Box::pin(run(tx, once, input, verb)))
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(Fault::Told(AppError::Refused(Problem::RequestInProgress))) => {
                    // Without a connection, which others may need.
                    tokio::time::sleep(PAUSE).await;
                }
                Err(fault) => {
                    let refusal = Refusal::from(fault);
                    once.keep_refusal(&self.cx, &refusal).await?;
                    return Err(refusal);
                }
            }
        }
        Err(Problem::RequestInProgress.into())
    }
}

async fn run<I, F>(tx: &mut Tx, once: Once, input: I, verb: F) -> Result<Answer, Fault>
where
    F: for<'a> Fn(&'a mut Tx, I) -> BoxFuture<'a, Result<Answer, Fault>>,
{
    if let Some(answer) = once.begin(tx).await? {
        tx.cx.actor(once.account_id, Permission::See)?;
        return Ok(answer);
    }
    let answer = verb(tx, input).await?;
    once.keep(tx, &answer).await?;
    Ok(answer)
}
