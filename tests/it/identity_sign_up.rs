//! Sign-ups: resending their email, and sign-ups that continue to an invitation.

use crate::support::{
    Actor, TestApp,
    app::PASSWORD,
    people::SESSION,
    stage::{SELLER, Stage},
};
use accord::{
    base::{InvitationId, Token, paths},
    identity::server::{self as identity, ForInvitation, parse::Newcomer},
};
use time::Duration;

async fn sign_up_for(person: &Actor, invitation_id: InvitationId, link: &str) {
    let cx = person.app.state.system().await.unwrap();
    let newcomer = Newcomer::parse(&person.name, &person.company, &person.email, PASSWORD).unwrap();
    let link = Token::parse(link.rsplit('/').next().unwrap()).unwrap();
    for cookie in identity::sign_up(&cx, newcomer, Some(ForInvitation { invitation_id, link })).await.unwrap() {
        person.keep_cookie(cookie);
    }
}

#[tokio::test]
async fn a_sign_up_for_an_invitation_returns_to_it_once_its_own_address_is_confirmed() {
    let stage = Stage::pending().await;
    let (app, invitation) = (&stage.app, stage.invitation().await);
    let colleague = app.visitor("Di Colleague", "di@seller.example", "Lead Harbor");
    sign_up_for(&colleague, invitation, &stage.link).await;
    let secret = stage.link.rsplit('/').next().unwrap();
    let held = app.columns_holding(secret).await;
    assert!(held.iter().all(|place| place.starts_with("dev_mails")), "the link is sealed: {held:?}");
    let link = app.link_to("di@seller.example").await;
    let elsewhere = app.visitor("", "", "");
    elsewhere.get(&link).await.expect(200).shows("to create an account for Di Colleague of Lead Harbor");
    let done = elsewhere.post(&link, &[("form", "verify"), ("password", "chosen in the other one")]).await;
    assert_eq!(done.location(), paths::invitation(invitation), "in another browser too");
    elsewhere.get(done.location()).await.expect(200).shows("Account created.").shows("Bright Solar");
    assert_eq!(
        app.count("subscriptions s join accounts a on a.id = s.account_id where a.name = 'Lead Harbor'").await,
        0
    );
    assert_eq!(app.count("users where email = 'di@seller.example'").await, 1);
    assert_eq!(
        app.count(&format!("users where email = '{SELLER}'")).await,
        0,
        "it does not verify the invited address"
    );
}

#[tokio::test]
async fn a_user_who_signs_up_again_gets_an_email_with_sign_in_and_returns_to_the_invitation() {
    let stage = Stage::pending().await;
    let (app, invitation) = (&stage.app, stage.invitation().await);
    let known = app.stranger().await;
    sign_up_for(&known, invitation, &stage.link).await;
    let mail = app.mail_to("sam@stranger.example").await;
    assert_eq!(mail.subject, "You already have an Accord account");
    let next = app.path_of(&mail.links[0]);
    assert_eq!(next, paths::sign_in_and_back(&paths::invitation(invitation)));
    assert!(mail.links.iter().all(|link| !link.contains("/verify/")));
    assert_eq!(app.count("signups").await, 0);
}

#[tokio::test]
async fn an_invitation_sign_up_with_an_unreadable_seal_still_creates_the_user() {
    let stage = Stage::pending().await;
    let (app, invitation) = (&stage.app, stage.invitation().await);
    let colleague = app.visitor("Di Colleague", "di@seller.example", "Lead Harbor");
    sign_up_for(&colleague, invitation, &stage.link).await;
    app.execute("update signups set sealed_link = 'another key'").await.unwrap();
    let done = colleague.post(&app.link_to("di@seller.example").await, &[]).await;
    assert_eq!(done.location(), paths::HOME);
}

#[tokio::test]
async fn the_email_can_be_resent_with_one_click_and_only_the_latest_link_works() {
    let app = TestApp::start().await;
    let ann = app.visitor("Ann Lee", "Ann@lee.example", "Lee Leads");
    ann.sign_up(PASSWORD).await.expect(303);
    let first = app.link_to("Ann@lee.example").await;
    ann.get(paths::SIGN_UP_SENT).await.expect(200).shows("We sent an email to Ann@lee.example");
    app.advance(Duration::days(2));
    let again = ann.post(paths::SIGN_UP_SENT, &[("form", "again")]).await;
    ann.get(again.location()).await.expect(200).shows("Email resent.");
    let second = app.link_to("Ann@lee.example").await;
    assert_ne!(first, second);
    ann.get(&first).await.expect(410);
    app.advance(Duration::days(2));
    ann.post(&second, &[]).await.expect(303);
    assert!(ann.is_signed_in().await);
    ann.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(303);
    assert_eq!(app.mail_to("Ann@lee.example").await.subject, "You already have an Accord account");
}

#[tokio::test]
async fn resending_never_emails_someone_elses_sign_up_with_the_same_address() {
    let app = TestApp::start().await;
    let ann = app.visitor("Ann Lee", "ann@lee.example", "Lee Leads");
    let eve = app.visitor("Ann Lee", "ann@lee.example", "Lee Leads");
    ann.sign_up(PASSWORD).await.expect(303);
    eve.sign_up("password of eve").await.expect(303);
    app.deliver().await;
    ann.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(303);
    ann.post(&app.link_to("ann@lee.example").await, &[]).await.expect(303);
    app.visitor("", "", "").sign_in("ann@lee.example", "password of eve").await.expect(401);
    app.visitor("", "", "").sign_in("ann@lee.example", PASSWORD).await.expect(303);
}

#[tokio::test]
async fn a_browser_without_a_pending_sign_up_is_asked_to_sign_up_again() {
    let app = TestApp::start().await;
    let visitor = app.visitor("", "", "");
    assert!(!visitor.get(paths::SIGN_UP_SENT).await.expect(200).text().contains("Resend email"));
    visitor.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(410).shows("Sign up again.");
    visitor.keep_cookie("accord-signup=AAAA; Path=/signup".parse().unwrap());
    visitor.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(410);
}

#[tokio::test]
async fn known_and_unknown_addresses_see_the_same_waiting_page_and_can_resend() {
    let app = TestApp::start().await;
    app.buyer().await;
    let mut pages = Vec::new();
    for email in ["ann@buyer.example", "eve@buyer.example"] {
        let visitor = app.visitor("Eve", email, "Evil");
        visitor.sign_up(PASSWORD).await.expect(303);
        let sent = visitor.get(paths::SIGN_UP_SENT).await.expect(200).text().replace(email, "…");
        let again = visitor.post(paths::SIGN_UP_SENT, &[("form", "again")]).await;
        pages.push((sent, again.location().to_owned(), app.mails_to(email).await.len()));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0].2, 2);
}

#[tokio::test]
async fn a_user_created_another_way_ends_the_pending_sign_up() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let eve = app.visitor("Eve", "ann@new.example", "Evil");
    eve.sign_up(PASSWORD).await.expect(303);
    let sign_up = app.link_to("ann@new.example").await;
    buyer.request_address("ann@new.example").await.expect(303);
    buyer.post(&app.link_to("ann@new.example").await, &[]).await.expect(303);
    eve.get(&sign_up).await.expect(410);
    eve.post(&sign_up, &[]).await.expect(410);
    assert_eq!(eve.cookie(SESSION), None);
    assert_eq!((app.count("users").await, app.count("accounts").await), (1, 1));
}
