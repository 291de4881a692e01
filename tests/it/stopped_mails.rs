//! An address that stopped invitations gets none from Accord, whoever sends them.

use crate::support::{
    TestApp,
    smtp::SmtpSink,
    stage::{SELLER, Stage},
};
use accord::{base::paths, flows::model::MailProgress};
use axum::{body::Body, http::Method};
use time::Duration;

async fn stop_link(app: &TestApp) -> String {
    let mail = app.mail_to(SELLER).await;
    app.path_of(mail.links.iter().find(|link| link.contains("/stop/")).unwrap())
}

#[tokio::test]
async fn only_the_pages_button_stops_invitations_until_they_are_allowed_again() {
    let stage = Stage::pending().await;
    let (app, visitor) = (&stage.app, stage.newcomer());
    let link = stop_link(app).await;
    let page = visitor.get(&link).await.expect(200).shows("Stop invitations?");
    assert!(!page.text().contains(SELLER), "no full address");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(app.count("suppressed_addresses").await, 0);
    visitor.post(&link, &[("form", "stop"), ("do", "stop")]).await.expect(303);
    visitor.get(&link).await.expect(200).shows("Invitations are stopped");
    let other = app.stranger().await;
    let flow = other.create_flow("Roofing").await;
    other.invite(flow, " cy@Seller.example", "").await.expect(303);
    assert_eq!(app.mails_to(SELLER).await.len(), 1, "no second email");
    let mail = other.only_source(flow).await.invitation.unwrap().mail;
    assert_eq!(mail, MailProgress::Failed { reason: "This address does not accept invitations.".to_owned() });
    visitor.post(&link, &[("form", "stop"), ("do", "allow")]).await.expect(303);
    app.advance(Duration::minutes(2));
    other.act("resend", stage.invitation().await).await.expect(303);
    assert_eq!(app.mails_to(SELLER).await.len(), 2);
}

#[tokio::test]
async fn invitees_who_stopped_invitations_can_still_accept_an_open_one_and_get_no_reminder() {
    let stage = Stage::pending().await;
    let link = stop_link(&stage.app).await;
    stage.newcomer().post(&link, &[("form", "stop"), ("do", "stop")]).await.expect(303);
    stage.app.advance(Duration::days(12));
    assert_eq!(stage.app.run_due().await, 0);
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
}

#[tokio::test]
async fn one_click_unsubscribe_works_without_a_page_or_cookies() {
    let sink = SmtpSink::start();
    let app = TestApp::start_with(&[("SMTP_URL", &sink.url())]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    app.deliver().await;
    let mail = sink.mails().remove(0).replace("\r\n ", " ");
    let header = mail.lines().find(|line| line.starts_with("List-Unsubscribe:")).unwrap();
    assert!(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    let url = header.split(['<', '>']).nth(1).unwrap();
    let program = app.visitor("", "", "");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let posted =
        program.send(Method::POST, &app.path_of(url), &headers, Body::from("List-Unsubscribe=One-Click")).await;
    assert_eq!(posted.status, 303);
    assert_eq!(app.count("suppressed_addresses").await, 1);
}

#[tokio::test]
async fn a_copied_or_unknown_link_cannot_stop_invitations() {
    let stage = Stage::pending().await;
    let copied = stage.buyer.copy_link(stage.invitation().await).await;
    let token = copied.rsplit('/').next().unwrap();
    for link in [paths::stop_invitations(token), paths::stop_invitations(&"0".repeat(64)), "/stop/nonsense".to_owned()]
    {
        stage.newcomer().get(&link).await.expect(404).shows("Invitation not found");
        stage.newcomer().post(&link, &[("form", "stop"), ("do", "stop")]).await.expect(404);
    }
    assert_eq!(stage.app.count("suppressed_addresses").await, 0);
}

#[tokio::test]
async fn inviting_or_resending_to_a_stopped_address_says_that_no_email_was_sent() {
    let stage = Stage::pending().await;
    let link = stop_link(&stage.app).await;
    stage.newcomer().post(&link, &[("form", "stop"), ("do", "stop")]).await.expect(303);
    stage.app.advance(Duration::minutes(2));
    let invitation = stage.invitation().await;
    let input = serde_json::json!({ "invitation_id": invitation, "act": "Resend" });
    let how = stage.buyer.call("invitations/act", input).await.expect(200);
    assert_eq!(how.body, "\"Stopped\"");
    let other = stage.app.stranger().await;
    let flow = other.create_flow("Roofing").await;
    let to = other.invite(flow, SELLER, "").await.location().to_owned();
    other.get(&to).await.expect(200).shows("This address does not accept invitations.");
}

/// Every emailed link to `/i/` and to `/stop/`, after a sending, a resending and a reminder.
async fn all_links(stage: &Stage) -> (Vec<String>, Vec<String>) {
    stage.app.advance(Duration::minutes(2));
    stage.buyer.act("resend", stage.invitation().await).await.expect(303);
    stage.app.deliver().await;
    stage.app.advance(Duration::days(12));
    stage.app.run_due().await;
    let mails = stage.app.mails_to(SELLER).await;
    let links: Vec<_> = mails.iter().flat_map(|mail| &mail.links).map(|link| stage.app.path_of(link)).collect();
    links.into_iter().partition(|link| link.starts_with("/i/"))
}

#[tokio::test]
async fn no_invitation_link_stops_and_no_stop_link_opens() {
    let stage = Stage::pending().await;
    let (opening, stopping) = all_links(&stage).await;
    assert_eq!((opening.len(), stopping.len()), (3, 3), "{opening:?} {stopping:?}");
    let secret = |link: &String| link.rsplit('/').next().unwrap().to_owned();
    for token in opening.iter().map(secret) {
        let link = paths::stop_invitations(&token);
        stage.newcomer().get(&link).await.expect(404);
        stage.newcomer().post(&link, &[("form", "stop"), ("do", "stop")]).await.expect(404);
        stage.newcomer().post(&link, &[("List-Unsubscribe", "One-Click")]).await.expect(404);
    }
    assert_eq!(stage.app.count("suppressed_addresses").await, 0);
    let invitation = stage.invitation().await;
    for token in stopping.iter().map(secret) {
        let visitor = stage.newcomer();
        visitor.get(&format!("/i/{token}")).await.expect(404).shows("Invitation not found");
        visitor.get(&paths::invitation(invitation)).await.expect(404);
        visitor.get(&format!("/verify/{token}")).await.expect(410);
        visitor.get(&format!("/reset/{token}")).await.expect(410);
        assert!(stage.app.columns_holding(&token).await.iter().all(|place| place.starts_with("dev_mails")));
        visitor.post(&paths::stop_invitations(&token), &[("form", "stop"), ("do", "stop")]).await.expect(303);
        visitor.post(&paths::stop_invitations(&token), &[("form", "stop"), ("do", "allow")]).await.expect(303);
    }
}

/// The migration copies the links of emails that were sent before there were separate secrets.
#[tokio::test]
async fn the_stop_link_of_an_email_sent_earlier_goes_on_to_work() {
    let stage = Stage::pending().await;
    let migration = include_str!("../../migrations/0019_separate_secrets_and_retries.sql");
    let copy = migration.split(';').find(|statement| statement.contains("insert into stop_links")).unwrap();
    stage
        .app
        .execute(copy.split_once("insert into").map(|(_, rest)| format!("insert into{rest}")).unwrap().as_str())
        .await
        .unwrap();
    let token = stage.link.rsplit('/').next().unwrap();
    let link = paths::stop_invitations(token);
    stage.newcomer().post(&link, &[("form", "stop"), ("do", "stop")]).await.expect(303);
    assert_eq!(stage.app.count("suppressed_addresses").await, 1);
    stage.newcomer().open_link(&stage.link).await;
}

#[tokio::test]
async fn a_stop_link_works_after_the_invitation_was_answered() {
    let stage = Stage::pending().await;
    let link = stop_link(&stage.app).await;
    stage.buyer.revoke(stage.invitation().await).await.expect(303);
    stage.newcomer().post(&link, &[("form", "stop"), ("do", "stop")]).await.expect(303);
    assert_eq!(stage.app.count("suppressed_addresses").await, 1);
}
