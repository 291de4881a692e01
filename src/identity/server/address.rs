//! Changing a user's email address. The new one takes effect once the user, signed in, has confirmed the link emailed to it.

use super::{attempts, letters, me, queries, queries::Person, queue_mail, record_personal};
use crate::{
    activity::model::Deed,
    base::{EmailAddress, Problem, Secret, Token},
    server::{Cx, Fault, ids::random_bytes, session},
};
use axum::http::HeaderValue;
use serde_json::json;
use time::Duration;

const LINK_LIFETIME: Duration = Duration::days(1);

/// Emails a link to the new address and a notice to the current one. Only the new address's mailbox learns whether a
/// user already has it.
pub async fn request_address_change(cx: &Cx, email: EmailAddress, password: &Secret) -> Result<(), Fault> {
    let viewer = cx.viewer()?;
    if viewer.email_key == email.key() {
        return Err(Fault::field("email", Problem::OwnAddressAlready));
    }
    let user = me::reauthenticate(cx, "email_password", password).await?;
    attempts::count_address_change(cx, user.id, &email).await?;
    cx.write((user, email), |tx, (user, email)| {
        Box::pin(async move {
            let (token, expires_at) = (Token::from_bytes(random_bytes()), tx.now() + LINK_LIFETIME);
            let taken = queries::insert_change(tx, user.id, &email, token.hashed(), expires_at).await?;
            let (letter, secret) =
                if taken { (letters::address_taken(), None) } else { (letters::confirm_change(), Some(&token)) };
            let person = Person { name: user.name.clone(), email: email.deliverable() };
            queue_mail(tx, person, letter, secret).await?;
            let notice = letters::change_requested(email.shown());
            let after = json!({ "email": email.shown() });
            record_personal(tx, user.id, Deed::AddressChangeAsked, None, Some(after)).await?;
            queue_mail(tx, Person { name: user.name, email: user.email }, notice, None).await
        })
    })
    .await
}

/// Confirms the link: the address is verified and becomes the user's. Links emailed to the old address no longer work,
/// and the session gets a new secret. Only the user, signed in, can confirm: the new address may be mistyped and belong
/// to a stranger.
pub async fn confirm_address(cx: &Cx, token: Token) -> Result<HeaderValue, Fault> {
    cx.viewer()?;
    cx.write(token, |tx, token| {
        Box::pin(async move {
            let change = queries::claim_change(tx, token.hashed()).await?.ok_or(Problem::LinkUsed)?;
            if tx.cx.viewer()?.user_id != change.user_id {
                return Err(Problem::ChangeOfAnother.into());
            }
            let before = queries::set_address(tx, change.user_id, &change.email, &change.email_key).await?;
            queries::void_links(tx, change.user_id).await?;
            queries::void_signups(tx, &change.email_key).await?;
            let (old, new) = (json!({ "email": before.email }), json!({ "email": change.email }));
            record_personal(tx, change.user_id, Deed::AddressChanged, Some(old), Some(new)).await?;
            queue_mail(tx, before, letters::address_changed(&change.email), None).await?;
            session::renew(tx).await
        })
    })
    .await
}
