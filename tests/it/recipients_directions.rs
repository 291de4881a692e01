//! Companies that already know each other: an existing direction counts as connected whoever invited, the other
//! direction needs its own invitation, and a company never gets two entities.

use crate::support::{
    Actor, TestApp,
    recipients::{BUYER, LEAD_HARBOR, ReceivedSource, RecipientStage},
    stage::Stage,
};
use accord::{
    accounts::model::{Plan, Role},
    base::{AccountId, paths},
    entities::model::SourceTag,
};

/// Lead Harbor buys from Bright Solar, and Bright Solar has its own flows too.
async fn other_direction(app: &TestApp, harbor: &Actor) -> Actor {
    let solar = app.admin("Bo Buyer", BUYER, "Bright Solar", Some(Plan::Base), false).await;
    let flow = harbor.create_flow("Harbor flow").await;
    harbor.invite(flow, BUYER, "").await.expect(303);
    let invitation = solar.open_link(&app.invited_link(BUYER).await).await;
    solar.accept(invitation).await.expect(303);
    solar
}

async fn only_source_from(app: &TestApp, buyer: AccountId, seller: AccountId) -> ReceivedSource {
    let mut all = app.sources_from(buyer, seller).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[tokio::test]
async fn the_other_direction_is_a_new_invitation_and_accepting_it_connects_both() {
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
    assert!(only_source_from(&app, solar.account(), harbor.account()).await.enabled);
    let list = harbor.get(paths::RECIPIENTS).await.expect(200);
    assert_eq!(list.body.matches("<tr>").count(), 2, "the header and one row");
    assert!(list.row_with("Bright Solar").contains("Connected"));
}

#[tokio::test]
async fn a_buyer_that_invited_is_a_connected_recipient() {
    let (stage, seller) = Stage::connected().await;
    let app = &stage.app;
    let recipient = app.entities_of(seller.account()).await.remove(0);
    assert_eq!((recipient.name.as_str(), recipient.recipient.as_deref()), ("Bright Solar", Some("buyer")));
    assert!(seller.get(paths::RECIPIENTS).await.row_with("Bright Solar").contains("Connected"));
    let mails = app.mails_to(&stage.buyer.email).await.len();
    let sent = seller.invite_recipient(&stage.buyer.email, "").await;
    assert_eq!(sent.location(), paths::RECIPIENTS);
    assert_eq!(app.count("invitations").await, 1, "none is created");
    assert_eq!(app.mails_to(&stage.buyer.email).await.len(), mails);
    assert_eq!(app.entities_of(seller.account()).await.len(), 1);
}

#[tokio::test]
async fn a_seller_that_invited_counts_as_connected_for_its_buyer() {
    let (stage, buyer, _) = RecipientStage::connected(Some(Plan::Base)).await;
    let second = buyer.create_flow("Roofing").await;
    buyer.invite(second, LEAD_HARBOR, "").await.expect(303);
    let row = buyer.only_source(second).await;
    assert_eq!((row.name.as_str(), row.tag, row.is_on()), ("Lead Harbor", SourceTag::AccountSource, true));
    assert_eq!(stage.app.count("invitations").await, 1);
    let mails = stage.app.mails_to(LEAD_HARBOR).await;
    assert!(mails.iter().any(|mail| mail.subject.contains("shared new Submission Docs")));
    stage.seller.invite_recipient(BUYER, "").await.expect(303);
    assert_eq!(stage.app.count("invitations").await, 1, "none from the seller either");
}

#[tokio::test]
async fn an_address_of_several_companies_does_not_reveal_a_connection() {
    let (stage, buyer, _) = RecipientStage::connected(Some(Plan::Base)).await;
    let dee = stage.app.member(&buyer, Role::Admin, "Dee", "dee@buyer.example").await;
    let query = "insert into members (account_id, user_id, role, created_at)
                 select a.id, u.id, 'admin', now() from accounts a, users u where a.name = 'Elsewhere' and u.email = 'dee@buyer.example'";
    stage.app.stranger().await;
    stage.app.execute(query).await.unwrap();
    stage.seller.invite_recipient(&dee.email, "").await.expect(303);
    assert_eq!(stage.app.count("invitations where email = 'dee@buyer.example'").await, 1, "a new invitation");
}

#[tokio::test]
async fn a_second_invitation_to_the_same_company_duplicates_nothing() {
    let (stage, buyer, received) = RecipientStage::connected(Some(Plan::Base)).await;
    let app = &stage.app;
    let dee_email = "dee@buyer.example";
    stage.seller.invite_recipient(dee_email, "").await.expect(303);
    let dee = app.member(&buyer, Role::Admin, "Dee", dee_email).await;
    let invitation = dee.open_link(&app.invited_link(dee_email).await).await;
    dee.accept_into(invitation, &received.flow_id.to_string()).await.expect(303);
    assert_eq!(only_source_from(app, buyer.account(), stage.seller.account()).await, received);
    assert_eq!(app.partners().await.len(), 1);
    assert_eq!(app.connections().await.len(), 1);
    let entities = app.entities_of(stage.seller.account()).await;
    assert_eq!((entities[1].deprecated, entities[1].see), (true, Some(entities[0].id)));
}

#[tokio::test]
async fn accepting_again_into_the_same_flow_turns_its_source_on() {
    let (stage, buyer, received) = RecipientStage::connected(Some(Plan::Base)).await;
    let app = &stage.app;
    app.execute("update connections set disconnected_at = now()").await.unwrap();
    app.execute("update flow_sources set enabled = false").await.unwrap();
    let row = stage.seller.get(paths::RECIPIENTS).await.row_with("Bright Solar");
    assert!(row.contains("Disconnected"), "{row}");
    stage.seller.invite_recipient(BUYER, "").await.expect(303);
    assert_eq!(app.count("invitations").await, 2, "an ended connection does not count");
    let invitation = buyer.open_link(&app.invited_link(BUYER).await).await;
    buyer.accept_into(invitation, &received.flow_id.to_string()).await.expect(303);
    assert_eq!(only_source_from(app, buyer.account(), stage.seller.account()).await, received);
    assert_eq!(app.connections().await.len(), 1);
    assert!(app.deeds(buyer.account()).await.contains(&"source_switched".to_owned()));
}

#[tokio::test]
async fn the_partner_invited_at_the_sellers_address_is_linked() {
    let stage = RecipientStage::pending().await;
    let app = &stage.app;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    let flow = buyer.create_flow("Roofing").await;
    buyer.invite(flow, LEAD_HARBOR, "").await.expect(303);
    let waiting = buyer.only_source(flow).await.id;
    let partner = app.partners().await.remove(0).id;
    let invitation = buyer.open_link(&stage.link).await;
    buyer.accept_into(invitation, "new").await.expect(303);
    let partners = app.partners().await;
    assert_eq!(partners.len(), 1, "{partners:?}");
    assert_eq!((partners[0].id, partners[0].name.as_str()), (partner, "Lead Harbor"));
    assert_eq!(partners[0].linked_account_id, stage.seller.account);
    let received = only_source_from(app, buyer.account(), stage.seller.account()).await;
    assert_eq!(app.partner_of(received.source_id).await, Some(partner));
    // When the seller accepts too, the source waiting for it moves to the existing entity.
    let theirs = app.invitation_to(LEAD_HARBOR).await;
    stage.seller.accept(theirs).await.expect(303);
    let sources = app.sources_from(buyer.account(), stage.seller.account()).await;
    assert!(sources.iter().any(|source| source.source_id == waiting && source.enabled), "{sources:?}");
    assert_eq!(app.partner_of(waiting).await, Some(partner));
}

#[tokio::test]
async fn a_named_partner_invited_at_another_members_address_keeps_its_name() {
    let stage = RecipientStage::pending().await;
    let app = &stage.app;
    app.member(&stage.seller, Role::Manager, "Max", "max@harbor.example").await;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    let partner = buyer.create_partner("The Harbor people").await;
    buyer.connect(partner, "max@harbor.example").await.expect(303);
    let invitation = buyer.open_link(&stage.link).await;
    buyer.accept_into(invitation, "new").await.expect(303);
    let facts = app.partner(partner).await;
    assert_eq!((facts.name.as_str(), facts.linked_account_id), ("The Harbor people", stage.seller.account));
    assert_eq!(app.partners().await.len(), 1);
}

#[tokio::test]
async fn two_companies_accepting_each_others_invitations_concurrently_are_connected_both_ways() {
    for _ in 0..5 {
        let stage = RecipientStage::pending().await;
        let app = &stage.app;
        let buyer = stage.buyer(Some(Plan::Base)).await;
        let theirs = buyer.open_link(&stage.link).await;
        buyer.invite_recipient(LEAD_HARBOR, "").await.expect(303);
        let ours = stage.seller.open_link(&app.invited_link(LEAD_HARBOR).await).await;
        let (one, two) = tokio::join!(buyer.accept_into(theirs, "new"), stage.seller.accept_into(ours, "new"));
        one.expect(303);
        two.expect(303);
        assert_eq!(app.connections().await.len(), 2);
        for (one, other) in [(&buyer, &stage.seller), (&stage.seller, &buyer)] {
            let entities = app.entities_of(one.account()).await;
            let active: Vec<_> = entities.iter().filter(|entity| !entity.deprecated).collect();
            assert_eq!(active.len(), 1, "{entities:?}");
            assert_eq!((active[0].source.as_deref(), active[0].recipient.as_deref()), (Some("seller"), Some("buyer")));
            only_source_from(app, one.account(), other.account()).await;
        }
    }
}

#[tokio::test]
async fn a_renamed_company_is_renamed_for_its_recipients_and_sellers() {
    let (stage, buyer, received) = RecipientStage::connected(Some(Plan::Base)).await;
    let rename = async |actor: &Actor, name: &str| {
        let form = [("name", name), ("website", ""), ("time_zone", "Etc/UTC"), ("invitation_days", "14")];
        actor.post_as("settings", paths::SETTINGS, &form).await.expect(303);
    };
    rename(&buyer, "Brighter Solar").await;
    rename(&stage.seller, "Lead Haven").await;
    assert_eq!(stage.recipient().await.name, "Brighter Solar");
    assert_eq!(buyer.only_source(received.flow_id).await.name, "Lead Haven");
    assert_eq!(stage.app.partners().await[0].name, "Lead Haven");
}

#[tokio::test]
async fn the_migration_adds_the_missing_half_of_older_connections() {
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
