//! Lists of leads and Submission Docs, visible to both sides and to nobody else.

use crate::support::{sending::open_source, stage::Stage};
use accord::{accounts::model::Plan, base::paths};

#[tokio::test]
async fn a_test_lead_is_marked_and_not_counted() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA"), ("test", "true")]).await.expect(201);
    assert_eq!(stage.buyer.only_source(stage.flow).await.leads, 0);
    stage.lead(&[("st", "CA")]).await.expect(201);
    assert_eq!(stage.buyer.only_source(stage.flow).await.leads, 1);
    assert_eq!(stage.app.count("leads where test").await, 1);
    stage.buyer.get(&paths::flow_leads(stage.flow)).await.expect(200).shows("Accepted Test");
    seller.get(&paths::portal_leads(stage.partner().await)).await.expect(200).shows("Accepted Test");
}

#[tokio::test]
async fn only_the_two_sides_see_the_leads_with_their_reasons() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA"), ("email", "lea@example.com"), ("first_name", "<b>Lea</b>")]).await.expect(201);
    stage.lead(&[("st", "NV"), ("email", "leo@example.com")]).await.expect(201);
    let partner = stage.partner().await;
    let theirs = seller.get(&paths::portal_leads(partner)).await.expect(200);
    let ours = stage.buyer.get(&paths::flow_leads(stage.flow)).await.expect(200);
    for page in [theirs, ours] {
        for part in
            ["Accepted", "Rejected", "State is not equal to CA", "Solar California", "Lead Harbor", "lea@example.com"]
        {
            assert!(page.text().contains(part), "{part}: {}", page.text());
        }
        assert!(!page.body.contains("<b>Lea</b>") && page.body.contains("&lt;b&gt;Lea"));
        let (_, list) = page.body.split_once("<tbody").unwrap();
        let (rejected, accepted) = (list.find("Rejected"), list.find("Accepted"));
        assert!(rejected < accepted, "newest first");
    }
    let other = stage.app.admin("Dee", "dee@other.example", "Other Leads", Some(Plan::Pro), false).await;
    stage.buyer.invite(stage.flow, "dee@other.example", "").await.expect(303);
    let invitation = other.open_link(&stage.app.link_to("dee@other.example").await).await;
    other.accept(invitation).await.expect(303);
    let portal = paths::portal_leads(stage.app.partner_linked_to(other.account()).await);
    other.get(&portal).await.expect(200).shows("Leads from your sources appear here.");
    other.get(&paths::portal_leads(partner)).await.expect(404);
    other.get(&paths::flow_leads(stage.flow)).await.expect(404);
    other.get(&paths::source_docs(stage.flow, stage.source)).await.expect(404);
    stage.app.stranger().await.get(&paths::portal_leads(partner)).await.expect(404);
}

#[tokio::test]
async fn a_long_list_of_leads_is_paged() {
    let (app, buyer, flow, source) = open_source().await;
    for number in 0..51 {
        app.submit(flow, source, format!("first_name=number-{number:02}&state=CA"), &[]).await.expect(201);
    }
    let first = buyer.get(&paths::flow_leads(flow)).await.expect(200);
    let shown = |page: &crate::support::Response| {
        (0..51).filter(|number| page.text().contains(&format!("number-{number:02}"))).collect::<Vec<_>>()
    };
    assert_eq!(shown(&first), (1..51).collect::<Vec<_>>());
    let next = first.body.split("href=\"").find(|link| link.contains("?before=")).unwrap().split('"').next().unwrap();
    let second = buyer.get(next).await.expect(200);
    assert_eq!(shown(&second), [0]);
    buyer.get(&format!("{}?before=nonsense", paths::flow_leads(flow))).await.expect(200);
}

#[tokio::test]
async fn the_submission_docs_show_a_request_that_works() {
    let (stage, seller) = Stage::connected().await;
    let list = seller.get(paths::SUBMISSION_DOCS).await.expect(200).shows("Bright Solar").shows("Solar California");
    assert!(list.has(&paths::source_docs(stage.flow, stage.source)));
    let docs = seller.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200);
    let url = format!("https://accord.example{}", paths::submit(stage.flow, stage.source));
    for part in [url.as_str(), "State is equal to CA", "curl"] {
        assert!(docs.text().contains(part), "{part}: {}", docs.text());
    }
    let words = docs.text();
    let curl = words.split("curl '").nth(1).unwrap().split("JSON").next().unwrap();
    assert!(curl.starts_with(&url), "{curl}");
    let fields: Vec<_> = curl
        .split("--data-urlencode '")
        .skip(1)
        .map(|rest| rest.split("'").next().unwrap().split_once('=').unwrap())
        .collect();
    assert!(fields.iter().any(|(name, _)| *name == "st"), "the seller's own parameter is missing: {fields:?}");
    assert!(!fields.iter().any(|(name, _)| *name == "state"));
    stage.lead(&fields).await.expect(201);
    assert_eq!(stage.leads().await, 1);
}
