//! Who logs in for a partner: inviting, joining, roles, removing, on the account's side and from the portal.

use crate::support::{Actor, TestApp, actor::refusal, stage::Stage};
use accord::{
    accounts::model::Role,
    base::{PartnerId, paths},
    partners::model::PartnerRole,
};
use futures::future::join_all;
use serde_json::json;
use time::Duration;

const BEA: &str = "bea@harbor.example";
const UMA: &str = "uma@harbor.example";

struct Harbor {
    app: TestApp,
    buyer: Actor,
    partner: PartnerId,
}

impl Harbor {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        let partner = app.make_partner(&buyer, "Lead Harbor").await;
        Self { app, buyer, partner }
    }

    async fn bea(&self) -> Actor {
        self.app.user_of(&self.buyer, self.partner, PartnerRole::PartnerAdmin, "Bea Harbor", BEA).await
    }

    async fn uma(&self) -> Actor {
        self.app.user_of(&self.buyer, self.partner, PartnerRole::PartnerUser, "Uma Harbor", UMA).await
    }

    async fn users(&self) -> Vec<(String, String)> {
        self.app.users_of(self.partner).await
    }
}

fn pair(email: &str, role: &str) -> (String, String) {
    (email.to_owned(), role.to_owned())
}

#[tokio::test]
async fn the_mail_says_who_invites_to_what_and_its_link_makes_a_login_that_is_in_at_once() {
    let Harbor { app, buyer, partner } = Harbor::open().await;
    let answer = buyer.invite_user(partner, BEA, "partner_admin").await;
    assert_eq!(answer.leads_to(), paths::partner_invites(partner));
    let list = buyer.get(&paths::partner_invites(partner)).await.expect(200);
    for said in [BEA, "Partner Admin", "Resend", "Revoke"] {
        assert!(list.words().contains(said), "{said}: {}", list.words());
    }
    let mail = app.mail_to(BEA).await;
    assert_eq!(mail.subject, "Ann Buyer invites you to join Lead Harbor on Accord");
    for said in ["Bright Solar", "Partner Admin", "expires on", "It works for this address only."] {
        assert!(mail.text.contains(said), "{said}: {}", mail.text);
    }
    let mut bea = app.visitor("Bea Harbor", BEA, "");
    let link = app.link_to(BEA).await;
    let invitation = bea.open_link(&link).await;
    let page = bea.get(&paths::invitation(invitation)).await.expect(200);
    for said in ["Join Lead Harbor", "Partner Admin", "Partner of", "Bright Solar", "Decline invitation"] {
        assert!(page.words().contains(said), "{said}: {}", page.words());
    }
    bea.user = None;
    let joined = bea.sign_up_and_join(invitation).await;
    assert_eq!(joined.leads_to(), paths::portal(partner));
    assert_eq!(app.users_of(partner).await, [pair(BEA, "partner_admin")]);
    assert_eq!(app.count("accounts").await, 1, "no company is made");
    let portal = bea.get(&paths::portal_users(partner)).await.expect(200);
    assert!(portal.words().contains("Bea Harbor") && portal.words().contains("partner of Bright Solar"));
    assert_eq!(app.mail_to(&buyer.email).await.subject, "Bea Harbor joined Lead Harbor");
    buyer.get("/").await.expect(200).saying("Bea Harbor joined Lead Harbor.");
    let deeds = app.deeds(buyer.account()).await;
    for deed in ["invited", "accepted", "joined"] {
        assert!(deeds.contains(&deed.to_owned()), "{deed}");
    }
    assert_eq!(bea.get("/").await.header("location"), paths::portal(partner), "the only place");
}

#[tokio::test]
async fn somebody_with_a_login_signs_in_and_accepts_and_sets_no_new_password_by_the_link() {
    let Harbor { app, buyer, partner } = Harbor::open().await;
    let cy = app.admin("Cy Seller", BEA, "Cy Leads", None, false).await;
    buyer.invite_user(partner, " BEA@harbor.example ", "partner_user").await.expect(303);
    let link = app.link_to("BEA@harbor.example").await;
    let visitor = app.visitor("Not Cy", BEA, "");
    let invitation = visitor.open_link(&link).await;
    visitor.sign_up_and_join(invitation).await.expect(422).saying("There is already a login for this address.");
    assert!(app.users_of(partner).await.is_empty());
    cy.get("/")
        .await
        .expect(200)
        .saying("Ann Buyer from Bright Solar invites you to join Lead Harbor as Partner User.");
    assert_eq!(cy.join(invitation).await.leads_to(), paths::portal(partner), "without the link, under the address");
    cy.join(invitation).await.expect(410).saying("This invitation was already accepted");
    assert_eq!(app.users_of(partner).await, [pair(BEA, "partner_user")]);
    let home = cy.get("/").await.expect(200);
    assert!(home.words().contains("Cy Leads") && home.words().contains("Lead Harbor"), "{}", home.words());
}

#[tokio::test]
async fn the_island_on_the_first_page_accepts_too() {
    let Harbor { app, buyer, partner } = Harbor::open().await;
    let cy = app.admin("Cy Seller", BEA, "Cy Leads", None, false).await;
    buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
    let invitation = app.invitation_to(BEA).await;
    let joined = cy.call("invitations/join", json!({ "invitation_id": invitation })).await.expect(200);
    assert_eq!(joined.json::<serde_json::Value>(), json!({ "Partner": partner }));
    assert_eq!(app.users_of(partner).await, [pair(BEA, "partner_user")]);
}

#[tokio::test]
async fn another_person_with_the_link_cannot_accept_and_it_stays_usable() {
    let Harbor { app, buyer, partner } = Harbor::open().await;
    buyer.invite_user(partner, BEA, "partner_admin").await.expect(303);
    let link = app.link_to(BEA).await;
    let stranger = app.stranger().await;
    let invitation = stranger.open_link(&link).await;
    let page = stranger.get(&paths::invitation(invitation)).await.expect(200);
    for said in ["sent to another address", "b•••@harbor.example", "Switch account"] {
        assert!(page.words().contains(said), "{said}: {}", page.words());
    }
    assert!(!page.words().contains(BEA) && !page.words().contains("Accept invitation"));
    stranger.join(invitation).await.expect(403).saying("This invitation was sent to another address.");
    stranger.accept(invitation).await.expect(403);
    let asked =
        stranger.call("invitations/accept", json!({ "invitation_id": invitation, "account_id": stranger.account() }));
    assert_eq!(asked.await.status, 404, "it connects nobody");
    assert_eq!(app.state_of(invitation).await, "pending");
    let mut bea = app.visitor("Bea Harbor", BEA, "");
    bea.join_by_mail().await;
    assert_eq!(app.users_of(partner).await, [pair(BEA, "partner_admin")]);
}

#[tokio::test]
async fn a_resent_invitation_has_a_new_link_and_the_old_one_says_so() {
    let Harbor { app, buyer, partner } = Harbor::open().await;
    buyer.invite_user(partner, BEA, "partner_admin").await.expect(303);
    let (old, invitation) = (app.link_to(BEA).await, app.invitation_to(BEA).await);
    let page = paths::partner_invites(partner);
    buyer.about_invitation(&page, "resend", invitation).await.expect(429).saying("less than a minute ago");
    app.advance(Duration::minutes(2));
    buyer.about_invitation(&page, "resend", invitation).await.expect(303);
    let new = app.link_to(BEA).await;
    assert_ne!(old, new);
    let bea = app.visitor("Bea Harbor", BEA, "");
    let dead = bea.get(&old).await.expect(410).saying("A newer invitation was sent");
    assert!(!dead.words().contains("Harbor") && !dead.words().contains(BEA), "nothing else of it");
    assert_eq!(bea.open_link(&new).await, invitation);
    bea.sign_up_and_join(invitation).await.expect(303);
}

#[tokio::test]
async fn a_revoked_invitation_is_dead_at_once_also_on_an_open_page() {
    let Harbor { app, buyer, partner } = Harbor::open().await;
    buyer.invite_user(partner, BEA, "partner_admin").await.expect(303);
    let (link, invitation) = (app.link_to(BEA).await, app.invitation_to(BEA).await);
    let bea = app.visitor("Bea Harbor", BEA, "");
    bea.open_link(&link).await;
    let page = paths::partner_invites(partner);
    buyer.about_invitation(&page, "revoke", invitation).await.expect(303);
    buyer.about_invitation(&page, "revoke", invitation).await.expect(303);
    bea.sign_up_and_join(invitation).await.expect(410).saying("This invitation was revoked");
    bea.get(&link).await.expect(410).saying("This invitation was revoked");
    assert_eq!((app.count("users").await, app.users_of(partner).await.len()), (1, 0));
    assert!(!buyer.get(&page).await.words().contains(BEA));
    buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
    assert_ne!(app.invitation_to(BEA).await, invitation, "a new one; the old token never revives");
    bea.get(&link).await.expect(410).saying("This invitation was revoked");
}

#[tokio::test]
async fn the_same_address_again_finds_the_pending_invitation_however_many_ask_at_once() {
    let Harbor { app, buyer, partner } = Harbor::open().await;
    let answers = join_all((0..24).map(|_| buyer.invite_user(partner, BEA, "partner_user"))).await;
    assert!(answers.iter().all(|answer| answer.status == 303));
    assert_eq!(app.count("invitations").await, 1);
    assert_eq!(app.mails_to(BEA).await.len(), 1);
    let again = buyer.invite_user(partner, "Bea@Harbor.example", "partner_admin").await;
    assert_eq!(again.header("location"), paths::partner_invites(partner));
    buyer.get(&paths::partner_invites(partner)).await.expect(200).saying("This address is invited already.");
    assert_eq!(app.count("invitations where role = 'partner_user'").await, 1);
    let other = app.make_partner(&buyer, "Other Harbor").await;
    buyer.invite_user(other, BEA, "partner_user").await.expect(303);
    assert_eq!(app.count("invitations").await, 2, "another partner is another invitation");
}

#[tokio::test]
async fn wrong_input_has_its_sentence_and_changes_nothing() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    let before = app.count("invitations").await;
    for (email, role, sentence) in [
        ("nobody", "partner_user", "Enter an email address like name@example.com."),
        ("", "partner_user", "Enter an email address."),
        ("a@b.example, c@d.example", "partner_user", "Enter one email address only."),
        ("new@harbor.example", "owner", "Choose a role from the list."),
        ("new@harbor.example", "admin", "Choose a role from the list."),
        (BEA, "partner_user", "This address has access already."),
        (&buyer.email, "partner_user", "This is your own address."),
    ] {
        let refused = buyer.invite_user(*partner, email, role).await.expect(422).saying(sentence);
        assert!(
            email.is_empty() || refused.tag_with("name=\"email\"").contains(&format!("value=\"{email}\"")),
            "{email}"
        );
        let call = json!({ "team": { "Partner": partner }, "email": email, "role": role });
        buyer.call("invitations/team/invite", call).await.expect(422);
    }
    bea.invite_colleague(*partner, BEA, "partner_user").await.expect(422).saying("This is your own address.");
    buyer.invite_user("0123456789abcdef01234567".parse().unwrap(), BEA, "partner_user").await.expect(404);
    let theirs = app.make_partner(&app.stranger().await, "Theirs").await;
    buyer.invite_user(theirs, UMA, "partner_user").await.expect(404);
    assert_eq!(app.count("invitations").await, before);
}

#[tokio::test]
async fn a_partner_admin_does_the_same_for_her_own_partner_from_the_portal() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    assert_eq!(bea.invite_colleague(*partner, UMA, "partner_user").await.leads_to(), paths::portal_invites(*partner));
    let mail = app.mail_to(UMA).await;
    assert_eq!(mail.subject, "Bea Harbor invites you to join Lead Harbor on Accord");
    let mut uma = app.visitor("Uma Harbor", UMA, "");
    uma.join_by_mail().await;
    let told = app.mail_to(BEA).await;
    assert_eq!(told.subject, "Uma Harbor joined Lead Harbor");
    assert!(told.links[0].ends_with(&paths::portal_invites(*partner)), "{:?}", told.links);
    assert!(!buyer.get("/").await.words().contains("Uma Harbor joined Lead Harbor."), "the buyer was not the inviter");
    let users = paths::portal_users(*partner);
    bea.set_role(&users, uma.user(), "partner_admin").await.expect(303);
    assert_eq!(harbor.users().await, [pair(BEA, "partner_admin"), pair(UMA, "partner_admin")]);
    bea.remove(&users, uma.user()).await.expect(303);
    assert_eq!(harbor.users().await, [pair(BEA, "partner_admin")]);
    let deeds = app.deeds(buyer.account()).await;
    for deed in ["role_changed", "user_removed"] {
        assert!(deeds.contains(&deed.to_owned()), "{deed}");
    }
}

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
    buyer.remove(&page, bea.user()).await.expect(409).saying("does not belong here any more");
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
async fn an_invitation_is_void_once_its_sender_may_not_grant_the_role_and_lives_again_when_resent() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    bea.invite_colleague(*partner, UMA, "partner_user").await.expect(303);
    let (link, invitation) = (app.link_to(UMA).await, app.invitation_to(UMA).await);
    let uma = app.visitor("Uma Harbor", UMA, "");
    uma.open_link(&link).await;
    buyer.set_role(&paths::partner_users(*partner), bea.user(), "partner_user").await.expect(303);
    uma.get(&paths::invitation(invitation)).await.expect(410).saying("This invitation is no longer valid");
    uma.sign_up_and_join(invitation).await.expect(410).saying("This invitation is no longer valid");
    assert_eq!(app.users_of(*partner).await, [pair(BEA, "partner_user")]);
    buyer.get(&paths::partner_invites(*partner)).await.expect(200).saying("No longer valid");
    app.advance(Duration::minutes(2));
    buyer.about_invitation(&paths::partner_invites(*partner), "resend", invitation).await.expect(303);
    let mut uma = app.visitor("Uma Harbor", UMA, "");
    uma.join_by_mail().await;
    assert_eq!(app.users_of(*partner).await.len(), 2);
}

#[tokio::test]
async fn of_fifty_acceptances_at_once_exactly_one_wins() {
    let Harbor { app, buyer, partner } = Harbor::open().await;
    let cy = app.admin("Cy Seller", BEA, "Cy Leads", None, false).await;
    buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
    let invitation = app.invitation_to(BEA).await;
    let answers = join_all((0..50).map(|_| cy.join(invitation))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
    assert!(answers.iter().all(|answer| [303, 410].contains(&answer.status.as_u16())));
    let joined = app.deeds(buyer.account()).await.into_iter().filter(|deed| deed == "joined").count();
    assert_eq!((joined, app.users_of(partner).await.len()), (1, 1));
}

#[tokio::test]
async fn of_accepting_and_revoking_at_once_one_wins() {
    for _ in 0..4 {
        let Harbor { app, buyer, partner } = Harbor::open().await;
        let cy = app.admin("Cy Seller", BEA, "Cy Leads", None, false).await;
        buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
        let invitation = app.invitation_to(BEA).await;
        let page = paths::partner_invites(partner);
        let (joined, revoked) = tokio::join!(cy.join(invitation), buyer.about_invitation(&page, "revoke", invitation));
        let is_in = !app.users_of(partner).await.is_empty();
        let state = app.state_of(invitation).await;
        assert_eq!(state, if is_in { "accepted" } else { "revoked" });
        assert_eq!((joined.status == 303, revoked.status == 303), (is_in, !is_in));
    }
}

#[tokio::test]
async fn declining_and_expiry_are_told_to_who_invited() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    bea.invite_colleague(*partner, UMA, "partner_user").await.expect(303);
    let uma = app.visitor("Uma Harbor", UMA, "");
    let invitation = uma.open_link(&app.link_to(UMA).await).await;
    let asked = uma.get(&paths::decline_invitation(invitation)).await.expect(200);
    assert!(asked.words().contains("Decline invitation"));
    uma.decline(invitation, "Wrong person").await.expect(303);
    let told = app.mail_to(BEA).await;
    assert_eq!(told.subject, format!("{UMA} declined your invitation"));
    assert!(told.text.contains("Wrong person") && !told.text.contains("mappings"), "{}", told.text);
    buyer.invite_user(*partner, "new@harbor.example", "partner_user").await.expect(303);
    app.advance(Duration::days(8));
    buyer.get("/").await.expect(200);
    app.advance(Duration::days(7));
    app.do_due().await;
    let told = app.mail_to(&buyer.email).await;
    assert_eq!(told.subject, "Your invitation to new@harbor.example has expired");
    buyer.get("/").await.expect(200).saying("Your invitation to new@harbor.example has expired.");
    buyer.get(&paths::partner_invites(*partner)).await.expect(200).saying("Expired");
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
    let refused = buyer.post(&page, &stale).await.expect(409).saying("Somebody changed this");
    assert!(refused.words().contains("Uma Harbor"), "what it looks like now");
    assert_eq!(harbor.users().await, [pair(UMA, "partner_admin")]);
}

#[tokio::test]
async fn a_void_invitation_is_followed_by_a_new_one() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    bea.invite_colleague(*partner, UMA, "partner_user").await.expect(303);
    let older = app.link_to(UMA).await;
    buyer.remove(&paths::partner_users(*partner), bea.user()).await.expect(303);
    buyer.invite_user(*partner, UMA, "partner_user").await.expect(303);
    assert_eq!(app.mails_to(UMA).await.len(), 2);
    let mut uma = app.visitor("Uma Harbor", UMA, "");
    uma.get(&older).await.expect(410).saying("A newer invitation was sent");
    uma.join_by_mail().await;
    assert_eq!(harbor.users().await, [pair(UMA, "partner_user")]);
}

#[tokio::test]
async fn somebody_with_one_partner_only_finds_a_further_invitation_on_the_first_page() {
    let harbor = Harbor::open().await;
    let Harbor { app, buyer, partner } = &harbor;
    let bea = harbor.bea().await;
    assert_eq!(bea.get("/").await.header("location"), paths::portal(*partner));
    let other = app.make_partner(buyer, "Other Harbor").await;
    buyer.invite_user(other, BEA, "partner_user").await.expect(303);
    bea.get("/").await.expect(200).saying("invites you to join Other Harbor as Partner User.");
    bea.join(app.invitation_to(BEA).await).await.expect(303);
    let chooser = bea.get("/").await.expect(200).saying("Choose where to go");
    assert!(chooser.words().contains("Lead Harbor") && chooser.words().contains("Other Harbor"));
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
