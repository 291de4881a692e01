//! What empty lists suggest depends on what the viewer may do.

use crate::support::TestApp;
use accord::{
    accounts::model::{Plan, Role},
    base::paths,
};

#[tokio::test]
async fn nobody_is_told_to_do_what_plan_or_role_do_not_allow() {
    let app = TestApp::start().await;
    let partners = app.admin("Pia", "pia@partners.example", "Pia Leads", Some(Plan::Partners), false).await;
    let flows = partners.get(paths::FLOWS).await.expect(200).shows("No flows yet").shows("Request an upgrade");
    assert!(!flows.text().contains("Create one"), "{}", flows.text());
    assert!(!flows.has(&format!("href=\"{}\"", paths::NEW_FLOW)));
    let list = partners.get(paths::PARTNERS).await.expect(200).shows("No partners yet");
    assert!(!list.text().contains("create others yourself"), "{}", list.text());
    let sent = partners.get(paths::INVITATIONS).await.expect(200).shows("No invitations sent");
    assert!(!sent.text().contains("Invite a seller"), "{}", sent.text());

    let buyer = app.buyer().await;
    let flows = buyer.get(paths::FLOWS).await.expect(200).shows("Create one, then invite sellers");
    assert!(!flows.text().contains("Request an upgrade"));
    buyer.get(paths::PARTNERS).await.expect(200).shows("you can create others yourself");
    buyer.get(paths::INVITATIONS).await.expect(200).shows("Invite a seller from a flow's Sources tab");
    let viewer = app.member(&buyer, Role::Viewer, "Vi", "vi@buyer.example").await;
    viewer.get(paths::FLOWS).await.expect(200).shows("Ask an Admin or a Manager to create one.");
}
