//! A forgotten password: a mail with a link that sets a new one.

use super::{Device, letters, queries, queries::Person, queue_mail, record_personal, unknown_link};
use crate::{
    activity::model::Deed,
    base::{EmailAddress, Problem, Secret, Token},
    server::{Cx, Fault, ids::random_bytes, session, throttle::Limit},
};
use axum::http::HeaderValue;
use time::Duration;

const LIVES: Duration = Duration::hours(1);

/// Mails a link to whoever has a login under this address, and to nobody's address that there is none. The page says the
/// same either way, and takes the same time. Links mailed before stay good, so that nobody can kill them by asking again.
pub async fn forgot_password(cx: &Cx, email: EmailAddress) -> Result<(), Fault> {
    cx.take_by_address(Limit::ForgotAddress)?;
    cx.state.limits.take(Limit::ForgotRecipient, email.key())?;
    cx.write(email, |tx, email| {
        Box::pin(async move {
            let (token, expires_at) = (Token::from_bytes(random_bytes()), tx.now() + LIVES);
            match queries::insert_reset(tx, email.key(), token.hashed(), expires_at).await? {
                Some(person) => queue_mail(tx, person, letters::set_password(), Some(&token)).await,
                None => {
                    let nobody = Person { name: String::new(), email: email.deliverable() };
                    queue_mail(tx, nobody, letters::no_login(), None).await
                }
            }
        })
    })
    .await
}

/// Whose password the link sets, before its button is pressed. Opening it changes nothing.
pub async fn find_reset(cx: &Cx, token: &Token) -> Result<Person, Fault> {
    let mut conn = cx.read().await?;
    queries::find_reset(&mut conn, token.hashed(), cx.now).await?.ok_or_else(|| unknown_link(cx))
}

/// Sets the password, once: all sessions of the person end, all links of theirs die, and this browser is signed in. The
/// link proves nothing new, for the address of a login was proved before there was one.
pub async fn reset_password(
    cx: &Cx,
    token: Token,
    password: &Secret,
    device: &Device,
) -> Result<Vec<HeaderValue>, Fault> {
    // Before the hashing, so that nobody without a link makes us work.
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
