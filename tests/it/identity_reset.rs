//! Resetting a forgotten password.

use crate::support::{Actor, TestApp, app::PASSWORD, people::SESSION};
use accord::base::paths;
use axum::{body::Body, http::Method};
use time::Duration;

const NEW: &str = "another long one";

async fn set(person: &Actor, link: &str, password: &str) -> crate::support::Response {
    person.post(link, &[("form", "reset"), ("password", password)]).await
}

#[tokio::test]
async fn an_emailed_link_sets_a_new_password_once_and_ends_all_sessions() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let elsewhere = buyer.other_browser("").await;
    let visitor = app.visitor("Ann Buyer", "ann@buyer.example", "Bright Solar");
    let sent = visitor.forgot(" ANN@buyer.example").await;
    assert_eq!(sent.location(), paths::FORGOT_SENT);
    visitor.get(paths::FORGOT_SENT).await.expect(200).shows("We sent an email to the address you entered.");
    let link = app.link_to("ann@buyer.example").await;
    let page = visitor.get(&link).await.expect(200).shows("Set a new password");
    assert!(page.tag_with("name=\"email\"").contains("ann@buyer.example"), "password managers see the user");
    assert!(buyer.is_signed_in().await && elsewhere.is_signed_in().await, "opening the link changes nothing");
    assert_eq!(set(&visitor, &link, NEW).await.location(), paths::HOME);
    visitor.get(paths::HOME).await.expect(200).shows("Password set.").shows("Bright Solar");
    assert!(!buyer.is_signed_in().await && !elsewhere.is_signed_in().await, "all sessions have ended");
    assert_eq!(app.count("sessions").await, 1);
    assert_eq!(app.mail_to("ann@buyer.example").await.subject, "Your Accord password was changed");
    assert!(app.deeds(buyer.account()).await.contains(&"password_reset".to_owned()));
    let again = app.visitor("", "", "");
    again.get(&link).await.expect(410).shows("This link has expired or was already used.");
    set(&again, &link, "a third long one").await.expect(410);
    again.sign_in("ann@buyer.example", PASSWORD).await.expect(401);
    again.sign_in("ann@buyer.example", NEW).await.expect(303);
}

#[tokio::test]
async fn opening_the_link_any_number_of_times_changes_nothing() {
    let app = TestApp::start().await;
    app.buyer().await;
    let visitor = app.visitor("", "", "");
    visitor.forgot("ann@buyer.example").await.expect(303);
    let link = app.link_to("ann@buyer.example").await;
    for _ in 0..3 {
        let page = visitor.get(&link).await.expect(200);
        assert_eq!(page.header("cache-control"), "no-store");
        visitor.send(Method::HEAD, &link, &[], Body::empty()).await.expect(200);
    }
    assert_eq!(app.count("password_resets where used_at is null").await, 1);
    assert_eq!(visitor.cookie(SESSION), None, "opening the link signs nobody in");
    let token = link.rsplit('/').next().unwrap();
    assert!(
        app.columns_holding(token).await.iter().all(|place| place.starts_with("dev_mails")),
        "only the email has it"
    );
}

#[tokio::test]
async fn the_link_is_valid_for_one_hour() {
    let app = TestApp::start().await;
    app.buyer().await;
    let visitor = app.visitor("", "", "");
    visitor.forgot("ann@buyer.example").await.expect(303);
    let link = app.link_to("ann@buyer.example").await;
    app.advance(Duration::minutes(59));
    visitor.get(&link).await.expect(200);
    app.advance(Duration::minutes(1) + Duration::seconds(1));
    visitor.get(&link).await.expect(410);
    set(&visitor, &link, NEW).await.expect(410).shows("This link has expired or was already used.");
    visitor.sign_in("ann@buyer.example", PASSWORD).await.expect(303);
}

#[tokio::test]
async fn using_one_link_ends_the_others_but_requesting_another_ends_none() {
    let app = TestApp::start().await;
    app.buyer().await;
    let visitor = app.visitor("", "", "");
    visitor.forgot("ann@buyer.example").await.expect(303);
    let first = app.link_to("ann@buyer.example").await;
    visitor.forgot("ann@buyer.example").await.expect(303);
    let second = app.link_to("ann@buyer.example").await;
    visitor.get(&first).await.expect(200);
    set(&visitor, &first, NEW).await.expect(303);
    visitor.get(&second).await.expect(410);
    set(&visitor, &second, PASSWORD).await.expect(410);
}

#[tokio::test]
async fn only_one_of_two_concurrent_uses_of_the_link_sets_the_password() {
    let app = TestApp::start().await;
    app.buyer().await;
    let (ann, eve) = (app.visitor("", "", ""), app.visitor("", "", ""));
    ann.forgot("ann@buyer.example").await.expect(303);
    let link = app.link_to("ann@buyer.example").await;
    let (first, second) = tokio::join!(set(&ann, &link, "password of ann"), set(&eve, &link, "password of eve"));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
    assert_ne!(ann.is_signed_in().await, eve.is_signed_in().await);
    assert_eq!(app.count("sessions").await, 1);
}

#[tokio::test]
async fn a_bad_password_is_refused_and_the_link_stays_valid() {
    let app = TestApp::start().await;
    app.buyer().await;
    let visitor = app.visitor("", "", "");
    visitor.forgot("ann@buyer.example").await.expect(303);
    let link = app.link_to("ann@buyer.example").await;
    for (password, sentence) in [
        ("", "Use at least 8 characters."),
        ("short", "Use at least 8 characters."),
        ("password", "This password is too common."),
        (&"x".repeat(257), "Use at most 256 characters."),
        (&"x".repeat(1 << 19), "Use at most 256 characters."),
    ] {
        let refused = set(&visitor, &link, password).await.expect(422).shows(sentence);
        assert!(!refused.body.contains(&format!("\"{password}\"")) || ["", "password"].contains(&password));
    }
    set(&visitor, &link, NEW).await.expect(303);
    visitor.forgot("").await.expect(422).shows("Enter an email address.");
    let refused = visitor.forgot("ann@buyer").await.expect(422).shows("Enter an email address like name@example.com.");
    assert!(refused.tag_with("name=\"email\"").contains("ann@buyer"), "the input is kept");
    visitor.forgot("ann@buyer.example, eve@evil.example").await.expect(422).shows("Enter only one email address.");
}

#[tokio::test]
async fn the_email_goes_only_to_the_stored_address() {
    let app = TestApp::start().await;
    app.buyer().await;
    let eve = app.visitor("", "", "");
    let both = [("form", "forgot"), ("email", "ann@buyer.example"), ("email", "eve@evil.example")];
    eve.post(paths::FORGOT, &both).await.expect(303);
    let brackets = [("form", "forgot"), ("email[]", "ann@buyer.example"), ("email[]", "eve@evil.example")];
    eve.post(paths::FORGOT, &brackets).await.expect(422);
    for look_alike in ["ann@buyer\u{ff0e}example", "ann\u{ff20}buyer.example", "\u{ff41}nn@buyer.example"] {
        eve.forgot(look_alike).await.expect(422);
    }
    assert_eq!(app.mails_to("ann@buyer.example").await.len(), 1);
    assert!(app.mails_to("eve@evil.example").await.is_empty());
    assert_eq!(app.count("password_resets").await, 1);
}

#[tokio::test]
async fn a_reset_cancels_a_pending_change_of_address() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.request_address("thief@evil.example").await.expect(303);
    let change = app.link_to("thief@evil.example").await;
    let owner = app.visitor("", "", "");
    owner.forgot("ann@buyer.example").await.expect(303);
    set(&owner, &app.link_to("ann@buyer.example").await, NEW).await.expect(303);
    buyer.post(&change, &[("form", "verify")]).await.expect(410);
    assert_eq!(app.count("users where email = 'ann@buyer.example'").await, 1);
}

#[tokio::test]
async fn a_change_of_address_invalidates_reset_links_sent_to_the_old_one() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.forgot("ann@buyer.example").await.expect(303);
    let link = app.link_to("ann@buyer.example").await;
    buyer.request_address("ann@new.example").await.expect(303);
    buyer.post(&app.link_to("ann@new.example").await, &[]).await.expect(303);
    set(&app.visitor("", "", ""), &link, NEW).await.expect(410);
}

#[tokio::test]
async fn unknown_links_look_alike_and_the_reset_page_is_linked_from_sign_in() {
    let app = TestApp::start().await;
    let visitor = app.visitor("", "", "");
    let mut pages = Vec::new();
    for token in ["0".repeat(64), "nonsense".to_owned(), "../../etc".replace('/', "%2F")] {
        let link = paths::reset(&token);
        pages.push(visitor.get(&link).await.expect(410).text());
        set(&visitor, &link, NEW).await.expect(410);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    assert!(visitor.get(paths::SIGN_IN).await.has("href=\"/forgot\""));
}
