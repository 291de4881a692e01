//! Removed, archived or restored recipients and flows do not come back in another way.

use crate::support::recipients::{BUYER, RecipientStage};
use accord::{accounts::model::Plan, base::paths};

#[tokio::test]
async fn a_recipient_that_declined_can_be_removed_and_invited_again() {
    let stage = RecipientStage::pending().await;
    let (app, seller) = (&stage.app, &stage.seller);
    let before = stage.recipient().await;
    let id = app.invitation_to(BUYER).await;
    let page = paths::remove_invited(id, paths::RECIPIENTS);
    let remove = async || seller.post_as("remove", &page, &[("back", paths::RECIPIENTS)]).await;
    assert_eq!(remove().await.status, 409, "it is still open");
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    visitor.decline(invitation, "").await.expect(303);
    assert!(seller.get(paths::RECIPIENTS).await.row_with(BUYER).contains("Remove"));
    seller.get(&page).await.expect(200).shows("It will disappear from your lists.");
    assert_eq!(remove().await.location(), paths::RECIPIENTS);
    assert!(!seller.get(paths::RECIPIENTS).await.text().contains(BUYER));
    // From a page opened earlier: nothing is sent for a removed recipient.
    let again = [("invitation", id.to_string()), ("back", paths::RECIPIENTS.to_owned())];
    let again: Vec<_> = again.iter().map(|(name, value)| (*name, value.as_str())).collect();
    seller.post_as("invite-again", paths::RECIPIENTS, &again).await.expect(409);
    visitor.post(&paths::invitation(invitation), &[("form", "request")]).await.expect(410);
    seller.invite_recipient(BUYER, "").await.expect(303);
    let current = app.count("entities where recipient = 'buyer' and not deprecated").await;
    let removed = app.count(&format!("entities where deprecated and id = '\\x{}'", before.id)).await;
    assert_eq!((current, removed), (1, 1), "a new recipient replaces the removed one");
}

#[tokio::test]
async fn with_leadconduit_for_partners_an_archived_flow_cannot_be_restored_beside_another() {
    let (stage, buyer, received) = RecipientStage::connected(None).await;
    stage.app.execute("update flows set archived_at = now(), enabled = false").await.unwrap();
    let second = stage.app.admin("Sia", "sia@second.example", "Second Leads", Some(Plan::Base), false).await;
    second.invite_recipient(BUYER, "").await.expect(303);
    let invitation = buyer.open_link(&stage.app.invited_link(BUYER).await).await;
    buyer.accept_into(invitation, "new").await.expect(303);
    let restored = buyer.post_as("restore", paths::FLOWS, &[("flow", &received.flow_id.to_string())]).await;
    restored.expect(403).shows("need LeadConduit Base or Pro");
    assert_eq!(stage.app.count("flows where archived_at is null").await, 1);
}
