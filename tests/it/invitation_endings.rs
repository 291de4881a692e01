//! Every ended link has its own page, status and next step.

use crate::support::stage::{SELLER, Stage};
use accord::base::paths;
use time::Duration;

#[tokio::test]
async fn an_expired_link_can_request_a_new_invitation_once_a_day() {
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    stage.expire().await;
    let ended = visitor.get(&stage.link).await.expect(410).shows("This invitation has expired");
    assert!(!ended.text().contains(SELLER), "no full address");
    assert!(ended.text().contains("c•••@seller.example"), "{}", ended.text());
    assert!(ended.has("Request a new invitation"));
    let request = [("form", "request")];
    assert_eq!(visitor.post(&stage.link, &request).await.location(), stage.link);
    visitor.post(&stage.link, &request).await.expect(410).shows("within the last day");
    let mail = stage.app.mail_to(&stage.buyer.email).await;
    assert_eq!(mail.subject, "cy@seller.example asked for a new invitation");
    stage.buyer.get("/").await.expect(200).shows("cy@seller.example asked for a new invitation.");
    stage.app.advance(Duration::days(1));
    visitor.post(&stage.link, &request).await.expect(303);
    assert_eq!(stage.app.count("notices where kind = 'requested'").await, 2);
}

#[tokio::test]
async fn the_inviter_gets_only_one_of_eight_concurrent_requests() {
    let stage = Stage::pending().await;
    stage.expire().await;
    let visitor = stage.newcomer();
    futures::future::join_all((0..8).map(|_| visitor.post(&stage.link, &[("form", "request")]))).await;
    assert_eq!(stage.app.count("notices where kind = 'requested'").await, 1);
}

#[tokio::test]
async fn a_declined_link_can_request_a_new_invitation_and_that_one_can_be_accepted() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let seller = stage.seller().await;
    let first = seller.open_link(&stage.link).await;
    seller.decline(first, "Wrong season.").await.expect(303);
    seller.get(&stage.link).await.expect(410).shows("This invitation was declined").shows("Request a new invitation");
    let page = paths::invitation(first);
    assert_eq!(seller.post(&page, &[("form", "request")]).await.location(), page, "on the invitation's page too");
    stage.buyer.act("invite-again", first).await.expect(303);
    stage.buyer.get("/").await.expect(200);
    assert_eq!(stage.app.count("notices where dismissed_at is null").await, 0, "acting on the notice dismisses it");
    let second = seller.open_link(&stage.app.link_to(SELLER).await).await;
    seller.accept(second).await.expect(303);
    stage.assert_converted(&before, seller.account(), "Lead Harbor").await;
}

#[tokio::test]
async fn a_revoked_replaced_or_accepted_link_cannot_request_a_new_invitation() {
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    let request = [("form", "request")];
    visitor.post(&stage.link, &request).await.expect(303);
    stage.resend().await;
    visitor.post(&stage.link, &request).await.expect(410).shows("A newer invitation was sent");
    let newer = stage.app.link_to(SELLER).await;
    stage.buyer.revoke(stage.invitation().await).await.expect(303);
    visitor.post(&newer, &request).await.expect(410).shows("This invitation was revoked");
    let unknown = paths::link(&"0".repeat(64));
    visitor.post(&unknown, &request).await.expect(404).shows("Invitation not found");
    assert_eq!(stage.app.count("notices").await, 0);
    let (connected, seller) = Stage::connected().await;
    seller.post(&connected.link, &request).await.expect(410).shows("This invitation was already accepted");
}

#[tokio::test]
async fn an_accepted_link_leads_its_company_onward_and_reveals_nothing_to_others() {
    let (stage, seller) = Stage::connected().await;
    seller
        .get(&stage.link)
        .await
        .expect(410)
        .shows("You accepted the invitation from Bright Solar.")
        .shows("Submission Docs");
    let colleague = stage.app.member(&seller, accord::accounts::model::Role::Viewer, "Vi", "vi@harbor.example").await;
    colleague.get(&stage.link).await.expect(410).shows("Lead Harbor is connected with Bright Solar.");
    let other = stage.app.stranger().await.get(&stage.link).await.expect(410);
    assert!(!other.text().contains("Bright Solar") && !other.text().contains("Harbor"), "{}", other.text());
}

#[tokio::test]
async fn without_the_inviters_plan_the_invitation_is_invalid_and_the_admins_are_notified_once() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    stage.app.end_plan(stage.buyer.account()).await;
    for person in [&seller, &stage.newcomer()] {
        person.get(&stage.link).await.expect(410).shows("This invitation is no longer valid");
    }
    for _ in 0..2 {
        seller.accept(invitation).await.expect(410).shows("This invitation is no longer valid");
        seller.accept_by_function(invitation).await.expect(410);
    }
    let mails = stage.app.mails_to(&stage.buyer.email).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Your invitation to cy@seller.example could not be accepted");
    stage.buyer.get("/").await.shows("cy@seller.example could not accept your invitation.");
    seller.post(&stage.link, &[("form", "request")]).await.expect(303);
    assert_eq!(stage.app.source(stage.source).await, before);
    assert_eq!(
        (stage.app.invitation_row(invitation).await.state.as_str(), stage.app.count("connections").await),
        ("pending", 0)
    );
    stage.app.execute("insert into subscriptions (account_id, product, plan, created_at) select id, 'leadconduit', 'base', now() from accounts where name = 'Bright Solar'").await.unwrap();
    seller.accept(invitation).await.expect(303);
}

#[tokio::test]
async fn an_invitation_stays_valid_after_its_inviter_leaves() {
    let stage = Stage::pending().await;
    let admin = stage.app.member(&stage.buyer, accord::accounts::model::Role::Admin, "Bo", "bo@buyer.example").await;
    stage
        .app
        .execute("delete from members where user_id = (select id from users where email = 'ann@buyer.example')")
        .await
        .unwrap();
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    assert_eq!(stage.app.mail_to(&admin.email).await.subject, "Lead Harbor accepted your invitation");
    assert_eq!(stage.app.mails_to(&stage.buyer.email).await.len(), 0, "the former member gets no email");
    admin.get("/").await.expect(200).shows("Lead Harbor accepted your invitation.");
}

#[tokio::test]
async fn a_request_to_an_account_without_a_plan_reaches_its_admins() {
    let stage = Stage::pending().await;
    stage.app.end_plan(stage.buyer.account()).await;
    stage.newcomer().post(&stage.link, &[("form", "request")]).await.expect(303);
    let mail = stage.app.mail_to(&stage.buyer.email).await;
    assert_eq!(mail.subject, "Your invitation to cy@seller.example could not be accepted");
}

#[tokio::test]
async fn an_old_declined_link_cannot_request_while_a_newer_invitation_is_open() {
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    let first = visitor.open_link(&stage.link).await;
    visitor.decline(first, "").await.expect(303);
    stage.buyer.act("invite-again", first).await.expect(303);
    visitor.post(&stage.link, &[("form", "request")]).await.expect(410).shows("A newer invitation was sent");
    assert_eq!(stage.app.count("notices where kind = 'requested'").await, 0);
}

#[tokio::test]
async fn an_answer_dismisses_notices_and_withdraws_the_queued_email() {
    let stage = Stage::pending().await;
    stage.expire().await;
    stage.app.run_due().await;
    stage.buyer.act("resend", stage.invitation().await).await.expect(303);
    let seller = stage.seller().await;
    let invitation = stage.invitation().await;
    // Accept on Home while the email waits for its server.
    seller.accept_by_function(invitation).await.expect(200);
    let waiting = stage
        .app
        .count("mails where state = 'queued' and recipient = 'cy@seller.example' and sealed_secret is not null")
        .await;
    assert_eq!(waiting, 0);
    assert_eq!(stage.app.count("notices where dismissed_at is null and kind <> 'accepted'").await, 0);
}
