//! Another address of an already connected company is invited, and the company accepts.

use crate::support::{
    Actor,
    stage::{Stage, california, mapping},
};
use accord::{
    accounts::model::Role,
    base::{FlowId, SourceId},
    entities::model::SourceTag,
};

/// Connected with Lead Harbor in one flow. Dee, who becomes its Admin, is invited to that flow and to another one.
struct SecondAddress {
    stage: Stage,
    seller: Actor,
    dee: Actor,
    other_flow: FlowId,
    colliding: SourceId,
    moving: SourceId,
}

const DEE: &str = "dee@harbor.example";

impl SecondAddress {
    async fn invited() -> Self {
        let (stage, seller) = Stage::connected().await;
        let other_flow = stage.buyer.create_flow("Roofing").await;
        stage.buyer.invite(stage.flow, DEE, "").await.expect(303);
        stage.buyer.invite(other_flow, DEE, "").await.expect(303);
        let pending = async |flow| {
            let rows = stage.buyer.sources(flow).await;
            rows.into_iter().find(|row| row.tag == SourceTag::ConnectionPending).unwrap().id
        };
        let (colliding, moving) = (pending(stage.flow).await, pending(other_flow).await);
        stage.buyer.save_mappings(other_flow, moving, 1, &[mapping("state", "region")]).await.expect(200);
        stage.buyer.save_rules(other_flow, Some(moving), 2, california()).await.expect(200);
        let dee = stage.app.member(&seller, Role::Admin, "Dee", DEE).await;
        Self { stage, seller, dee, other_flow, colliding, moving }
    }

    async fn accept(&self) {
        let link = self.stage.app.link_to(DEE).await;
        let invitation = self.dee.open_link(&link).await;
        self.dee.accept(invitation).await.expect(303);
    }
}

#[tokio::test]
async fn pending_sources_move_to_the_existing_entity_with_ids_rules_and_mappings_and_are_turned_on() {
    let second = SecondAddress::invited().await;
    let app = &second.stage.app;
    let live_before = app.source(second.stage.source).await;
    let before = app.source(second.moving).await;
    second.accept().await;
    let after = app.source(second.moving).await;
    assert_eq!(after.entity_id, live_before.entity_id, "the existing entity");
    assert_eq!((after.mappings, after.criteria, after.enabled), (before.mappings, before.criteria, true));
    assert_eq!(app.source(second.stage.source).await, live_before, "the live source is unchanged");
    let row = second.stage.buyer.only_source(second.other_flow).await;
    assert_eq!((row.name.as_str(), row.tag, row.is_on()), ("Lead Harbor", SourceTag::AccountSource, true));
    assert_eq!(app.count("connections where disconnected_at is null").await, 1);
    let emptied = "entities e where deprecated and see is not null
                   and not exists (select from flow_sources fs where fs.entity_id = e.id)";
    assert_eq!(app.count(emptied).await, 1);
    let offers = second.stage.buyer.sources_now(second.other_flow).await.offers;
    assert!(!offers.iter().any(|offer| offer.name == DEE), "the emptied entity is not offered");
    assert!(app.deeds(second.stage.buyer.account()).await.contains(&"merged".to_owned()));
    let mail = app.mail_to(&second.stage.buyer.email).await;
    assert!(mail.text.contains("already connected with this company"), "{}", mail.text);
    assert_eq!(
        app.count("partners where archived_at is null").await,
        1,
        "the partner known only by the address is archived"
    );
    assert_eq!(
        app.count("flow_sources where partner_id = (select id from partners where archived_at is null)").await,
        3
    );
}

#[tokio::test]
async fn in_a_flow_with_both_sources_the_new_one_becomes_a_duplicate_and_is_off() {
    let second = SecondAddress::invited().await;
    let app = &second.stage.app;
    second.accept().await;
    let duplicate = app.source(second.colliding).await;
    assert!(!duplicate.enabled);
    assert_eq!(duplicate.entity_id, app.source(second.stage.source).await.entity_id);
    let lead = app.submit(second.stage.flow, second.colliding, "state=CA".to_owned(), &[]).await;
    assert_eq!(
        (lead.status.as_u16(), lead.json::<serde_json::Value>()["reason"].as_str()),
        (403, Some("source is not enabled"))
    );
    let lead = app.submit(second.stage.flow, second.stage.source, "st=CA".to_owned(), &[]).await;
    assert_eq!(lead.status, 201);
    assert_eq!(second.stage.buyer.sources(second.stage.flow).await.len(), 2, "no configuration is lost");
}

#[tokio::test]
async fn a_source_set_to_stay_off_stays_off_after_the_merge() {
    let second = SecondAddress::invited().await;
    let input = serde_json::json!({ "flow_id": second.other_flow, "source_id": second.moving, "turn_on": false });
    second.stage.buyer.call("flows/sources/turn-on", input).await.expect(200);
    second.accept().await;
    assert!(!second.stage.app.source(second.moving).await.enabled);
}

#[tokio::test]
async fn after_the_merge_the_address_counts_as_connected() {
    let second = SecondAddress::invited().await;
    second.accept().await;
    let third = second.stage.buyer.create_flow("Windows").await;
    let mails = second.stage.app.mails_to(DEE).await.len();
    second.stage.buyer.invite(third, DEE, "").await.expect(303);
    let row = second.stage.buyer.only_source(third).await;
    assert_eq!((row.name.as_str(), row.tag), ("Lead Harbor", SourceTag::AccountSource));
    assert_eq!(second.stage.app.count("invitations").await, 2, "no new invitation");
    // Dee is an Admin of the seller, so she gets the email about new Submission Docs, and nothing else.
    assert_eq!(second.stage.app.mails_to(DEE).await.len(), mails + 1);
    assert!(second.stage.app.mail_to(DEE).await.subject.contains("shared new Submission Docs"));
    drop(second.seller);
}

#[tokio::test]
async fn a_disconnected_company_that_accepts_again_gets_its_old_entity_back() {
    let second = SecondAddress::invited().await;
    let app = &second.stage.app;
    app.execute("update connections set disconnected_at = now()").await.unwrap();
    assert_eq!(second.stage.buyer.sources(second.stage.flow).await[0].tag, SourceTag::Disconnected);
    second.accept().await;
    let rows = second.stage.buyer.sources(second.stage.flow).await;
    let old = rows.iter().find(|row| row.id == second.stage.source).unwrap();
    assert_eq!((old.tag, old.is_on()), (SourceTag::AccountSource, true), "on again");
}
