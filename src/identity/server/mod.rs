//! [ssr] Verbs on people. A row in `users` exists only for an address its owner has proved; before that there is a
//! sign-up that counts for nothing. So nobody can wait in somebody else's name (abuse-cases.md 18).

mod letters;
pub mod parse;
pub mod queries;

use crate::{
    accounts::{
        model::{Plan, Role},
        server::{self as accounts, NewAccount},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, AppError, EmailAddress, Problem, Secret, SignupId, Token, UserId},
    server::{Cx, Fault, Tx, ids::random_bytes, mail, session},
};
use axum::http::HeaderValue;
use parse::Newcomer;
use time::Duration;

const SIGN_UP_LIVES: Duration = Duration::days(3);

/// Takes a sign-up down and mails its link. Whether the address has a login already is told only to its mailbox: the page
/// says the same either way, and takes the same time.
pub async fn sign_up(cx: &Cx, newcomer: Newcomer) -> Result<(), Fault> {
    let hash = cx.state.passwords.hash(&newcomer.password).await?;
    cx.write((newcomer, hash), |tx, (newcomer, hash)| {
        Box::pin(async move {
            let letter = match queries::find_user(tx, newcomer.email.key()).await? {
                Some(user) => mail::outbox::Outgoing {
                    to: user.email,
                    to_name: user.name,
                    reply_to: None,
                    letter: letters::already_has_login(),
                    secret: None,
                },
                None => {
                    let token = Token::from_bytes(random_bytes());
                    let (id, now) = (tx.make_id::<SignupId>(), tx.now());
                    queries::insert_signup(tx, id, &token, &newcomer, &hash, now, now + SIGN_UP_LIVES).await?;
                    mail::outbox::Outgoing {
                        to: newcomer.email.deliverable().to_owned(),
                        to_name: newcomer.name.clone(),
                        reply_to: None,
                        letter: letters::confirm_address(&newcomer.company),
                        secret: Some(token.reveal()),
                    }
                }
            };
            mail::outbox::queue(tx, letter).await?;
            Ok(())
        })
    })
    .await
}

/// What the link of a sign-up shows before its button is pressed.
pub async fn find_sign_up(cx: &Cx, token: &Token) -> Result<queries::Signup, Fault> {
    let mut conn = cx.read().await?;
    queries::find_signup(&mut conn, token.hashed(), cx.now).await?.ok_or(Problem::LinkUsed.into())
}

/// Follows the link of a sign-up: the address is proved, person and company exist, the browser is signed in.
pub async fn verify_sign_up(cx: &Cx, token: Token) -> Result<HeaderValue, Fault> {
    cx.write(token, |tx, token| {
        Box::pin(async move {
            let now = tx.now();
            let signup = queries::use_signup(tx, token.hashed(), now).await?.ok_or(Problem::LinkUsed)?;
            let user_id = tx.make_id::<UserId>();
            queries::insert_user(
                tx,
                user_id,
                &signup.name,
                &signup.email,
                &signup.email_key,
                &signup.password_hash,
                now,
            )
            .await?;
            let plan = Plan::parse(&tx.cx.state.config.signup_plan);
            let account = NewAccount { name: signup.company, plan, trustedform: false };
            let account_id = found_account(tx, &account, user_id).await?;
            session::start(tx, user_id, Some(account_id)).await
        })
    })
    .await
}

async fn found_account(tx: &mut Tx, account: &NewAccount, admin: UserId) -> Result<AccountId, Fault> {
    let account_id = accounts::create(tx, account, admin).await?;
    let created = Entry::new(account_id, Deed::AccountCreated, "account").by(admin).about(account_id, &account.name);
    record(tx, created).await?;
    Ok(account_id)
}

/// A person with a company, from somebody who proved the address by the link in a mail: signed in at once. The company
/// has no plan yet; accepting the invitation brings it.
pub async fn sign_up_from_invitation(cx: &Cx, newcomer: Newcomer) -> Result<HeaderValue, Fault> {
    let hash = cx.state.passwords.hash(&newcomer.password).await?;
    cx.write((newcomer, hash), |tx, (newcomer, hash)| {
        Box::pin(async move {
            let account = NewAccount { name: newcomer.company.clone(), plan: None, trustedform: false };
            let (user_id, account_id) = settle(tx, &newcomer, &hash, &account).await?;
            session::start(tx, user_id, Some(account_id)).await
        })
    })
    .await
}

/// A verified person with a company of the given subscriptions and an API key, for `accord account create` and the demo.
pub async fn create_with_account(
    cx: &Cx,
    newcomer: Newcomer,
    account: NewAccount,
) -> Result<(AccountId, UserId, Secret), Fault> {
    let hash = cx.state.passwords.hash(&newcomer.password).await?;
    cx.write((newcomer, hash, account), |tx, (newcomer, hash, account)| {
        Box::pin(async move {
            let (user_id, account_id) = settle(tx, &newcomer, &hash, &account).await?;
            let key = accounts::create_api_key(tx, account_id, user_id, "First key").await?;
            let created = Entry::new(account_id, Deed::ApiKeyCreated, "api_key").by(user_id);
            record(tx, created.about(account_id, "First key")).await?;
            Ok((account_id, user_id, key))
        })
    })
    .await
}

async fn settle(
    tx: &mut Tx,
    newcomer: &Newcomer,
    hash: &str,
    account: &NewAccount,
) -> Result<(UserId, AccountId), Fault> {
    let (user_id, now) = (tx.make_id::<UserId>(), tx.now());
    if queries::find_user(tx, newcomer.email.key()).await?.is_some() {
        return Err(Fault::Told(AppError::invalid("email", Problem::AddressHasLogin)));
    }
    let email = &newcomer.email;
    queries::insert_user(tx, user_id, &newcomer.name, email.shown(), email.key(), hash, now).await?;
    queries::void_signups(tx, email.key(), now).await?;
    Ok((user_id, found_account(tx, account, user_id).await?))
}

/// Signs a browser in: a new session, whatever was there before. An unknown address and a wrong password take the same
/// time and get the same sentence.
pub async fn sign_in(cx: &Cx, email: &str, password: Secret) -> Result<HeaderValue, Fault> {
    let known = match EmailAddress::parse(email) {
        Ok(email) => {
            let mut conn = cx.read().await?;
            queries::find_user(&mut conn, email.key()).await?
        }
        Err(_) => None,
    };
    let right = cx.state.passwords.verify(&password, known.as_ref().map(|user| user.password_hash.clone())).await?;
    let user = match known {
        Some(user) if right => user,
        known => {
            note_failure(cx, known).await?;
            return Err(Problem::WrongCredentials.into());
        }
    };
    cx.write(user, |tx, user| {
        Box::pin(async move {
            let active = queries::first_account(tx, user.id).await?;
            if let Some(account_id) = active {
                record(tx, Entry::new(account_id, Deed::SignedIn, "session").by(user.id)).await?;
            }
            session::start(tx, user.id, active).await
        })
    })
    .await
}

/// Writes a failed sign-in down where its owner sees it. For an unknown address as much is done, so that the time of the
/// answer tells nothing.
async fn note_failure(cx: &Cx, known: Option<queries::User>) -> Result<(), Fault> {
    cx.write(known.map(|user| user.id), |tx, user_id| {
        Box::pin(async move {
            let account_id = match user_id {
                Some(user_id) => queries::first_account(tx, user_id).await?,
                None => None,
            };
            match (account_id, user_id) {
                (Some(account_id), Some(user_id)) => {
                    record(tx, Entry::new(account_id, Deed::SignInFailed, "session").by(user_id)).await
                }
                _ => Ok(()),
            }
        })
    })
    .await
}

/// Ends this browser's session.
pub async fn sign_out(cx: &Cx) -> Result<HeaderValue, Fault> {
    let forget = session::forget(&cx.state);
    let Some(viewer) = cx.viewer.as_ref() else { return Ok(forget) };
    let account_id = viewer.active_place().map(|place| place.account_id);
    cx.write((viewer.session_id, account_id), |tx, (session_id, account_id)| {
        Box::pin(async move {
            if let Some(account_id) = account_id {
                record(tx, Entry::new(account_id, Deed::SignedOut, "session")).await?;
            }
            session::end(tx, session_id).await
        })
    })
    .await?;
    Ok(forget)
}

/// Makes another of the viewer's accounts the one that lists act in.
pub async fn switch_account(cx: &Cx, account_id: AccountId) -> Result<(), Fault> {
    let viewer = cx.viewer()?;
    viewer.place(account_id).ok_or(Fault::NOT_FOUND)?;
    let session_id = viewer.session_id;
    cx.write((session_id, account_id), |tx, (session_id, account_id)| {
        Box::pin(async move { session::choose_account(tx, session_id, account_id).await })
    })
    .await
}

/// Whether somebody is an Admin somewhere: who may accept a connection invitation at all.
pub fn is_admin_somewhere(cx: &Cx) -> bool {
    cx.viewer.as_ref().is_some_and(|viewer| viewer.places.iter().any(|place| place.role == Role::Admin))
}
