//! Counts attempts before their work. A limit of an address or a user can be used up by anybody who knows it, so each
//! leaves the owner a way in: a browser they know, a sign-up or request of their own, or the links in their mailbox.

use super::{Device, sign_up};
use crate::{
    base::{EmailAddress, Id, UserId},
    server::{Cx, Fault, throttle::Limit},
};
use axum::http::HeaderMap;

/// Counts a sign-in. A browser this user signed in on before has its own limit and no other. All others share the
/// user's limit, and each network address may use only part of it.
pub(super) async fn count_sign_in(cx: &Cx, key: &str, known: Option<UserId>, device: &Device) -> Result<(), Fault> {
    if let Some(user_id) = known.filter(|user_id| device.knows(*user_id)) {
        return cx.take([Limit::SignInKnownBrowser.of(device.limit_key(user_id))]).await;
    }
    let here = cx.network().map(|network| format!("{network} {key}"));
    let by_network = here.map(|here| Limit::SignInUserByAddress.of(here));
    let (user, network) = (Limit::SignInUser.of(key), cx.by_network(Limit::SignInAddress));
    match by_network {
        Some(by_network) => cx.take([by_network, user, network]).await,
        None => cx.take([user, network]).await,
    }
}

/// Counts a sign-up. A browser that signed up with this address before has used its first one; the first ones of others
/// are counted apart, so nobody's repetitions keep the owner from signing up.
pub async fn count_sign_up(cx: &Cx, headers: &HeaderMap, email: &EmailAddress) -> Result<(), Fault> {
    if sign_up::is_pending(cx, headers, email) {
        return count_sign_up_again(cx, email).await;
    }
    cx.take([Limit::SignUpRecipient.of(email.key()), cx.by_network(Limit::SignUpAddress)]).await
}

/// Counts a repeated sign-up or a resend of its email.
pub(super) async fn count_sign_up_again(cx: &Cx, email: &EmailAddress) -> Result<(), Fault> {
    cx.take([Limit::SignUpRecipientAgain.of(email.key()), cx.by_network(Limit::SignUpAddress)]).await
}

/// Counts a request to change an address. Each person's first one of a day to an address is counted apart, so nobody
/// keeps its owner from using it.
pub(super) async fn count_address_change(cx: &Cx, user_id: UserId, email: &EmailAddress) -> Result<(), Fault> {
    let first = [&user_id.bytes()[..], email.key().as_bytes()].concat();
    let person = Limit::ChangeEmailPerson.of(user_id.bytes());
    match cx.take([person, Limit::ChangeEmailFirst.of(first)]).await {
        Err(Fault::RateLimited(_)) => cx.take([person, Limit::ChangeEmailRecipient.of(email.key())]).await,
        taken => taken,
    }
}
