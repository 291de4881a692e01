//! Removing flows: archived with their leads, deleted without any, and restored.

use crate::support::{
    Actor, TestApp,
    sending::open_source,
    stage::{FIELDS, SELLER, Stage},
};
use accord::{
    accounts::model::Role,
    base::{FlowId, paths},
    entities::model::SourceTag,
};
use serde_json::json;

async fn remove(buyer: &Actor, flow: FlowId) -> crate::support::Response {
    buyer.post_as("remove", &paths::remove_flow(flow), &[]).await
}

async fn restore(buyer: &Actor, flow: FlowId) -> crate::support::Response {
    buyer.post_as("restore", paths::FLOWS, &[("flow", &flow.to_string())]).await
}

async fn exists(app: &TestApp, flow: FlowId) -> bool {
    app.count(&format!("flows where id = decode('{flow}', 'hex')")).await == 1
}

#[tokio::test]
async fn a_flow_with_leads_is_archived_turned_off_and_hidden_and_its_leads_stay() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let page = stage.buyer.get(&paths::remove_flow(stage.flow)).await.expect(200);
    page.shows("Archive Solar California?")
        .shows("Lead Harbor immediately loses access to its Submission Docs.")
        .shows("Leads are kept for as long as the account keeps leads");
    assert_eq!(remove(&stage.buyer, stage.flow).await.location(), paths::FLOWS);
    let flows = stage.buyer.get(paths::FLOWS).await.expect(200);
    flows.shows("Flow archived.").shows("Archived").shows("Restore");
    for path in [
        paths::flow_sources(stage.flow),
        paths::flow_fields(stage.flow),
        paths::flow_criteria(stage.flow),
        paths::flow_leads(stage.flow),
        paths::remove_flow(stage.flow),
        paths::add_source(stage.flow),
        paths::source_mappings(stage.flow, stage.source),
        paths::source_docs(stage.flow, stage.source),
        paths::remove_source(stage.flow, stage.source),
    ] {
        assert_eq!(stage.buyer.get(&path).await.status, 404, "{path}");
    }
    seller.get(&paths::source_docs(stage.flow, stage.source)).await.expect(404);
    seller.get(paths::SUBMISSION_DOCS).await.expect(200).shows("No Submission Docs yet");
    stage.lead(&[("st", "CA")]).await.expect(403).shows("flow is not enabled");
    assert_eq!(stage.app.count("source_refusals where count = 1").await, 1, "refused and counted");
    seller.get(&paths::portal_leads(stage.partner().await)).await.expect(200).shows("Solar California");
    assert!(stage.app.deeds(stage.buyer.account()).await.contains(&"flow_archived".to_owned()));
}

#[tokio::test]
async fn a_flow_whose_leads_are_no_longer_kept_is_archived_also_without_its_source() {
    for is_source_removed in [false, true] {
        let (app, buyer, flow, source) = open_source().await;
        app.submit(flow, source, "state=CA&test=true".to_owned(), &[]).await.expect(201);
        if is_source_removed {
            buyer.post_as("remove", &paths::remove_source(flow, source), &[]).await.expect(303);
        }
        app.execute("delete from leads").await.unwrap();
        assert!(buyer.get(paths::FLOWS).await.expect(200).row_with("Solar California").contains("Archive"));
        buyer.get(&paths::remove_flow(flow)).await.expect(200).shows("Archive Solar California?");
        remove(&buyer, flow).await.expect(303);
        assert!(exists(&app, flow).await, "its source was removed: {is_source_removed}");
    }
}

#[tokio::test]
async fn a_restored_flow_is_as_before_but_off() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let before = stage.app.source(stage.source).await;
    remove(&stage.buyer, stage.flow).await.expect(303);
    assert_eq!(restore(&stage.buyer, stage.flow).await.location(), paths::FLOWS);
    stage.buyer.get(paths::FLOWS).await.shows("Flow restored.").shows("Off");
    assert_eq!(stage.app.source(stage.source).await, before);
    stage.lead(&[("st", "CA")]).await.expect(403).shows("flow is not enabled");
    stage.buyer.post_as("switch-flow", &paths::flow_sources(stage.flow), &[("on", "on")]).await.expect(303);
    stage.lead(&[("st", "CA")]).await.expect(201);
    seller.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200);
    restore(&stage.buyer, stage.flow).await.expect(404);
}

#[tokio::test]
async fn a_flow_cannot_be_restored_if_its_name_was_taken() {
    let (stage, _) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    remove(&stage.buyer, stage.flow).await.expect(303);
    let newer = stage.buyer.create_flow("SOLAR California").await;
    let refused = restore(&stage.buyer, stage.flow).await.expect(409);
    refused.shows("You now have another flow with this name.").shows("Restore");
    stage.buyer.get(&paths::flow_sources(stage.flow)).await.expect(404);
    remove(&stage.buyer, newer).await.expect(303);
    restore(&stage.buyer, stage.flow).await.expect(303);
}

#[tokio::test]
async fn a_flow_without_leads_is_deleted_with_everything_in_it() {
    let stage = Stage::pending().await;
    stage.lead(&[("st", "CA")]).await.expect(403);
    let page = stage.buyer.get(&paths::remove_flow(stage.flow)).await.expect(200);
    page.shows("Delete Solar California?").shows(&format!("The invitation to {SELLER} stays open."));
    remove(&stage.buyer, stage.flow).await.expect(303);
    stage.buyer.get(paths::FLOWS).await.shows("Flow deleted.").shows("No flows yet");
    for table in ["flows", "flow_fields", "flow_sources", "source_refusals"] {
        assert_eq!(stage.app.count(table).await, 0, "{table}");
    }
    stage.lead(&[("st", "CA")]).await.expect(404);
    assert!(stage.app.deeds(stage.buyer.account()).await.contains(&"flow_deleted".to_owned()));
    restore(&stage.buyer, stage.flow).await.expect(404);
    // The invitee can still accept, and is offered for the next flow.
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let next = stage.buyer.create_flow("Solar California").await;
    let offer = stage.buyer.sources_now(next).await.offers.remove(0);
    assert_eq!((offer.tag, offer.used_in), (SourceTag::AccountSource, 0));
}

#[tokio::test]
async fn a_flow_with_only_test_leads_is_archived_too() {
    let (app, buyer, flow, source) = open_source().await;
    buyer.get(paths::FLOWS).await.expect(200).shows("Delete");
    app.submit(flow, source, "test=true&state=CA".to_owned(), &[]).await.expect(201);
    buyer.get(paths::FLOWS).await.expect(200).shows("Archive");
    buyer.get(&paths::remove_flow(flow)).await.expect(200).shows("Archive Solar California?");
}

#[tokio::test]
async fn a_lead_that_arrives_after_the_question_turns_deletion_into_archiving() {
    let (app, buyer, flow, source) = open_source().await;
    buyer.get(&paths::remove_flow(flow)).await.expect(200).shows("Delete Solar California?");
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    remove(&buyer, flow).await.expect(303);
    buyer.get(paths::FLOWS).await.shows("Flow archived.");
    assert!(exists(&app, flow).await);
}

#[tokio::test]
async fn no_lead_loses_its_flow_to_a_concurrent_deletion() {
    for _ in 0..6 {
        let (app, buyer, flow, source) = open_source().await;
        let body = || "state=CA".to_owned();
        let (one, gone, two) = tokio::join!(
            app.submit(flow, source, body(), &[]),
            remove(&buyer, flow),
            app.submit(flow, source, body(), &[]),
        );
        gone.expect(303);
        let stored = [one, two].iter().filter(|lead| lead.status.as_u16() == 201).count();
        assert_eq!(app.count("leads").await, stored as i64);
        assert_eq!(exists(&app, flow).await, stored > 0);
    }
}

#[tokio::test]
async fn a_source_added_during_a_deletion_is_added_or_refused() {
    for _ in 0..4 {
        let (app, buyer, flow, _) = open_source().await;
        let input = json!({ "flow_id": flow, "name": "Call centre" });
        let (added, gone) = tokio::join!(buyer.call("flows/sources/create", input), remove(&buyer, flow));
        gone.expect(303);
        assert!([200, 404].contains(&added.status.as_u16()), "{} {}", added.status, added.body);
        assert_eq!(app.count("flow_sources").await, 0);
    }
}

#[tokio::test]
async fn only_one_of_two_concurrent_removals_or_restores_happens() {
    let (app, buyer, flow, source) = open_source().await;
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    let (one, two) = tokio::join!(remove(&buyer, flow), remove(&buyer, flow));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    let (one, two) = tokio::join!(restore(&buyer, flow), restore(&buyer, flow));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    assert_eq!(app.count("activity where deed in ('flow_archived', 'flow_restored')").await, 2);
}

#[tokio::test]
async fn only_people_who_may_change_flows_can_remove_and_restore_them() {
    let (app, buyer, flow, source) = open_source().await;
    let viewer = app.member(&buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    let stranger = app.stranger().await;
    remove(&viewer, flow).await.expect(403);
    remove(&stranger, flow).await.expect(404);
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    remove(&buyer, flow).await.expect(303);
    let seen = viewer.get(paths::FLOWS).await.expect(200);
    assert!(!seen.text().contains("Restore"), "a Viewer is not offered Restore");
    restore(&viewer, flow).await.expect(403);
    restore(&stranger, flow).await.expect(404);
    assert_eq!(app.count("flows where archived_at is not null").await, 1);
}

#[tokio::test]
async fn an_archived_flow_is_not_counted_and_its_name_is_free() {
    let (app, buyer, flow, source) = open_source().await;
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    remove(&buyer, flow).await.expect(303);
    buyer.post_flow("Solar California", &FIELDS).await.expect(303);
    let next = buyer.create_flow("Solar Nevada").await;
    let offer = buyer.sources_now(next).await.offers.remove(0);
    assert_eq!((offer.name.as_str(), offer.used_in), ("Website form", 0));
    let switched = buyer.post_as("switch-flow", &paths::flow_sources(flow), &[("on", "on")]).await;
    switched.expect(404);
    assert_eq!(app.count("flows where archived_at is not null and not enabled").await, 1);
}

#[tokio::test]
async fn with_leadconduit_for_partners_the_only_flow_can_be_restored_from_the_archive() {
    let (app, buyer, flow, source) = open_source().await;
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    app.execute("update subscriptions set plan = 'partners' where plan = 'base'").await.unwrap();
    remove(&buyer, flow).await.expect(303);
    assert!(buyer.get("/").await.expect(200).has("href=\"/flows\""), "the navigation links to the archive");
    buyer.get(paths::FLOWS).await.expect(200).shows("Archived").shows("Restore");
    assert_eq!(restore(&buyer, flow).await.location(), paths::FLOWS);
    assert_eq!(app.count("flows where archived_at is null").await, 1);
}

#[tokio::test]
async fn with_leadconduit_for_partners_no_second_flow_can_be_restored() {
    let (app, buyer, flow, source) = open_source().await;
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    remove(&buyer, flow).await.expect(303);
    let other = buyer.create_flow("Solar Nevada").await;
    app.execute("update subscriptions set plan = 'partners' where plan = 'base'").await.unwrap();
    restore(&buyer, flow).await.expect(403);
    remove(&buyer, other).await.expect(303);
    assert!(!exists(&app, other).await, "it had no leads");
    restore(&buyer, flow).await.expect(303);
    assert_eq!(app.count("flows where archived_at is null").await, 1);
}
