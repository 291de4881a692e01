//! Every page, opened by everybody.

use super::cast::{Cast, Findings, Verdict, is_kept_out, is_sent_to_sign_in};
use super::table::{HANDLERS, PAGES};
use crate::support::{TestApp, stage::Stage};
use accord::server::Audience;

#[tokio::test]
async fn every_page_opens_for_whom_it_is_and_for_nobody_else_and_changes_nothing() {
    let cast = Cast::meet().await;
    let (mut before, mut findings) = (cast.fingerprint().await, Findings::default());
    for (path, audience) in PAGES.iter() {
        if matches!(audience, Audience::Anyone | Audience::Development) {
            continue;
        }
        let path = cast.ids.fill(path);
        for person in &cast.people {
            let (verdict, answer) = (person.verdict(*audience), person.actor.get(&path).await);
            let is_right = match verdict {
                Verdict::In => answer.status == 200,
                _ => is_kept_out(person, verdict, &answer, &path),
            };
            findings.note(is_right, || format!("{} {path}, {verdict:?}: {}", person.who, answer.status));
        }
    }
    let changed = cast.changed_since(&mut before).await;
    findings.note(changed.is_empty(), || format!("looking changed {changed:?}"));
    findings.assert_none();
}

#[tokio::test]
async fn lists_show_what_is_of_the_active_account_and_nothing_else() {
    let cast = Cast::meet().await;
    let stranger = cast.person("a stranger");
    for (path, _) in PAGES.iter().filter(|(_, audience)| matches!(audience, Audience::Active(_))) {
        let seen = stranger.actor.get(path).await.expect(200);
        for word in ["Bright Solar", "Lead Harbor"] {
            assert!(!seen.body.contains(word), "{path} shows {word}");
        }
        for id in cast.ids.all() {
            assert!(!seen.body.contains(id), "{path} shows {id}");
        }
    }
}

#[tokio::test]
async fn public_pages_are_public() {
    let cast = Cast::meet().await;
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Anyone) {
        let expected = match *path {
            "/verify/{token}" | "/reset/{token}" => 410,
            "/i/{token}" | "/stop/{token}" => 404,
            _ => 200,
        };
        assert_eq!(cast.person("nobody").actor.get(path).await.status, expected, "{path}");
    }
}

#[tokio::test]
async fn pages_of_an_invitation_do_not_exist_for_who_is_not_invited() {
    let stage = Stage::pending().await;
    let stranger = stage.app.stranger().await;
    let nobody = stage.app.visitor("Nobody", "nobody@nowhere.example", "None");
    let invited = stage.newcomer();
    let id = invited.open_link(&stage.link).await.to_string();
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Invited) {
        let path = path.replace("{invitation_id}", &id);
        assert_eq!(nobody.get(&path).await.status, 404, "{path}");
        assert_eq!(stranger.get(&path).await.status, 404, "{path}");
        assert_eq!(stage.buyer.get(&path).await.status, 404, "the inviter has the list: {path}");
        let seen = invited.get(&path).await;
        // A company is made by somebody who is signed in.
        if path.ends_with("/company") {
            assert!(is_sent_to_sign_in(&seen, &path), "{path}");
        } else {
            assert_eq!(seen.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn production_has_no_pages_of_development() {
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
            // The stream that reloads pages is there for `make dev` only, which asks for it.
            let missing = app.state.config.is_production() || path.contains('{') || *path == "/dev/reload";
            assert_eq!(admin.get(&real).await.status, if missing { 404 } else { 200 }, "{path}");
        }
    }
}
