//! Password reset by an emailed link.

use super::{Device, letters, queries, queries::Person, queue_mail, record_personal, unknown_link};
use crate::{
    activity::model::Deed,
    base::{EmailAddress, Problem, Secret, Token},
    server::{Cx, Fault, ids::random_bytes, session, throttle::Limit},
};
use axum::http::HeaderValue;
use time::Duration;

const LINK_LIFETIME: Duration = Duration::hours(1);

/// Emails a reset link to the user with this address, or a note that there is no account. The page is the same either
/// way and takes the same time. Earlier links keep working, so nobody can void someone's link by requesting another.
pub async fn forgot_password(cx: &Cx, email: EmailAddress) -> Result<(), Fault> {
    cx.take([Limit::ForgotRecipient.of(email.key()), cx.by_network(Limit::ForgotAddress)]).await?;
    cx.write(email, |tx, email| {
        Box::pin(async move {
            let (token, expires_at) = (Token::from_bytes(random_bytes()), tx.now() + LINK_LIFETIME);
            match queries::insert_reset(tx, email.key(), token.hashed(), expires_at).await? {
                Some(person) => queue_mail(tx, person, letters::set_password(), Some(&token)).await,
                None => {
                    let recipient = Person { name: String::new(), email: email.deliverable() };
                    queue_mail(tx, recipient, letters::no_account(), None).await
                }
            }
        })
    })
    .await
}

/// The user whose password the link sets. Opening the link changes nothing.
pub async fn find_reset(cx: &Cx, token: &Token) -> Result<Person, Fault> {
    let found = {
        let mut conn = cx.read().await?;
        queries::find_reset(&mut conn, token.hashed(), cx.now).await?
    };
    match found {
        Some(person) => Ok(person),
        None => Err(unknown_link(cx).await),
    }
}

/// Sets the password, once. All sessions and links of the user end, and this browser is signed in. The address needs no
/// verification here: every user has a verified one.
pub async fn reset_password(
    cx: &Cx,
    token: Token,
    password: &Secret,
    device: &Device,
) -> Result<Vec<HeaderValue>, Fault> {
    // Check before hashing, so that nobody without a link can make us do expensive work.
    find_reset(cx, &token).await?;
    let hash = cx.state.passwords.hash(password).await?;
    let (user_id, session) = cx
        .write((token, hash), |tx, (token, hash)| {
            Box::pin(async move {
                let user_id = queries::claim_reset(tx, token.hashed()).await?.ok_or(Problem::LinkUsed)?;
                let person = queries::set_password(tx, user_id, &hash, None).await?.ok_or(Problem::LinkUsed)?;
                queries::void_links(tx, user_id).await?;
                session::end_all(tx, user_id, None).await?;
                record_personal(tx, user_id, Deed::PasswordReset, None, None).await?;
                queue_mail(tx, person, letters::password_changed(), None).await?;
                let active = queries::first_account(tx, Some(user_id)).await?;
                Ok((user_id, session::start(tx, user_id, active).await?))
            })
        })
        .await?;
    Ok(vec![session, device.cookie(&cx.state, cx.now, user_id)])
}
