//! Which sources *Add a source* offers.

use crate::support::{TestApp, stage::Stage};
use accord::{base::paths, entities::model::SourceTag};

#[tokio::test]
async fn the_search_for_a_source_stays_after_an_error_and_says_if_nothing_matches() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let path = format!("{}?search=faceb%26", paths::add_source(flow));
    buyer.get(&path).await.expect(200).shows("No source has this name.");
    let path = format!("{}?search=faceb", paths::add_source(flow));
    let page = buyer.get(&path).await.expect(200);
    assert!(!page.has("No source has this name.") && page.body.contains(&format!("action=\"{path}\"")));
    let refused = buyer.post_as("add", &path, &[("entity", "")]).await.expect(422);
    for page in [page, refused] {
        assert!(page.tag_with("name=\"search\"").contains("value=\"faceb\""));
        assert_eq!(page.body.matches("<option").count(), 2, "no source, and Facebook");
    }
}

#[tokio::test]
async fn sources_are_offered_in_the_order_connected_pending_custom_standard() {
    let (stage, _) = Stage::connected().await;
    stage.buyer.invite(stage.flow, "dee@seller.example", "").await.expect(303);
    stage.buyer.post_as("custom", &paths::custom_source(stage.flow), &[("name", "Website form")]).await.expect(303);
    let second = stage.buyer.create_flow("Second").await;
    let offers = stage.buyer.sources_now(second).await.offers;
    let tags: Vec<_> = offers.iter().take(4).map(|offer| offer.tag).collect();
    assert_eq!(tags, [SourceTag::AccountSource, SourceTag::ConnectionPending, SourceTag::Custom, SourceTag::Standard]);
    assert_eq!(offers[0].used_in, 1);
}
