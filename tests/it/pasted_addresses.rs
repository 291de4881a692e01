//! Email addresses as people paste them: forms read what the API refuses.

use crate::support::{
    TestApp,
    api::field_errors,
    app::PASSWORD,
    stage::{SELLER, Stage},
};
use accord::base::paths;
use serde_json::json;

/// The address with an invisible mark before and after it, and as email programs copy it.
fn pasted(email: &str) -> [String; 3] {
    [format!("\u{200b}{email}\u{feff}"), format!("\u{a0}\u{2068}{email}\u{2069}"), format!("\"Reed, Sam\" <{email}>")]
}

#[tokio::test]
async fn a_company_is_invited_at_a_pasted_address() {
    for typed in pasted(SELLER) {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        let flow = buyer.create_flow("Solar California").await;
        buyer.invite(flow, &typed, "").await.expect(303);
        assert_eq!(buyer.only_source(flow).await.name, SELLER, "{typed:?}");
        assert_eq!(buyer.invite_by_function(flow, &typed, "").await.json::<String>(), "AlreadyInvited", "{typed:?}");
        assert_eq!(app.mails_to(SELLER).await.len(), 1, "{typed:?}");
    }
}

#[tokio::test]
async fn people_are_invited_and_an_invitation_is_sent_to_another_pasted_address() {
    let stage = Stage::pending().await;
    let (partner, invitation) = (stage.partner().await, stage.invitation().await);
    let [marked, _, named] = pasted("bea@harbor.example");
    stage.buyer.invite_user(partner, &marked, "partner_user").await.expect(303);
    stage.buyer.invite_member(&named, "viewer").await.expect(303);
    assert_eq!(stage.app.mails_to("bea@harbor.example").await.len(), 2);
    let [.., named] = pasted("lee@harbor.example");
    stage.buyer.readdress(invitation, &named).await.expect(303);
    assert_eq!(stage.buyer.only_source(stage.flow).await.name, "lee@harbor.example");
}

#[tokio::test]
async fn signing_in_takes_a_pasted_address() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for typed in pasted(&buyer.email) {
        buyer.sign_in(&typed, PASSWORD).await.expect(303);
    }
}

#[tokio::test]
async fn the_api_takes_an_address_alone() {
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    let [invitation, partner] = [stage.invitation().await.to_string(), stage.partner().await.to_string()];
    for typed in pasted("bea@harbor.example") {
        let invited = api.post("/invitations/source", json!({ "email": typed })).await.expect(422);
        let of_partner = format!("/api/v1/partners/{partner}/invites");
        let joined = api.post(&of_partner, json!({ "email": typed, "role": "partner_user" })).await.expect(422);
        let readdressed = api.put(&format!("/api/v1/invitations/{invitation}"), json!({ "email": typed })).await;
        for refused in [invited, joined, readdressed.expect(422)] {
            assert!(field_errors(&refused).iter().any(|(field, _)| field == "email"), "{typed:?}: {}", refused.body);
        }
    }
    stage.buyer.get(paths::INVITATIONS).await.expect(200).shows(SELLER);
}
