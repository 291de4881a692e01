//! Sign-ups: their mail again, and those that go on to an invitation.

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
    let cookie = identity::sign_up(&cx, newcomer, Some(ForInvitation { invitation_id, link })).await.unwrap();
    person.keep_cookie(cookie);
}

#[tokio::test]
async fn a_sign_up_for_an_invitation_goes_on_there_once_its_own_address_is_proved() {
    let stage = Stage::pending().await;
    let (app, invitation) = (&stage.app, stage.invitation().await);
    let colleague = app.visitor("Di Colleague", "di@seller.example", "Lead Harbor");
    sign_up_for(&colleague, invitation, &stage.link).await;
    let secret = stage.link.rsplit('/').next().unwrap();
    let held = app.columns_holding(secret).await;
    assert!(held.iter().all(|place| place.starts_with("dev_mails")), "the link is sealed: {held:?}");
    let link = app.link_to("di@seller.example").await;
    let elsewhere = app.visitor("", "", "");
    elsewhere.get(&link).await.expect(200).saying("to create an account for Di Colleague of Lead Harbor");
    let done = elsewhere.post(&link, &[("form", "verify")]).await;
    assert_eq!(done.leads_to(), paths::invitation(invitation), "also in another browser");
    elsewhere.get(done.leads_to()).await.expect(200).saying("Your account was created.").saying("Bright Solar");
    assert_eq!(
        app.count("subscriptions s join accounts a on a.id = s.account_id where a.name = 'Lead Harbor'").await,
        0
    );
    assert_eq!(app.count("users where email = 'di@seller.example'").await, 1);
    assert_eq!(
        app.count(&format!("users where email = '{SELLER}'")).await,
        0,
        "the invited address is not proved by it"
    );
}

#[tokio::test]
async fn who_has_a_login_already_is_led_by_mail_to_sign_in_and_back_to_the_invitation() {
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
async fn an_invitation_sign_up_whose_seal_is_gone_still_makes_the_login() {
    let stage = Stage::pending().await;
    let (app, invitation) = (&stage.app, stage.invitation().await);
    let colleague = app.visitor("Di Colleague", "di@seller.example", "Lead Harbor");
    sign_up_for(&colleague, invitation, &stage.link).await;
    app.execute("update signups set sealed_link = 'another key'").await.unwrap();
    let done = colleague.post(&app.link_to("di@seller.example").await, &[]).await;
    assert_eq!(done.leads_to(), paths::HOME);
}

#[tokio::test]
async fn the_mail_comes_again_by_one_press_and_only_its_latest_link_works() {
    let app = TestApp::start().await;
    let ann = app.visitor("Ann Lee", "Ann@lee.example", "Lee Leads");
    ann.sign_up(PASSWORD).await.expect(303);
    let first = app.link_to("Ann@lee.example").await;
    ann.get(paths::SIGN_UP_SENT).await.expect(200).saying("We sent an email to Ann@lee.example");
    app.advance(Duration::days(2));
    let again = ann.post(paths::SIGN_UP_SENT, &[("form", "again")]).await;
    ann.get(again.leads_to()).await.expect(200).saying("Email resent.");
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
async fn asking_again_never_mails_the_sign_up_that_somebody_else_made_with_the_address() {
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
async fn who_waits_for_no_mail_is_told_to_sign_up_again() {
    let app = TestApp::start().await;
    let visitor = app.visitor("", "", "");
    assert!(!visitor.get(paths::SIGN_UP_SENT).await.expect(200).words().contains("Resend email"));
    visitor.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(410).saying("Sign up again.");
    visitor.keep_cookie("accord-signup=AAAA; Path=/signup".parse().unwrap());
    visitor.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(410);
}

#[tokio::test]
async fn known_and_unknown_addresses_wait_alike_and_can_ask_again() {
    let app = TestApp::start().await;
    app.buyer().await;
    let mut pages = Vec::new();
    for email in ["ann@buyer.example", "eve@buyer.example"] {
        let visitor = app.visitor("Eve", email, "Evil");
        visitor.sign_up(PASSWORD).await.expect(303);
        let sent = visitor.get(paths::SIGN_UP_SENT).await.expect(200).words().replace(email, "…");
        let again = visitor.post(paths::SIGN_UP_SENT, &[("form", "again")]).await;
        pages.push((sent, again.leads_to().to_owned(), app.mails_to(email).await.len()));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0].2, 2);
}

#[tokio::test]
async fn a_login_that_came_another_way_ends_the_sign_up_that_waited() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let eve = app.visitor("Eve", "ann@new.example", "Evil");
    eve.sign_up(PASSWORD).await.expect(303);
    let sign_up = app.link_to("ann@new.example").await;
    buyer.ask_address("ann@new.example").await.expect(303);
    buyer.post(&app.link_to("ann@new.example").await, &[]).await.expect(303);
    eve.get(&sign_up).await.expect(410);
    eve.post(&sign_up, &[]).await.expect(410);
    assert_eq!(eve.cookie(SESSION), None);
    assert_eq!((app.count("users").await, app.count("accounts").await), (1, 1));
}
