//! Who may not accept for a company asks its Admins; who has none yet makes one.

use crate::support::{
    Actor,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::Role,
    base::{InvitationId, paths},
};

/// A Manager is invited; Max is the Admin of the company.
async fn manager(stage: &Stage) -> (Actor, Actor, InvitationId) {
    let admin = stage.app.admin("Max", "max@harbor.example", "Lead Harbor", None, true).await;
    let manager = stage.app.member(&admin, Role::Manager, "Cy Seller", SELLER).await;
    let invitation = manager.open_link(&stage.link).await;
    (admin, manager, invitation)
}

async fn ask(person: &Actor, invitation: InvitationId, company: &str) -> crate::support::Answer {
    person.post(&paths::invitation(invitation), &[("form", "ask"), ("company", company)]).await
}

#[tokio::test]
async fn the_admins_get_a_mail_find_the_invitation_and_accept_without_confirming_the_address() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let (admin, manager, invitation) = manager(&stage).await;
    let page = paths::invitation(invitation);
    admin.get(&page).await.expect(404);
    assert!(!admin.get("/").await.words().contains("Bright Solar"));
    manager.get(&page).await.expect(200).saying("Ask an Admin");
    let company = admin.account().to_string();
    assert_eq!(ask(&manager, invitation, &company).await.leads_to(), page);
    ask(&manager, invitation, &company).await.expect(303);
    assert_eq!(stage.app.mails_to(&admin.email).await.len(), 1, "asked twice, mailed once");
    let mail = stage.app.mail_to(&admin.email).await;
    assert_eq!(stage.app.path_of(&mail.links[0]), page);
    manager.get(&page).await.expect(200).saying("We asked the Admins of Lead Harbor.");
    assert_eq!(stage.app.ended(invitation).await.state, "pending");
    admin.get("/").await.expect(200).saying("Bright Solar");
    admin.get(paths::INVITATIONS).await.expect(200).saying("Review").saying("asked you to accept");
    let shown = admin.get(&page).await.expect(200);
    assert!(!shown.has("name=\"confirm\""), "an asked Admin confirms nothing");
    admin.accept(invitation).await.expect(303);
    stage.assert_asked(&before, &admin).await;
}

impl Stage {
    async fn assert_asked(&self, before: &crate::support::facts::SourceFacts, admin: &Actor) {
        let after = self.app.source(self.source).await;
        assert_eq!((after.entity_id, after.entity_name.as_str()), (before.entity_id, "Lead Harbor"));
        assert_eq!(after.connected_account_id, Some(admin.account()));
        assert_eq!(self.app.plan(admin.account()).await.as_deref(), Some("partners"));
    }
}

#[tokio::test]
async fn nobody_asks_for_a_company_of_others_or_the_inviters_own() {
    let stage = Stage::pending().await;
    let (admin, manager, invitation) = manager(&stage).await;
    let stranger = stage.app.stranger().await;
    ask(&manager, invitation, &stranger.account().to_string()).await.expect(422).saying("you are a member of");
    ask(&manager, invitation, "nonsense").await.expect(422);
    ask(&stranger, invitation, &stranger.account().to_string()).await.expect(404);
    let own = stage.app.member(&stage.buyer, Role::Viewer, "Vi", "vi@buyer.example").await;
    own.open_link(&stage.link).await;
    ask(&own, invitation, &stage.buyer.account().to_string()).await.expect(409);
    assert_eq!(stage.app.count("invitation_asks").await, 0);
    assert_eq!(stage.app.mails_to(&admin.email).await.len(), 0);
}

#[tokio::test]
async fn an_asked_admin_who_is_demoted_does_not_see_it_any_more() {
    let stage = Stage::pending().await;
    let (admin, manager, invitation) = manager(&stage).await;
    ask(&manager, invitation, &admin.account().to_string()).await.expect(303);
    admin.get(&paths::invitation(invitation)).await.expect(200);
    stage.app.execute("update members set role = 'manager' where user_id = (select id from users where email = 'max@harbor.example')").await.unwrap();
    admin.get(&paths::invitation(invitation)).await.expect(404);
}

#[tokio::test]
async fn a_new_company_is_made_on_the_way_and_accepts() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let (admin, manager, invitation) = manager(&stage).await;
    let page = paths::company_to_accept(invitation);
    manager.get(&page).await.expect(200).saying("Create a new company");
    manager
        .post(&page, &[("form", "company"), ("company", " ")])
        .await
        .expect(422)
        .saying("Enter your company's name.");
    let fields = [("form", "company"), ("company", "Cy Leads")];
    let (one, two) = tokio::join!(manager.post(&page, &fields), manager.post(&page, &fields));
    assert_eq!(one.leads_to(), two.leads_to(), "posted twice, made once");
    let made = one.leads_to().split("?as=").nth(1).unwrap().to_owned();
    let shown = manager.get(one.leads_to()).await.expect(200).saying("Cy Leads");
    assert!(shown.tag_with(&format!("value=\"{made}\"")).contains("selected"));
    manager.post(&paths::invitation(invitation), &[("form", "accept"), ("account", &made)]).await.expect(303);
    let after = stage.app.source(stage.source).await;
    assert_eq!((after.entity_name.as_str(), after.entity_id), ("Cy Leads", before.entity_id));
    assert_eq!(stage.app.plan(made.parse().unwrap()).await.as_deref(), Some("partners"));
    assert_eq!(stage.app.plan(admin.account()).await, None, "the other company is left alone");
}

#[tokio::test]
async fn who_signed_up_outside_the_link_finds_the_invitation_on_the_first_page() {
    let stage = Stage::pending().await;
    let seller = stage.seller().await;
    seller.get("/").await.expect(200).saying("Ann Buyer from Bright Solar invites you to connect.");
    seller.get(paths::INVITATIONS).await.expect(200).saying("Received").saying("Review");
}

#[tokio::test]
async fn an_admin_cannot_ask_themselves_to_be_spared_the_confirmation() {
    let stage = Stage::pending().await;
    let admin = stage.app.admin("Max", "max@harbor.example", "Lead Harbor", None, true).await;
    let invitation = admin.open_link(&stage.link).await;
    ask(&admin, invitation, &admin.account().to_string()).await.expect(422).saying("Accept the invitation yourself");
    admin.accept(invitation).await.expect(422).saying("Confirm that you are accepting with a different address");
    assert_eq!(stage.app.count("invitation_asks").await, 0);
}

#[tokio::test]
async fn an_older_link_asks_nobody() {
    let stage = Stage::pending().await;
    let (admin, _, _) = manager(&stage).await;
    let viewer = stage.app.member(&admin, Role::Viewer, "Vi", "vi@harbor.example").await;
    let invitation = viewer.open_link(&stage.link).await;
    stage.resend().await;
    ask(&viewer, invitation, &admin.account().to_string()).await.expect(410).saying("A newer invitation was sent");
    assert_eq!(stage.app.count("invitation_asks").await, 0);
}

#[tokio::test]
async fn an_asked_admin_accepts_for_the_company_that_asked_and_for_no_other_of_theirs() {
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
    admin.accept(invitation).await.expect(303);
}
