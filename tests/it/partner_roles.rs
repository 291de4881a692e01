//! Roles of those who log in for a partner: who may what, changing and removing.

use crate::{
    partner_people::{BEA, Harbor, UMA, pair},
    support::{actor::refusal, stage::Stage},
};
use accord::{
    accounts::model::Role,
    base::{PartnerId, paths},
    partners::model::PartnerRole,
};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_partner_user_finds_no_users_and_invites_and_may_not_change_them() {
    let harbor = Harbor::open().await;
    let Harbor { app, partner, .. } = &harbor;
    let (bea, uma) = (harbor.bea().await, harbor.uma().await);
    for page in [paths::portal_users(*partner), paths::portal_invites(*partner), paths::portal_invite(*partner)] {
        uma.get(&page).await.expect(403).saying("Your role does not allow this.");
    }
    let users = paths::portal_users(*partner);
    uma.set_role(&users, uma.user(), "partner_admin").await.expect(403);
    uma.remove(&users, bea.user()).await.expect(403);
    uma.invite_colleague(*partner, "new@harbor.example", "partner_user").await.expect(403);
    uma.invite_colleague(*partner, "nonsense", "owner").await.expect(403);
    let team = json!({ "Partner": partner });
    let act = json!({ "team": team, "act": { "SetRole": [uma.user(), "partner_user", "partner_admin"] } });
    assert_eq!(refusal(&uma.call("invitations/team/act", act).await.expect(403)), "NotAllowed");
    uma.call("invitations/team/list", json!({ "team": team })).await.expect(403);
    assert_eq!(harbor.users().await, [pair(BEA, "partner_admin"), pair(UMA, "partner_user")]);
    assert_eq!(app.count("invitations where state = 'pending'").await, 0);
}

#[tokio::test]
async fn the_last_partner_admin_is_removed_by_the_account_and_never_by_a_partner_user() {
    let harbor = Harbor::open().await;
    let Harbor { buyer, partner, .. } = &harbor;
    let bea = harbor.bea().await;
    harbor.uma().await;
    let portal = paths::portal_users(*partner);
    bea.remove(&portal, bea.user()).await.expect(409).saying("The last Partner Admin cannot be removed");
    bea.set_role(&portal, bea.user(), "partner_user").await.expect(409);
    assert_eq!(harbor.users().await.len(), 2);
    let page = paths::partner_users(*partner);
    buyer.remove(&page, bea.user()).await.expect(303);
    assert_eq!(harbor.users().await, [pair(UMA, "partner_user")]);
    buyer.remove(&page, bea.user()).await.expect(409).saying("no longer has access");
}

#[tokio::test]
async fn of_two_partner_admins_who_remove_each_other_at_once_one_stays() {
    for _ in 0..4 {
        let harbor = Harbor::open().await;
        let bea = harbor.bea().await;
        let email = "di@harbor.example";
        let di = harbor.app.user_of(&harbor.buyer, harbor.partner, PartnerRole::PartnerAdmin, "Di", email).await;
        let page = paths::portal_users(harbor.partner);
        let (one, other) = tokio::join!(bea.remove(&page, di.user()), di.remove(&page, bea.user()));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert!([[303, 403], [303, 404], [303, 409]].contains(&statuses), "{statuses:?}");
        assert_eq!(harbor.users().await.len(), 1);
    }
}

#[tokio::test]
async fn a_removed_person_is_out_with_the_next_request_and_the_page_says_so() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    bea.get(&paths::portal_users(*partner)).await.expect(200);
    buyer.remove(&paths::partner_users(*partner), bea.user()).await.expect(303);
    let out = bea.get(&paths::portal_users(*partner)).await.expect(404);
    assert!(out.words().contains("You no longer have access to Lead Harbor."), "{}", out.words());
    bea.invite_colleague(*partner, UMA, "partner_user").await.expect(404);
    let list = json!({ "team": { "Partner": partner } });
    bea.call("invitations/team/list", list).await.expect(404);
    app.advance(Duration::days(2));
    let later = bea.get(&paths::portal_users(*partner)).await.expect(404);
    assert!(!later.words().contains("Lead Harbor"), "later it is a page like any other that is not there");
}

#[tokio::test]
async fn viewers_see_who_logs_in_and_change_nothing_and_managers_do() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    let viewer = app.member(buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    let manager = app.member(buyer, Role::Manager, "Max Manager", "max@buyer.example").await;
    let page = paths::partner_users(*partner);
    let seen = viewer.get(&page).await.expect(200);
    assert!(seen.words().contains("Bea Harbor") && !seen.words().contains("Remove"));
    viewer.get(&paths::invite_partner_user(*partner)).await.expect(403);
    viewer.invite_user(*partner, UMA, "partner_user").await.expect(403);
    viewer.remove(&page, bea.user()).await.expect(403);
    viewer.set_role(&page, bea.user(), "partner_user").await.expect(403);
    manager.invite_user(*partner, UMA, "partner_user").await.expect(303);
    manager.set_role(&page, bea.user(), "partner_user").await.expect(303);
    manager.remove(&page, bea.user()).await.expect(303);
    assert!(harbor.users().await.is_empty());
}

#[tokio::test]
async fn an_archived_partner_is_closed_for_its_people_and_their_invitations() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    buyer.invite_user(*partner, UMA, "partner_user").await.expect(303);
    let link = app.link_to(UMA).await;
    app.execute("update partners set archived_at = now()").await.unwrap();
    bea.get(&paths::portal_users(*partner)).await.expect(404);
    app.visitor("Uma", UMA, "").get(&link).await.expect(410).saying("This invitation is no longer valid");
    buyer
        .invite_user(*partner, "new@harbor.example", "partner_user")
        .await
        .expect(409)
        .saying("This partner is archived.");
    app.execute("update partners set archived_at = null").await.unwrap();
    bea.get(&paths::portal_users(*partner)).await.expect(200);
}

#[tokio::test]
async fn members_of_the_connected_account_are_shown_apart_by_name_and_role_only() {
    let (stage, seller) = Stage::connected().await;
    let partner: PartnerId =
        sqlx::query_scalar("select id from partners").fetch_one(&stage.app.state.pool).await.unwrap();
    let seen = stage.buyer.get(&paths::partner_users(partner)).await.expect(200);
    assert!(seen.words().contains("Members of the connected account") && seen.words().contains("Cy Seller"));
    assert!(!seen.body.contains(&seller.email), "no address of theirs");
    stage.buyer.remove(&paths::partner_users(partner), seller.user()).await.expect(409);
    seller.get(&paths::portal_users(partner)).await.expect(403);
}

#[tokio::test]
async fn a_role_that_was_changed_meanwhile_is_not_overwritten() {
    let harbor = Harbor::open().await;
    let Harbor { buyer, partner, .. } = &harbor;
    let uma = harbor.uma().await;
    let page = paths::partner_users(*partner);
    let user = uma.user().to_string();
    let from_user = [("form", "role"), ("user", user.as_str()), ("shown", "partner_user"), ("role", "partner_admin")];
    buyer.post(&page, &from_user).await.expect(303);
    let stale = [("form", "role"), ("user", user.as_str()), ("shown", "partner_user"), ("role", "partner_user")];
    let refused = buyer.post(&page, &stale).await.expect(409).saying("Someone saved a newer version.");
    assert!(refused.words().contains("Uma Harbor"), "what it looks like now");
    assert_eq!(harbor.users().await, [pair(UMA, "partner_admin")]);
}

#[tokio::test]
async fn of_inviting_and_archiving_at_once_nothing_stays_open() {
    for _ in 0..4 {
        let Harbor { app, buyer, partner } = Harbor::open().await;
        buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
        let (invited, _) = tokio::join!(buyer.invite_user(partner, UMA, "partner_user"), buyer.remove_partner(partner));
        assert!([303, 409].contains(&invited.status.as_u16()), "{}", invited.status);
        assert_eq!(app.count("partners where archived_at is not null").await, 1);
        assert_eq!(app.count("invitations where state = 'pending'").await, 0);
    }
}
