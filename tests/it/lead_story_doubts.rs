//! What a story says where it cannot, or not surely, show how the lead came to its answer.

use crate::{
    lead_story::{rules, section, sent, today},
    support::{TestApp, actor::form, api::text, stage::Stage},
};
use accord::base::{FlowId, LeadId, SourceId, paths};
use serde_json::json;

#[tokio::test]
async fn an_erased_lead_says_so_on_both_sides_and_cannot_be_tried() {
    let (stage, seller) = Stage::connected().await;
    let fields = [("st", "NV"), ("email", "lea@example.com")];
    let id = sent(stage.lead_with(&[("user-agent", "Form")], &form(&fields)).await);
    let before = stage.buyer.get(&paths::lead(id)).await.expect(200).shows("Try with today's rules");
    assert!(section(&before, "Received").contains("User agent Form"));
    stage.buyer.post_as("erase", paths::ERASE_PERSON, &[("person", "lea@example.com")]).await.expect(303);
    let api = stage.app.api(&stage.buyer).await;
    let told = api.find(&format!("/api/v1/leads/{id}/story")).await;
    assert_eq!((&told["checks_state"], &told["checks"]), (&json!("erased"), &json!([])));
    assert!(told["lead"]["erased_at"].is_string() && told["mapped"] == json!({}));
    for (who, path) in [(&stage.buyer, paths::lead(id)), (&seller, paths::portal_lead(stage.partner().await, id))] {
        for page in [who.get(&path).await.expect(200), who.get(&today(&path)).await.expect(200)] {
            let words = page.text();
            let (_, at) = words.split_once("The data of this person was erased on ").unwrap();
            assert!(at.split('.').next().unwrap().ends_with(" UTC"), "{at}");
            for gone in
                ["today's rules", "lea@example.com", "Unmapped", "no longer lead", "No field", "Nothing is kept"]
            {
                assert!(!words.contains(gone), "{gone}: {words}");
            }
            let received = section(&page, "Received");
            assert!(received.contains("Method POST") && received.contains("User agent Erased"), "{received}");
            assert!(received.contains("Its input was erased."), "{received}");
            assert!(section(&page, "Mapped and parsed").contains("Its fields were erased."), "{words}");
            let checks = section(&page, "Checks");
            assert!(checks.contains("It was erased") && !checks.contains("Failed"), "{checks}");
            assert!(section(&page, "Answer").contains("State is not equal to CA"), "{words}");
        }
    }
}

#[tokio::test]
async fn rules_that_test_a_removed_value_say_so() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let api = app.api(&buyer).await;
    let number = rules("and", json!([{ "lhv": "lead.ssn", "op": "is equal to", "rhv": "123-45-6789" }]));
    let new = json!({ "name": "Loans", "fields": ["first_name", "ssn"], "acceptance_criteria": number });
    let flow: FlowId = text(&api.create("/api/v1/flows", new).await, "id").parse().unwrap();
    let entity = api.create("/api/v1/entities", json!({ "name": "Website form" })).await;
    let body = json!({ "entity_id": entity["id"] });
    let made = api.create(&format!("/api/v1/flows/{flow}/sources"), body).await;
    let source: SourceId = text(&made, "id").parse().unwrap();
    let id = sent(app.submit(flow, source, "ssn=123-45-6789".to_owned(), &[]).await);
    let page = buyer.get(&today(&paths::lead(id))).await.expect(200);
    for heading in ["Checks", "With today's rules"] {
        let words = section(&page, heading);
        assert!(words.contains("values that were removed"), "{heading}: {words}");
    }
    assert!(section(&page, "Answer").contains("\"outcome\": \"success\""));
    assert_eq!(api.find(&format!("/api/v1/leads/{id}/story")).await["checks_state"], "differs");
}

#[tokio::test]
async fn checks_that_lead_to_another_reason_say_so() {
    let (stage, _) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "NV")]).await);
    let checks = async || section(&stage.buyer.get(&paths::lead(id)).await.expect(200), "Checks");
    assert!(!checks().await.contains("no longer lead to the answer"));
    stage.app.execute("update leads set reason = 'Age is missing'").await.unwrap();
    assert!(checks().await.contains("no longer lead to the answer"));
}

#[tokio::test]
async fn a_test_lead_of_a_system_is_no_persons() {
    let (stage, seller) = Stage::connected().await;
    let newest = async || {
        let id: Vec<u8> = sqlx::query_scalar("select id from leads order by received_at desc, id desc limit 1")
            .fetch_one(&stage.app.state.pool)
            .await
            .unwrap();
        id.iter().map(|byte| format!("{byte:02x}")).collect::<String>().parse::<LeadId>().unwrap()
    };
    let id = sent(stage.lead(&[("st", "CA"), ("test", "true")]).await);
    stage.require("on").await;
    let typed = [("form", "test-lead"), ("key", "a"), ("lead-st", "CA")];
    seller.post(&stage.docs(), &typed).await.expect(200).shows("Test lead accepted.");
    let persons = newest().await;
    assert_ne!(persons, id);
    for (id, then, now, outcome) in [
        (id, "not required Passed", "no valid credential Failed", "Accepted Error"),
        (persons, "sent by a signed-in person Passed", "sent by a signed-in person Passed", "Accepted Accepted"),
    ] {
        let page = stage.buyer.get(&today(&paths::lead(id))).await.expect(200);
        let (checks, tried) = (section(&page, "Checks"), section(&page, "With today's rules"));
        assert!(checks.contains(&format!("Authentication Request {then}")), "{checks}");
        assert!(tried.contains(&format!("Authentication Request {now}")), "{tried}");
        assert!(tried.contains(&format!("Outcome {outcome}")), "{tried}");
    }
}
