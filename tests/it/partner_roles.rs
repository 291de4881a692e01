//! Roles of partner users: permissions, changing and removing.

use crate::{
    partner_people::{BEA, PartnerStage, UMA, pair},
    support::{actor::problem_name, stage::Stage},
};
use accord::{
    accounts::model::Role,
    base::{PartnerId, paths},
    partners::model::PartnerRole,
};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_partner_user_cannot_see_or_change_users_and_invites() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, partner, .. } = &stage;
    let (bea, uma) = (stage.bea().await, stage.uma().await);
    for page in [paths::portal_users(*partner), paths::portal_invites(*partner), paths::portal_invite(*partner)] {
        uma.get(&page).await.expect(403).shows("Your role does not allow this.");
    }
    let users = paths::portal_users(*partner);
    uma.set_role(&users, uma.user(), "partner_admin").await.expect(403);
    uma.remove(&users, bea.user()).await.expect(403);
    uma.invite_colleague(*partner, "new@harbor.example", "partner_user").await.expect(403);
    uma.invite_colleague(*partner, "nonsense", "owner").await.expect(403);
    let team = json!({ "Partner": partner });
    let act = json!({ "team": team, "act": { "SetRole": [uma.user(), "partner_user", "partner_admin"] } });
    assert_eq!(problem_name(&uma.call("invitations/team/act", act).await.expect(403)), "NotAllowed");
    uma.call("invitations/team/list", json!({ "team": team })).await.expect(403);
    assert_eq!(stage.users().await, [pair(BEA, "partner_admin"), pair(UMA, "partner_user")]);
    assert_eq!(app.count("invitations where state = 'pending'").await, 0);
}

#[tokio::test]
async fn the_account_can_remove_the_last_partner_admin_but_partner_users_cannot() {
    let stage = PartnerStage::new().await;
    let PartnerStage { buyer, partner, .. } = &stage;
    let bea = stage.bea().await;
    stage.uma().await;
    let portal = paths::portal_users(*partner);
    bea.remove(&portal, bea.user()).await.expect(409).shows("The last Partner Admin cannot be removed");
    bea.set_role(&portal, bea.user(), "partner_user").await.expect(409);
    assert_eq!(stage.users().await.len(), 2);
    let page = paths::partner_users(*partner);
    buyer.remove(&page, bea.user()).await.expect(303);
    assert_eq!(stage.users().await, [pair(UMA, "partner_user")]);
    buyer.remove(&page, bea.user()).await.expect(409).shows("no longer has access");
}

#[tokio::test]
async fn one_of_two_partner_admins_removing_each_other_concurrently_stays() {
    for _ in 0..4 {
        let stage = PartnerStage::new().await;
        let bea = stage.bea().await;
        let email = "di@harbor.example";
        let di = stage.app.user_of(&stage.buyer, stage.partner, PartnerRole::PartnerAdmin, "Di", email).await;
        let page = paths::portal_users(stage.partner);
        let (one, other) = tokio::join!(bea.remove(&page, di.user()), di.remove(&page, bea.user()));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert!([[303, 403], [303, 404], [303, 409]].contains(&statuses), "{statuses:?}");
        assert_eq!(stage.users().await.len(), 1);
    }
}

#[tokio::test]
async fn a_removed_person_loses_access_with_the_next_request_and_the_page_says_so() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    bea.get(&paths::portal_users(*partner)).await.expect(200);
    buyer.remove(&paths::partner_users(*partner), bea.user()).await.expect(303);
    let out = bea.get(&paths::portal_users(*partner)).await.expect(404);
    assert!(out.text().contains("You no longer have access to Lead Harbor."), "{}", out.text());
    bea.invite_colleague(*partner, UMA, "partner_user").await.expect(404);
    let list = json!({ "team": { "Partner": partner } });
    bea.call("invitations/team/list", list).await.expect(404);
    app.advance(Duration::days(2));
    let later = bea.get(&paths::portal_users(*partner)).await.expect(404);
    assert!(!later.text().contains("Lead Harbor"), "later it is an ordinary 404");
}

#[tokio::test]
async fn viewers_see_partner_users_and_managers_change_them() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    let viewer = app.member(buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    let manager = app.member(buyer, Role::Manager, "Max Manager", "max@buyer.example").await;
    let page = paths::partner_users(*partner);
    let seen = viewer.get(&page).await.expect(200);
    assert!(seen.text().contains("Bea Harbor") && !seen.text().contains("Remove"));
    viewer.get(&paths::invite_partner_user(*partner)).await.expect(403);
    viewer.invite_user(*partner, UMA, "partner_user").await.expect(403);
    viewer.remove(&page, bea.user()).await.expect(403);
    viewer.set_role(&page, bea.user(), "partner_user").await.expect(403);
    manager.invite_user(*partner, UMA, "partner_user").await.expect(303);
    manager.set_role(&page, bea.user(), "partner_user").await.expect(303);
    manager.remove(&page, bea.user()).await.expect(303);
    assert!(stage.users().await.is_empty());
}

#[tokio::test]
async fn an_archived_partner_is_closed_to_its_users_and_invitees() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    buyer.invite_user(*partner, UMA, "partner_user").await.expect(303);
    let link = app.link_to(UMA).await;
    app.execute("update partners set archived_at = now()").await.unwrap();
    bea.get(&paths::portal_users(*partner)).await.expect(404);
    app.visitor("Uma", UMA, "").get(&link).await.expect(410).shows("This invitation is no longer valid");
    buyer
        .invite_user(*partner, "new@harbor.example", "partner_user")
        .await
        .expect(409)
        .shows("This partner is archived.");
    app.execute("update partners set archived_at = null").await.unwrap();
    bea.get(&paths::portal_users(*partner)).await.expect(200);
}

#[tokio::test]
async fn members_of_the_connected_account_are_listed_separately_by_name_and_role_only() {
    let (stage, seller) = Stage::connected().await;
    let partner: PartnerId =
        sqlx::query_scalar("select id from partners").fetch_one(&stage.app.state.pool).await.unwrap();
    let seen = stage.buyer.get(&paths::partner_users(partner)).await.expect(200);
    assert!(seen.text().contains("Members of the connected account") && seen.text().contains("Cy Seller"));
    assert!(!seen.body.contains(&seller.email), "their addresses are not shown");
    stage.buyer.remove(&paths::partner_users(partner), seller.user()).await.expect(409);
    seller.get(&paths::portal_users(partner)).await.expect(403);
}

#[tokio::test]
async fn a_role_changed_in_the_meantime_is_not_overwritten() {
    let stage = PartnerStage::new().await;
    let PartnerStage { buyer, partner, .. } = &stage;
    let uma = stage.uma().await;
    let page = paths::partner_users(*partner);
    let user = uma.user().to_string();
    let from_user = [("form", "role"), ("user", user.as_str()), ("shown", "partner_user"), ("role", "partner_admin")];
    buyer.post(&page, &from_user).await.expect(303);
    let stale = [("form", "role"), ("user", user.as_str()), ("shown", "partner_user"), ("role", "partner_user")];
    let refused = buyer.post(&page, &stale).await.expect(409).shows("Someone saved a newer version.");
    assert!(refused.text().contains("Uma Harbor"), "the current state is shown");
    assert_eq!(stage.users().await, [pair(UMA, "partner_admin")]);
}

#[tokio::test]
async fn concurrent_inviting_and_archiving_leave_no_open_invitation() {
    for _ in 0..4 {
        let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
        buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
        let (invited, _) = tokio::join!(buyer.invite_user(partner, UMA, "partner_user"), buyer.remove_partner(partner));
        assert!([303, 409].contains(&invited.status.as_u16()), "{}", invited.status);
        assert_eq!(app.count("partners where archived_at is not null").await, 1);
        assert_eq!(app.count("invitations where state = 'pending'").await, 0);
    }
}
