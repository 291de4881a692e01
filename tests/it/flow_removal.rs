//! Taking a source out of its flow.

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
async fn removing_asks_first_and_says_what_is_lost_and_what_stays() {
    let (stage, _) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let page = stage.buyer.get(&paths::remove_source(stage.flow, stage.source)).await.expect(200);
    page.saying("Remove Lead Harbor?")
        .saying("Lead Harbor immediately loses access to the Submission Docs of this flow.")
        .saying("1 mapping and 1 rule are permanently deleted.")
        .saying("1 lead is kept, with the current flow and source names.");
    assert_eq!(stage.buyer.sources(stage.flow).await.len(), 1, "looking changes nothing");
}

#[tokio::test]
async fn a_removed_sellers_source_is_gone_for_both_at_once_and_its_leads_stay() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let input = json!({ "flow_id": stage.flow, "source_id": stage.source, "on": false });
    stage.buyer.call("flows/sources/switch", input).await.expect(200);
    stage.lead(&[("st", "CA")]).await.expect(403);
    let docs = paths::source_docs(stage.flow, stage.source);
    seller.get(&docs).await.expect(200);
    let removed = stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await;
    assert_eq!(removed.leads_to(), paths::flow_sources(stage.flow));
    stage.buyer.get(&paths::flow_sources(stage.flow)).await.saying("Source removed.").saying("No sources yet");
    seller.get(&docs).await.expect(404);
    stage.buyer.get(&docs).await.expect(404);
    stage.lead(&[("st", "CA")]).await.expect(404);
    assert_eq!(stage.app.count("source_refusals").await, 0);
    assert_eq!(stage.app.count("leads where source_name = 'Lead Harbor' and flow_name = 'Solar California'").await, 1);
    stage.buyer.get(&paths::flow_leads(stage.flow)).await.expect(200).saying("Lead Harbor");
    assert_eq!(stage.app.count("connections where disconnected_at is null").await, 1, "they stay connected");
    assert!(stage.app.deeds(stage.buyer.account()).await.contains(&"source_removed".to_owned()));
}

#[tokio::test]
async fn a_pending_source_that_is_removed_leaves_its_invitation_open() {
    let stage = Stage::pending().await;
    let other = stage.buyer.create_flow("Solar Nevada").await;
    stage.buyer.invite(other, SELLER, "").await.expect(303);
    let page = stage.buyer.get(&paths::remove_source(stage.flow, stage.source)).await.expect(200);
    assert!(!page.has("name=\"revoke\""), "another flow uses it");
    page.saying("The invitation stays open because other flows use it.");
    stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await.expect(303);
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let row = stage.buyer.only_source(other).await;
    assert_eq!((row.tag, row.is_on()), (SourceTag::AccountSource, true));
    assert!(stage.buyer.sources(stage.flow).await.is_empty());
}

#[tokio::test]
async fn the_last_source_of_an_open_invitation_offers_to_revoke_it_too() {
    let stage = Stage::pending().await;
    let path = paths::remove_source(stage.flow, stage.source);
    let page = stage.buyer.get(&path).await.expect(200).saying("Also revoke the invitation");
    assert!(page.tag_with("name=\"revoke\"").contains("checked"));
    stage.app.advance(Duration::days(8));
    stage.buyer.get(&path).await.expect(200);
    stage.app.advance(Duration::days(8));
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::Expired);
    stage.buyer.get(&path).await.expect(200).saying("Also revoke the invitation");
}

#[tokio::test]
async fn a_source_without_an_open_invitation_offers_nothing_to_revoke() {
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
async fn of_two_who_remove_at_once_one_does_and_the_other_finds_nothing() {
    let stage = Stage::pending().await;
    let path = paths::remove_source(stage.flow, stage.source);
    let (one, two) = tokio::join!(stage.buyer.post_as("remove", &path, &[]), stage.buyer.post_as("remove", &path, &[]));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    assert_eq!(stage.app.count("activity where deed = 'source_removed'").await, 1);
}

#[tokio::test]
async fn a_lead_that_races_with_the_removal_is_stored_or_refused() {
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
async fn a_source_that_is_removed_while_its_invitation_is_accepted_is_gone_and_the_companies_are_connected() {
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
async fn an_editor_of_a_removed_source_finds_nothing() {
    let stage = Stage::pending().await;
    stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await.expect(303);
    stage.buyer.get(&paths::source_mappings(stage.flow, stage.source)).await.expect(404);
    stage.buyer.get(&paths::remove_source(stage.flow, stage.source)).await.expect(404);
    stage.buyer.save_mappings(stage.flow, stage.source, 3, &[]).await.expect(404);
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    viewer.get(&paths::flow_sources(stage.flow)).await.expect(200);
}

#[tokio::test]
async fn a_source_whose_connection_has_ended_is_refused_with_that_reason() {
    let (stage, _) = Stage::connected().await;
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    let source = stage.source.to_string();
    let path = paths::flow_sources(stage.flow);
    let refused = stage.buyer.post_as("switch", &path, &[("source", &source), ("on", "on")]).await.expect(409);
    refused.saying("This source cannot be turned on: its account is no longer connected.");
    stage.buyer.post_as("switch", &path, &[("source", &source), ("on", "off")]).await.expect(303);
}

#[tokio::test]
async fn a_removed_pending_source_takes_its_invitation_with_it_if_that_was_asked_for() {
    let stage = Stage::pending().await;
    let path = paths::remove_source(stage.flow, stage.source);
    stage.buyer.post_as("remove", &path, &[("revoke", "on")]).await.expect(303);
    assert_eq!(stage.app.ended(stage.invitation().await).await.state, "revoked");
    let seller = stage.newcomer();
    assert_eq!(seller.get(&stage.link).await.status, 410, "the link is dead at once");
    assert!(stage.app.deeds(stage.buyer.account()).await.contains(&"revoked".to_owned()));
}

#[tokio::test]
async fn an_invitation_that_another_flow_needs_is_not_revoked_whatever_the_form_says() {
    let stage = Stage::pending().await;
    let other = stage.buyer.create_flow("Solar Nevada").await;
    stage.buyer.invite(other, SELLER, "").await.expect(303);
    let path = paths::remove_source(stage.flow, stage.source);
    stage.buyer.post_as("remove", &path, &[("revoke", "on")]).await.expect(303);
    assert_eq!(stage.app.ended(stage.invitation().await).await.state, "pending");
    stage.buyer.post_as("remove", &paths::remove_source(other, stage.source), &[]).await.expect(404);
}

#[tokio::test]
async fn removing_with_its_invitation_and_accepting_at_once_leave_one_of_the_two() {
    for _ in 0..5 {
        let stage = Stage::pending().await;
        let seller = stage.seller().await;
        let invitation = seller.open_link(&stage.link).await;
        let path = paths::remove_source(stage.flow, stage.source);
        let (accepted, removed) =
            tokio::join!(seller.accept(invitation), stage.buyer.post_as("remove", &path, &[("revoke", "on")]));
        removed.expect(303);
        let (state, connections) = (stage.app.ended(invitation).await.state, stage.app.count("connections").await);
        match accepted.status.as_u16() {
            303 => assert_eq!((state.as_str(), connections), ("accepted", 1)),
            410 => assert_eq!((state.as_str(), connections), ("revoked", 0)),
            other => panic!("{other}: {}", accepted.words()),
        }
        assert_eq!(stage.buyer.sources(stage.flow).await.len(), 0);
    }
}
