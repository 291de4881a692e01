//! The people and systems that can still send leads after a source changes hands.

use crate::support::{
    Actor,
    credentials::shown_secret,
    stage::{SELLER, Stage},
};
use accord::{
    base::{PartnerId, paths},
    partners::model::PartnerRole,
};

/// A custom source of the partner Acme that requires authentication. Pia of Acme knows its secret.
struct Guarded {
    stage: Stage,
    acme: PartnerId,
    bolt: PartnerId,
    pia: Actor,
    secret: String,
}

impl Guarded {
    async fn new() -> Self {
        let stage = Stage::pending().await;
        let source = stage.buyer.custom_source(stage.flow, "Website form").await;
        let stage = Stage { source, ..stage };
        let (acme, bolt) = (stage.buyer.create_partner("Acme").await, stage.buyer.create_partner("Bolt").await);
        stage.buyer.assign(acme, &[source]).await.expect(303);
        stage.require("on").await;
        let pia = stage.app.partner_user(acme, PartnerRole::PartnerAdmin, "Pia", "pia@acme.example").await;
        let secret = shown_secret(&pia.post(&stage.docs(), &[("form", "create-credential")]).await);
        Self { stage, acme, bolt, pia, secret }
    }

    async fn works(&self) -> bool {
        self.stage.lead_as("source", &self.secret).await.status == 201
    }

    async fn move_to(&self, to: PartnerId, from: PartnerId) {
        let source = self.stage.source;
        self.stage.buyer.move_sources(to, &[source], &[(source, from)]).await.expect(303);
    }

    async fn unassign(&self, from: PartnerId) {
        self.stage.buyer.unassign(from, &[self.stage.source]).await.expect(303);
    }

    async fn assign(&self, to: PartnerId) {
        self.stage.buyer.assign(to, &[self.stage.source]).await.expect(303);
    }
}

#[tokio::test]
async fn the_former_partner_of_a_moved_source_can_no_longer_send() {
    let case = Guarded::new().await;
    assert!(case.works().await);
    let page = case.stage.buyer.get(&paths::assign_sources(case.bolt)).await.expect(200);
    assert!(page.text().contains("Acme"));
    case.move_to(case.bolt, case.acme).await;
    assert!(!case.works().await);
    let tab = case.stage.buyer.get(&case.stage.tab()).await.expect(200).shows("No credential yet.");
    assert!(tab.text().contains("No one can send leads until you create a credential."));
    assert_eq!(case.stage.app.changes("credential_ended").await.len(), 1);
    case.pia.get(&case.stage.docs()).await.expect(404);
    let ben = case.stage.app.partner_user(case.bolt, PartnerRole::PartnerAdmin, "Ben", "ben@bolt.example").await;
    let fresh = shown_secret(&ben.post(&case.stage.docs(), &[("form", "create-credential")]).await);
    case.stage.lead_as("source", &fresh).await.expect(201);
    case.move_to(case.acme, case.bolt).await;
    case.stage.lead_as("source", &fresh).await.expect(401);
    assert!(!case.works().await, "an ended credential does not come back");
}

#[tokio::test]
async fn a_rotated_secret_that_still_works_ends_with_the_move_too() {
    let case = Guarded::new().await;
    let fresh = case.stage.rotate("keep").await;
    assert!(case.works().await);
    case.move_to(case.bolt, case.acme).await;
    assert!(!case.works().await);
    case.stage.lead_as("source", &fresh).await.expect(401);
}

#[tokio::test]
async fn unassigning_never_stops_leads_but_the_next_partner_gets_a_new_credential() {
    let case = Guarded::new().await;
    case.unassign(case.acme).await;
    assert!(case.works().await);
    case.assign(case.acme).await;
    assert!(case.works().await, "back at the same partner");
    case.unassign(case.acme).await;
    case.assign(case.bolt).await;
    assert!(!case.works().await);
}

#[tokio::test]
async fn a_credential_that_no_partner_knows_survives_the_first_assignment() {
    let case = Guarded::new().await;
    case.unassign(case.acme).await;
    let fresh = case.stage.rotate("end").await;
    assert!(!case.works().await);
    case.assign(case.bolt).await;
    case.stage.lead_as("source", &fresh).await.expect(201);
}

#[tokio::test]
async fn removing_a_person_or_archiving_a_partner_stops_no_leads() {
    let case = Guarded::new().await;
    case.stage.buyer.remove(&paths::partner_users(case.acme), case.pia.user()).await.expect(303);
    assert!(case.works().await, "the account rotates the credential if it wants to");
    case.stage.buyer.remove_partner(case.acme).await.expect(303);
    assert!(case.works().await, "archived");
}

#[tokio::test]
async fn a_deleted_partners_secret_ends_when_its_source_gets_another_partner() {
    let stage = Stage::pending().await;
    let source = stage.buyer.custom_source(stage.flow, "Website form").await;
    let stage = Stage { source, ..stage };
    let (acme, bolt) = (stage.buyer.create_partner("Acme").await, stage.buyer.create_partner("Bolt").await);
    stage.buyer.assign(acme, &[source]).await.expect(303);
    stage.require("on").await;
    let secret = stage.make_credential().await;
    stage.buyer.remove_partner(acme).await.expect(303);
    assert_eq!(stage.app.count("partners where name = 'Acme'").await, 0, "deleted");
    stage.lead_as("source", &secret).await.expect(201);
    stage.buyer.assign(bolt, &[source]).await.expect(303);
    stage.lead_as("source", &secret).await.expect(401);
}

#[tokio::test]
async fn a_disconnected_company_cannot_send_and_the_same_one_can_again_after_reconnecting() {
    let (stage, seller) = Stage::connected().await;
    let secret = stage.make_credential().await;
    stage.require("on").await;
    let key = stage.app.api_key(seller.account(), seller.user()).await;
    stage.lead_as("source", &secret).await.expect(201);
    stage.lead_as("any", &key).await.expect(201);
    stage.buyer.disconnect(stage.app.connection().await).await.expect(303);
    stage.lead_as("source", &secret).await.expect(403);
    let with_key = stage.lead_as("any", &key).await;
    assert!([401, 403].contains(&with_key.status.as_u16()), "{}", with_key.status);
    stage.invite_partner_again(SELLER).await.expect(303);
    seller.accept_latest(SELLER).await.expect(303);
    stage.lead_as("source", &secret).await.expect(201);
}
