//! Sign-in, sign-out, and switching the active account.

use super::{Device, attempts, queries};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, Problem, Secret, SessionId, UserId},
    server::{Cx, Fault, session},
};
use axum::http::HeaderValue;

/// A sign-in attempt.
#[derive(Debug)]
pub struct SignIn {
    /// As typed. An invalid address gets the same response as a wrong password.
    pub email: String,
    pub password: Secret,
    pub device: Device,
}

/// Signs a browser in with a new session. An unknown address, an unconfirmed sign-up and a wrong password all do the
/// same work and get the same message.
pub async fn sign_in(cx: &Cx, request: SignIn) -> Result<Vec<HeaderValue>, Fault> {
    let typed = EmailAddress::parse_typed(&request.email);
    let key = typed.map_or_else(|_| invalid_address_key(&request.email), |email| email.key().to_owned());
    let known = {
        let mut conn = cx.read().await?;
        queries::find_user(&mut conn, &key).await?
    };
    attempts::count_sign_in(cx, &key, known.as_ref().map(|user| user.id), &request.device).await?;
    let hash = known.as_ref().map(|user| user.password_hash.clone());
    let matches = cx.state.passwords.verify(&request.password, hash).await?;
    let user = match known {
        Some(user) if matches => user,
        known => {
            record_failure(cx, known.map(|user| user.id)).await?;
            return Err(Problem::WrongCredentials.into());
        }
    };
    let device = request.device.cookie(&cx.state, cx.now, user.id);
    let session = cx
        .write(user, |tx, user| {
            Box::pin(async move {
                let locked = queries::lock_password(tx, user.id, &user.password_hash).await?;
                let active = locked.ok_or(Problem::WrongCredentials)?;
                record(tx, Entry::unnamed::<SessionId>(active, Deed::SignedIn).by(user.id)).await?;
                session::start(tx, user.id, active).await
            })
        })
        .await?;
    Ok(vec![session, device])
}

/// The key to look up and rate-limit when the input is not an address. No user has it.
fn invalid_address_key(typed: &str) -> String {
    typed.trim().chars().take(320).collect::<String>().to_lowercase()
}

/// Records a failed sign-in, for the user to see if there is one. An unknown address causes exactly the same work, so
/// the response time reveals nothing.
async fn record_failure(cx: &Cx, known: Option<UserId>) -> Result<(), Fault> {
    cx.write(known, |tx, known| {
        Box::pin(async move {
            let account_id = queries::first_account(tx, known).await?;
            let failed = Entry::unnamed::<SessionId>(account_id, Deed::SignInFailed);
            record(tx, known.map_or(failed.clone(), |user_id| failed.by(user_id))).await
        })
    })
    .await
}

/// Ends this browser's session.
pub async fn sign_out(cx: &Cx) -> Result<HeaderValue, Fault> {
    let forget = session::clear_cookie(&cx.state);
    let Some(viewer) = cx.viewer.as_ref() else { return Ok(forget) };
    let account_id = viewer.active_membership().map(|membership| membership.account_id);
    cx.write((viewer.session()?, account_id), |tx, (session_id, account_id)| {
        Box::pin(async move {
            record(tx, Entry::unnamed::<SessionId>(account_id, Deed::SignedOut)).await?;
            session::end(tx, session_id).await
        })
    })
    .await?;
    Ok(forget)
}

/// Makes another of the viewer's accounts the active one.
pub async fn switch_account(cx: &Cx, account_id: AccountId) -> Result<(), Fault> {
    let session_id = cx.viewer()?.session()?;
    cx.write((session_id, account_id), |tx, (session_id, account_id)| {
        Box::pin(async move {
            tx.cx.actor(account_id, Permission::See)?;
            session::choose_account(tx, session_id, account_id).await
        })
    })
    .await
}
