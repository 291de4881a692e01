//! Declining, and inviting again afterwards.

use crate::support::stage::{SELLER, Stage};
use accord::{base::paths, entities::model::SourceTag};
use time::Duration;

#[tokio::test]
async fn only_one_of_concurrent_accept_and_decline_wins() {
    for _ in 0..4 {
        let stage = Stage::pending().await;
        let seller = stage.seller().await;
        let visitor = stage.newcomer();
        let invitation = seller.open_link(&stage.link).await;
        visitor.open_link(&stage.link).await;
        let (accepted, declined) = tokio::join!(seller.accept(invitation), visitor.decline(invitation, "No."));
        let state = stage.app.invitation_row(invitation).await.state;
        match (accepted.status.as_u16(), declined.status.as_u16()) {
            (303, 410) => assert_eq!((state.as_str(), stage.app.count("connections").await), ("accepted", 1)),
            (410, 303) => assert_eq!((state.as_str(), stage.app.count("connections").await), ("declined", 0)),
            other => panic!("{other:?}: {} | {}", accepted.text(), declined.text()),
        }
        assert_eq!(stage.app.mails_to(&stage.buyer.email).await.len(), 1);
    }
}

#[tokio::test]
async fn declining_needs_no_account_and_the_inviter_gets_the_reason() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    visitor
        .get(&paths::decline_invitation(invitation))
        .await
        .expect(200)
        .shows("Decline the invitation from Bright Solar?");
    assert_eq!(stage.app.invitation_row(invitation).await.state, "pending", "the page asks first");
    let long = "x".repeat(501);
    visitor.decline(invitation, &long).await.expect(422).shows("Use at most 500 characters for the reason.");
    let declined = visitor.decline(invitation, "We sell <no> leads.").await;
    visitor.get(declined.location()).await.expect(200).shows("You declined the invitation");
    let mail = stage.app.mail_to(&stage.buyer.email).await;
    assert_eq!(mail.subject, "cy@seller.example declined your invitation");
    assert!(mail.text.contains("We sell <no> leads."));
    assert!(mail.html.contains("We sell &lt;no&gt; leads.") && !mail.html.contains("<no>"));
    assert_eq!(stage.app.source(stage.source).await, before, "rules and mappings stay");
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::Declined);
    let seller = stage.seller().await;
    seller.get(&stage.link).await.expect(410).shows("This invitation was declined");
    seller.accept(invitation).await.expect(410).shows("This invitation was declined");
    assert_eq!(stage.app.count("connections").await, 0);
}

#[tokio::test]
async fn inviting_again_after_a_decline_reuses_the_entity_and_its_set_up() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let visitor = stage.newcomer();
    let first = visitor.open_link(&stage.link).await;
    visitor.decline(first, "").await.expect(303);
    stage.buyer.invite(stage.flow, SELLER, "Please think again.").await.expect(303);
    assert_eq!(stage.app.source(stage.source).await, before);
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::ConnectionPending);
    let link = stage.app.link_to(SELLER).await;
    assert_ne!(link, stage.link);
    let seller = stage.seller().await;
    let second = seller.open_link(&link).await;
    assert_ne!(second, first);
    seller.accept(second).await.expect(303);
    stage.assert_converted(&before, seller.account(), "Lead Harbor").await;
}

#[tokio::test]
async fn inviting_again_after_expiry_reuses_the_entity_and_the_old_link_stays_invalid() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    stage.app.advance(Duration::days(15));
    stage.app.execute("update sessions set last_seen_at = last_seen_at + interval '15 days'").await.unwrap();
    stage.buyer.invite(stage.flow, SELLER, "").await.expect(303);
    assert_eq!(stage.app.count("entities where kind = 'account'").await, 1);
    let link = stage.app.link_to(SELLER).await;
    let seller = stage.newcomer();
    seller.get(&stage.link).await.expect(410).shows("A newer invitation was sent");
    seller.open_link(&link).await;
    assert_eq!(stage.app.source(stage.source).await, before);
}
