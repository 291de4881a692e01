//! The account's settings and the request for an upgrade.

use crate::support::{
    Actor, Response, TestApp,
    stage::{SELLER, Stage},
};
use accord::{accounts::model::Role, base::paths};
use time::Duration;

const GOOD: [(&str, &str); 4] = [
    ("name", "Brighter Solar"),
    ("website", "bright.example"),
    ("time_zone", "america/los_angeles"),
    ("invitation_days", "7"),
];

async fn save(actor: &Actor, fields: &[(&str, &str)]) -> Response {
    actor.post_as("settings", paths::SETTINGS, fields).await
}

/// The good fields with one changed.
fn with_changed<'a>(field: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    GOOD.iter().map(|(name, good)| if *name == field { (field, value) } else { (*name, *good) }).collect()
}

/// The values the form was rendered with, from its hidden field.
fn shown(page: &Response) -> String {
    let tag = page.tag_with("name=\"shown\"");
    let value = tag.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&amp;", "&")
}

#[tokio::test]
async fn an_admin_saves_the_settings_and_new_invitations_expire_accordingly() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.get(paths::SETTINGS).await.expect(200).shows("Invitations expire after");
    assert_eq!(save(&buyer, &GOOD).await.location(), paths::SETTINGS);
    let page = buyer.get(paths::SETTINGS).await.shows("Settings saved.");
    for value in ["Brighter Solar", "https://bright.example", "America/Los_Angeles", "\"7\""] {
        assert!(page.has(value), "{value}");
    }
    buyer.get(paths::ACTIVITY).await.shows("changed the settings of Brighter Solar");
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    let days =
        app.count("invitations where expires_at between now() + interval '167 hours' and now() + interval '169 hours'");
    assert_eq!(days.await, 1);
}

#[tokio::test]
async fn errors_are_shown_beside_their_fields_and_the_input_is_kept() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for (field, value, sentence) in [
        ("name", " ", "Enter your company's name."),
        ("name", "a\u{202e}b", "Use letters, digits and punctuation only."),
        ("website", "javascript:alert(1)", "Enter an address like https://example.com."),
        ("time_zone", "Mars/Olympus", "Choose a time zone from the list"),
        ("invitation_days", "0", "Enter a number of days from 1 to 30."),
        ("invitation_days", "31", "Enter a number of days from 1 to 30."),
        ("invitation_days", "99999999999", "Enter a number of days from 1 to 30."),
    ] {
        let refused = save(&buyer, &with_changed(field, value)).await.expect(422).shows(sentence);
        assert!(refused.has("america/los_angeles") || field == "time_zone", "the input is kept");
    }
    save(&buyer, &[]).await.expect(422);
    assert_eq!(app.count("activity where deed = 'settings_changed'").await, 0);
}

#[tokio::test]
async fn other_roles_see_the_settings_but_cannot_change_them() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for (role, email) in [(Role::Manager, "mo@buyer.example"), (Role::Viewer, "vic@buyer.example")] {
        let member = app.member(&buyer, role, "Somebody", email).await;
        let page = member.get(paths::SETTINGS).await.expect(200).shows("Invitations expire after").shows("14 days");
        assert!(!page.has("Save settings"));
        save(&member, &GOOD).await.expect(403).shows("Ask an Admin.");
    }
    let stranger = app.stranger().await;
    let acting = buyer.account().to_string();
    let mut fields = vec![("form", "settings"), ("as", acting.as_str())];
    fields.extend(GOOD);
    stranger.post(paths::SETTINGS, &fields).await.expect(409);
    assert_eq!(app.count("accounts where name = 'Brighter Solar'").await, 0);
}

#[tokio::test]
async fn two_admins_changing_different_settings_concurrently_keep_both() {
    let app = TestApp::start().await;
    let ann = app.buyer().await;
    let bea = app.member(&ann, Role::Admin, "Bea", "bea@buyer.example").await;
    let before = shown(&ann.get(paths::SETTINGS).await);
    let form = |name, website, days| {
        vec![
            ("shown", before.as_str()),
            ("name", name),
            ("website", website),
            ("time_zone", "UTC"),
            ("invitation_days", days),
        ]
    };
    let (first, second) = (form("Bright Solar", "", "3"), form("Bright Solar", "https://bright.example", "14"));
    let (one, other) = tokio::join!(save(&ann, &first), save(&bea, &second));
    one.expect(303);
    other.expect(303);
    assert_eq!(app.count("accounts where invitation_days = 3 and website = 'https://bright.example'").await, 1);
    assert_eq!(app.count("activity where deed = 'settings_changed' and not after ? 'name'").await, 2);
    // Submitting the same form again changes and records nothing.
    save(&ann, &form("Bright Solar", "", "14")).await.expect(303);
    assert_eq!(app.count("activity where deed = 'settings_changed'").await, 2);
}

#[tokio::test]
async fn a_renamed_company_is_renamed_for_its_connected_companies() {
    let (stage, seller) = Stage::connected().await;
    save(&seller, &with_changed("name", "Harbor & Sons")).await.expect(303);
    assert_eq!(stage.buyer.only_source(stage.flow).await.name, "Harbor & Sons");
    assert_eq!(stage.app.count("partners where name = 'Harbor & Sons'").await, 1);
    stage.buyer.get(paths::ACTIVITY).await.shows("renamed the company to Harbor & Sons");
    // After the connection has ended, the name no longer changes.
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    save(&seller, &with_changed("name", "Harbor")).await.expect(303);
    assert_eq!(stage.app.source(stage.source).await.entity_name, "Harbor & Sons");
}

#[tokio::test]
async fn an_admin_can_request_an_upgrade_once_in_twelve_hours() {
    let app = TestApp::start().await;
    let tom = app.admin("Tom Trusted", "tom@proof.example", "Proof Media", None, true).await;
    let viewer = app.member(&tom, Role::Viewer, "Vic", "vic@proof.example").await;
    let ask = || tom.post_as("upgrade", paths::SUBSCRIPTION, &[]);
    assert!(!viewer.get(paths::SUBSCRIPTION).await.shows("Ask an Admin").has(">Request upgrade<"));
    viewer.post_as("upgrade", paths::SUBSCRIPTION, &[]).await.expect(403);
    assert!(tom.get(paths::SUBSCRIPTION).await.expect(200).has("Request upgrade"));
    let (first, second) = tokio::join!(ask(), ask());
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    tom.get(paths::SUBSCRIPTION).await.shows("An upgrade was requested").shows("We'll reply by email.");
    let mails = app.mails_to("operator@accord.example").await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].source.contains("Reply-To: tom@proof.example"));
    assert!(mails[0].text.contains(&tom.account().to_string()));
    tom.get(paths::ACTIVITY).await.shows("requested an upgrade for Proof Media");
    app.advance(Duration::hours(13));
    ask().await.expect(303);
    assert_eq!(app.mails_to("operator@accord.example").await.len(), 2);
    let buyer = app.buyer().await;
    assert!(!buyer.get(paths::SUBSCRIPTION).await.has("Request upgrade"), "Base is enough");
}
