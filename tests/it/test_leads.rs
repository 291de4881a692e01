//! The form on the Submission Docs that sends a test lead.

use crate::support::{
    Actor, Response,
    stage::{FIELDS, Stage},
};
use accord::{accounts::model::Role, base::paths, partners::model::PartnerRole};
use futures::future::join;
use serde_json::{Value, json};

async fn send(who: &Actor, stage: &Stage, key: &str, fields: &[(&str, &str)]) -> Response {
    let form = [("form", "test-lead"), ("key", key)];
    who.post(&stage.docs(), &form.iter().chain(fields).copied().collect::<Vec<_>>()).await
}

/// The id of the lead that the page shows.
fn lead_id(response: &Response) -> String {
    let words = response.text();
    let id =
        words.split("Lead").find(|rest| rest.get(..24).is_some_and(|id| id.chars().all(|c| c.is_ascii_hexdigit())));
    id.unwrap_or_else(|| panic!("no lead: {words}"))[..24].to_owned()
}

#[tokio::test]
async fn the_docs_have_their_headings_and_an_input_for_each_of_the_sellers_parameters() {
    let (stage, seller) = Stage::connected().await;
    let page = seller.get(&stage.docs()).await.expect(200);
    let headings: Vec<_> = page
        .body
        .split("<h2")
        .skip(1)
        .map(|rest| {
            let text = rest.split_once('>').unwrap().1;
            text.split('<').next().unwrap().to_owned()
        })
        .collect();
    let expected = [
        "Overview",
        "Submission URL",
        "Send a test lead",
        "Fields",
        "Acceptance Criteria",
        "Authentication",
        "Examples",
        "Redirect",
    ];
    assert_eq!(headings, expected);
    let links = page.body.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
    let links: Vec<_> = links.filter(|id| *id != "main").collect();
    let dead: Vec<_> = links.iter().filter(|id| !page.has(&format!("<h2 id=\"{id}\""))).collect();
    assert!(links.len() >= 7 && dead.is_empty(), "contents {links:?} without section {dead:?}");
    for field in FIELDS {
        let parameter = if field == "state" { "st" } else { field };
        assert!(page.has(&format!("name=\"lead-{parameter}\"")), "{parameter}");
        assert!(page.has(&format!("for=\"lead-{parameter}\"")), "{parameter}");
    }
    assert!(!page.has("name=\"lead-state\""));
    assert!(page.text().contains("Send test lead"));
}

#[tokio::test]
async fn a_test_lead_is_handled_like_a_real_one_and_its_response_is_shown_with_the_input() {
    let (stage, seller) = Stage::connected().await;
    stage.require("on").await;
    let typed = [("lead-st", "California"), ("lead-email", "lea@example.com"), ("lead-phone_1", "")];
    let shown = send(&seller, &stage, "a", &typed).await.expect(200).shows("Test lead accepted.");
    let stored: (String, bool, Value, Value) =
        sqlx::query_as("select encode(id, 'hex'), test, input, fields from leads")
            .fetch_one(&stage.app.state.pool)
            .await
            .unwrap();
    assert_eq!((stored.0, stored.1), (lead_id(&shown), true));
    assert_eq!(stored.2, json!({ "st": "California", "email": "lea@example.com" }));
    assert_eq!(stored.3["state"]["value"], "CA");
    assert!(shown.tag_with("id=\"lead-st\"").contains("value=\"California\""));
    shown.shows("Status201").shows("Outcomesuccess");
    let row = stage.buyer.only_source(stage.flow).await;
    assert_eq!((row.leads, row.refused), (0, 0), "test leads are not counted");
    let rejected = send(&seller, &stage, "b", &[("lead-st", "NV")]).await.expect(200);
    rejected.shows("Test lead rejected.").shows("Outcomefailure").shows("State is not equal to CA");
    assert_eq!(stage.leads().await, 2);
}

#[tokio::test]
async fn fill_with_example_fills_what_is_empty_with_what_the_rules_accept_and_sends_nothing() {
    let (stage, seller) = Stage::connected().await;
    stage.require("on").await;
    let typed = [("do", "example"), ("lead-email", "lea@example.com")];
    let filled = send(&seller, &stage, "a", &typed).await.expect(200);
    assert!(filled.tag_with("id=\"lead-email\"").contains("value=\"lea@example.com\""), "what was typed stays");
    assert!(filled.tag_with("id=\"lead-st\"").contains("value=\"CA\""));
    assert!(!filled.text().contains("Test lead accepted") && !filled.text().contains("Test lead refused"));
    assert_eq!(stage.leads().await, 0);
    let value = |tag: &str| tag.split("value=\"").nth(1).unwrap_or_default().split('"').next().unwrap().to_owned();
    let fields: Vec<_> = FIELDS
        .iter()
        .map(|field| format!("lead-{}", if *field == "state" { "st" } else { field }))
        .map(|name| (value(filled.tag_with(&format!("id=\"{name}\""))), name))
        .collect();
    let fields: Vec<_> = fields.iter().map(|(value, name)| (name.as_str(), value.as_str())).collect();
    send(&seller, &stage, "b", &fields).await.expect(200).shows("Test lead accepted.");
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vic", "vic@buyer.example").await;
    send(&viewer, &stage, "v", &typed).await.expect(403);
}

#[tokio::test]
async fn a_double_click_sends_one_lead_and_the_next_click_another() {
    let (stage, seller) = Stage::connected().await;
    let fields = [("lead-st", "CA")];
    let (a, b) = join(send(&seller, &stage, "k", &fields), send(&seller, &stage, "k", &fields)).await;
    assert_eq!(lead_id(&a.clone().expect(200)), lead_id(&b.expect(200)));
    assert_eq!(stage.leads().await, 1);
    let changed = send(&seller, &stage, "k", &[("lead-st", "NV")]).await.expect(200);
    changed.shows("Test lead rejected.");
    assert_eq!(stage.leads().await, 2, "changed input is not a double click");
    let keys = [a, seller.get(&stage.docs()).await].map(|page| page.tag_with("name=\"key\"").to_owned());
    assert!(keys[0] != keys[1] && keys.iter().all(|key| !key.contains("value=\"k\"")), "{keys:?}");
}

#[tokio::test]
async fn only_people_who_may_send_test_leads_can_send_them() {
    let (stage, seller) = Stage::connected().await;
    let user = stage.partner_user(PartnerRole::PartnerUser, "Uli", "uli@partner.example").await;
    let boss = stage.partner_user(PartnerRole::PartnerAdmin, "Pia", "pia@partner.example").await;
    let reader = stage.app.member(&seller, Role::Viewer, "Rae", "rae@seller.example").await;
    let manager = stage.app.member(&stage.buyer, Role::Manager, "Max", "max@buyer.example").await;
    for (index, who) in [&seller, &user, &boss, &reader, &manager, &stage.buyer].into_iter().enumerate() {
        who.get(&stage.docs()).await.expect(200).shows("Send test lead");
        send(who, &stage, &index.to_string(), &[("lead-st", "CA")]).await.expect(200).shows("Test lead accepted.");
    }
    assert_eq!(stage.leads().await, 6);
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vic", "vic@buyer.example").await;
    let page = viewer.get(&stage.docs()).await.expect(200);
    assert!(!page.text().contains("Send test lead") && !page.has("name=\"lead-st\""));
    send(&viewer, &stage, "v", &[("lead-st", "CA")]).await.expect(403).shows("Your role does not allow");
    send(&stage.app.stranger().await, &stage, "s", &[("lead-st", "CA")]).await.expect(404);
    let nobody = stage.app.visitor("", "", "");
    assert!(send(&nobody, &stage, "n", &[("lead-st", "CA")]).await.location().starts_with("/signin?next="));
    nobody.post_from("cross-site", &stage.docs(), &[("form", "test-lead")]).await.expect(403);
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    send(&seller, &stage, "x", &[("lead-st", "CA")]).await.expect(404);
    assert_eq!(stage.leads().await, 6);
}

#[tokio::test]
async fn no_test_lead_for_a_source_of_another_flow_or_an_unknown_source() {
    let (stage, seller) = Stage::connected().await;
    let other = stage.buyer.create_flow("Other").await;
    let form = [("form", "test-lead"), ("key", "a"), ("lead-st", "CA")];
    for path in [
        paths::source_docs(other, stage.source),
        paths::source_docs(stage.flow, "0123456789abcdef01234567".parse().unwrap()),
        format!("/flows/x/sources/{}/docs", stage.source),
    ] {
        stage.buyer.post(&path, &form).await.expect(404);
        seller.post(&path, &form).await.expect(404);
    }
    assert_eq!(stage.leads().await, 0);
}

#[tokio::test]
async fn a_source_that_is_off_gives_people_the_same_response_as_systems() {
    let stage = Stage::pending().await;
    let shown = send(&stage.buyer, &stage, "a", &[("lead-st", "CA")]).await.expect(200);
    shown.shows("Test lead refused.").shows("Status403").shows("Reasonsource is not enabled");
    assert_eq!((stage.leads().await, stage.buyer.only_source(stage.flow).await.refused), (0, 1));
}

#[tokio::test]
async fn user_input_and_the_buyers_reason_are_shown_as_text() {
    let (stage, seller) = Stage::connected().await;
    let criteria = json!({
        "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] },
        "reason": "<img src=x> & \"no\"",
    });
    stage.buyer.save_rules(stage.flow, Some(stage.source), 3, criteria).await.expect(200);
    let typed = "\"><script>alert(1)</script>";
    let shown = send(&seller, &stage, "a", &[("lead-st", typed)]).await.expect(200);
    assert!(!shown.body.contains("<img src=x>") && !shown.body.contains("<script>alert"));
    shown.shows("Reason<img src=x> & \"no\"");
    let nul = send(&seller, &stage, "b", &[("lead-st", "a\0b")]).await;
    assert_eq!(nul.status, 400);
    let deep = format!("lead-{}", "a.".repeat(40));
    let refused =
        send(&seller, &stage, "c", &[("lead-st", "CA"), (&deep, "1"), (&format!("lead-{}b", "a.".repeat(40)), "1")])
            .await;
    refused.expect(200).shows("Status422").shows("A submission can be nested at most 32 levels deep.");
    assert_eq!(stage.leads().await, 1);
}

#[tokio::test]
async fn a_test_lead_without_a_required_value_is_refused_at_its_field_and_not_sent() {
    let (stage, seller) = Stage::connected().await;
    stage.require("on").await;
    assert!(seller.get(&stage.docs()).await.expect(200).tag_with("id=\"lead-st\"").contains("required"));
    for typed in ["", "  "] {
        let refused = send(&seller, &stage, "a", &[("lead-st", typed), ("lead-email", "lea@example.com")]).await;
        let refused = refused.expect(422).shows("Fix these to continue").shows("Fill this in.");
        assert!(refused.tag_with("id=\"lead-st\"").contains("aria-invalid=\"true\""));
        assert!(refused.tag_with("id=\"lead-email\"").contains("lea@example.com"), "what was typed is kept");
    }
    assert_eq!(stage.leads().await, 0);
    let manager = stage.app.member(&stage.buyer, Role::Viewer, "Vi", "vi@buyer.example").await;
    send(&manager, &stage, "b", &[]).await.expect(403);
}

#[tokio::test]
async fn the_result_of_a_test_lead_is_on_the_page_once_and_announced() {
    let (stage, seller) = Stage::connected().await;
    // The first page after accepting says that they are connected.
    seller.get(&stage.docs()).await.expect(200);
    let shown = send(&seller, &stage, "a", &[("lead-st", "CA")]).await.expect(200);
    assert_eq!(shown.text().matches("Test lead accepted.").count(), 1, "{}", shown.text());
    assert_eq!(shown.body.matches("role=\"status\"").count(), 1);
}
