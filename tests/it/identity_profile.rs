//! A user's own profile: name, address, password, sessions, notifications.

use crate::support::{Actor, TestApp, app::PASSWORD, people::SESSION};
use accord::{
    accounts::{model::Role, server::queries::list_docs_readers},
    base::paths,
};
use axum::{body::Body, http::Method};
use time::Duration;

const NEW: &str = "another long one";

async fn change_password(person: &Actor, current: &str, new: &str) -> crate::support::Response {
    person.post_me("password", &[("password_current", current), ("password", new)]).await
}

#[tokio::test]
async fn the_profile_requires_signing_in_and_is_linked_from_every_page() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    assert!(buyer.get(paths::FLOWS).await.has("href=\"/me\""));
    let page = buyer.get(paths::ME).await.expect(200);
    for label in ["Your name", "Email", "Password", "Sessions", "Notifications", "Emails about Submission Docs"] {
        assert!(page.text().contains(label), "{label}");
    }
    let nobody = app.visitor("", "", "");
    assert_eq!(nobody.post_me("name", &[("name", "Nobody")]).await.location(), "/signin?next=/me");
}

#[tokio::test]
async fn a_new_name_shows_everywhere_and_in_the_activity() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.post_me("name", &[("name", "  Ann Solar ")]).await.expect(303);
    buyer.get(paths::ME).await.expect(200).shows("Name saved.").shows("Ann Solar");
    assert_eq!(app.latest_deed("name_changed").await.as_deref(), Some(r#"{"name": "Ann Solar"}"#));
    for (name, sentence) in
        [("", "Enter your name."), ("a\u{202e}b", "Use letters, digits"), (&"x".repeat(101), "Use at most 100")]
    {
        buyer.post_me("name", &[("name", name)]).await.expect(422).shows(sentence);
    }
    buyer.post_me("nonsense", &[]).await.expect(400);
    assert_eq!(app.count("users where name = 'Ann Solar'").await, 1);
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions_and_gives_this_browser_a_new_one() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let elsewhere = buyer.other_browser("").await;
    let before = buyer.cookie(SESSION).unwrap();
    assert_eq!(change_password(&buyer, PASSWORD, NEW).await.location(), paths::ME);
    assert_ne!(buyer.cookie(SESSION).unwrap(), before);
    buyer.get(paths::ME).await.expect(200).shows("Password changed.");
    assert!(!elsewhere.is_signed_in().await);
    let thief = app.visitor("", "", "");
    thief.keep_cookie(format!("{SESSION}={before}; Path=/").parse().unwrap());
    assert!(!thief.is_signed_in().await, "the old session value no longer works");
    assert_eq!(app.mail_to("ann@buyer.example").await.subject, "Your Accord password was changed");
    app.visitor("", "", "").sign_in("ann@buyer.example", PASSWORD).await.expect(401);
    app.visitor("", "", "").sign_in("ann@buyer.example", NEW).await.expect(303);
    assert!(app.deeds(buyer.account()).await.contains(&"password_changed".to_owned()));
}

#[tokio::test]
async fn without_the_current_password_neither_password_nor_address_can_be_changed() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let refused = change_password(&buyer, "wrong password", NEW).await.expect(422);
    assert!(!refused.shows("This is not your current password.").body.contains("wrong password"));
    change_password(&buyer, PASSWORD, "password").await.expect(422).shows("This password is too common.");
    change_password(&buyer, "", "").await.expect(422).shows("Fill this in.");
    let form = [("email", "ann@new.example"), ("email_password", "wrong password")];
    let refused = buyer.post_me("email", &form).await.expect(422).shows("This is not your current password.");
    assert!(refused.tag_with("name=\"email\"").contains("ann@new.example"), "the input is kept");
    assert!(app.mails_to("ann@new.example").await.is_empty() && app.mails_to("ann@buyer.example").await.is_empty());
    assert!(buyer.is_signed_in().await);
}

#[tokio::test]
async fn an_address_changes_when_the_link_emailed_to_the_new_one_is_confirmed() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let elsewhere = buyer.other_browser("").await;
    buyer.request_address("Ann@New.example").await.expect(303);
    let notice = app.mail_to("ann@buyer.example").await;
    assert_eq!(notice.subject, "Your email address for Accord is about to change");
    assert!(notice.text.contains("Ann@New.example") && notice.links.iter().all(|link| link.ends_with("/forgot")));
    let link = app.link_to("Ann@new.example").await;
    let before = buyer.cookie(SESSION).unwrap();
    for _ in 0..3 {
        let page = buyer.get(&link).await.expect(200).shows("Ann@New.example");
        assert!(page.text().contains("Confirm address"));
        buyer.send(Method::HEAD, &link, &[], Body::empty()).await.expect(200);
    }
    let stranger_to_the_old = app.visitor("", "", "").get(&link).await.expect(200);
    assert!(!stranger_to_the_old.text().contains("ann@buyer.example"), "a mistyped address reveals nothing");
    assert_eq!(app.count("users where email = 'ann@buyer.example'").await, 1, "opening the link changes nothing");
    assert_eq!(buyer.post(&link, &[("form", "verify")]).await.location(), paths::ME);
    assert_ne!(buyer.cookie(SESSION).unwrap(), before, "a new session secret");
    buyer.get(paths::ME).await.expect(200).shows("Email address changed.").shows("Ann@New.example");
    assert!(elsewhere.is_signed_in().await, "other browsers stay signed in");
    assert_eq!(app.mail_to("ann@buyer.example").await.subject, "Your email address for Accord was changed");
    app.visitor("", "", "").sign_in("ann@buyer.example", PASSWORD).await.expect(401);
    app.visitor("", "", "").sign_in("ann@new.example", PASSWORD).await.expect(303);
    buyer.get(&link).await.expect(410);
    buyer.post(&link, &[]).await.expect(410);
    assert_eq!(app.latest_deed("address_changed").await.as_deref(), Some(r#"{"email": "Ann@New.example"}"#));
}

#[tokio::test]
async fn the_link_of_an_address_change_signs_nobody_in_and_is_valid_for_one_day() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.request_address("ann@new.example").await.expect(303);
    let first = app.link_to("ann@new.example").await;
    app.advance(Duration::days(1) + Duration::seconds(1));
    buyer.get(&first).await.expect(410);
    buyer.post(&first, &[]).await.expect(410);
    buyer.request_address("ann@new.example").await.expect(303);
    let link = app.link_to("ann@new.example").await;
    let phone = app.visitor("", "", "");
    phone.get(&link).await.expect(200).shows("Sign in with your current address first.");
    let asked = phone.post(&link, &[("form", "verify")]).await.expect(303);
    assert!(asked.location().starts_with("/signin?next="), "{}", asked.location());
    assert!(!phone.is_signed_in().await);
    let form = [("form", "signin"), ("email", "ann@buyer.example"), ("password", PASSWORD), ("next", &link)];
    let on = phone.post(paths::SIGN_IN, &form).await;
    assert_eq!(on.location(), link, "signing in goes on to the link");
    phone.post(&link, &[("form", "verify")]).await.expect(303);
    assert!(buyer.is_signed_in().await);
    assert_eq!(app.count("users where email = 'ann@new.example'").await, 1);
}

#[tokio::test]
async fn only_an_email_reveals_that_an_address_is_taken() {
    let app = TestApp::start().await;
    let (buyer, _sam) = (app.buyer().await, app.stranger().await);
    let taken = buyer.request_address("sam@stranger.example").await.expect(303);
    let free = buyer.request_address("free@stranger.example").await.expect(303);
    assert_eq!(taken.headers.get_all("set-cookie").iter().count(), free.headers.get_all("set-cookie").iter().count());
    let mail = app.mail_to("sam@stranger.example").await;
    assert_eq!(mail.subject, "This address already has an Accord account");
    assert!(mail.links.iter().all(|link| !link.contains("/verify/")));
    assert_eq!(app.mail_to("free@stranger.example").await.subject, "Confirm your new email address for Accord");
    buyer.request_address(" ANN@buyer.example ").await.expect(422).shows("This is already your email address.");
    buyer.request_address("a@b@c").await.expect(422);
    buyer.request_address("ann\u{ff20}new.example").await.expect(422);
}

#[tokio::test]
async fn an_address_taken_in_the_meantime_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.request_address("cy@seller.example").await.expect(303);
    let link = app.link_to("cy@seller.example").await;
    app.admin("Cy Seller", "cy@seller.example", "Lead Harbor", None, false).await;
    buyer.post(&link, &[("form", "verify")]).await.expect(409).shows("This email address is already registered.");
    assert_eq!(app.count("users where email = 'ann@buyer.example'").await, 1);
}

#[tokio::test]
async fn the_first_of_two_people_to_confirm_an_address_gets_it() {
    let app = TestApp::start().await;
    let (ann, sam) = (app.buyer().await, app.stranger().await);
    ann.request_address("both@new.example").await.expect(303);
    let anns = app.link_to("both@new.example").await;
    sam.request_address("both@new.example").await.expect(303);
    let sams = app.link_to("both@new.example").await;
    let (first, second) = tokio::join!(ann.post(&anns, &[]), sam.post(&sams, &[]));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(app.count("users where email = 'both@new.example'").await, 1);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let phone = buyer.other_browser(firefox).await;
    let page = buyer.get(paths::ME).await.expect(200).shows("Firefox on Linux").shows("This browser");
    assert_eq!(page.text().matches("This browser").count(), 1);
    let phones: String = sqlx::query_scalar("select encode(id, 'hex') from sessions where browser = $1")
        .bind(firefox)
        .fetch_one(&app.state.pool)
        .await
        .unwrap();
    assert!(page.has(&phones));
    let sam = app.stranger().await;
    sam.post_me("session", &[("session", &phones)]).await.expect(404);
    assert!(phone.is_signed_in().await, "another user's session does not exist");
    buyer.post_me("session", &[("session", &phones)]).await.expect(303);
    assert!(!phone.is_signed_in().await, "signed out with the next request");
    buyer.get(paths::ME).await.expect(200).shows("Browser signed out.");
    buyer.post_me("session", &[("session", &phones)]).await.expect(404);
    buyer.post_me("session", &[("session", "nonsense")]).await.expect(404);
    let own: String = sqlx::query_scalar("select encode(id, 'hex') from sessions where user_id = $1")
        .bind(buyer.user)
        .fetch_one(&app.state.pool)
        .await
        .unwrap();
    assert_eq!(buyer.post_me("session", &[("session", &own)]).await.location(), paths::HOME);
    assert_eq!(buyer.cookie(SESSION), None);
    buyer.get(paths::HOME).await.expect(200).shows("You are signed out.");
}

#[tokio::test]
async fn one_click_signs_out_everywhere_else() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    assert!(!buyer.get(paths::ME).await.text().contains("Sign out everywhere else"), "there are no other sessions");
    let (phone, desk) = (buyer.other_browser("").await, buyer.other_browser("").await);
    let sam = app.stranger().await;
    buyer.get(paths::ME).await.expect(200).shows("Sign out everywhere else");
    buyer.post_me("others", &[]).await.expect(303);
    assert!(!phone.is_signed_in().await && !desk.is_signed_in().await);
    assert!(buyer.is_signed_in().await && sam.is_signed_in().await);
    assert_eq!(app.latest_deed("session_ended").await.as_deref(), Some(r#"{"sessions": 2}"#));
}

#[tokio::test]
async fn expired_sessions_are_not_listed() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.other_browser("curl/8.0").await;
    app.advance(Duration::days(10));
    assert!(buyer.get(paths::ME).await.expect(200).text().contains("curl"));
    app.advance(Duration::days(5));
    assert!(!buyer.get(paths::ME).await.expect(200).text().contains("curl"));
}

#[tokio::test]
async fn a_browsers_user_agent_cannot_inject_markup() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.other_browser("<script>alert(1)</script> Firefox/1").await;
    let page = buyer.get(paths::ME).await.expect(200);
    assert!(!page.has("alert(1)") && page.text().contains("Firefox"));
}

#[tokio::test]
async fn people_who_turned_off_emails_about_docs_get_none() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.member(&buyer, Role::Manager, "Max Manager", "max@buyer.example").await;
    let readers = async || {
        let mut conn = app.state.pool.acquire().await.unwrap();
        let readers = list_docs_readers(&mut conn, buyer.account()).await.unwrap();
        readers.into_iter().map(|reader| reader.email).collect::<Vec<_>>()
    };
    assert_eq!(readers().await.len(), 2);
    assert!(buyer.get(paths::ME).await.tag_with("name=\"docs_mails\"").contains("checked"));
    buyer.post_me("notifications", &[]).await.expect(303);
    assert_eq!(readers().await, ["max@buyer.example"]);
    assert!(!buyer.get(paths::ME).await.tag_with("name=\"docs_mails\"").contains("checked"));
    buyer.post_me("notifications", &[("docs_mails", "on")]).await.expect(303);
    assert_eq!(readers().await.len(), 2);
}

#[tokio::test]
async fn signing_out_clears_the_browsers_cached_pages() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let out = buyer.post(paths::SIGN_OUT, &[]).await;
    assert_eq!(out.header("clear-site-data"), "\"cache\"");
    assert_eq!(out.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn a_sign_in_racing_a_password_change_leaves_no_session_with_the_old_password() {
    let app = TestApp::start().await;
    for round in 0..4 {
        let name = format!("ann{round}@buyer.example");
        let owner = app.admin("Ann", &name, &format!("Bright {round}"), None, false).await;
        let thief = app.visitor("", "", "");
        let (changed, _) = tokio::join!(change_password(&owner, PASSWORD, NEW), thief.sign_in(&name, PASSWORD));
        changed.expect(303);
        assert!(!thief.is_signed_in().await, "round {round}");
        assert!(owner.is_signed_in().await);
    }
}

#[tokio::test]
async fn other_sites_cannot_post_these_forms() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let visitor = app.visitor("", "", "");
    visitor.forgot("ann@buyer.example").await.expect(303);
    let reset = app.link_to("ann@buyer.example").await;
    buyer.request_address("ann@new.example").await.expect(303);
    let change = app.link_to("ann@new.example").await;
    for site in ["cross-site", "same-site"] {
        for person in [&buyer, &visitor] {
            let password = [("form", "reset"), ("password", NEW)];
            person.post_from(site, &reset, &password).await.expect(403);
            person.post_from(site, &change, &[("form", "verify")]).await.expect(403);
            person.post_from(site, paths::FORGOT, &[("email", "ann@buyer.example")]).await.expect(403);
            person.post_from(site, paths::ME, &[("form", "others")]).await.expect(403);
            let sign_in = [("email", "ann@buyer.example"), ("password", PASSWORD)];
            person.post_from(site, paths::SIGN_IN, &sign_in).await.expect(403);
        }
    }
    assert_eq!(visitor.cookie(SESSION), None, "nobody is signed in as a user someone else chose");
    assert_eq!(app.count("users where email = 'ann@buyer.example'").await, 1);
}

#[tokio::test]
async fn an_oversized_password_is_refused_without_hashing() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let huge = "x".repeat(1 << 18);
    let hashed = app.state.passwords.hash_count();
    change_password(&buyer, &huge, NEW).await.expect(422).shows("This is not your current password.");
    change_password(&buyer, &huge, &huge).await.expect(422).shows("Use at most 256 characters.");
    buyer.sign_in("ann@buyer.example", &huge).await.expect(401);
    assert_eq!(app.state.passwords.hash_count(), hashed);
}

#[tokio::test]
async fn sessions_of_one_name_are_told_apart_by_what_describes_their_buttons() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for _ in 0..2 {
        buyer.other_browser("curl/8.0").await;
    }
    let page = buyer.get(paths::ME).await.expect(200);
    assert!(!page.body.split("<form").skip(1).any(|form| form.split('>').next().unwrap().contains("aria-label")));
    let described: Vec<_> =
        page.body.split("aria-describedby=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let sessions: Vec<_> = described.into_iter().filter(|id| id.starts_with("session-")).collect();
    assert_eq!(sessions.len(), 3);
    for id in sessions {
        assert_eq!(page.body.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
}
