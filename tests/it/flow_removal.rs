//! Removing a source from its flow.

use crate::support::{
    sending::open_source,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::Role,
    base::{SourceId, paths},
    entities::model::SourceTag,
};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn the_removal_page_says_what_is_lost_and_what_stays() {
    let (stage, _) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let page = stage.buyer.get(&paths::remove_source(stage.flow, stage.source)).await.expect(200);
    page.shows("Remove Lead Harbor?")
        .shows("Lead Harbor immediately loses access to the Submission Docs of this flow.")
        .shows("1 mapping and 1 rule are permanently deleted.")
        .shows("Leads are kept for as long as the account keeps leads, with the current flow and source names.");
    assert_eq!(stage.buyer.sources(stage.flow).await.len(), 1, "opening the page changes nothing");
}

#[tokio::test]
async fn a_removed_source_disappears_for_both_sides_immediately_and_its_leads_stay() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let input = json!({ "flow_id": stage.flow, "source_id": stage.source, "on": false });
    stage.buyer.call("flows/sources/switch", input).await.expect(200);
    stage.lead(&[("st", "CA")]).await.expect(403);
    let docs = paths::source_docs(stage.flow, stage.source);
    seller.get(&docs).await.expect(200);
    let removed = stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await;
    assert_eq!(removed.location(), paths::flow_sources(stage.flow));
    stage.buyer.get(&paths::flow_sources(stage.flow)).await.shows("Source removed.").shows("No sources yet");
    seller.get(&docs).await.expect(404);
    stage.buyer.get(&docs).await.expect(404);
    stage.lead(&[("st", "CA")]).await.expect(404);
    assert_eq!(stage.app.count("source_refusals").await, 0);
    assert_eq!(stage.app.count("leads where source_name = 'Lead Harbor' and flow_name = 'Solar California'").await, 1);
    stage.buyer.get(&paths::flow_leads(stage.flow)).await.expect(200).shows("Lead Harbor");
    assert_eq!(stage.app.count("connections where disconnected_at is null").await, 1, "they stay connected");
    assert!(stage.app.deeds(stage.buyer.account()).await.contains(&"source_removed".to_owned()));
}

#[tokio::test]
async fn removing_a_pending_source_leaves_its_invitation_open() {
    let stage = Stage::pending().await;
    let other = stage.buyer.create_flow("Solar Nevada").await;
    stage.buyer.invite(other, SELLER, "").await.expect(303);
    let page = stage.buyer.get(&paths::remove_source(stage.flow, stage.source)).await.expect(200);
    assert!(!page.has("name=\"revoke\""), "another flow uses it");
    page.shows("The invitation stays open because other flows use it.");
    stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await.expect(303);
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let row = stage.buyer.only_source(other).await;
    assert_eq!((row.tag, row.is_on()), (SourceTag::AccountSource, true));
    assert!(stage.buyer.sources(stage.flow).await.is_empty());
}

#[tokio::test]
async fn removing_the_last_source_of_an_open_invitation_offers_to_revoke_it() {
    let stage = Stage::pending().await;
    let path = paths::remove_source(stage.flow, stage.source);
    let page = stage.buyer.get(&path).await.expect(200).shows("Also revoke the invitation");
    assert!(page.tag_with("name=\"revoke\"").contains("checked"));
    stage.app.advance(Duration::days(8));
    stage.buyer.get(&path).await.expect(200);
    stage.app.advance(Duration::days(8));
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::Expired);
    stage.buyer.get(&path).await.expect(200).shows("Also revoke the invitation");
}

#[tokio::test]
async fn a_source_without_an_open_invitation_offers_no_revocation() {
    let (stage, _) = Stage::connected().await;
    let page = stage.buyer.get(&paths::remove_source(stage.flow, stage.source)).await.expect(200);
    assert!(!page.has("name=\"revoke\""));
    let (_, buyer, flow, source) = open_source().await;
    assert!(!buyer.get(&paths::remove_source(flow, source)).await.expect(200).has("name=\"revoke\""));
}

#[tokio::test]
async fn a_removed_custom_source_can_be_added_again_as_a_new_one() {
    let (_, buyer, flow, source) = open_source().await;
    buyer.post_as("remove", &paths::remove_source(flow, source), &[]).await.expect(303);
    let offer = buyer.sources_now(flow).await.offers.remove(0);
    assert_eq!((offer.name.as_str(), offer.used_in, offer.in_this_flow), ("Website form", 0, false));
    let add = json!({ "flow_id": flow, "entity_id": offer.entity_id });
    let again: SourceId = buyer.call("flows/sources/add", add).await.expect(200).json();
    assert_ne!(again, source);
}

#[tokio::test]
async fn one_of_two_concurrent_removals_happens_and_the_other_gets_404() {
    let stage = Stage::pending().await;
    let path = paths::remove_source(stage.flow, stage.source);
    let (one, two) = tokio::join!(stage.buyer.post_as("remove", &path, &[]), stage.buyer.post_as("remove", &path, &[]));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    assert_eq!(stage.app.count("activity where deed = 'source_removed'").await, 1);
}

#[tokio::test]
async fn a_lead_racing_with_the_removal_is_stored_or_refused() {
    for _ in 0..4 {
        let (stage, _) = Stage::connected().await;
        let path = paths::remove_source(stage.flow, stage.source);
        let fields = [("st", "CA")];
        let (lead, removed) = tokio::join!(stage.lead(&fields), stage.buyer.post_as("remove", &path, &[]));
        removed.expect(303);
        let status = lead.status.as_u16();
        assert!([201, 404].contains(&status), "{status}");
        assert_eq!(stage.leads().await, i64::from(status == 201));
    }
}

#[tokio::test]
async fn removing_a_source_during_its_acceptance_removes_it_and_connects_the_companies() {
    let stage = Stage::pending().await;
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    let path = paths::remove_source(stage.flow, stage.source);
    let (accepted, removed) = tokio::join!(seller.accept(invitation), stage.buyer.post_as("remove", &path, &[]));
    accepted.expect(303);
    removed.expect(303);
    assert!(stage.buyer.sources(stage.flow).await.is_empty());
    assert_eq!(stage.app.count("connections where disconnected_at is null").await, 1);
}

#[tokio::test]
async fn the_editor_of_a_removed_source_gets_404() {
    let stage = Stage::pending().await;
    stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await.expect(303);
    stage.buyer.get(&paths::source_mappings(stage.flow, stage.source)).await.expect(404);
    stage.buyer.get(&paths::remove_source(stage.flow, stage.source)).await.expect(404);
    stage.buyer.save_mappings(stage.flow, stage.source, 3, &[]).await.expect(404);
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    viewer.get(&paths::flow_sources(stage.flow)).await.expect(200);
}

#[tokio::test]
async fn turning_on_a_disconnected_source_is_refused_with_the_reason() {
    let (stage, _) = Stage::connected().await;
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    let source = stage.source.to_string();
    let path = paths::flow_sources(stage.flow);
    let refused = stage.buyer.post_as("switch", &path, &[("source", &source), ("on", "on")]).await.expect(409);
    refused.shows("This source cannot be turned on: its account is no longer connected.");
    stage.buyer.post_as("switch", &path, &[("source", &source), ("on", "off")]).await.expect(303);
}

#[tokio::test]
async fn removing_a_pending_source_revokes_its_invitation_if_requested() {
    let stage = Stage::pending().await;
    let path = paths::remove_source(stage.flow, stage.source);
    stage.buyer.post_as("remove", &path, &[("revoke", "on")]).await.expect(303);
    assert_eq!(stage.app.invitation_row(stage.invitation().await).await.state, "revoked");
    let seller = stage.newcomer();
    assert_eq!(seller.get(&stage.link).await.status, 410, "the link stops working immediately");
    assert!(stage.app.deeds(stage.buyer.account()).await.contains(&"revoked".to_owned()));
}

#[tokio::test]
async fn an_invitation_needed_by_another_flow_is_not_revoked_even_if_requested() {
    let stage = Stage::pending().await;
    let other = stage.buyer.create_flow("Solar Nevada").await;
    stage.buyer.invite(other, SELLER, "").await.expect(303);
    let path = paths::remove_source(stage.flow, stage.source);
    stage.buyer.post_as("remove", &path, &[("revoke", "on")]).await.expect(303);
    assert_eq!(stage.app.invitation_row(stage.invitation().await).await.state, "pending");
    stage.buyer.post_as("remove", &paths::remove_source(other, stage.source), &[]).await.expect(404);
}

#[tokio::test]
async fn only_one_of_concurrent_removal_with_revocation_and_acceptance_happens() {
    for _ in 0..5 {
        let stage = Stage::pending().await;
        let seller = stage.seller().await;
        let invitation = seller.open_link(&stage.link).await;
        let path = paths::remove_source(stage.flow, stage.source);
        let (accepted, removed) =
            tokio::join!(seller.accept(invitation), stage.buyer.post_as("remove", &path, &[("revoke", "on")]));
        removed.expect(303);
        let (state, connections) =
            (stage.app.invitation_row(invitation).await.state, stage.app.count("connections").await);
        match accepted.status.as_u16() {
            303 => assert_eq!((state.as_str(), connections), ("accepted", 1)),
            410 => assert_eq!((state.as_str(), connections), ("revoked", 0)),
            other => panic!("{other}: {}", accepted.text()),
        }
        assert_eq!(stage.buyer.sources(stage.flow).await.len(), 0);
    }
}

#[tokio::test]
async fn removing_a_source_and_archiving_its_flow_count_the_same_leads_in_the_same_words() {
    let (stage, seller) = Stage::connected().await;
    let pages = [paths::remove_source(stage.flow, stage.source), paths::remove_flow(stage.flow)];
    for page in &pages {
        let shown = stage.buyer.get(page).await.expect(200);
        assert!(!shown.text().contains("Leads are kept"), "there are none: {}", shown.text());
    }
    let test_lead = async |key: &str| {
        let form = [("form", "test-lead"), ("key", key), ("lead-st", "CA")];
        seller.post(&paths::source_docs(stage.flow, stage.source), &form).await.expect(200);
    };
    test_lead("a").await;
    for page in &pages {
        stage.buyer.get(page).await.expect(200).shows("It has received 1 test lead. Leads are kept");
    }
    test_lead("b").await;
    for _ in 0..3 {
        stage.lead(&[("st", "CA")]).await.expect(201);
    }
    for page in &pages {
        stage.buyer.get(page).await.expect(200).shows("It has received 3 leads and 2 test leads. Leads are kept");
    }
}
