//! Scheduled work, and the notices under *Needs attention*.

use crate::support::{
    TestApp,
    smtp::{Mode, SmtpSink},
    stage::{SELLER, Stage},
};
use accord::{accounts::model::Role, base::paths, flows::model::MailProgress};
use time::Duration;

#[tokio::test]
async fn the_invitee_is_reminded_once_three_days_before_expiry_and_both_links_work() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    stage.app.advance(Duration::days(11) - Duration::minutes(5));
    assert_eq!(stage.app.run_due().await, 0);
    stage.app.advance(Duration::minutes(10));
    assert_eq!(stage.app.run_due().await, 1);
    assert_eq!(stage.app.run_due().await, 0);
    stage.app.advance(Duration::days(1));
    assert_eq!(stage.app.run_due().await, 0);
    let mails = stage.app.mails_to(SELLER).await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].subject, "Reminder: Bright Solar invites you to connect on Accord");
    let reminded = stage.app.path_of(&mails[0].links[0]);
    let visitor = stage.newcomer();
    assert_eq!(visitor.open_link(&reminded).await, invitation);
    assert_eq!(visitor.open_link(&stage.link).await, invitation);
    let mut seller = stage.newcomer();
    seller.open_link(&reminded).await;
    seller.sign_up_from_invitation(invitation).await;
    seller.accept(invitation).await.expect(303);
}

#[tokio::test]
async fn no_reminder_for_invitations_that_are_answered_revoked_or_valid_for_only_three_days() {
    for ending in ["accepted", "revoked", "short"] {
        let stage = Stage::pending().await;
        match ending {
            "accepted" => {
                let seller = stage.seller().await;
                let invitation = seller.open_link(&stage.link).await;
                seller.accept(invitation).await.expect(303);
            }
            "revoked" => drop(stage.buyer.revoke(stage.invitation().await).await.expect(303)),
            _ => {
                stage.app.execute("update invitations set expires_at = sent_at + interval '3 days'").await.unwrap();
            }
        }
        let mails = stage.app.mails_to(SELLER).await.len();
        stage.app.advance(Duration::days(if ending == "short" { 1 } else { 12 }));
        assert_eq!(stage.app.run_due().await, 0, "{ending}");
        assert_eq!(stage.app.mails_to(SELLER).await.len(), mails, "{ending}");
    }
}

#[tokio::test]
async fn the_inviter_is_notified_once_per_expiry() {
    let stage = Stage::pending().await;
    stage.expire().await;
    assert_eq!(stage.app.run_due().await, 1);
    assert_eq!(stage.app.run_due().await, 0);
    assert_eq!(stage.app.mail_to(&stage.buyer.email).await.subject, "Your invitation to cy@seller.example has expired");
    stage
        .buyer
        .get("/")
        .await
        .expect(200)
        .shows("Needs attention")
        .shows("Your invitation to cy@seller.example has expired.");
    stage.buyer.act("resend", stage.invitation().await).await.expect(303);
    assert!(!stage.buyer.get("/").await.text().contains("Needs attention"), "dismissed by resending");
    stage.expire().await;
    stage.app.run_due().await;
    let mails = stage.app.mails_to(&stage.buyer.email).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("has expired")).count(), 2);
}

#[tokio::test]
async fn two_processes_handle_due_work_only_once() {
    let stage = Stage::pending().await;
    let other = stage.app.restart().await;
    for app in [&stage.app, &other] {
        app.advance(Duration::days(15));
    }
    tokio::join!(stage.app.run_due(), other.run_due());
    assert_eq!(stage.app.count("notices where kind = 'expired'").await, 1);
    assert_eq!(stage.app.count("mails where recipient = 'ann@buyer.example'").await, 1);
}

#[tokio::test]
async fn the_inviter_is_notified_of_an_undeliverable_email_and_another_address_fixes_it() {
    let sink = SmtpSink::start();
    let app = TestApp::start_with(&[("SMTP_URL", &sink.url())]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    sink.set(Mode::Permanent);
    app.deliver().await;
    assert_eq!(app.run_due().await, 1);
    assert_eq!(app.run_due().await, 0);
    let first_page = buyer.get("/").await.expect(200);
    assert!(first_page.text().contains("could not be delivered"), "{}", first_page.text());
    let href = first_page.tag_with("/address").to_owned();
    sink.set(Mode::Accept);
    let id = href.split("/invitations/").nth(1).unwrap()[..24].parse().unwrap();
    buyer.readdress(id, "di@harbor.example").await.expect(303);
    app.deliver().await;
    assert!(sink.mails().iter().any(|mail| mail.contains("di@harbor.example")));
    assert!(!buyer.get("/").await.text().contains("could not be delivered"));
}

#[tokio::test]
async fn a_mail_server_that_is_down_for_a_day_loses_nothing_and_blocks_nobody() {
    let sink = SmtpSink::start();
    let app = TestApp::start_with(&[("SMTP_URL", &sink.url())]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    sink.set(Mode::Temporary);
    buyer.invite(flow, SELLER, "").await.expect(303);
    for _ in 0..24 {
        app.deliver().await;
        app.advance(Duration::hours(1));
        buyer.get("/").await.expect(200);
    }
    app.run_due().await;
    let waiting = buyer.only_source(flow).await.invitation.unwrap().mail;
    assert!(matches!(waiting, MailProgress::Retrying { .. }), "{waiting:?}");
    assert!(!buyer.get("/").await.text().contains("could not be delivered"));
    sink.set(Mode::Accept);
    app.advance(Duration::hours(2));
    app.deliver().await;
    let text = sink.mails().last().unwrap().replace("=\r\n", "");
    let secret: String = text.split("/i/").nth(1).unwrap().chars().take_while(char::is_ascii_alphanumeric).collect();
    let mut seller = app.visitor("Cy Seller", SELLER, "Lead Harbor");
    let invitation = seller.open_link(&paths::link(&secret)).await;
    seller.sign_up_from_invitation(invitation).await;
    seller.accept(invitation).await.expect(303);
}

#[tokio::test]
async fn only_people_who_may_act_on_a_notice_can_dismiss_it() {
    let (stage, seller) = Stage::connected().await;
    stage.buyer.get("/").await.shows("Lead Harbor accepted your invitation.").shows("Dismiss");
    let notice: accord::base::NoticeId =
        sqlx::query_scalar("select id from notices").fetch_one(&stage.app.state.pool).await.unwrap();
    let notice = notice.to_string();
    let fields = [("notice", notice.as_str())];
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vi", "vi@buyer.example").await;
    let stranger = stage.app.stranger().await;
    stranger.post_as("dismiss", "/", &fields).await.expect(404);
    seller.post_as("dismiss", "/", &fields).await.expect(404);
    viewer.post_as("dismiss", "/", &fields).await.expect(403);
    let seen = viewer.get("/").await.expect(200).shows("Lead Harbor accepted your invitation.");
    assert!(!seen.text().contains("Dismiss"));
    stage.buyer.post_as("dismiss", "/", &fields).await.expect(303);
    stage.buyer.post_as("dismiss", "/", &fields).await.expect(303);
    assert!(!stage.buyer.get("/").await.text().contains("Needs attention"));
}

#[tokio::test]
async fn a_queued_reminder_is_not_sent_after_the_invitation_is_answered() {
    let sink = SmtpSink::start();
    let app = TestApp::start_with(&[("SMTP_URL", &sink.url())]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    app.deliver().await;
    app.advance(Duration::days(12));
    sink.set(Mode::Temporary);
    assert_eq!(app.run_due().await, 1);
    app.deliver().await;
    let seller = app.admin("Cy Seller", SELLER, "Lead Harbor", None, false).await;
    let invitation = buyer.only_source(flow).await.invitation.unwrap().invitation_id;
    seller.accept(invitation).await.expect(303);
    sink.set(Mode::Accept);
    app.advance(Duration::hours(2));
    app.deliver().await;
    assert!(!sink.mails().iter().any(|mail| mail.contains("Subject: Reminder")), "its link would no longer work");
}
