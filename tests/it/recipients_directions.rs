//! Companies that know each other already: the same direction is connected, whoever made it; the other one is a further
//! invitation; and nobody stands for a company twice.

use crate::support::{
    Actor, TestApp,
    recipients::{Asked, BUYER, LEAD_HARBOR, ReceivingFacts},
    stage::Stage,
};
use accord::{
    accounts::model::{Plan, Role},
    base::{AccountId, paths},
    entities::model::SourceTag,
};

/// Lead Harbor, which buys, is connected with Bright Solar, which sells; Bright Solar has flows of its own too.
async fn other_direction(app: &TestApp, harbor: &Actor) -> Actor {
    let solar = app.admin("Bo Buyer", BUYER, "Bright Solar", Some(Plan::Base), false).await;
    let flow = harbor.create_flow("Harbor flow").await;
    harbor.invite(flow, BUYER, "").await.expect(303);
    let invitation = solar.open_link(&app.invited_link(BUYER).await).await;
    solar.accept(invitation).await.expect(303);
    solar
}

async fn only_receiving(app: &TestApp, buyer: AccountId, seller: AccountId) -> ReceivingFacts {
    let mut all = app.receiving(buyer, seller).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[tokio::test]
async fn the_other_direction_is_a_new_invitation_and_its_acceptance_makes_both() {
    let app = TestApp::start().await;
    let harbor = app.lead_harbor().await;
    let solar = other_direction(&app, &harbor).await;
    let known = app.entities_of(harbor.account()).await.remove(0);
    assert_eq!((known.source.as_deref(), known.recipient.as_deref()), (Some("seller"), None));
    harbor.invite_recipient(BUYER, "").await.expect(303);
    assert_eq!(app.count("invitations where kind = 'recipient'").await, 1);
    let invitation = solar.open_link(&app.invited_link(BUYER).await).await;
    solar.accept_into(invitation, "new").await.expect(303);
    assert_eq!(app.connections().await, [(solar.account(), harbor.account()), (harbor.account(), solar.account())]);
    let entities = app.entities_of(harbor.account()).await;
    assert_eq!((entities[0].source.as_deref(), entities[0].recipient.as_deref()), (Some("seller"), Some("buyer")));
    assert_eq!((entities[1].deprecated, entities[1].see), (true, Some(known.id)), "emptied by the merge");
    assert!(app.deeds(harbor.account()).await.contains(&"recipient_merged".to_owned()));
    let theirs = app.entities_of(solar.account()).await;
    assert_eq!(theirs.len(), 1, "{theirs:?}");
    assert_eq!((theirs[0].source.as_deref(), theirs[0].recipient.as_deref()), (Some("seller"), Some("buyer")));
    assert!(only_receiving(&app, solar.account(), harbor.account()).await.enabled);
    let list = harbor.get(paths::RECIPIENTS).await.expect(200);
    assert_eq!(list.body.matches("<tr>").count(), 2, "the head and one row");
    assert!(list.row_with("Bright Solar").contains("Connected"));
}

#[tokio::test]
async fn a_buyer_that_invited_is_a_recipient_and_connected_already() {
    let (stage, seller) = Stage::connected().await;
    let app = &stage.app;
    let recipient = app.entities_of(seller.account()).await.remove(0);
    assert_eq!((recipient.name.as_str(), recipient.recipient.as_deref()), ("Bright Solar", Some("buyer")));
    assert!(seller.get(paths::RECIPIENTS).await.row_with("Bright Solar").contains("Connected"));
    let mails = app.mails_to(&stage.buyer.email).await.len();
    let sent = seller.invite_recipient(&stage.buyer.email, "").await;
    assert_eq!(sent.leads_to(), paths::RECIPIENTS);
    assert_eq!(app.count("invitations").await, 1, "none is made");
    assert_eq!(app.mails_to(&stage.buyer.email).await.len(), mails);
    assert_eq!(app.entities_of(seller.account()).await.len(), 1);
}

#[tokio::test]
async fn a_seller_that_asked_is_connected_already_for_its_buyer() {
    let (asked, buyer, _) = Asked::connected(Some(Plan::Base)).await;
    let second = buyer.create_flow("Roofing").await;
    buyer.invite(second, LEAD_HARBOR, "").await.expect(303);
    let row = buyer.only_source(second).await;
    assert_eq!((row.name.as_str(), row.tag, row.is_on()), ("Lead Harbor", SourceTag::AccountSource, true));
    assert_eq!(asked.app.count("invitations").await, 1);
    let mails = asked.app.mails_to(LEAD_HARBOR).await;
    assert!(mails.iter().any(|mail| mail.subject.contains("shared new Submission Docs")));
    asked.seller.invite_recipient(BUYER, "").await.expect(303);
    assert_eq!(asked.app.count("invitations").await, 1, "nor for the seller");
}

#[tokio::test]
async fn an_address_of_several_companies_is_not_given_away() {
    let (asked, buyer, _) = Asked::connected(Some(Plan::Base)).await;
    let dee = asked.app.member(&buyer, Role::Admin, "Dee", "dee@buyer.example").await;
    let query = "insert into members (account_id, user_id, role, created_at)
                 select a.id, u.id, 'admin', now() from accounts a, users u where a.name = 'Elsewhere' and u.email = 'dee@buyer.example'";
    asked.app.stranger().await;
    asked.app.execute(query).await.unwrap();
    asked.seller.invite_recipient(&dee.email, "").await.expect(303);
    assert_eq!(asked.app.count("invitations where email = 'dee@buyer.example'").await, 1, "a new invitation");
}

#[tokio::test]
async fn a_second_invitation_of_the_same_company_doubles_nothing() {
    let (asked, buyer, received) = Asked::connected(Some(Plan::Base)).await;
    let app = &asked.app;
    let dee_email = "dee@buyer.example";
    asked.seller.invite_recipient(dee_email, "").await.expect(303);
    let dee = app.member(&buyer, Role::Admin, "Dee", dee_email).await;
    let invitation = dee.open_link(&app.invited_link(dee_email).await).await;
    dee.accept_into(invitation, &received.flow_id.to_string()).await.expect(303);
    assert_eq!(only_receiving(app, buyer.account(), asked.seller.account()).await, received);
    assert_eq!(app.partners().await.len(), 1);
    assert_eq!(app.connections().await.len(), 1);
    let entities = app.entities_of(asked.seller.account()).await;
    assert_eq!((entities[1].deprecated, entities[1].see), (true, Some(entities[0].id)));
}

#[tokio::test]
async fn a_source_that_was_off_is_switched_on_by_receiving_its_leads_in_that_flow_again() {
    let (asked, buyer, received) = Asked::connected(Some(Plan::Base)).await;
    let app = &asked.app;
    app.execute("update connections set disconnected_at = now()").await.unwrap();
    app.execute("update flow_sources set enabled = false").await.unwrap();
    let row = asked.seller.get(paths::RECIPIENTS).await.row_with("Bright Solar");
    assert!(row.contains("Disconnected"), "{row}");
    asked.seller.invite_recipient(BUYER, "").await.expect(303);
    assert_eq!(app.count("invitations").await, 2, "what has ended is no connection");
    let invitation = buyer.open_link(&app.invited_link(BUYER).await).await;
    buyer.accept_into(invitation, &received.flow_id.to_string()).await.expect(303);
    assert_eq!(only_receiving(app, buyer.account(), asked.seller.account()).await, received);
    assert_eq!(app.connections().await.len(), 1);
    assert!(app.deeds(buyer.account()).await.contains(&"source_switched".to_owned()));
}

#[tokio::test]
async fn the_partner_that_was_invited_at_the_sellers_address_is_the_one() {
    let asked = Asked::pending().await;
    let app = &asked.app;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    let flow = buyer.create_flow("Roofing").await;
    buyer.invite(flow, LEAD_HARBOR, "").await.expect(303);
    let waiting = buyer.only_source(flow).await.id;
    let partner = app.partners().await.remove(0).id;
    let invitation = buyer.open_link(&asked.link).await;
    buyer.accept_into(invitation, "new").await.expect(303);
    let partners = app.partners().await;
    assert_eq!(partners.len(), 1, "{partners:?}");
    assert_eq!((partners[0].id, partners[0].name.as_str()), (partner, "Lead Harbor"));
    assert_eq!(partners[0].linked_account_id, asked.seller.account);
    let received = only_receiving(app, buyer.account(), asked.seller.account()).await;
    assert_eq!(app.partner_of(received.source_id).await, Some(partner));
    // The source that waited for the seller goes up in the one that is there as soon as the seller accepts, too.
    let theirs = app.invitation_to(LEAD_HARBOR).await;
    asked.seller.accept(theirs).await.expect(303);
    let sources = app.receiving(buyer.account(), asked.seller.account()).await;
    assert!(sources.iter().any(|source| source.source_id == waiting && source.enabled), "{sources:?}");
    assert_eq!(app.partner_of(waiting).await, Some(partner));
}

#[tokio::test]
async fn a_partner_named_by_hand_that_another_member_was_invited_for_keeps_its_name() {
    let asked = Asked::pending().await;
    let app = &asked.app;
    app.member(&asked.seller, Role::Manager, "Max", "max@harbor.example").await;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    let partner = buyer.create_partner("The Harbor people").await;
    buyer.connect(partner, "max@harbor.example").await.expect(303);
    let invitation = buyer.open_link(&asked.link).await;
    buyer.accept_into(invitation, "new").await.expect(303);
    let facts = app.partner(partner).await;
    assert_eq!((facts.name.as_str(), facts.linked_account_id), ("The Harbor people", asked.seller.account));
    assert_eq!(app.partners().await.len(), 1);
}

#[tokio::test]
async fn two_companies_that_accept_each_others_invitations_at_once_are_connected_in_both_directions() {
    for _ in 0..5 {
        let asked = Asked::pending().await;
        let app = &asked.app;
        let buyer = asked.buyer(Some(Plan::Base)).await;
        let theirs = buyer.open_link(&asked.link).await;
        buyer.invite_recipient(LEAD_HARBOR, "").await.expect(303);
        let ours = asked.seller.open_link(&app.invited_link(LEAD_HARBOR).await).await;
        let (one, two) = tokio::join!(buyer.accept_into(theirs, "new"), asked.seller.accept_into(ours, "new"));
        one.expect(303);
        two.expect(303);
        assert_eq!(app.connections().await.len(), 2);
        for (one, other) in [(&buyer, &asked.seller), (&asked.seller, &buyer)] {
            let entities = app.entities_of(one.account()).await;
            let living: Vec<_> = entities.iter().filter(|entity| !entity.deprecated).collect();
            assert_eq!(living.len(), 1, "{entities:?}");
            assert_eq!((living[0].source.as_deref(), living[0].recipient.as_deref()), (Some("seller"), Some("buyer")));
            only_receiving(app, one.account(), other.account()).await;
        }
    }
}

#[tokio::test]
async fn a_company_that_is_renamed_is_so_at_its_recipients_and_at_its_sellers() {
    let (asked, buyer, received) = Asked::connected(Some(Plan::Base)).await;
    let rename = async |actor: &Actor, name: &str| {
        let form = [("name", name), ("website", ""), ("time_zone", "Etc/UTC"), ("invitation_days", "14")];
        actor.post_as("settings", paths::SETTINGS, &form).await.expect(303);
    };
    rename(&buyer, "Brighter Solar").await;
    rename(&asked.seller, "Lead Haven").await;
    assert_eq!(asked.recipient().await.name, "Brighter Solar");
    assert_eq!(buyer.only_source(received.flow_id).await.name, "Lead Haven");
    assert_eq!(asked.app.partners().await[0].name, "Lead Haven");
}

#[tokio::test]
async fn connections_from_before_get_their_other_half_by_the_migration() {
    let (stage, seller) = Stage::connected().await;
    let app = &stage.app;
    let account = seller.account();
    app.execute(&format!("delete from entities where account_id = '\\x{account}' and kind = 'account'")).await.unwrap();
    let migration = include_str!("../../migrations/0013_both_sides_of_a_connection.sql");
    for _ in 0..2 {
        sqlx::raw_sql(migration).execute(&app.state.pool).await.unwrap();
        let made = app.entities_of(account).await;
        assert_eq!(made.len(), 1, "{made:?}");
        assert_eq!((made[0].name.as_str(), made[0].recipient.as_deref()), ("Bright Solar", Some("buyer")));
        assert_eq!(made[0].connected_account_id, stage.buyer.account);
    }
}
