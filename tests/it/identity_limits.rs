//! Rate limits, and that nobody can use them to lock others out.

use crate::support::{Actor, Response, TestApp, app::PASSWORD};
use accord::base::paths;
use std::time::Instant;
use time::Duration;

const WRONG: &str = "wrong password";
const TOO_OFTEN: &str = "Too many attempts.";

/// Behind one proxy, which reports client addresses.
async fn proxied() -> TestApp {
    TestApp::start_with(&[("TRUSTED_PROXIES", "1")]).await
}

/// Tries to sign in until the limit is reached. Returns the number of tries answered and the last response.
async fn exhaust(person: &Actor, address: &str, email: &str) -> (usize, Response) {
    for tries in 0..200 {
        let response = person.sign_in_from(address, email, WRONG).await;
        if response.status == 429 {
            return (tries, response);
        }
        assert_eq!(response.status, 401);
    }
    panic!("never refused");
}

#[tokio::test]
async fn a_network_address_has_ten_tries_per_user_and_regains_them_over_time() {
    let app = proxied().await;
    app.buyer().await;
    let eve = app.visitor("", "", "");
    let (tries, refused) = exhaust(&eve, "192.0.2.1", "ann@buyer.example").await;
    assert_eq!(tries, 10);
    let refused = refused.shows(TOO_OFTEN);
    assert!(refused.tag_with("name=\"email\"").contains("ann@buyer.example"), "the input is kept");
    assert!(!refused.body.contains(WRONG));
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    eve.sign_in_from("192.0.2.1", "ann@buyer.example", PASSWORD).await.expect(429);
    app.visitor("", "", "").sign_in_from("192.0.2.2", "ann@buyer.example", PASSWORD).await.expect(303);
    app.advance(Duration::seconds(wait));
    eve.sign_in_from("192.0.2.1", "ann@buyer.example", PASSWORD).await.expect(303);
}

#[tokio::test]
async fn known_and_unknown_users_are_limited_alike() {
    let app = proxied().await;
    app.buyer().await;
    let eve = app.visitor("", "", "");
    let (known, first) = exhaust(&eve, "192.0.2.1", "ann@buyer.example").await;
    let (unknown, second) = exhaust(&eve, "192.0.2.1", "eve@buyer.example").await;
    assert_eq!(known, unknown);
    assert_eq!(first.text(), second.text());
    // Case and surrounding spaces do not make it another user.
    eve.sign_in_from("192.0.2.1", " ANN@Buyer.example ", WRONG).await.expect(429);
}

#[tokio::test]
async fn tries_from_many_addresses_never_lock_the_user_out() {
    let app = proxied().await;
    let buyer = app.buyer().await;
    buyer.sign_in_from("198.51.100.7", "ann@buyer.example", PASSWORD).await.expect(303);
    let eve = app.visitor("", "", "");
    let mut tries = 0;
    for host in 0..20 {
        for _ in 0..10 {
            let response = eve.sign_in_from(&format!("192.0.2.{host}"), "ann@buyer.example", WRONG).await;
            tries += i32::from(response.status == 401);
        }
    }
    // The user's own sign-in counts as one of the fifty.
    assert!((49..=51).contains(&tries), "{tries}");
    let new_browser = app.visitor("", "", "");
    new_browser.sign_in_from("198.51.100.8", "ann@buyer.example", PASSWORD).await.expect(429);
    // A browser that signed in before may sign in even from a refused address.
    buyer.post(paths::SIGN_OUT, &[]).await.expect(303);
    buyer.sign_in_from("192.0.2.0", "ann@buyer.example", PASSWORD).await.expect(303);
    // A password reset by email lets any other browser in.
    new_browser.forgot("ann@buyer.example").await.expect(303);
    let link = app.link_to("ann@buyer.example").await;
    new_browser.post(&link, &[("form", "reset"), ("password", "another long one")]).await.expect(303);
    new_browser.post(paths::SIGN_OUT, &[]).await.expect(303);
    new_browser.sign_in_from("192.0.2.1", "ann@buyer.example", "another long one").await.expect(303);
    app.advance(Duration::minutes(3));
    app.visitor("", "", "").sign_in_from("203.0.113.5", "ann@buyer.example", "another long one").await.expect(303);
}

#[tokio::test]
async fn a_browser_is_trusted_only_for_its_own_users_and_its_cookie_cannot_be_forged() {
    let app = proxied().await;
    app.buyer().await;
    let eve = app.stranger().await;
    eve.sign_in_from("192.0.2.9", "sam@stranger.example", PASSWORD).await.expect(303);
    assert_eq!(exhaust(&eve, "192.0.2.1", "ann@buyer.example").await.0, 10);
    assert_eq!(exhaust(&eve, "192.0.2.1", "sam@stranger.example").await.0, 30, "a known browser has its own bucket");
    let forger = app.visitor("", "", "");
    forger.keep_cookie(format!("accord-device={}; Path=/signin", "A".repeat(120)).parse().unwrap());
    forger.sign_in_from("192.0.2.1", "ann@buyer.example", WRONG).await.expect(429);
}

#[tokio::test]
async fn tries_at_many_users_from_one_network_address_are_stopped() {
    let app = proxied().await;
    let eve = app.visitor("", "", "");
    let (start, mut answered) = (Instant::now(), 0);
    for login in 0..130 {
        // An IPv6 subscriber has 2^64 addresses, which count as one.
        let response = eve.sign_in_from(&format!("2001:db8::{login:x}"), &format!("a{login}@b.example"), WRONG).await;
        answered += u64::from(response.status == 401);
    }
    // A try comes back every three seconds, however slow this machine is.
    let most = 101 + start.elapsed().as_secs() / 3;
    assert!((100..=most).contains(&answered), "{answered} of at most {most}");
    eve.sign_in_from("2001:db8:0:1::1", "a@b.example", WRONG).await.expect(401);
}

#[tokio::test]
async fn nobody_can_choose_their_address_by_sending_headers() {
    let app = TestApp::start().await;
    app.buyer().await;
    let eve = app.visitor("", "", "");
    eve.sign_in_from("6.6.6.6", "ann@buyer.example", PASSWORD).await.expect(303);
    assert_eq!(app.count("sessions where address = '6.6.6.6'").await, 0, "no proxy is configured");
    let app = proxied().await;
    app.buyer().await;
    let eve = app.visitor("", "", "");
    eve.sign_in_from("6.6.6.6, 192.0.2.1", "ann@buyer.example", PASSWORD).await.expect(303);
    assert_eq!(app.count("sessions where address = '192.0.2.1'").await, 1);
    eve.get(paths::ME).await.expect(200).shows("from 192.0.2.1");
}

#[tokio::test]
async fn emails_to_one_address_are_limited_and_known_and_unknown_addresses_alike() {
    let app = TestApp::start().await;
    app.buyer().await;
    let visitor = app.visitor("", "", "");
    for email in ["ann@buyer.example", "eve@buyer.example"] {
        for _ in 0..3 {
            visitor.forgot(email).await.expect(303);
        }
        let refused = visitor.forgot(email).await.expect(429).shows(TOO_OFTEN);
        assert!(refused.tag_with("name=\"email\"").contains(email), "the input is kept");
        assert_eq!(app.mails_to(email).await.len(), 3);
    }
    app.advance(Duration::minutes(20));
    visitor.forgot("ann@buyer.example").await.expect(303);
    let link = app.link_to("ann@buyer.example").await;
    visitor.get(&link).await.expect(200);
}

#[tokio::test]
async fn sign_ups_are_limited_by_recipient_and_by_network_address() {
    let app = proxied().await;
    let ann = app.visitor("Ann", "ann@lee.example", "Lee Leads");
    for _ in 0..5 {
        ann.sign_up(PASSWORD).await.expect(303);
    }
    let refused = ann.sign_up(PASSWORD).await.expect(429).shows(TOO_OFTEN);
    assert!(refused.tag_with("name=\"company\"").contains("Lee Leads"), "the input is kept");
    ann.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(429).shows(TOO_OFTEN);
    let mut sent = 0;
    for number in 0..24 {
        let email = format!("ann{number}@lee.example");
        let form = [("form", "signup"), ("name", "Ann"), ("company", "Lee"), ("email", &email), ("password", PASSWORD)];
        sent += i32::from(ann.post_through("192.0.2.1", paths::SIGN_UP, &form).await.status == 303);
    }
    assert_eq!(sent, 20);
}

#[tokio::test]
async fn the_current_password_cannot_be_guessed_within_a_session() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let phone = buyer.other_browser("").await;
    let guess = [("password_current", WRONG), ("password", "another long one")];
    for _ in 0..10 {
        buyer.post_me("password", &guess).await.expect(422);
    }
    buyer.post_me("password", &guess).await.expect(429).shows(TOO_OFTEN);
    buyer.request_address("ann@new.example").await.expect(429);
    phone.request_address("ann@new.example").await.expect(303);
}

#[tokio::test]
async fn requests_for_another_address_are_limited() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for number in 0..5 {
        buyer.request_address(&format!("ann{number}@new.example")).await.expect(303);
    }
    buyer.request_address("ann9@new.example").await.expect(429).shows(TOO_OFTEN);
    assert_eq!(app.mails_to("ann@buyer.example").await.len(), 5);
}

#[tokio::test]
async fn trying_many_unknown_links_is_stopped_and_a_real_one_still_works_elsewhere() {
    let app = proxied().await;
    app.buyer().await;
    let visitor = app.visitor("", "", "");
    visitor.forgot("ann@buyer.example").await.expect(303);
    let real = app.link_to("ann@buyer.example").await;
    let mut found = 0;
    for number in 0..40 {
        let path = paths::reset(&format!("{number:064x}"));
        let response = visitor.post_through("192.0.2.1", &path, &[("password", "another long one")]).await;
        found += i32::from(response.status == 410);
        assert!([410, 429].contains(&response.status.as_u16()));
    }
    // Each refused form loads its page again, so it counts twice.
    assert!((15..=31).contains(&found), "{found}");
    visitor.get(&real).await.expect(200);
}

#[tokio::test]
async fn limits_can_be_turned_off_for_measuring_but_not_in_production() {
    let app = TestApp::start_with(&[("LIMITS", "off")]).await;
    let visitor = app.visitor("", "", "");
    for _ in 0..6 {
        visitor.forgot("ann@buyer.example").await.expect(303);
    }
}

#[tokio::test]
async fn sign_ups_by_others_with_an_address_never_keep_its_owner_from_signing_up() {
    let app = TestApp::start().await;
    // The stranger repeats their sign-up and resends its email as often as they can.
    let eve = app.visitor("Eve", "ann@lee.example", "Evil");
    for _ in 0..5 {
        eve.sign_up(PASSWORD).await.expect(303);
    }
    eve.sign_up(PASSWORD).await.expect(429);
    eve.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(429).shows("Use the link in the latest email");
    app.deliver().await;
    app.advance(Duration::seconds(1));
    let ann = app.visitor("Ann", "ann@lee.example", "Lee Leads");
    ann.sign_up(PASSWORD).await.expect(303);
    let link = app.link_to("ann@lee.example").await;
    ann.get(&link).await.expect(200).shows("Lee Leads");
    ann.post(&link, &[("form", "verify")]).await.expect(303);
    assert!(ann.is_signed_in().await);
}

#[tokio::test]
async fn sign_ups_in_many_browsers_are_stopped_while_their_emails_still_work() {
    let app = TestApp::start().await;
    for number in 0..12 {
        let eve = app.visitor("Eve", "ann@lee.example", "Evil");
        let status = if number < 10 { 303 } else { 429 };
        eve.sign_up(PASSWORD).await.expect(status);
    }
    assert_eq!(app.mails_to("ann@lee.example").await.len(), 10);
    // Only the mailbox has the links; they open a page, whoever signed up.
    let link = app.link_to("ann@lee.example").await;
    app.visitor("Ann", "ann@lee.example", "Lee Leads").get(&link).await.expect(200);
}

#[tokio::test]
async fn password_resets_requested_by_others_leave_the_owner_a_link_that_works() {
    let app = TestApp::start().await;
    app.buyer().await;
    let eve = app.visitor("", "", "");
    // Whenever the owner comes, over an hour and a half.
    for _ in 0..30 {
        while eve.forgot("ann@buyer.example").await.status == 303 {}
        let ann = app.visitor("", "", "");
        ann.forgot("ann@buyer.example").await.expect(429).shows("Use the link in the latest email to this address");
        let link = app.link_to("ann@buyer.example").await;
        ann.get(&link).await.expect(200).shows("Set a new password");
        app.advance(Duration::minutes(3));
    }
    let ann = app.visitor("", "", "");
    let link = app.link_to("ann@buyer.example").await;
    ann.post(&link, &[("form", "reset"), ("password", "another long one")]).await.expect(303);
    assert!(ann.is_signed_in().await);
}

#[tokio::test]
async fn others_who_claim_an_address_never_keep_its_owner_from_changing_to_it() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let eve = app.stranger().await;
    let mut sent = 0;
    while eve.request_address("ann@new.example").await.status == 303 {
        sent += 1;
    }
    assert_eq!(sent, 3);
    app.deliver().await;
    app.advance(Duration::seconds(1));
    buyer.request_address("ann@new.example").await.expect(303);
    let link = app.link_to("ann@new.example").await;
    buyer.post(&link, &[("form", "verify")]).await.expect(303);
    buyer.get(paths::ME).await.expect(200).shows("ann@new.example");
}
