//! Following an invitation link: what it opens, for whom, and that it changes nothing.

use crate::support::stage::{SELLER, Stage};
use accord::base::paths;
use axum::{body::Body, http::Method};
use time::Duration;

#[tokio::test]
async fn opening_the_link_any_number_of_times_by_anyone_changes_nothing() {
    let stage = Stage::pending().await;
    let stranger = stage.app.stranger().await;
    let look = async || -> String {
        let everything =
            "select to_jsonb(i)::text || (select count(*) from activity) || (select count(*) from sessions)
                          || (select count(*) from users) || (select count(*) from mails) from invitations i";
        sqlx::query_scalar(everything).fetch_one(&stage.app.state.pool).await.unwrap()
    };
    let before = look().await;
    for person in [&stage.newcomer(), &stranger, &stage.buyer] {
        for method in [Method::GET, Method::HEAD, Method::GET, Method::HEAD] {
            let opened = person.send(method, &stage.link, &[], Body::empty()).await;
            assert_eq!(opened.status, 303);
            person.send(Method::HEAD, opened.location(), &[], Body::empty()).await.expect(200);
            person.get(opened.location()).await.expect(200);
            person.get(&format!("{}/decline", opened.location())).await.expect(200);
            person.get(&format!("{}/signup", opened.location())).await.expect(200);
        }
    }
    assert_eq!(look().await, before);
}

#[tokio::test]
async fn the_link_leads_to_its_page_with_a_cookie_for_that_page_only() {
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    let opened = visitor.get(&stage.link).await;
    let page = paths::invitation(stage.invitation().await);
    assert_eq!(opened.location(), page);
    assert_eq!(opened.header("cache-control"), "no-store");
    let cookie = opened.header("set-cookie");
    for part in ["accord-invitation=", &format!("Path={page};"), "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    let token = stage.link.rsplit('/').next().unwrap();
    assert!(!cookie.contains(token), "the token itself is not in the cookie");
    assert_eq!(visitor.cookie_path("accord-invitation").as_deref(), Some(page.as_str()));
    let shown = visitor.get(&page).await.expect(200);
    assert!(!shown.body.contains(token));
    for part in [
        "Bright Solar invites you to connect",
        "We like your leads.",
        SELLER,
        "Create account",
        "Sign in",
        "Decline Invite to Connect",
    ] {
        assert!(shown.text().contains(part), "{part}: {}", shown.text());
    }
    visitor.forget_cookies();
    visitor.get(&page).await.expect(404).shows("Invitation not found");
    stage.app.stranger().await.get(&page).await.expect(404);
}

#[tokio::test]
async fn an_invitations_cookie_opens_no_other_invitation_and_expires_after_half_an_hour() {
    let stage = Stage::pending().await;
    stage.buyer.invite(stage.flow, "dee@seller.example", "").await.expect(303);
    let visitor = stage.newcomer();
    let first = visitor.open_link(&stage.link).await;
    let second = stage.invitation().await;
    let stolen = format!(
        "accord-invitation={}; Path={}",
        visitor.cookie("accord-invitation").unwrap(),
        paths::invitation(second)
    );
    visitor.keep_cookie(stolen.parse().unwrap());
    visitor.get(&paths::invitation(second)).await.expect(404);
    visitor.get(&paths::invitation(first)).await.expect(200);
    stage.app.advance(Duration::minutes(31));
    visitor.get(&paths::invitation(first)).await.expect(404);
    visitor.open_link(&stage.link).await;
}

#[tokio::test]
async fn truncated_altered_and_unknown_tokens_get_the_same_page() {
    let stage = Stage::pending().await;
    let token = stage.link.rsplit('/').next().unwrap();
    let altered = format!("{}{}", if token.starts_with('0') { '1' } else { '0' }, &token[1..]);
    let visitor = stage.newcomer();
    let mut pages = Vec::new();
    for bad in
        [&token[..32], &altered, &"0".repeat(64), "x", &format!("{token}00"), &token.to_uppercase(), "%00", "..%2f"]
    {
        let page = visitor.get(&format!("/i/{bad}")).await.expect(404);
        assert!(page.header("set-cookie").is_empty(), "{bad}");
        pages.push(page.text().replace(bad, ""));
    }
    assert!(pages[0].contains("Invitation not found"));
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
}

#[tokio::test]
async fn signing_up_by_a_copied_link_requires_confirming_the_address_first() {
    let stage = Stage::pending().await;
    let app = &stage.app;
    let before = app.source(stage.source).await;
    let copied = stage.buyer.copy_link(stage.invitation().await).await;
    // A link that was not emailed does not verify any address, not even the invited one.
    for (link, email) in [(&copied, SELLER), (&copied, "di@harbor.example"), (&stage.link, "di@harbor.example")] {
        let visitor = app.visitor("Cy Seller", email, "Lead Harbor");
        let invitation = visitor.open_link(link).await;
        let form = [
            ("form", "signup"),
            ("name", "Cy Seller"),
            ("company", "Lead Harbor"),
            ("email", email),
            ("password", "a good long one"),
        ];
        let waiting = visitor.post(&paths::invitation_sign_up(invitation), &form).await;
        assert_eq!(waiting.location(), paths::SIGN_UP_SENT, "{email}");
        assert_eq!(app.count("users where email <> 'ann@buyer.example'").await, 0, "{email}");
    }
    let visitor = app.visitor("Cy Seller", "di@harbor.example", "Lead Harbor");
    let verify = app.link_to("di@harbor.example").await;
    let page =
        visitor.post(&verify, &[("form", "verify"), ("password", "a good long one")]).await.location().to_owned();
    let invitation = stage.invitation().await;
    assert_eq!(page, paths::invitation(invitation));
    let shown = visitor.get(&page).await.expect(200).shows("signed in with a different address");
    let account = shown.body.split("<option value=\"").nth(1).unwrap()[..24].to_owned();
    let accept = [("form", "accept"), ("account", account.as_str())];
    visitor.post(&page, &accept).await.expect(422).shows("Confirm that you are accepting with a different address");
    visitor.post(&page, &[accept[0], accept[1], ("confirm", "on")]).await.expect(303);
    let after = app.source(stage.source).await;
    assert_eq!((after.entity_id, after.entity_name.as_str(), after.enabled), (before.entity_id, "Lead Harbor", true));
    assert_eq!(app.plan(account.parse().unwrap()).await.as_deref(), Some("partners"));
    assert!(
        app.mail_to(&stage.buyer.email)
            .await
            .text
            .contains("to cy@seller.example, using a different address (di@harbor.example)")
    );
}
