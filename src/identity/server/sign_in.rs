//! Signing in and out, and choosing the company one acts in.

use super::{Device, queries};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, Problem, Secret, SessionId, UserId},
    server::{Cx, Fault, session, throttle::Limit},
};
use axum::http::HeaderValue;

/// Somebody who wants to sign in, and from where.
#[derive(Debug)]
pub struct SignIn {
    /// As typed: what is no address is told like a wrong password.
    pub email: String,
    pub password: Secret,
    pub device: Device,
}

/// Signs a browser in: a new session, whatever was there before. An unknown address, one whose sign-up was never confirmed
/// and a wrong password do the same work and get the same sentence.
pub async fn sign_in(cx: &Cx, wish: SignIn) -> Result<Vec<HeaderValue>, Fault> {
    let typed = EmailAddress::parse(&wish.email);
    let key = typed.map_or_else(|_| no_address(&wish.email), |email| email.key().to_owned());
    let known = {
        let mut conn = cx.read().await?;
        queries::find_user(&mut conn, &key).await?
    };
    count_try(cx, &key, known.as_ref().map(|user| user.id), &wish.device)?;
    let hash = known.as_ref().map(|user| user.password_hash.clone());
    let right = cx.state.passwords.verify(&wish.password, hash).await?;
    let user = match known {
        Some(user) if right => user,
        known => {
            note_failure(cx, known.map(|user| user.id)).await?;
            return Err(Problem::WrongCredentials.into());
        }
    };
    let device = wish.device.cookie(&cx.state, cx.now, user.id);
    let session = cx
        .write(user, |tx, user| {
            Box::pin(async move {
                let held = queries::hold_password(tx, user.id, &user.password_hash).await?;
                let active = held.ok_or(Problem::WrongCredentials)?;
                record(tx, Entry::unnamed::<SessionId>(active, Deed::SignedIn).by(user.id)).await?;
                session::start(tx, user.id, active).await
            })
        })
        .await?;
    Ok(vec![session, device])
}

/// What is looked for, and counted, where no address was typed: nobody has it.
fn no_address(typed: &str) -> String {
    typed.trim().chars().take(320).collect::<String>().to_lowercase()
}

/// Counts a try before the work of it. A browser that the login knows has a bucket of its own and none besides; all
/// others share that of the login, and the part of it that their network address may take.
fn count_try(cx: &Cx, key: &str, known: Option<UserId>, device: &Device) -> Result<(), Fault> {
    let limits = &cx.state.limits;
    if let Some(user_id) = known.filter(|user_id| device.knows(*user_id)) {
        return limits.take(Limit::SignInKnownBrowser, device.key(user_id));
    }
    cx.take_by_address(Limit::SignInAddress)?;
    if let Some(network) = cx.network() {
        limits.take(Limit::SignInUserByAddress, format!("{network} {key}"))?;
    }
    limits.take(Limit::SignInUser, key)
}

/// Writes a failed sign-in down, for its owner to see where there is one. For an unknown address exactly as much is done,
/// so that the time of the answer tells nothing.
async fn note_failure(cx: &Cx, known: Option<UserId>) -> Result<(), Fault> {
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
    let account_id = viewer.active_place().map(|place| place.account_id);
    cx.write((viewer.session()?, account_id), |tx, (session_id, account_id)| {
        Box::pin(async move {
            record(tx, Entry::unnamed::<SessionId>(account_id, Deed::SignedOut)).await?;
            session::end(tx, session_id).await
        })
    })
    .await?;
    Ok(forget)
}

/// Makes another of the viewer's accounts the one that lists act in.
pub async fn switch_account(cx: &Cx, account_id: AccountId) -> Result<(), Fault> {
    let viewer = cx.viewer()?;
    cx.actor(account_id, Permission::See)?;
    let session_id = viewer.session()?;
    cx.write((session_id, account_id), |tx, (session_id, account_id)| {
        Box::pin(async move { session::choose_account(tx, session_id, account_id).await })
    })
    .await
}
