//! People who may not accept for a company ask its Admins, or create a company if they have none.

use crate::support::{
    Actor,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::Role,
    base::{InvitationId, paths},
};

/// A Manager is invited. Max is the company's Admin.
async fn manager(stage: &Stage) -> (Actor, Actor, InvitationId) {
    let admin = stage.app.admin("Max", "max@harbor.example", "Lead Harbor", None, true).await;
    let manager = stage.app.member(&admin, Role::Manager, "Cy Seller", SELLER).await;
    let invitation = manager.open_link(&stage.link).await;
    (admin, manager, invitation)
}

async fn ask(person: &Actor, invitation: InvitationId, company: &str) -> crate::support::Response {
    person.post(&paths::invitation(invitation), &[("form", "ask"), ("company", company)]).await
}

#[tokio::test]
async fn asked_admins_get_an_email_find_the_invitation_and_accept_without_confirming_the_address() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let (admin, manager, invitation) = manager(&stage).await;
    let page = paths::invitation(invitation);
    admin.get(&page).await.expect(404);
    assert!(!admin.get("/").await.text().contains("Bright Solar"));
    manager.get(&page).await.expect(200).shows("Ask an Admin");
    let company = admin.account().to_string();
    assert_eq!(ask(&manager, invitation, &company).await.location(), page);
    ask(&manager, invitation, &company).await.expect(303);
    assert_eq!(stage.app.mails_to(&admin.email).await.len(), 1, "asked twice, emailed once");
    let mail = stage.app.mail_to(&admin.email).await;
    assert_eq!(stage.app.path_of(&mail.links[0]), page);
    manager.get(&page).await.expect(200).shows("We asked the Admins of Lead Harbor.");
    assert_eq!(stage.app.invitation_row(invitation).await.state, "pending");
    admin.get("/").await.expect(200).shows("Bright Solar");
    admin.get(paths::INVITATIONS).await.expect(200).shows("Review").shows("asked you to accept");
    let shown = admin.get(&page).await.expect(200);
    assert!(!shown.has("name=\"confirm\""), "an asked Admin needs no confirmation");
    admin.accept(invitation).await.expect(303);
    stage.assert_connected_to(&before, &admin).await;
}

impl Stage {
    async fn assert_connected_to(&self, before: &crate::support::facts::SourceFacts, admin: &Actor) {
        let after = self.app.source(self.source).await;
        assert_eq!((after.entity_id, after.entity_name.as_str()), (before.entity_id, "Lead Harbor"));
        assert_eq!(after.connected_account_id, Some(admin.account()));
        assert_eq!(self.app.plan(admin.account()).await.as_deref(), Some("partners"));
    }
}

#[tokio::test]
async fn nobody_can_ask_for_another_company_or_for_the_inviters_own() {
    let stage = Stage::pending().await;
    let (admin, manager, invitation) = manager(&stage).await;
    let stranger = stage.app.stranger().await;
    ask(&manager, invitation, &stranger.account().to_string()).await.expect(422).shows("you are a member of");
    ask(&manager, invitation, "nonsense").await.expect(422);
    ask(&stranger, invitation, &stranger.account().to_string()).await.expect(404);
    let own = stage.app.member(&stage.buyer, Role::Viewer, "Vi", "vi@buyer.example").await;
    own.open_link(&stage.link).await;
    ask(&own, invitation, &stage.buyer.account().to_string()).await.expect(409);
    assert_eq!(stage.app.count("invitation_asks").await, 0);
    assert_eq!(stage.app.mails_to(&admin.email).await.len(), 0);
}

#[tokio::test]
async fn an_asked_admin_who_is_demoted_no_longer_sees_the_invitation() {
    let stage = Stage::pending().await;
    let (admin, manager, invitation) = manager(&stage).await;
    ask(&manager, invitation, &admin.account().to_string()).await.expect(303);
    admin.get(&paths::invitation(invitation)).await.expect(200);
    stage.app.execute("update members set role = 'manager' where user_id = (select id from users where email = 'max@harbor.example')").await.unwrap();
    admin.get(&paths::invitation(invitation)).await.expect(404);
}

#[tokio::test]
async fn a_new_company_can_be_created_while_accepting() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let (admin, manager, invitation) = manager(&stage).await;
    let page = paths::company_to_accept(invitation);
    manager.get(&page).await.expect(200).shows("Create a new company");
    manager.post(&page, &[("form", "company"), ("company", " ")]).await.expect(422).shows("Enter your company's name.");
    let fields = [("form", "company"), ("company", "Cy Leads")];
    let (one, two) = tokio::join!(manager.post(&page, &fields), manager.post(&page, &fields));
    assert_eq!(one.location(), two.location(), "posted twice, created once");
    let made = one.location().split("?as=").nth(1).unwrap().to_owned();
    let shown = manager.get(one.location()).await.expect(200).shows("Cy Leads");
    assert!(shown.tag_with(&format!("value=\"{made}\"")).contains("selected"));
    manager.post(&paths::invitation(invitation), &[("form", "accept"), ("account", &made)]).await.expect(303);
    let after = stage.app.source(stage.source).await;
    assert_eq!((after.entity_name.as_str(), after.entity_id), ("Cy Leads", before.entity_id));
    assert_eq!(stage.app.plan(made.parse().unwrap()).await.as_deref(), Some("partners"));
    assert_eq!(stage.app.plan(admin.account()).await, None, "the other company is unchanged");
}

#[tokio::test]
async fn an_invitee_who_signed_up_without_the_link_finds_the_invitation_on_home() {
    let stage = Stage::pending().await;
    let seller = stage.seller().await;
    seller.get("/").await.expect(200).shows("Ann Buyer from Bright Solar invites you to connect.");
    seller.get(paths::INVITATIONS).await.expect(200).shows("Received").shows("Review");
}

#[tokio::test]
async fn an_admin_cannot_skip_the_confirmation_by_asking_themselves() {
    let stage = Stage::pending().await;
    let admin = stage.app.admin("Max", "max@harbor.example", "Lead Harbor", None, true).await;
    let invitation = admin.open_link(&stage.link).await;
    ask(&admin, invitation, &admin.account().to_string()).await.expect(422).shows("Accept the invitation yourself");
    admin.accept(invitation).await.expect(422).shows("Confirm that you are accepting with a different address");
    assert_eq!(stage.app.count("invitation_asks").await, 0);
}

#[tokio::test]
async fn an_older_link_cannot_be_used_to_ask_an_admin() {
    let stage = Stage::pending().await;
    let (admin, _, _) = manager(&stage).await;
    let viewer = stage.app.member(&admin, Role::Viewer, "Vi", "vi@harbor.example").await;
    let invitation = viewer.open_link(&stage.link).await;
    stage.resend().await;
    ask(&viewer, invitation, &admin.account().to_string()).await.expect(410).shows("A newer invitation was sent");
    assert_eq!(stage.app.count("invitation_asks").await, 0);
}

#[tokio::test]
async fn an_asked_admin_can_accept_only_for_the_company_that_asked() {
    let stage = Stage::pending().await;
    let (admin, manager, invitation) = manager(&stage).await;
    let second = stage.app.admin("Mia", "mia@other.example", "Other Leads", None, false).await;
    let query = "insert into members (account_id, user_id, role, created_at)
                 select a.id, u.id, 'admin', now() from accounts a, users u where a.name = 'Other Leads' and u.email = 'max@harbor.example'";
    stage.app.execute(query).await.unwrap();
    ask(&manager, invitation, &admin.account().to_string()).await.expect(303);
    let shown = admin.get(&paths::invitation(invitation)).await.expect(200);
    assert!(shown.has(&format!("value=\"{}\"", admin.account())));
    assert!(!shown.has(&format!("value=\"{}\"", second.account())), "only the company that asked is offered");
    let other = [("form", "accept"), ("account", &second.account().to_string())];
    admin.post(&paths::invitation(invitation), &other).await.expect(422);
    let confirmed = [&other[..], &[("confirm", "on")]].concat();
    admin
        .post(&paths::invitation(invitation), &confirmed)
        .await
        .expect(422)
        .shows("asked to accept for another company");
    assert!(!shown.text().contains("Create a new company"));
    let page = paths::company_to_accept(invitation);
    let made = admin.post(&page, &[("form", "company"), ("company", "Max Leads")]).await.expect(303);
    let made = made.location().split("?as=").nth(1).unwrap().to_owned();
    let fresh = [("form", "accept"), ("account", made.as_str()), ("confirm", "on")];
    admin.post(&paths::invitation(invitation), &fresh).await.expect(422);
    let input = serde_json::json!({ "invitation_id": invitation, "account_id": second.account() });
    admin.call("invitations/accept", input).await.expect(422);
    assert_eq!(stage.app.invitation_row(invitation).await.state, "pending");
    admin.accept(invitation).await.expect(303);
}
