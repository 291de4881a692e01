//! An address belongs to whoever reads its mailbox: nobody else chooses its password, and no mailbox decides about
//! somebody else's account.

use crate::support::{Actor, TestApp, people::SESSION};
use accord::base::paths;
use axum::{body::Body, http::Method};

const VICTIM: &str = "vic@victim.example";
const EVES: &str = "password of eve";
const OWN: &str = "the owner's own password";

async fn sign_up(app: &TestApp, name: &str, company: &str, password: &str) -> (Actor, String) {
    let person = app.visitor(name, VICTIM, company);
    person.sign_up(password).await.expect(303);
    (person, app.link_to(VICTIM).await)
}

async fn works(app: &TestApp, password: &str) -> bool {
    app.visitor("", "", "").sign_in(VICTIM, password).await.status == 303
}

#[tokio::test]
async fn the_password_of_a_strangers_sign_up_never_works_once_the_owner_confirms_in_another_browser() {
    let app = TestApp::start().await;
    let (eve, link) = sign_up(&app, "Eve", "Evil", EVES).await;
    let owner = app.visitor("", "", "");
    for method in [Method::GET, Method::HEAD, Method::GET] {
        owner.send(method, &link, &[], Body::empty()).await.expect(200);
    }
    owner.get(&link).await.expect(200).shows("choose your own password");
    for refused in [vec![], vec![("password", "")], vec![("password", "short")], vec![("password", OWN), ("name", " ")]]
    {
        let fields: Vec<_> = [("form", "verify")].into_iter().chain(refused).collect();
        let page = owner.post(&link, &fields).await.expect(422);
        assert!(!page.body.contains(OWN));
        assert_eq!((app.count("users").await, owner.cookie(SESSION)), (0, None));
    }
    let fields = [("form", "verify"), ("name", "Vic Owner"), ("company", "Victim Ltd"), ("password", OWN)];
    assert_eq!(owner.post(&link, &fields).await.location(), paths::HOME);
    owner.get(paths::ME).await.expect(200).shows("Vic Owner").shows("Victim Ltd");
    assert!(works(&app, OWN).await && !works(&app, EVES).await);
    assert_eq!(app.count("accounts where name = 'Evil'").await, 0);
    eve.post(&link, &[("form", "verify")]).await.expect(410);
    eve.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(303);
    assert_eq!(app.mail_to(VICTIM).await.subject, "You already have an Accord account");
    assert_eq!(eve.cookie(SESSION), None);
}

#[tokio::test]
async fn each_sign_up_has_its_own_link_and_strangers_sign_ups_do_not_block_the_owners() {
    let app = TestApp::start().await;
    let (eve, first) = sign_up(&app, "Eve", "Evil", EVES).await;
    eve.sign_up(EVES).await.expect(303);
    let second = app.link_to(VICTIM).await;
    let (owner, own) = sign_up(&app, "Vic", "Victim Ltd", OWN).await;
    assert_eq!(std::collections::BTreeSet::from([&first, &second, &own]).len(), 3);
    // The owner's browser has a sign-up of its own, but not this one.
    for link in [&first, &second] {
        owner.get(link).await.expect(200).shows("choose your own password");
        owner.post(link, &[("form", "verify")]).await.expect(422);
    }
    assert!(!owner.get(&own).await.expect(200).text().contains("choose your own password"));
    owner.post(&own, &[("form", "verify")]).await.expect(303);
    assert!(works(&app, OWN).await && !works(&app, EVES).await);
    for link in [&first, &second] {
        eve.post(link, &[("form", "verify"), ("password", EVES)]).await.expect(410);
    }
}

#[tokio::test]
async fn only_the_cookie_of_the_very_sign_up_keeps_its_password() {
    let app = TestApp::start().await;
    let (eve, link) = sign_up(&app, "Eve", "Evil", EVES).await;
    let cookie = eve.cookie("accord-signup").unwrap();
    let changed = format!("{}{}", if cookie.starts_with('A') { 'B' } else { 'A' }, &cookie[1..]);
    for value in ["", "AAAA", &changed, &"A".repeat(200)] {
        let owner = app.visitor("", "", "");
        owner.keep_cookie(format!("accord-signup={value}; Path=/verify").parse().unwrap());
        owner.post(&link, &[("form", "verify")]).await.expect(422);
    }
    assert_eq!(app.count("users").await, 0);
    // The link resent to the same browser still belongs to its sign-up.
    eve.post(paths::SIGN_UP_SENT, &[("form", "again")]).await.expect(303);
    let resent = app.link_to(VICTIM).await;
    app.visitor("", "", "").post(&resent, &[("form", "verify")]).await.expect(422);
    eve.post(&resent, &[("form", "verify")]).await.expect(303);
    assert!(works(&app, EVES).await, "whoever reads the mailbox in the browser that signed up is the owner");
}

#[tokio::test]
async fn a_changed_address_needs_the_session_of_the_person_whose_address_it_is() {
    let app = TestApp::start().await;
    let (ann, sam) = (app.buyer().await, app.stranger().await);
    ann.request_address(VICTIM).await.expect(303);
    let link = app.link_to(VICTIM).await;
    let unchanged = async || app.count("users where email = 'ann@buyer.example'").await == 1;
    // The stranger who reads the mailbox, signed out and signed in.
    let reader = app.visitor("", "", "");
    let page = reader.get(&link).await.expect(200).shows("Sign in with your current address first.");
    assert!(!page.body.contains("ann@buyer.example") && !page.text().contains("Ann Buyer"));
    let asked = reader.post(&link, &[("form", "verify")]).await.expect(303);
    assert_eq!(asked.location(), paths::sign_in_and_back(&link));
    reader.post(&link, &[("form", "verify"), ("password", EVES), ("name", "x")]).await.expect(303);
    let page = sam.get(&link).await.expect(200).shows("This link belongs to another account.");
    assert!(!page.body.contains("ann@buyer.example"));
    sam.post(&link, &[("form", "verify")]).await.expect(403).shows("This link belongs to another account.");
    assert!(unchanged().await);
    // Nobody used the link up.
    let phone = ann.other_browser("").await;
    phone.post(&link, &[("form", "verify")]).await.expect(303);
    assert!(!unchanged().await);
    assert_eq!(app.count("users where email = 'sam@stranger.example'").await, 1);
}

#[tokio::test]
async fn switching_to_the_right_account_goes_on_with_the_link() {
    let app = TestApp::start().await;
    let (ann, sam) = (app.buyer().await, app.stranger().await);
    ann.request_address(VICTIM).await.expect(303);
    let link = app.link_to(VICTIM).await;
    let page = sam.get(&link).await.expect(200);
    assert!(page.tag_with("name=\"next\"").contains(&link));
    let out = sam.post(paths::SIGN_OUT, &[("next", &link)]).await;
    assert_eq!(out.location(), link);
    sam.get(&link).await.expect(200).shows("Sign in with your current address first.");
}
