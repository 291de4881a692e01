//! Partner users: inviting and joining, from the account's pages and from the portal.

use crate::support::{Actor, TestApp};
use accord::{
    base::{PartnerId, paths},
    partners::model::PartnerRole,
};
use futures::future::join_all;
use serde_json::json;
use time::Duration;

pub const BEA: &str = "bea@harbor.example";
pub const UMA: &str = "uma@harbor.example";

/// A buyer with one partner.
pub struct PartnerStage {
    pub app: TestApp,
    pub buyer: Actor,
    pub partner: PartnerId,
}

impl PartnerStage {
    pub async fn new() -> Self {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        let partner = app.make_partner(&buyer, "Lead Harbor").await;
        Self { app, buyer, partner }
    }

    pub async fn bea(&self) -> Actor {
        self.app.user_of(&self.buyer, self.partner, PartnerRole::PartnerAdmin, "Bea Harbor", BEA).await
    }

    pub async fn uma(&self) -> Actor {
        self.app.user_of(&self.buyer, self.partner, PartnerRole::PartnerUser, "Uma Harbor", UMA).await
    }

    pub async fn users(&self) -> Vec<(String, String)> {
        self.app.users_of(self.partner).await
    }
}

pub fn pair(email: &str, role: &str) -> (String, String) {
    (email.to_owned(), role.to_owned())
}

#[tokio::test]
async fn the_email_says_who_invites_to_what_and_its_link_creates_a_user_with_access() {
    let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
    let response = buyer.invite_user(partner, BEA, "partner_admin").await;
    assert_eq!(response.location(), paths::partner_invites(partner));
    let list = buyer.get(&paths::partner_invites(partner)).await.expect(200);
    let asks = "The links sent to bea@harbor.example stop working. They can no longer be used to join Lead Harbor.";
    for said in [asks, BEA, "Partner Admin", "Resend", "Revoke"] {
        assert!(list.text().contains(said), "{said}: {}", list.text());
    }
    let mail = app.mail_to(BEA).await;
    assert_eq!(mail.subject, "Ann Buyer invites you to join Lead Harbor on Accord");
    for said in ["Bright Solar", "Partner Admin", "expires on", "The invitation only works for this address."] {
        assert!(mail.text.contains(said), "{said}: {}", mail.text);
    }
    let mut bea = app.visitor("Bea Harbor", BEA, "");
    let link = app.link_to(BEA).await;
    let invitation = bea.open_link(&link).await;
    let page = bea.get(&paths::invitation(invitation)).await.expect(200);
    for said in ["Join Lead Harbor", "Partner Admin", "Partner of", "Bright Solar", "Decline invitation"] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    bea.user = None;
    let joined = bea.sign_up_and_join(invitation).await;
    assert_eq!(joined.location(), paths::portal(partner));
    assert_eq!(app.users_of(partner).await, [pair(BEA, "partner_admin")]);
    assert_eq!(app.count("accounts").await, 1, "no company is created");
    let portal = bea.get(&paths::portal_users(partner)).await.expect(200);
    assert!(portal.text().contains("Bea Harbor") && portal.text().contains("partner of Bright Solar"));
    assert_eq!(app.mail_to(&buyer.email).await.subject, "Bea Harbor joined Lead Harbor");
    buyer.get("/").await.expect(200).shows("Bea Harbor joined Lead Harbor.");
    let deeds = app.deeds(buyer.account()).await;
    for deed in ["invited", "accepted", "joined"] {
        assert!(deeds.contains(&deed.to_owned()), "{deed}");
    }
    assert_eq!(bea.get("/").await.header("location"), paths::portal(partner), "the user's only partner");
}

#[tokio::test]
async fn an_existing_user_signs_in_and_accepts_and_cannot_set_a_new_password_by_the_link() {
    let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
    let cy = app.admin("Cy Seller", BEA, "Cy Leads", None, false).await;
    buyer.invite_user(partner, " BEA@harbor.example ", "partner_user").await.expect(303);
    let link = app.link_to("BEA@harbor.example").await;
    let visitor = app.visitor("Not Cy", BEA, "");
    let invitation = visitor.open_link(&link).await;
    visitor.sign_up_and_join(invitation).await.expect(422).shows("This email address is already registered.");
    assert!(app.users_of(partner).await.is_empty());
    cy.get("/").await.expect(200).shows("Ann Buyer from Bright Solar invites you to join Lead Harbor as Partner User.");
    assert_eq!(
        cy.join(invitation).await.location(),
        paths::portal(partner),
        "without the link, by the verified address"
    );
    cy.join(invitation).await.expect(410).shows("This invitation was already accepted");
    assert_eq!(app.users_of(partner).await, [pair(BEA, "partner_user")]);
    let home = cy.get("/").await.expect(200);
    assert!(home.text().contains("Cy Leads") && home.text().contains("Lead Harbor"), "{}", home.text());
}

#[tokio::test]
async fn the_island_on_home_accepts_too() {
    let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
    let cy = app.admin("Cy Seller", BEA, "Cy Leads", None, false).await;
    buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
    let invitation = app.invitation_to(BEA).await;
    let joined = cy.call("invitations/join", json!({ "invitation_id": invitation })).await.expect(200);
    assert_eq!(joined.json::<serde_json::Value>(), json!({ "Partner": partner }));
    assert_eq!(app.users_of(partner).await, [pair(BEA, "partner_user")]);
}

#[tokio::test]
async fn another_person_with_the_link_cannot_accept_and_it_stays_usable() {
    let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
    buyer.invite_user(partner, BEA, "partner_admin").await.expect(303);
    let link = app.link_to(BEA).await;
    let stranger = app.stranger().await;
    let invitation = stranger.open_link(&link).await;
    let page = stranger.get(&paths::invitation(invitation)).await.expect(200);
    for said in ["sent to another address", "b•••@harbor.example", "Switch account"] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    assert!(!page.text().contains(BEA) && !page.text().contains("Accept invitation"));
    stranger.join(invitation).await.expect(403).shows("This invitation was sent to another address.");
    stranger.accept(invitation).await.expect(403);
    let asked =
        stranger.call("invitations/accept", json!({ "invitation_id": invitation, "account_id": stranger.account() }));
    assert_eq!(asked.await.status, 404, "it is not a connection invitation");
    assert_eq!(app.state_of(invitation).await, "pending");
    let mut bea = app.visitor("Bea Harbor", BEA, "");
    bea.join_by_email().await;
    assert_eq!(app.users_of(partner).await, [pair(BEA, "partner_admin")]);
}

#[tokio::test]
async fn a_resent_invitation_has_a_new_link_and_the_old_one_says_so() {
    let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
    buyer.invite_user(partner, BEA, "partner_admin").await.expect(303);
    let (old, invitation) = (app.link_to(BEA).await, app.invitation_to(BEA).await);
    let page = paths::partner_invites(partner);
    buyer.act_on_invitation(&page, "resend", invitation).await.expect(429).shows("less than a minute ago");
    app.advance(Duration::minutes(2));
    buyer.act_on_invitation(&page, "resend", invitation).await.expect(303);
    let new = app.link_to(BEA).await;
    assert_ne!(old, new);
    let bea = app.visitor("Bea Harbor", BEA, "");
    let dead = bea.get(&old).await.expect(410).shows("A newer invitation was sent");
    assert!(!dead.text().contains("Harbor") && !dead.text().contains(BEA), "no details of the invitation");
    assert_eq!(bea.open_link(&new).await, invitation);
    bea.sign_up_and_join(invitation).await.expect(303);
}

#[tokio::test]
async fn a_revoked_invitation_stops_working_immediately_even_on_an_open_page() {
    let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
    buyer.invite_user(partner, BEA, "partner_admin").await.expect(303);
    let (link, invitation) = (app.link_to(BEA).await, app.invitation_to(BEA).await);
    let bea = app.visitor("Bea Harbor", BEA, "");
    bea.open_link(&link).await;
    let page = paths::partner_invites(partner);
    buyer.act_on_invitation(&page, "revoke", invitation).await.expect(303);
    buyer.act_on_invitation(&page, "revoke", invitation).await.expect(303);
    bea.sign_up_and_join(invitation).await.expect(410).shows("This invitation was revoked");
    bea.get(&link).await.expect(410).shows("This invitation was revoked");
    assert_eq!((app.count("users").await, app.users_of(partner).await.len()), (1, 0));
    assert!(!buyer.get(&page).await.text().contains(BEA));
    buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
    assert_ne!(app.invitation_to(BEA).await, invitation, "a new invitation: the old token stays invalid");
    bea.get(&link).await.expect(410).shows("This invitation was revoked");
}

#[tokio::test]
async fn inviting_the_same_address_again_finds_the_pending_invitation_even_concurrently() {
    let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
    let responses = join_all((0..24).map(|_| buyer.invite_user(partner, BEA, "partner_user"))).await;
    assert!(responses.iter().all(|response| response.status == 303));
    assert_eq!(app.count("invitations").await, 1);
    assert_eq!(app.mails_to(BEA).await.len(), 1);
    let again = buyer.invite_user(partner, "Bea@Harbor.example", "partner_admin").await;
    assert_eq!(again.header("location"), paths::partner_invites(partner));
    buyer.get(&paths::partner_invites(partner)).await.expect(200).shows("This address is already invited.");
    assert_eq!(app.count("invitations where role = 'partner_user'").await, 1);
    let other = app.make_partner(&buyer, "Other Harbor").await;
    buyer.invite_user(other, BEA, "partner_user").await.expect(303);
    assert_eq!(app.count("invitations").await, 2, "each partner has its own invitation");
}

#[tokio::test]
async fn wrong_input_gets_a_message_and_changes_nothing() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    let before = app.count("invitations").await;
    for (email, role, sentence) in [
        ("nobody", "partner_user", "Enter an email address like name@example.com."),
        ("", "partner_user", "Enter an email address."),
        ("a@b.example, c@d.example", "partner_user", "Enter only one email address."),
        ("new@harbor.example", "owner", "Choose a role from the list."),
        ("new@harbor.example", "admin", "Choose a role from the list."),
        (BEA, "partner_user", "This address already has access."),
        (&buyer.email, "partner_user", "This is your own address."),
    ] {
        let refused = buyer.invite_user(*partner, email, role).await.expect(422).shows(sentence);
        assert!(
            email.is_empty() || refused.tag_with("name=\"email\"").contains(&format!("value=\"{email}\"")),
            "{email}"
        );
        let call = json!({ "team": { "Partner": partner }, "email": email, "role": role });
        buyer.call("invitations/team/invite", call).await.expect(422);
    }
    bea.invite_colleague(*partner, BEA, "partner_user").await.expect(422).shows("This is your own address.");
    buyer.invite_user("0123456789abcdef01234567".parse().unwrap(), BEA, "partner_user").await.expect(404);
    let theirs = app.make_partner(&app.stranger().await, "Theirs").await;
    buyer.invite_user(theirs, UMA, "partner_user").await.expect(404);
    assert_eq!(app.count("invitations").await, before);
}

#[tokio::test]
async fn a_partner_admin_manages_her_own_partner_from_the_portal() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    assert_eq!(bea.invite_colleague(*partner, UMA, "partner_user").await.location(), paths::portal_invites(*partner));
    let mail = app.mail_to(UMA).await;
    assert_eq!(mail.subject, "Bea Harbor invites you to join Lead Harbor on Accord");
    let mut uma = app.visitor("Uma Harbor", UMA, "");
    uma.join_by_email().await;
    let told = app.mail_to(BEA).await;
    assert_eq!(told.subject, "Uma Harbor joined Lead Harbor");
    assert!(told.links[0].ends_with(&paths::portal_invites(*partner)), "{:?}", told.links);
    assert!(!buyer.get("/").await.text().contains("Uma Harbor joined Lead Harbor."), "the buyer was not the inviter");
    let users = paths::portal_users(*partner);
    bea.set_role(&users, uma.user(), "partner_admin").await.expect(303);
    assert_eq!(stage.users().await, [pair(BEA, "partner_admin"), pair(UMA, "partner_admin")]);
    bea.remove(&users, uma.user()).await.expect(303);
    assert_eq!(stage.users().await, [pair(BEA, "partner_admin")]);
    let deeds = app.deeds(buyer.account()).await;
    for deed in ["role_changed", "user_removed"] {
        assert!(deeds.contains(&deed.to_owned()), "{deed}");
    }
}

#[tokio::test]
async fn an_invitation_is_invalid_once_its_sender_may_not_grant_the_role_until_it_is_resent() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    bea.invite_colleague(*partner, UMA, "partner_user").await.expect(303);
    let (link, invitation) = (app.link_to(UMA).await, app.invitation_to(UMA).await);
    let uma = app.visitor("Uma Harbor", UMA, "");
    uma.open_link(&link).await;
    buyer.set_role(&paths::partner_users(*partner), bea.user(), "partner_user").await.expect(303);
    uma.get(&paths::invitation(invitation)).await.expect(410).shows("This invitation is no longer valid");
    uma.sign_up_and_join(invitation).await.expect(410).shows("This invitation is no longer valid");
    assert_eq!(app.users_of(*partner).await, [pair(BEA, "partner_user")]);
    buyer.get(&paths::partner_invites(*partner)).await.expect(200).shows("No longer valid");
    app.advance(Duration::minutes(2));
    buyer.act_on_invitation(&paths::partner_invites(*partner), "resend", invitation).await.expect(303);
    let mut uma = app.visitor("Uma Harbor", UMA, "");
    uma.join_by_email().await;
    assert_eq!(app.users_of(*partner).await.len(), 2);
}

#[tokio::test]
async fn exactly_one_of_fifty_concurrent_acceptances_wins() {
    let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
    let cy = app.admin("Cy Seller", BEA, "Cy Leads", None, false).await;
    buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
    let invitation = app.invitation_to(BEA).await;
    let responses = join_all((0..50).map(|_| cy.join(invitation))).await;
    assert_eq!(responses.iter().filter(|response| response.status == 303).count(), 1);
    assert!(responses.iter().all(|response| [303, 410].contains(&response.status.as_u16())));
    let joined = app.deeds(buyer.account()).await.into_iter().filter(|deed| deed == "joined").count();
    assert_eq!((joined, app.users_of(partner).await.len()), (1, 1));
}

#[tokio::test]
async fn only_one_of_concurrent_accept_and_revoke_wins() {
    for _ in 0..4 {
        let PartnerStage { app, buyer, partner } = PartnerStage::new().await;
        let cy = app.admin("Cy Seller", BEA, "Cy Leads", None, false).await;
        buyer.invite_user(partner, BEA, "partner_user").await.expect(303);
        let invitation = app.invitation_to(BEA).await;
        let page = paths::partner_invites(partner);
        let (joined, revoked) = tokio::join!(cy.join(invitation), buyer.act_on_invitation(&page, "revoke", invitation));
        let is_in = !app.users_of(partner).await.is_empty();
        let state = app.state_of(invitation).await;
        assert_eq!(state, if is_in { "accepted" } else { "revoked" });
        assert_eq!((joined.status == 303, revoked.status == 303), (is_in, !is_in));
    }
}

#[tokio::test]
async fn the_inviter_is_notified_of_declining_and_expiry() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    bea.invite_colleague(*partner, UMA, "partner_user").await.expect(303);
    let uma = app.visitor("Uma Harbor", UMA, "");
    let invitation = uma.open_link(&app.link_to(UMA).await).await;
    let asked = uma.get(&paths::decline_invitation(invitation)).await.expect(200);
    assert!(asked.text().contains("Decline invitation"));
    uma.decline(invitation, "Wrong person").await.expect(303);
    let mail = app.mail_to(BEA).await;
    assert_eq!(mail.subject, format!("{UMA} declined your invitation"));
    assert!(mail.text.contains("Wrong person") && !mail.text.contains("mappings"), "{}", mail.text);
    buyer.invite_user(*partner, "new@harbor.example", "partner_user").await.expect(303);
    app.advance(Duration::days(8));
    buyer.get("/").await.expect(200);
    app.advance(Duration::days(7));
    app.run_due().await;
    let mail = app.mail_to(&buyer.email).await;
    assert_eq!(mail.subject, "Your invitation to new@harbor.example has expired");
    buyer.get("/").await.expect(200).shows("Your invitation to new@harbor.example has expired.");
    buyer.get(&paths::partner_invites(*partner)).await.expect(200).shows("Expired");
}

#[tokio::test]
async fn an_invalid_invitation_can_be_followed_by_a_new_one() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    bea.invite_colleague(*partner, UMA, "partner_user").await.expect(303);
    let older = app.link_to(UMA).await;
    buyer.remove(&paths::partner_users(*partner), bea.user()).await.expect(303);
    buyer.invite_user(*partner, UMA, "partner_user").await.expect(303);
    assert_eq!(app.mails_to(UMA).await.len(), 2);
    let mut uma = app.visitor("Uma Harbor", UMA, "");
    uma.get(&older).await.expect(410).shows("A newer invitation was sent");
    uma.join_by_email().await;
    assert_eq!(stage.users().await, [pair(UMA, "partner_user")]);
}

#[tokio::test]
async fn a_user_with_only_one_partner_finds_another_invitation_on_home() {
    let stage = PartnerStage::new().await;
    let PartnerStage { app, buyer, partner } = &stage;
    let bea = stage.bea().await;
    assert_eq!(bea.get("/").await.header("location"), paths::portal(*partner));
    let other = app.make_partner(buyer, "Other Harbor").await;
    buyer.invite_user(other, BEA, "partner_user").await.expect(303);
    bea.get("/").await.expect(200).shows("invites you to join Other Harbor as Partner User.");
    bea.join(app.invitation_to(BEA).await).await.expect(303);
    let chooser = bea.get("/").await.expect(200).shows("Choose where to go");
    assert!(chooser.text().contains("Lead Harbor") && chooser.text().contains("Other Harbor"));
}

#[tokio::test]
async fn users_are_invited_from_their_own_tab_and_every_tab_says_how_the_partner_stands() {
    let stage = PartnerStage::new().await;
    let PartnerStage { buyer, partner, .. } = &stage;
    let (users, invites) = (paths::partner_users(*partner), paths::partner_invites(*partner));
    for tab in [&users, &invites, &paths::partner_sources(*partner), &paths::partner(*partner)] {
        let page = buyer.get(tab).await.expect(200);
        let head = page.body.split("page-title").nth(1).unwrap().split("</header>").next().unwrap().to_owned();
        assert!(head.contains("Not connected"), "{tab}: {head}");
    }
    let invite = format!("href=\"{}\"", paths::invite_partner_user(*partner));
    for tab in [&users, &invites] {
        assert!(buyer.get(tab).await.expect(200).has(&invite), "{tab}");
    }
    let bea = stage.bea().await;
    let invite = format!("href=\"{}\"", paths::portal_invite(*partner));
    assert!(bea.get(&paths::portal_users(*partner)).await.expect(200).has(&invite));
    let viewer = stage.app.member(buyer, accord::accounts::model::Role::Viewer, "Vi", "vi@buyer.example").await;
    assert!(!viewer.get(&users).await.expect(200).text().contains("Invite User"));
}
