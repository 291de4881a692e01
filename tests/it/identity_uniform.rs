//! What is told about addresses is the same for known and unknown ones: in status, in words, in headers, and in the work
//! that is done for the answer, which is what its time is made of.

use crate::support::{Actor, Answer, TestApp, app::PASSWORD, people::statements};
use accord::base::paths;

/// All of an answer that a stranger can tell apart, the typed address aside.
fn seen(answer: &Answer, email: &str) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let headers = headers.map(|(name, value)| {
        let value = value.to_str().unwrap();
        let shown = if name == "set-cookie" { value.len().to_string() } else { value.to_owned() };
        (name.to_string(), shown)
    });
    let body = answer.body.replace(email, "…");
    let body = body.split("nonce").map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect();
    (answer.status.as_u16(), headers.filter(|(name, _)| name != "content-security-policy").collect(), body)
}

/// The known one, an unknown one of the same length, and one that signed up and proved nothing.
const KNOWN: &str = "ann@buyer.example";
const UNKNOWN: &str = "bob@buyer.example";
const UNPROVED: &str = "eve@buyer.example";

async fn stage() -> (TestApp, Actor) {
    let app = TestApp::start().await;
    app.buyer().await;
    let eve = app.visitor("Eve", UNPROVED, "Evil");
    eve.sign_up(PASSWORD).await.expect(303);
    let visitor = app.visitor("", "", "");
    (app, visitor)
}

#[tokio::test]
async fn a_failed_sign_in_tells_nothing_and_costs_the_same() {
    let (app, visitor) = stage().await;
    let mut all = Vec::new();
    for email in [KNOWN, UNKNOWN, UNPROVED] {
        let hashed = app.state.passwords.hash_count();
        let password = if email == UNPROVED { PASSWORD } else { "wrong password" };
        let (answer, statements) = statements(visitor.sign_in(email, password)).await;
        assert!(statements > 2, "{statements}");
        all.push((seen(&answer, email), statements, app.state.passwords.hash_count() - hashed));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2], "a sign-up that proved nothing is like none");
    assert_eq!(all[0].2, 1);
    assert_eq!(app.count("activity where deed = 'sign_in_failed'").await, 3, "each is written down");
    assert_eq!(app.count("activity where deed = 'sign_in_failed' and user_id is not null").await, 1);
}

#[tokio::test]
async fn a_sign_up_tells_nothing_and_costs_the_same() {
    let (app, _) = stage().await;
    let mut all = Vec::new();
    for email in [KNOWN, UNKNOWN, UNPROVED] {
        let visitor = app.visitor("Bob", email, "Bobs Leads");
        let hashed = app.state.passwords.hash_count();
        let (answer, statements) = statements(visitor.sign_up(PASSWORD)).await;
        all.push((seen(&answer, email), statements, app.state.passwords.hash_count() - hashed));
        app.deliver().await;
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    assert_eq!(all[0].2, 1);
}

#[tokio::test]
async fn a_forgotten_password_tells_nothing_and_costs_the_same() {
    let (app, visitor) = stage().await;
    // The mail of the unproved sign-up leaves first.
    app.deliver().await;
    let mut all = Vec::new();
    for email in [KNOWN, UNKNOWN, UNPROVED] {
        let (answer, statements) = statements(visitor.forgot(email)).await;
        all.push((seen(&answer, email), statements));
        assert_eq!(visitor.get(answer.leads_to()).await.status, 200);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    assert_eq!(app.mail_to(KNOWN).await.subject, "Set a new password for Accord");
    for email in [UNKNOWN, UNPROVED] {
        let mail = app.mail_to(email).await;
        assert_eq!(mail.subject, "No Accord account for this address");
        assert!(mail.links.iter().all(|link| !link.contains("/reset/")));
    }
    assert_eq!(app.count("password_resets").await, 1);
}

#[tokio::test]
async fn a_wish_for_another_address_tells_nothing_and_costs_the_same() {
    let app = TestApp::start().await;
    let (buyer, _) = (app.buyer().await, app.stranger().await);
    let mut all = Vec::new();
    for email in ["sam@stranger.example", "tim@stranger.example"] {
        let (answer, statements) = statements(buyer.ask_address(email)).await;
        all.push((seen(&answer, email), statements));
    }
    assert_eq!(all[0], all[1]);
}

#[tokio::test]
async fn links_that_are_used_up_expired_or_unknown_look_alike() {
    let (app, visitor) = stage().await;
    visitor.forgot(KNOWN).await.expect(303);
    let used = app.link_to(KNOWN).await;
    visitor.post(&used, &[("form", "reset"), ("password", "another long one")]).await.expect(303);
    let visitor = app.visitor("", "", "");
    let unknown = paths::reset(&"0".repeat(64));
    assert_eq!(seen(&visitor.get(&used).await, &used), seen(&visitor.get(&unknown).await, &unknown));
    let hashed = app.state.passwords.hash_count();
    visitor.post(&unknown, &[("form", "reset"), ("password", "another long one")]).await.expect(410);
    assert_eq!(app.state.passwords.hash_count(), hashed, "nobody makes us hash without a link");
    let verify = app.link_to(UNPROVED).await;
    visitor.post(&verify, &[]).await.expect(303);
    let visitor = app.visitor("", "", "");
    let unknown = paths::verify(&"0".repeat(64));
    assert_eq!(seen(&visitor.get(&verify).await, &verify), seen(&visitor.get(&unknown).await, &unknown));
}
