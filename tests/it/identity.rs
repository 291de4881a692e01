//! Signing up, in and out.

use crate::support::{Response, TestApp, actor::form, app::PASSWORD, people::SESSION};
use accord::base::paths;
use axum::{body::Body, http::Method};
use time::Duration;

#[tokio::test]
async fn a_sign_up_creates_nothing_until_its_emailed_link_is_confirmed() {
    let app = TestApp::start().await;
    let ann = app.visitor("Ann Lee", "Ann@Lee.example", "Lee Leads");
    let sent = ann.sign_up(PASSWORD).await;
    ann.get(sent.location()).await.expect(200).shows("We sent an email to Ann@Lee.example");
    assert_eq!((app.count("users").await, app.count("accounts").await, ann.cookie(SESSION)), (0, 0, None));
    ann.sign_in("ann@lee.example", PASSWORD).await.expect(401);
    let link = app.link_to("Ann@lee.example").await;
    for _ in 0..3 {
        ann.get(&link).await.expect(200).shows("to create an account for Ann Lee of Lee Leads");
        ann.send(Method::HEAD, &link, &[], Body::empty()).await.expect(200);
    }
    assert_eq!(app.count("users").await, 0, "opening the link changes nothing");
    let done = ann.post(&link, &[("form", "verify")]).await;
    assert_eq!(done.location(), paths::HOME);
    ann.get(paths::HOME).await.expect(200).shows("Welcome to Accord.").shows("Lee Leads");
    assert!(!ann.get(paths::HOME).await.text().contains("Welcome to Accord."), "shown once");
    assert_eq!((app.count("users").await, app.count("accounts").await), (1, 1));
    assert_eq!(app.count("subscriptions where plan = 'base'").await, 1, "the configured plan");
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_response_and_only_the_email_differs() {
    let app = TestApp::start().await;
    app.buyer().await;
    let (known, unknown) =
        (app.visitor("Eve", "ann@buyer.example", "Evil"), app.visitor("Eve", "eve@evils.example", "Evil"));
    let (first, second) = (known.sign_up(PASSWORD).await, unknown.sign_up(PASSWORD).await);
    let seen = |response: &Response| {
        let headers: Vec<_> = response
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            // The sealed cookie differs each time. Only its length is visible.
            .map(|(name, value)| {
                (
                    name.clone(),
                    if name == "set-cookie" { value.len().to_string() } else { value.to_str().unwrap().to_owned() },
                )
            })
            .collect();
        (response.status, headers, response.body.clone())
    };
    assert_eq!(seen(&first), seen(&second));
    assert_eq!(app.mail_to("ann@buyer.example").await.subject, "You already have an Accord account");
    assert!(app.mail_to("ann@buyer.example").await.links.iter().all(|link| !link.contains("/verify/")));
    assert_eq!(app.mail_to("eve@evils.example").await.subject, "Confirm your email address for Accord");
    assert_eq!(app.count("users").await, 1);
}

#[tokio::test]
async fn a_confirmation_works_once_even_with_two_concurrent_clicks() {
    let app = TestApp::start().await;
    let ann = app.visitor("Ann Lee", "ann@lee.example", "Lee Leads");
    ann.sign_up(PASSWORD).await.expect(303);
    let link = app.link_to("ann@lee.example").await;
    let (first, second) = tokio::join!(ann.post(&link, &[]), ann.post(&link, &[]));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
    ann.get(&link).await.expect(410).shows("This link has expired or was already used.");
    ann.post(&link, &[]).await.expect(410);
    assert_eq!((app.count("users").await, app.count("accounts").await, app.count("sessions").await), (1, 1, 1));
}

#[tokio::test]
async fn a_confirmation_expires_after_three_days() {
    let app = TestApp::start().await;
    let ann = app.visitor("Ann Lee", "ann@lee.example", "Lee Leads");
    ann.sign_up(PASSWORD).await.expect(303);
    let link = app.link_to("ann@lee.example").await;
    app.advance(Duration::days(3) - Duration::minutes(2));
    ann.get(&link).await.expect(200);
    app.advance(Duration::minutes(2) + Duration::seconds(1));
    ann.get(&link).await.expect(410);
    ann.post(&link, &[]).await.expect(410).shows("This link has expired or was already used.");
    assert_eq!(app.count("users").await, 0);
}

#[tokio::test]
async fn the_first_confirmed_of_two_sign_ups_with_one_address_ends_the_other() {
    let app = TestApp::start().await;
    let (ann, eve) =
        (app.visitor("Ann", "ann@lee.example", "Lee Leads"), app.visitor("Eve", " ANN@lee.example ", "Evil"));
    eve.sign_up("password of eve").await.expect(303);
    let first = app.link_to("ANN@lee.example").await;
    ann.sign_up(PASSWORD).await.expect(303);
    let second = app.link_to("ann@lee.example").await;
    ann.post(&second, &[]).await.expect(303);
    ann.post(&first, &[]).await.expect(410);
    let eve = app.visitor("", "", "");
    eve.sign_in("ann@lee.example", "password of eve").await.expect(401);
    eve.sign_in("ann@lee.example", PASSWORD).await.expect(303);
}

#[tokio::test]
async fn every_wrong_sign_up_field_has_a_message_and_no_password_is_returned() {
    let app = TestApp::start().await;
    let nobody = app.visitor("", "nobody", "");
    let refused = nobody.sign_up("short").await.expect(422);
    for sentence in [
        "Enter your name.",
        "Enter your company's name.",
        "Enter an email address like name@example.com.",
        "Use at least 8 characters.",
    ] {
        assert!(refused.text().contains(sentence), "{sentence}");
    }
    assert!(!refused.body.contains("short\""));
    for (password, sentence) in [
        ("1234567", "Use at least 8 characters."),
        ("PassWord123", "This password is too common."),
        (&"x".repeat(257), "Use at most 256 characters."),
        (&"x".repeat(1 << 19), "Use at most 256 characters."),
    ] {
        let ann = app.visitor("Ann", "ann@lee.example", "Lee Leads");
        let refused = ann.sign_up(password).await.expect(422).shows(sentence);
        assert!(refused.tag_with("name=\"email\"").contains("ann@lee.example"), "the input is kept");
        assert!(!refused.body.contains(password));
    }
    let ann = app.visitor("Ann", "ann@lee.example", "Lee Leads");
    ann.sign_up(&"x".repeat(1 << 20)).await.expect(413);
    ann.sign_in("ann@lee.example", &"x".repeat(1 << 19)).await.expect(401);
    for name in ["x".repeat(101), "a\nb".to_owned(), "a\u{202e}b".to_owned()] {
        app.visitor(&name, "ann@lee.example", "Lee Leads").sign_up(PASSWORD).await.expect(422);
        app.visitor("Ann", "ann@lee.example", &name).sign_up(PASSWORD).await.expect(422);
    }
    assert_eq!(app.count("signups").await, 0);
    ann.sign_up(&"x".repeat(256)).await.expect(303);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_response() {
    let app = TestApp::start().await;
    app.buyer().await;
    let visitor = app.visitor("", "", "");
    let mut pages = Vec::new();
    for (email, password) in [
        ("ann@buyer.example", "wrong password"),
        ("nobody@buyer.example", "wrong password"),
        ("no address", "wrong password"),
    ] {
        let refused = visitor.sign_in(email, password).await.expect(401);
        let refused = refused.shows("Incorrect email or password.");
        assert!(refused.tag_with("name=\"email\"").contains(email), "the input is kept");
        assert!(!refused.body.contains("wrong password"));
        pages.push(refused.text());
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    assert_eq!(visitor.cookie(SESSION), None);
    visitor.sign_in("", "").await.expect(422).shows("Fill this in.");
}

#[tokio::test]
async fn every_sign_in_starts_a_new_session_and_ends_the_old_one() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let planted = "0".repeat(64);
    buyer.forget_cookies();
    buyer.keep_cookie(format!("{SESSION}={planted}; Path=/").parse().unwrap());
    let response = buyer.sign_in(" ANN@buyer.example", PASSWORD).await.expect(303);
    let cookie = response.header("set-cookie");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/;"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let first = buyer.cookie(SESSION).unwrap();
    assert_ne!(first, planted);
    buyer.sign_in("ann@buyer.example", PASSWORD).await.expect(303);
    let second = buyer.cookie(SESSION).unwrap();
    assert_ne!(first, second);
    let thief = app.visitor("", "", "");
    thief.keep_cookie(format!("{SESSION}={first}; Path=/").parse().unwrap());
    assert!(!thief.is_signed_in().await);
    assert!(buyer.is_signed_in().await);
    assert!(app.columns_holding(&second).await.is_empty(), "the database has only its hash");
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let cookie = buyer.cookie(SESSION).unwrap();
    buyer.post(paths::SIGN_OUT, &[]).await.expect(303);
    assert_eq!(buyer.cookie(SESSION), None);
    buyer.get(paths::HOME).await.expect(200).shows("You are signed out.");
    buyer.keep_cookie(format!("{SESSION}={cookie}; Path=/").parse().unwrap());
    assert!(!buyer.is_signed_in().await);
    assert_eq!(app.count("sessions").await, 0);
    buyer.post(paths::SIGN_OUT, &[]).await.expect(303);
}

#[tokio::test]
async fn a_session_ends_after_14_idle_days_or_90_days_in_total() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.advance(Duration::days(14) - Duration::minutes(2));
    assert!(buyer.is_signed_in().await);
    app.advance(Duration::days(14) - Duration::minutes(2));
    assert!(buyer.is_signed_in().await, "use extends the session");
    app.advance(Duration::days(14) + Duration::minutes(1));
    assert!(!buyer.is_signed_in().await);
    let buyer = app.stranger().await;
    for _ in 0..8 {
        app.advance(Duration::days(11));
        assert!(buyer.is_signed_in().await);
    }
    app.advance(Duration::days(3));
    assert!(!buyer.is_signed_in().await);
}

#[tokio::test]
async fn after_signing_in_users_return_to_the_requested_page_and_never_to_another_site() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.forget_cookies();
    let sent = buyer.get("/flows?page=2").await;
    assert!(sent.header("location").starts_with("/signin?next="), "{}", sent.header("location"));
    let page = buyer.get(sent.header("location")).await.expect(200);
    assert!(page.tag_with("name=\"next\"").contains("value=\"/flows?page=2\""), "{}", page.tag_with("name=\"next\""));
    let safe = ["/flows?page=2", "/invitations/0123456789abcdef01234567"];
    let evil = [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "\\\\evil",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a=b",
    ];
    for next in safe.into_iter().chain(evil) {
        let form = [("form", "signin"), ("email", "ann@buyer.example"), ("password", PASSWORD), ("next", next)];
        let response = buyer.post(paths::SIGN_IN, &form).await;
        assert_eq!(response.location(), if safe.contains(&next) { next } else { "/" }, "{next:?}");
        for (path, field) in [(paths::SIGN_OUT, "next"), (paths::THEME, "back")] {
            let response = buyer.post(path, &[(field, next)]).await;
            assert_eq!(response.location(), if safe.contains(&next) { next } else { "/" }, "{path} {next:?}");
        }
    }
}

#[tokio::test]
async fn the_theme_is_stored_in_the_browser() {
    let app = TestApp::start().await;
    let visitor = app.visitor("", "", "");
    visitor.post(paths::THEME, &[("theme", "dark"), ("back", "/signin")]).await.expect(303);
    assert!(visitor.get("/signin").await.body.contains("data-theme=\"dark\""));
    visitor.post(paths::THEME, &[("theme", "light"), ("back", "/signin")]).await.expect(303);
    assert!(visitor.get("/signin").await.body.contains("data-theme=\"light\""));
    visitor.post(paths::THEME, &[("theme", "system"), ("back", "/signin")]).await.expect(303);
    assert!(!visitor.get("/signin").await.body.contains("data-theme"));
    visitor.keep_cookie("accord-theme=\"><script>; Path=/".parse().unwrap());
    assert!(!visitor.get("/signin").await.body.contains("data-theme"));
}

#[tokio::test]
async fn a_removed_member_loses_access_with_the_next_request() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    app.execute("delete from members").await.unwrap();
    buyer.get(&paths::flow_sources(flow)).await.expect(404);
    buyer
        .call("flows/sources/list", serde_json::json!({ "flow_id": flow, "shown": { "search": "", "page": 1 } }))
        .await
        .expect(404);
    buyer.get(paths::HOME).await.expect(200).shows("belong to a company");
}

#[tokio::test]
async fn a_member_of_two_companies_can_switch_and_a_form_of_a_lost_account_is_refused() {
    let app = TestApp::start().await;
    let (buyer, other) = (app.buyer().await, app.stranger().await);
    let copy = "insert into members (account_id, user_id, role, created_at)
                select a.id, u.id, 'admin', now() from accounts a, users u where a.name = 'Elsewhere' and u.email = 'ann@buyer.example'";
    app.execute(copy).await.unwrap();
    buyer.post("/switch", &[("account", &other.account().to_string())]).await.expect(303);
    buyer.get(paths::SETTINGS).await.expect(200).shows(&other.account().to_string());
    let acting = buyer.account().to_string();
    let form = [("form", "flow"), ("as", acting.as_str()), ("name", "Mine"), ("field-email", "on")];
    buyer.post(paths::NEW_FLOW, &form).await.expect(303);
    assert_eq!(app.count("flows f join accounts a on a.id = f.account_id where a.name = 'Bright Solar'").await, 1);
    app.execute("delete from members where account_id = (select id from accounts where name = 'Bright Solar')")
        .await
        .unwrap();
    buyer
        .post(paths::NEW_FLOW, &form)
        .await
        .expect(409)
        .shows("You no longer have access to the account this form belongs to.");
}

#[tokio::test]
async fn many_concurrent_sign_ins_are_answered_or_postponed_but_never_fail() {
    let app = TestApp::start().await;
    app.buyer().await;
    let body = form(&[("form", "signin"), ("email", "ann@buyer.example"), ("password", "wrong password")]);
    let visitor = app.visitor("", "", "");
    let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
    let tries = (0..100).map(|_| visitor.send(Method::POST, paths::SIGN_IN, &headers, Body::from(body.clone())));
    for response in futures::future::join_all(tries).await {
        assert!([401, 429, 503].contains(&response.status.as_u16()), "{}", response.status);
    }
    visitor.get("/health/ready").await.expect(200);
}
