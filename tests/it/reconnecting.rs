//! Reconnecting after a disconnect restores the previous state.

use crate::support::{
    Actor,
    stage::{SELLER, Stage},
};
use accord::{accounts::model::Plan, base::paths, entities::model::SourceTag, partners::model::PartnerStatus};

async fn disconnected() -> (Stage, Actor) {
    let (stage, seller) = Stage::connected().await;
    seller.disconnect(stage.app.connection().await).await.expect(303);
    (stage, seller)
}

#[tokio::test]
async fn inviting_the_company_again_from_its_partner_restores_everything() {
    let (stage, seller) = disconnected().await;
    let (app, buyer, partner) = (&stage.app, &stage.buyer, stage.partner().await);
    let before = app.source(stage.source).await;
    buyer.get(&paths::partner(partner)).await.expect(200).shows("Invite to Connect");
    buyer.get(&paths::connect_partner(partner)).await.expect(200).shows("connected to this partner again");
    stage.invite_partner_again(SELLER).await.expect(303);
    buyer.get(paths::PARTNERS).await.shows(PartnerStatus::Invited.word());
    assert_eq!(stage.lead(&[("st", "CA")]).await.status, 403, "not until it is accepted");
    seller.accept_latest(SELLER).await.expect(303);
    assert_eq!(app.source(stage.source).await, before, "the same entity, rules and mappings, turned on");
    let row = buyer.only_source(stage.flow).await;
    assert_eq!((row.tag, row.is_on(), row.is_off_by_disconnect()), (SourceTag::AccountSource, true, false));
    stage.lead(&[("st", "CA")]).await.expect(201);
    seller.get(&stage.docs()).await.expect(200);
    seller.get(&paths::portal(partner)).await.expect(200);
    assert_eq!((app.count("connections").await, app.count("partners").await), (1, 1));
    assert_eq!(app.count("entities where source = 'seller' and not deprecated").await, 1);
    assert_eq!(app.mail_to(&buyer.email).await.subject, "Lead Harbor accepted your invitation");
    buyer.get(&paths::connect_partner(partner)).await.expect(200).shows("already connected to its company");
    buyer.connect(partner, "other@harbor.example").await.expect(409);
}

#[tokio::test]
async fn a_source_set_to_stay_off_in_the_meantime_stays_off() {
    let (stage, seller) = disconnected().await;
    let fields = [("source", stage.source.to_string()), ("on", "off".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(stage.buyer.get(&paths::flow_sources(stage.flow)).await.has("Keep off"));
    stage.buyer.post_as("switch", &paths::flow_sources(stage.flow), &fields).await.expect(303);
    assert!(!stage.buyer.only_source(stage.flow).await.is_off_by_disconnect());
    stage.invite_partner_again(SELLER).await.expect(303);
    seller.accept_latest(SELLER).await.expect(303);
    let row = stage.buyer.only_source(stage.flow).await;
    assert_eq!((row.tag, row.is_on()), (SourceTag::AccountSource, false));
    assert_eq!(stage.lead(&[("st", "CA")]).await.status, 403);
}

#[tokio::test]
async fn a_pending_source_beside_the_old_one_becomes_its_duplicate_and_elsewhere_is_turned_on() {
    let (stage, seller) = disconnected().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let roofing = buyer.create_flow("Roofing").await;
    app.deliver().await;
    app.advance(time::Duration::minutes(2));
    buyer.invite(stage.flow, SELLER, "").await.expect(303);
    buyer.invite(roofing, SELLER, "").await.expect(303);
    let pending = buyer.sources(stage.flow).await.into_iter().find(|row| row.id != stage.source).unwrap();
    assert_eq!(pending.tag, SourceTag::ConnectionPending);
    seller.accept_latest(SELLER).await.expect(303);
    let rows = buyer.sources(stage.flow).await;
    let is_on: Vec<_> = rows.iter().map(|row| (row.id, row.is_on(), row.duplicate_of)).collect();
    assert_eq!(is_on, [(stage.source, true, None), (pending.id, false, Some(stage.source))]);
    assert!(buyer.only_source(roofing).await.is_on());
    assert_eq!(app.partner_of(buyer.only_source(roofing).await.id).await, Some(stage.partner().await));
}

#[tokio::test]
async fn another_company_that_accepts_gets_its_own_partner_and_the_old_one_stays() {
    let (stage, _seller) = disconnected().await;
    let (app, buyer, partner) = (&stage.app, &stage.buyer, stage.partner().await);
    stage.invite_partner_again("dee@other.example").await.expect(303);
    let dee = app.admin("Dee Other", "dee@other.example", "Other Leads", Some(Plan::Pro), false).await;
    dee.accept_latest("dee@other.example").await.expect(303);
    let partners = app.partners().await;
    let linked: Vec<_> = partners.iter().map(|partner| (partner.name.as_str(), partner.archived)).collect();
    assert_eq!(linked, [("Lead Harbor", false), ("Other Leads", false)]);
    assert_eq!(partners[1].linked_account_id, dee.account);
    assert_eq!(app.partner_of(stage.source).await, Some(partner), "its sources stay assigned");
    assert_eq!(buyer.only_source(stage.flow).await.tag, SourceTag::Disconnected);
    buyer.get(&paths::partner(partner)).await.expect(200).shows("Disconnected").shows("Invite to Connect");
    dee.get(&stage.docs()).await.expect(404);
}

#[tokio::test]
async fn only_one_of_concurrent_disconnect_and_accept_takes_effect() {
    for _ in 0..4 {
        let (stage, seller) = Stage::connected().await;
        let (app, id) = (&stage.app, stage.app.connection().await);
        stage.buyer.invite(stage.buyer.create_flow("Roofing").await, "dee@harbor.example", "").await.expect(303);
        let dee = app.member(&seller, accord::accounts::model::Role::Admin, "Dee", "dee@harbor.example").await;
        let invitation = dee.open_link(&app.link_to("dee@harbor.example").await).await;
        let (accepted, ended) = tokio::join!(dee.accept(invitation), stage.buyer.disconnect(id));
        accepted.expect(303);
        ended.expect(303);
        let lives = app.count("connections where disconnected_at is null").await == 1;
        let row = stage.buyer.only_source(stage.flow).await;
        let expected = if lives { SourceTag::AccountSource } else { SourceTag::Disconnected };
        assert_eq!((row.tag, row.is_on()), (expected, lives));
        assert_eq!(stage.lead(&[("st", "CA")]).await.status, if lives { 201 } else { 403 });
        assert_eq!(app.count("connections").await, 1);
        assert_eq!(app.count("activity where deed = 'disconnected'").await, 2);
    }
}

#[tokio::test]
async fn a_company_renamed_in_the_meantime_gets_its_new_name_and_a_new_connection_date() {
    let (stage, seller) = Stage::connected().await;
    let app = &stage.app;
    let first = since(&stage).await;
    seller.disconnect(app.connection().await).await.expect(303);
    let settings = [("name", "Harbor & Sons"), ("website", ""), ("time_zone", "UTC"), ("invitation_days", "14")];
    seller.post_as("settings", paths::SETTINGS, &settings).await.expect(303);
    assert_eq!(app.partners().await[0].name, "Lead Harbor", "not renamed while disconnected");
    stage.invite_partner_again(SELLER).await.expect(303);
    seller.accept_latest(SELLER).await.expect(303);
    assert_eq!(stage.buyer.only_source(stage.flow).await.name, "Harbor & Sons");
    assert_eq!(app.partners().await[0].name, "Harbor & Sons");
    assert!(since(&stage).await > first);
}

#[tokio::test]
async fn an_acceptance_while_connected_keeps_the_connection_date() {
    let (stage, seller) = Stage::connected().await;
    let first = since(&stage).await;
    stage.app.advance(time::Duration::hours(1));
    let flow = stage.buyer.create_flow("Roofing").await;
    stage.buyer.invite(flow, "second@harbor.example", "").await.expect(303);
    seller.accept_latest("second@harbor.example").await.expect(303);
    assert_eq!(since(&stage).await, first);
}

async fn since(stage: &Stage) -> time::OffsetDateTime {
    sqlx::query_scalar("select connected_at from connections").fetch_one(&stage.app.state.pool).await.unwrap()
}
