//! Responses do not reveal whether an address is known: not in status, text, headers, or in the work done for the
//! response, which determines its time.

use crate::support::{Actor, Response, TestApp, app::PASSWORD, people::statements};
use accord::base::paths;

/// Everything in a response that a stranger can observe, apart from the typed address.
fn seen(response: &Response, email: &str) -> (u16, Vec<(String, String)>, String) {
    let headers = response.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let headers = headers.map(|(name, value)| {
        let value = value.to_str().unwrap();
        let shown = if name == "set-cookie" { value.len().to_string() } else { value.to_owned() };
        (name.to_string(), shown)
    });
    let body = response.body.replace(email, "…");
    let body = body.split("nonce").map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect();
    (response.status.as_u16(), headers.filter(|(name, _)| name != "content-security-policy").collect(), body)
}

/// A known address, an unknown one of the same length, and one with an unconfirmed sign-up.
const KNOWN: &str = "ann@buyer.example";
const UNKNOWN: &str = "bob@buyer.example";
const UNCONFIRMED: &str = "eve@buyer.example";

async fn stage() -> (TestApp, Actor) {
    let app = TestApp::start().await;
    app.buyer().await;
    let eve = app.visitor("Eve", UNCONFIRMED, "Evil");
    eve.sign_up(PASSWORD).await.expect(303);
    let visitor = app.visitor("", "", "");
    (app, visitor)
}

#[tokio::test]
async fn a_failed_sign_in_reveals_nothing_and_costs_the_same() {
    let (app, visitor) = stage().await;
    let mut all = Vec::new();
    for email in [KNOWN, UNKNOWN, UNCONFIRMED] {
        let hashed = app.state.passwords.hash_count();
        let password = if email == UNCONFIRMED { PASSWORD } else { "wrong password" };
        let (response, statements) = statements(visitor.sign_in(email, password)).await;
        assert!(statements > 2, "{statements}");
        all.push((seen(&response, email), statements, app.state.passwords.hash_count() - hashed));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2], "an unconfirmed sign-up is like none");
    assert_eq!(all[0].2, 1);
    assert_eq!(app.count("activity where deed = 'sign_in_failed'").await, 3, "each is recorded");
    assert_eq!(app.count("activity where deed = 'sign_in_failed' and user_id is not null").await, 1);
}

#[tokio::test]
async fn a_sign_up_reveals_nothing_and_costs_the_same() {
    let (app, _) = stage().await;
    let mut all = Vec::new();
    for email in [KNOWN, UNKNOWN, UNCONFIRMED] {
        let visitor = app.visitor("Bob", email, "Bobs Leads");
        let hashed = app.state.passwords.hash_count();
        let (response, statements) = statements(visitor.sign_up(PASSWORD)).await;
        all.push((seen(&response, email), statements, app.state.passwords.hash_count() - hashed));
        app.deliver().await;
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    assert_eq!(all[0].2, 1);
}

#[tokio::test]
async fn a_forgotten_password_reveals_nothing_and_costs_the_same() {
    let (app, visitor) = stage().await;
    // Send the unconfirmed sign-up's email first.
    app.deliver().await;
    let mut all = Vec::new();
    for email in [KNOWN, UNKNOWN, UNCONFIRMED] {
        let (response, statements) = statements(visitor.forgot(email)).await;
        all.push((seen(&response, email), statements));
        assert_eq!(visitor.get(response.location()).await.status, 200);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    assert_eq!(app.mail_to(KNOWN).await.subject, "Set a new password for Accord");
    for email in [UNKNOWN, UNCONFIRMED] {
        let mail = app.mail_to(email).await;
        assert_eq!(mail.subject, "No Accord account for this address");
        assert!(mail.links.iter().all(|link| !link.contains("/reset/")));
    }
    assert_eq!(app.count("password_resets").await, 1);
}

#[tokio::test]
async fn a_request_for_another_address_reveals_nothing_and_costs_the_same() {
    let app = TestApp::start().await;
    let (buyer, _) = (app.buyer().await, app.stranger().await);
    let mut all = Vec::new();
    for email in ["sam@stranger.example", "tim@stranger.example"] {
        let (response, statements) = statements(buyer.request_address(email)).await;
        all.push((seen(&response, email), statements));
    }
    assert_eq!(all[0], all[1]);
}

#[tokio::test]
async fn used_expired_and_unknown_links_look_alike() {
    let (app, visitor) = stage().await;
    visitor.forgot(KNOWN).await.expect(303);
    let used = app.link_to(KNOWN).await;
    visitor.post(&used, &[("form", "reset"), ("password", "another long one")]).await.expect(303);
    let visitor = app.visitor("", "", "");
    let unknown = paths::reset(&"0".repeat(64));
    assert_eq!(seen(&visitor.get(&used).await, &used), seen(&visitor.get(&unknown).await, &unknown));
    let hashed = app.state.passwords.hash_count();
    visitor.post(&unknown, &[("form", "reset"), ("password", "another long one")]).await.expect(410);
    assert_eq!(app.state.passwords.hash_count(), hashed, "no hashing without a valid link");
    let verify = app.link_to(UNCONFIRMED).await;
    visitor.post(&verify, &[("password", "another long one")]).await.expect(303);
    let visitor = app.visitor("", "", "");
    let unknown = paths::verify(&"0".repeat(64));
    assert_eq!(seen(&visitor.get(&verify).await, &verify), seen(&visitor.get(&unknown).await, &unknown));
}
