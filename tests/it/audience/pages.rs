//! Every page, opened by everyone.

use super::fixture::{Access, Findings, Fixture, is_denied, is_sent_to_sign_in};
use super::table::{HANDLERS, PAGES};
use crate::support::{TestApp, stage::Stage};
use accord::server::Audience;

#[tokio::test]
async fn every_page_opens_only_for_its_audience_and_opening_it_changes_nothing() {
    let fixture = Fixture::new().await;
    let (mut before, mut findings) = (fixture.fingerprint().await, Findings::default());
    for (path, audience) in PAGES.iter() {
        if matches!(audience, Audience::Anyone | Audience::Development) {
            continue;
        }
        let path = fixture.ids.fill(path);
        for person in &fixture.people {
            let (access, response) = (person.access(*audience), person.actor.get(&path).await);
            let is_right = match access {
                Access::Allowed => response.status == 200,
                _ => is_denied(person, access, &response, &path),
            };
            findings.check(is_right, || format!("{} {path}, {access:?}: {}", person.who, response.status));
        }
    }
    let changed = fixture.changed_since(&mut before).await;
    findings.check(changed.is_empty(), || format!("opening the pages changed {changed:?}"));
    findings.assert_none();
}

#[tokio::test]
async fn lists_show_only_objects_of_the_active_account() {
    let fixture = Fixture::new().await;
    let stranger = fixture.person("a stranger");
    for (path, _) in PAGES.iter().filter(|(_, audience)| matches!(audience, Audience::Active(_))) {
        let seen = stranger.actor.get(path).await.expect(200);
        for word in ["Bright Solar", "Lead Harbor"] {
            assert!(!seen.body.contains(word), "{path} shows {word}");
        }
        for id in fixture.ids.all() {
            assert!(!seen.body.contains(id), "{path} shows {id}");
        }
    }
}

#[tokio::test]
async fn public_pages_are_public() {
    let fixture = Fixture::new().await;
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Anyone) {
        let expected = match *path {
            "/verify/{token}" | "/reset/{token}" => 410,
            "/i/{token}" | "/stop/{token}" => 404,
            _ => 200,
        };
        assert_eq!(fixture.person("nobody").actor.get(path).await.status, expected, "{path}");
    }
}

#[tokio::test]
async fn an_invitations_pages_exist_only_for_its_invitee() {
    let stage = Stage::pending().await;
    let stranger = stage.app.stranger().await;
    let nobody = stage.app.visitor("Nobody", "nobody@nowhere.example", "None");
    let invited = stage.newcomer();
    let id = invited.open_link(&stage.link).await.to_string();
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Invited) {
        let path = path.replace("{invitation_id}", &id);
        assert_eq!(nobody.get(&path).await.status, 404, "{path}");
        assert_eq!(stranger.get(&path).await.status, 404, "{path}");
        assert_eq!(stage.buyer.get(&path).await.status, 404, "the inviter uses the list: {path}");
        let seen = invited.get(&path).await;
        // Creating a company requires signing in.
        if path.ends_with("/company") {
            assert!(is_sent_to_sign_in(&seen, &path), "{path}");
        } else {
            assert_eq!(seen.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn production_has_no_development_pages() {
    let variables = [
        ("ACCORD_ENV", "production"),
        ("DATABASE_URL", "postgres://elsewhere"),
        ("SMTP_URL", "smtp://127.0.0.1:1"),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("ACCORD_RELOAD", "1"),
    ];
    let production = TestApp::start_with(&variables).await;
    let development = TestApp::start().await;
    let tables = [PAGES.as_slice(), HANDLERS.as_slice()].concat();
    let unknown_mail = "/dev/mailbox/0123456789abcdef01234567";
    for (path, _) in tables.iter().filter(|(_, audience)| *audience == Audience::Development) {
        let real = path.replace("/dev/mailbox/{mail_id}", unknown_mail);
        for app in [&production, &development] {
            let admin = app.visitor("", "", "");
            // Only `make dev` turns on the stream that reloads pages.
            let missing = app.state.config.is_production() || path.contains('{') || *path == "/dev/reload";
            assert_eq!(admin.get(&real).await.status, if missing { 404 } else { 200 }, "{path}");
        }
    }
}
