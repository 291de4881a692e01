//! **Invite to Connect** from a partner's page. Every source invitation has exactly one partner.

use crate::support::{
    Actor, TestApp,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::Plan,
    base::{InvitationId, PartnerId, paths},
};
use time::Duration;

/// The partner of each invitation, in sending order.
async fn partners_of_invitations(app: &TestApp) -> Vec<Option<PartnerId>> {
    sqlx::query_scalar("select partner_id from invitations order by id").fetch_all(&app.state.pool).await.unwrap()
}

async fn accept(app: &TestApp, seller: &Actor, email: &str) -> InvitationId {
    let invitation = seller.open_link(&app.link_to(email).await).await;
    seller.accept_confirmed(invitation).await.expect(303);
    invitation
}

async fn seller(app: &TestApp) -> Actor {
    app.admin("Cy Seller", SELLER, "Lead Harbor", Some(Plan::Pro), false).await
}

#[tokio::test]
async fn a_partner_is_invited_without_a_flow_and_linked_on_acceptance_under_its_own_name() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    let page = buyer.get(&paths::connect_partner(partner)).await.expect(200);
    for words in ["Company Email", "Add a personal note", "Preview", "Send Invite", "this partner is linked"] {
        assert!(page.text().contains(words), "{words}");
    }
    let response = buyer.connect(partner, SELLER).await;
    assert_eq!(response.location(), paths::partner(partner));
    let page = buyer.get(response.location()).await.shows("Invitation sent.").shows("Invited").shows(SELLER);
    for offer in ["Resend", "Revoke", "Send to another address", "Copy link"] {
        assert!(page.text().contains(offer), "{offer}");
    }
    let id = app.count("invitations").await;
    assert_eq!((id, app.count("flow_sources").await, app.count("entities where kind = 'account'").await), (1, 0, 1));
    assert_eq!(partners_of_invitations(&app).await, [Some(partner)]);
    let seller = seller(&app).await;
    accept(&app, &seller, SELLER).await;
    let after = app.partner(partner).await;
    assert_eq!((after.name.as_str(), after.linked_account_id), ("Acme", seller.account));
    let page = buyer.get(&paths::partner(partner)).await.expect(200);
    let page = page.shows("Connected").shows("Lead Harbor").shows("Connected since");
    assert!(!page.text().contains("Invite to Connect"));
    // The company's sources are assigned to the partner.
    let flow = buyer.create_flow("Solar").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    assert_eq!(app.partner_of(buyer.only_source(flow).await.id).await, Some(partner));
}

#[tokio::test]
async fn while_the_invitation_is_open_the_page_says_so_and_its_buttons_return_there() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    buyer.connect(partner, SELLER).await.expect(303);
    let here = paths::partner(partner);
    buyer.get(&here).await.shows("The email is on its way.").shows("Expires in 14 days.");
    app.deliver().await;
    let page = buyer.get(&here).await.shows("Invited just now.");
    let id: InvitationId = sqlx::query_scalar("select id from invitations").fetch_one(&app.state.pool).await.unwrap();
    for path in [paths::invitation_address(id, &here), paths::revoke_invitation(id, &here)] {
        assert!(page.has(&format!("href=\"{path}\"")), "{path}");
    }
    assert!(page.has(&format!("action=\"{}\"", paths::invitation_link(id, &here))));
    app.deliver().await;
    app.advance(Duration::minutes(2));
    let resent = buyer.post_as("resend", &here, &[("invitation", &id.to_string()), ("back", &here)]).await;
    assert_eq!(resent.location(), here);
    buyer.get(&here).await.shows("Invitation resent.");
    buyer.post_as("resend", &here, &[("invitation", &id.to_string())]).await.expect(429).shows("less than a minute");
    buyer.post_as("revoke", &paths::revoke_invitation(id, &here), &[("back", &here)]).await.expect(303);
    let page = buyer.get(&here).await.shows("Revoked just now.").shows("Not connected").shows("Invite again");
    page.shows("Invite to Connect");
    buyer.post_as("invite-again", &here, &[("invitation", &id.to_string())]).await.expect(303);
    assert_eq!(partners_of_invitations(&app).await, [Some(partner), Some(partner)]);
}

#[tokio::test]
async fn inviting_an_already_invited_or_linked_partner_creates_nothing_and_says_so() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let (acme, best) = (buyer.create_partner("Acme").await, buyer.create_partner("Best Leads").await);
    buyer.connect(acme, SELLER).await.expect(303);
    let again = buyer.connect(acme, &SELLER.to_uppercase()).await;
    buyer.get(again.location()).await.shows("This address is already invited.");
    buyer.connect(acme, "other@seller.example").await.expect(409).shows("This partner has an open invitation.");
    let page = buyer.connect(best, SELLER).await.expect(409);
    let page =
        page.shows("This address is already invited for another of your partners.").shows("It was invited for Acme.");
    assert!(page.has(&format!("value=\"{SELLER}\"")), "the input is kept");
    assert_eq!((app.count("invitations").await, app.mails_to(SELLER).await.len()), (1, 1));
    let seller = seller(&app).await;
    accept(&app, &seller, SELLER).await;
    let linked = buyer.connect(acme, "other@seller.example").await;
    linked.expect(409).shows("This partner is already connected to its company.");
    let connected = buyer.connect(best, SELLER).await;
    buyer.get(connected.location()).await.shows("already connected with this company.");
    buyer.connect(best, "ann@buyer.example").await.expect(422).shows("This address belongs to your own account.");
    buyer.connect(best, "nobody").await.expect(422).shows("Enter an email address like name@example.com.");
    assert_eq!(app.count("invitations").await, 1);
}

#[tokio::test]
async fn only_one_of_24_concurrent_invitations_of_one_partner_is_sent() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    let responses = futures::future::join_all((0..24).map(|_| buyer.connect(partner, SELLER))).await;
    for response in responses {
        response.expect(303);
    }
    assert_eq!((app.count("invitations").await, app.count("entities where kind = 'account'").await), (1, 1));
    assert_eq!((app.count("mails").await, app.count("partners").await), (1, 1));
    let other = buyer.create_partner("Best Leads").await;
    let emails: Vec<_> = (0..8).map(|number| format!("to{number}@best.example")).collect();
    let responses = futures::future::join_all(emails.iter().map(|email| buyer.connect(other, email))).await;
    let sent = responses.iter().filter(|response| response.status == 303).count();
    assert_eq!(sent, 1, "a partner has at most one open invitation");
}

#[tokio::test]
async fn inviting_to_connect_needs_base_or_pro() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    app.end_plan(buyer.account()).await;
    buyer.get(&paths::connect_partner(partner)).await.expect(200).shows("Inviting needs LeadConduit Base or Pro.");
    buyer.connect(partner, SELLER).await.expect(403).shows("You need LeadConduit Base or Pro to invite companies");
    assert_eq!(app.count("invitations").await, 0);
}

#[tokio::test]
async fn inviting_from_a_flow_uses_the_partner_that_has_the_address() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    buyer.connect(partner, SELLER).await.expect(303);
    let flow = buyer.create_flow("Solar").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    assert_eq!(app.partner_of(buyer.only_source(flow).await.id).await, Some(partner));
    let invitation: InvitationId =
        sqlx::query_scalar("select id from invitations").fetch_one(&app.state.pool).await.unwrap();
    buyer.revoke(invitation).await.expect(303);
    buyer.invite(flow, SELLER, "").await.expect(303);
    assert_eq!(partners_of_invitations(&app).await, [Some(partner), Some(partner)]);
    assert_eq!(app.count("partners").await, 1);
}

#[tokio::test]
async fn a_chosen_partner_takes_over_the_address_and_an_unnamed_partners_sources() {
    let stage = Stage::pending().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let former = app.partners().await[0].id;
    buyer.revoke(stage.invitation().await).await.expect(303);
    let chosen = buyer.create_partner("Acme").await;
    buyer.connect(chosen, SELLER).await.expect(303);
    assert_eq!(app.partner_of(stage.source).await, Some(chosen));
    let former = app.partner(former).await;
    assert!(former.archived && former.invited_email_key.is_none(), "{former:?}");
    assert_eq!(app.partner(chosen).await.invited_email_key.as_deref(), Some(SELLER));
    let seller = seller(app).await;
    accept(app, &seller, SELLER).await;
    assert_eq!(app.partner(chosen).await.linked_account_id, seller.account);
    assert_eq!(app.partner_of(stage.source).await, Some(chosen));
}

#[tokio::test]
async fn a_named_partner_that_loses_the_address_keeps_its_sources() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let (first, second) = (buyer.create_partner("First").await, buyer.create_partner("Second").await);
    buyer.connect(first, SELLER).await.expect(303);
    let flow = buyer.create_flow("Solar").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    let source = buyer.only_source(flow).await.id;
    let invitation: InvitationId =
        sqlx::query_scalar("select id from invitations").fetch_one(&app.state.pool).await.unwrap();
    buyer.revoke(invitation).await.expect(303);
    buyer.connect(second, SELLER).await.expect(303);
    assert_eq!(app.partner_of(source).await, Some(first), "nobody confirmed a move");
    let after = app.partner(first).await;
    assert!(!after.archived && after.invited_email_key.is_none());
    assert_eq!(partners_of_invitations(&app).await, [Some(first), Some(second)]);
}

#[tokio::test]
async fn a_company_that_already_has_a_partner_keeps_it_and_the_page_says_so() {
    let (stage, seller) = Stage::connected().await;
    let linked = stage.app.partners().await[0].id;
    let acme = stage.buyer.create_partner("Acme").await;
    stage.buyer.connect(acme, "new@elsewhere.example").await.expect(303);
    accept(&stage.app, &seller, "new@elsewhere.example").await;
    assert_eq!(stage.app.partner(acme).await.linked_account_id, None);
    assert_eq!(stage.app.partner(linked).await.linked_account_id, seller.account);
    let page = stage.buyer.get(&paths::partner(acme)).await.expect(200);
    page.shows("Lead Harbor accepted the invitation. It was already connected with you as Lead Harbor.");
}

#[tokio::test]
async fn a_partner_is_linked_to_one_company_and_a_second_one_gets_its_own_partner() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    buyer.connect(partner, SELLER).await.expect(303);
    let first: InvitationId =
        sqlx::query_scalar("select id from invitations").fetch_one(&app.state.pool).await.unwrap();
    for _ in 0..2 {
        app.advance(Duration::days(8));
        buyer.get("/").await.expect(200);
    }
    // The first invitation has expired. Invite another address, then resend the first.
    buyer.connect(partner, "dee@other.example").await.expect(303);
    buyer.act("resend", first).await.expect(303);
    let harbor = seller(&app).await;
    accept(&app, &harbor, SELLER).await;
    let other = app.admin("Dee Other", "dee@other.example", "Other Leads", Some(Plan::Pro), false).await;
    accept(&app, &other, "dee@other.example").await;
    assert_eq!(app.partner(partner).await.linked_account_id, harbor.account);
    let partners = app.partners().await;
    assert_eq!(partners.len(), 2);
    assert_eq!((partners[1].name.as_str(), partners[1].linked_account_id), ("Other Leads", other.account));
}

#[tokio::test]
async fn an_archived_linked_partner_is_restored_when_its_company_accepts_again() {
    let (stage, seller) = Stage::connected().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let linked = app.partners().await[0].id;
    buyer.remove_partner(linked).await.expect(303);
    app.execute("update connections set disconnected_at = now()").await.unwrap();
    app.deliver().await;
    app.advance(Duration::minutes(2));
    let flow = buyer.create_flow("Roofing").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    accept(app, &seller, SELLER).await;
    let after = app.partner(linked).await;
    assert!(!after.archived);
    let row = buyer.only_source(flow).await;
    assert_eq!(app.partner_of(row.id).await, Some(linked));
    assert_eq!(app.partners().await.iter().filter(|partner| !partner.archived).count(), 1);
    assert!(app.deeds(buyer.account()).await.contains(&"partner_restored".to_owned()));
}

#[tokio::test]
async fn inviting_a_disconnected_company_again_reuses_its_partner() {
    let (stage, seller) = Stage::connected().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let linked = app.partners().await[0].id;
    app.execute("update connections set disconnected_at = now()").await.unwrap();
    app.deliver().await;
    app.advance(Duration::minutes(2));
    buyer.get(&paths::partner(linked)).await.expect(200).shows("Disconnected");
    let flow = buyer.create_flow("Roofing").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    assert_eq!(partners_of_invitations(app).await, [Some(linked), Some(linked)]);
    assert_eq!(app.partner_of(buyer.only_source(flow).await.id).await, Some(linked));
    buyer.get(paths::PARTNERS).await.expect(200).shows("Invited");
    accept(app, &seller, SELLER).await;
    assert_eq!(app.count("partners").await, 1);
    buyer.get(paths::PARTNERS).await.expect(200).shows("Connected");
}

#[tokio::test]
async fn an_archived_partner_cannot_be_invited_and_a_restored_one_does_not_regain_its_address() {
    let stage = Stage::pending().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let older = app.partners().await[0].id;
    buyer.revoke(stage.invitation().await).await.expect(303);
    buyer.remove_partner(older).await.expect(303);
    buyer.connect(older, SELLER).await.expect(409).shows("This partner is archived. Restore it first.");
    let flow = buyer.create_flow("Roofing").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    let newer = app.partners().await[1].id;
    assert_eq!(partners_of_invitations(app).await, [Some(older), Some(newer)]);
    buyer.restore_partner(older).await.expect(303);
    assert_eq!(app.partner(older).await.invited_email_key, None);
    assert_eq!(app.partner(newer).await.invited_email_key.as_deref(), Some(SELLER));
}
