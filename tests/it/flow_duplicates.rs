//! Two sources of one entity in one flow, left by a merge of entities: how the buyer chooses between them.

use crate::support::{
    Actor, TestApp,
    actor::problem_name,
    stage::{FIELDS, Stage, california, mapping},
};
use accord::{
    base::{AccountId, EntityId, FlowId, SourceId, paths},
    entities::model::SourceTag,
    flows::{model::SourceRow, server::merge_sources},
};
use serde_json::json;

/// A connected seller. More of its addresses were invited, to the same flow and to another.
struct MergeStage {
    stage: Stage,
    seller: Actor,
    /// The entity of the seller's account.
    into: EntityId,
    other_flow: FlowId,
    /// The pending source of the second address in the seller's flow.
    second: SourceId,
    /// The same address's source in the other flow.
    elsewhere: SourceId,
}

impl MergeStage {
    /// Before the merge.
    async fn prepared() -> Self {
        let (stage, seller) = Stage::connected().await;
        let buyer = &stage.buyer;
        let other_flow = buyer.create_flow("Solar Nevada").await;
        let second = invite_another(buyer, stage.flow, "sales@seller.example").await;
        let elsewhere = invite_another(buyer, other_flow, "sales@seller.example").await;
        buyer.save_mappings(other_flow, elsewhere, 1, &[mapping("state", "region")]).await.expect(200);
        buyer.save_rules(other_flow, Some(elsewhere), 2, california()).await.expect(200);
        let into = stage.app.source(stage.source).await.entity_id;
        Self { stage, seller, into, other_flow, second, elsewhere }
    }

    async fn done() -> Self {
        let merged = Self::prepared().await;
        merged.merge(merged.second).await;
        merged
    }

    /// Merges the entity of a source into that of the seller's account.
    async fn merge(&self, source: SourceId) {
        let from = self.stage.app.source(source).await.entity_id;
        merge(&self.stage.app, self.stage.buyer.account(), from, self.into).await;
    }

    fn app(&self) -> &TestApp {
        &self.stage.app
    }

    /// Clicks the button of a duplicate's row.
    async fn use_instead(&self, source: SourceId, instead_of: SourceId) -> crate::support::Response {
        let (source, live) = (source.to_string(), instead_of.to_string());
        let fields = [("source", source.as_str()), ("instead_of", live.as_str())];
        self.stage.buyer.post_as("use-instead", &paths::flow_sources(self.stage.flow), &fields).await
    }

    /// Per row: the source, the source it duplicates, and whether it is on.
    async fn rows(&self) -> Vec<(SourceId, Option<SourceId>, bool)> {
        let rows = self.stage.buyer.sources(self.stage.flow).await;
        rows.iter().map(|row| (row.id, row.duplicate_of, row.is_on())).collect()
    }
}

/// Merges as an acceptance does: the emptied entity is deprecated in the same transaction.
async fn merge(app: &TestApp, account: AccountId, from: EntityId, into: EntityId) {
    let cx = app.state.system().await.unwrap();
    cx.write((account, from, into), |tx, (account, from, into)| {
        Box::pin(async move {
            merge_sources(tx, account, from, into).await?;
            let emptied = sqlx::query("update entities set deprecated = true, see = $2 where id = $1");
            emptied.bind(from).bind(into).execute(&mut **tx).await?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

async fn invite_another(buyer: &Actor, flow: FlowId, email: &str) -> SourceId {
    buyer.invite(flow, email, "").await.expect(303);
    row_of(buyer, flow, email).await.id
}

async fn row_of(buyer: &Actor, flow: FlowId, name: &str) -> SourceRow {
    buyer.sources(flow).await.into_iter().find(|row| row.name == name).unwrap()
}

#[tokio::test]
async fn a_merge_moves_sources_with_their_set_up_and_turns_them_on() {
    let merged = MergeStage::prepared().await;
    let before = merged.app().source(merged.elsewhere).await;
    merged.merge(merged.second).await;
    let after = merged.app().source(merged.elsewhere).await;
    assert_eq!((after.entity_id, after.enabled), (merged.into, true));
    assert_eq!((after.mappings, after.criteria), (before.mappings, before.criteria));
    let row = merged.stage.buyer.only_source(merged.other_flow).await;
    assert_eq!((row.id, row.tag, row.duplicate_of), (merged.elsewhere, SourceTag::AccountSource, None));
    assert_eq!((row.name.as_str(), row.mappings, row.rules), ("Lead Harbor", 1, 1));
    let lead = merged.app().submit(merged.other_flow, merged.elsewhere, "region=California".to_owned(), &[]).await;
    lead.expect(201).shows("success");
    assert!(merged.app().deeds(merged.stage.buyer.account()).await.contains(&"sources_merged".to_owned()));
}

#[tokio::test]
async fn a_merged_source_set_to_stay_off_stays_off() {
    let merged = MergeStage::prepared().await;
    let input = json!({ "flow_id": merged.other_flow, "source_id": merged.elsewhere, "turn_on": false });
    merged.stage.buyer.call("flows/sources/turn-on", input).await.expect(200);
    merged.merge(merged.second).await;
    assert!(!merged.stage.buyer.only_source(merged.other_flow).await.is_on());
}

#[tokio::test]
async fn the_flows_existing_source_is_unchanged_and_the_merged_one_becomes_its_duplicate() {
    let merged = MergeStage::prepared().await;
    let live = merged.stage.source;
    let before = merged.app().source(live).await;
    merged.merge(merged.second).await;
    assert_eq!(merged.app().source(live).await, before);
    assert_eq!(merged.rows().await, [(live, None, true), (merged.second, Some(live), false)]);
    let page = merged.stage.buyer.get(&paths::flow_sources(merged.stage.flow)).await.expect(200);
    page.shows("Duplicate").shows("Use this one instead");
    merged.seller.get(&paths::source_docs(merged.stage.flow, merged.second)).await.expect(200).shows("is off");
    let docs = merged.seller.get(paths::SUBMISSION_DOCS).await.expect(200);
    assert!(!docs.has(&merged.second.to_string()), "the list shows only the source in use");
    let offer = merged.stage.buyer.sources_now(merged.stage.flow).await.offers.remove(0);
    assert_eq!((offer.entity_id, offer.used_in, offer.in_this_flow), (merged.into, 2, true));
    let flows = merged.stage.buyer.get(paths::FLOWS).await.expect(200).text();
    assert!(flows.contains("Solar CaliforniaOn100"), "{flows}");
}

#[tokio::test]
async fn a_duplicate_cannot_be_turned_on_and_accepts_no_leads() {
    let merged = MergeStage::done().await;
    let (buyer, flow, source) = (&merged.stage.buyer, merged.stage.flow, merged.second);
    let input = json!({ "flow_id": flow, "source_id": source, "on": true });
    assert_eq!(problem_name(&buyer.call("flows/sources/switch", input).await.expect(409)), "SourceDuplicate");
    let form = [("source", source.to_string()), ("on", "on".to_owned())];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    let refused = buyer.post_as("switch", &paths::flow_sources(flow), &form).await.expect(409);
    refused.shows("This source is a duplicate and cannot be turned on.");
    let lead = merged.app().submit(flow, source, "state=CA".to_owned(), &[]).await.expect(403);
    lead.shows("source is not enabled");
    let row = buyer.sources(flow).await.into_iter().find(|row| row.id == source).unwrap();
    assert_eq!((row.refused, row.leads, row.enabled), (1, 0, false));
}

#[tokio::test]
async fn a_duplicate_used_instead_takes_over_the_state_of_the_other() {
    let merged = MergeStage::done().await;
    let (flow, live, second) = (merged.stage.flow, merged.stage.source, merged.second);
    let done = merged.use_instead(second, live).await;
    assert_eq!(done.location(), paths::flow_sources(flow));
    assert_eq!(merged.rows().await, [(second, None, true), (live, Some(second), false)]);
    merged.app().submit(flow, second, "state=CA".to_owned(), &[]).await.expect(201);
    merged.app().submit(flow, live, "st=CA".to_owned(), &[]).await.expect(403);
    let docs = merged.seller.get(paths::SUBMISSION_DOCS).await.expect(200);
    assert!(docs.has(&second.to_string()) && !docs.has(&live.to_string()));
    let form = [("source", second.to_string()), ("on", "off".to_owned())];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    merged.stage.buyer.post_as("switch", &paths::flow_sources(flow), &form).await.expect(303);
    merged.use_instead(live, second).await.expect(303);
    assert_eq!(merged.rows().await, [(live, None, false), (second, Some(live), false)], "off stays off");
}

#[tokio::test]
async fn one_of_two_concurrent_choices_wins_and_the_other_sees_what_happened() {
    let merged = MergeStage::done().await;
    let (live, second) = (merged.stage.source, merged.second);
    let (one, two) = tokio::join!(merged.use_instead(second, live), merged.use_instead(second, live));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(merged.rows().await, [(second, None, true), (live, Some(second), false)]);
    assert_eq!(merged.app().count("activity where deed = 'source_replaced'").await, 1);
    let late = merged.use_instead(second, live).await.expect(409);
    late.shows("Someone saved a newer version.");
}

#[tokio::test]
async fn all_duplicates_follow_the_source_in_use() {
    let merged = MergeStage::done().await;
    let (buyer, flow, live, second) = (&merged.stage.buyer, merged.stage.flow, merged.stage.source, merged.second);
    let third = invite_another(buyer, flow, "leads@seller.example").await;
    merged.merge(third).await;
    assert_eq!(merged.rows().await, [(live, None, true), (second, Some(live), false), (third, Some(live), false)]);
    merged.use_instead(third, live).await.expect(303);
    assert_eq!(merged.rows().await, [(third, None, true), (live, Some(third), false), (second, Some(third), false)]);
    // An older page gets a conflict, and nothing changes.
    merged.use_instead(second, live).await.expect(409);
    merged.use_instead(third, third).await.expect(409);
    assert_eq!(merged.rows().await[0].0, third);
}

#[tokio::test]
async fn duplicates_of_a_merged_source_stay_duplicates() {
    let merged = MergeStage::done().await;
    let (buyer, flow, live, second) = (&merged.stage.buyer, merged.stage.flow, merged.stage.source, merged.second);
    let further = invite_another(buyer, flow, "hq@holding.example").await;
    let third_flow = buyer.create_flow("Solar Texas").await;
    let add = json!({ "flow_id": third_flow, "entity_id": merged.into });
    let third: SourceId = buyer.call("flows/sources/add", add).await.expect(200).json();
    let holding = merged.app().source(further).await.entity_id;
    // The other way round: the entity with duplicates is merged into one that is only in this flow.
    merge(merged.app(), buyer.account(), merged.into, holding).await;
    let rows = merged.rows().await;
    let duplicates: Vec<_> = rows.iter().map(|(id, of, _)| (*id, *of)).collect();
    assert_eq!(duplicates, [(further, None), (live, Some(further)), (second, Some(further))]);
    assert_eq!(merged.app().source(third).await.entity_id, holding);
    let none_left = format!("flow_sources where entity_id = decode('{}', 'hex')", merged.into);
    assert_eq!(merged.app().count(&none_left).await, 0);
}

#[tokio::test]
async fn when_the_source_in_use_is_removed_the_oldest_duplicate_replaces_it_and_stays_off() {
    let merged = MergeStage::done().await;
    let (buyer, flow, live, second) = (&merged.stage.buyer, merged.stage.flow, merged.stage.source, merged.second);
    let third = invite_another(buyer, flow, "leads@seller.example").await;
    merged.merge(third).await;
    let path = paths::remove_source(flow, live);
    buyer.get(&path).await.expect(200).shows("Its duplicate replaces it and stays off until you turn it on.");
    buyer.post_as("remove", &path, &[]).await.expect(303);
    assert_eq!(merged.rows().await, [(second, None, false), (third, Some(second), false)]);
    buyer.post_as("remove", &paths::remove_source(flow, third), &[]).await.expect(303);
    assert_eq!(merged.rows().await, [(second, None, false)]);
    let input = json!({ "flow_id": flow, "source_id": second, "on": true });
    buyer.call("flows/sources/switch", input).await.expect(200);
    assert_eq!(merged.rows().await, [(second, None, true)]);
}

#[tokio::test]
async fn another_accounts_duplicate_does_not_exist() {
    let merged = MergeStage::done().await;
    let stranger = merged.app().stranger().await;
    let (source, live) = (merged.second.to_string(), merged.stage.source.to_string());
    let fields = [("source", source.as_str()), ("instead_of", live.as_str())];
    stranger.post_as("use-instead", &paths::flow_sources(merged.stage.flow), &fields).await.expect(404);
    // Sources of different flows are not a pair.
    merged.use_instead(merged.elsewhere, merged.stage.source).await.expect(404);
    merged.use_instead(merged.second, merged.elsewhere).await.expect(409);
    assert_eq!(merged.rows().await[0].0, merged.stage.source);
}

#[tokio::test]
async fn adding_an_entity_during_its_merge_leaves_no_source_of_the_emptied_entity() {
    for _ in 0..4 {
        let merged = MergeStage::prepared().await;
        let buyer = &merged.stage.buyer;
        let third_flow = buyer.post_flow("Solar Texas", &FIELDS).await;
        let third_flow: FlowId = third_flow.location().split('/').nth(2).unwrap().parse().unwrap();
        let from = merged.app().source(merged.second).await.entity_id;
        let add = json!({ "flow_id": third_flow, "entity_id": from });
        let ((), added) = tokio::join!(merged.merge(merged.second), buyer.call("flows/sources/add", add));
        let status = added.status.as_u16();
        assert!([200, 422].contains(&status), "{status} {}", added.body);
        let strays = "flow_sources fs join entities e on e.id = fs.entity_id where e.deprecated";
        assert_eq!(merged.app().count(strays).await, 0);
        assert_eq!(buyer.sources(third_flow).await.len(), usize::from(status == 200));
    }
}

#[tokio::test]
async fn accepting_a_second_address_for_a_connected_company_merges_its_sources() {
    let merged = MergeStage::prepared().await;
    let (app, live) = (merged.app(), merged.stage.source);
    let before = app.source(live).await;
    let invitation = merged.seller.open_link(&app.link_to("sales@seller.example").await).await;
    merged.seller.accept_confirmed(invitation).await.expect(303);
    assert_eq!(app.source(live).await, before);
    assert_eq!(merged.rows().await, [(live, None, true), (merged.second, Some(live), false)]);
    let row = merged.stage.buyer.only_source(merged.other_flow).await;
    assert_eq!((row.id, row.tag, row.is_on()), (merged.elsewhere, SourceTag::AccountSource, true));
    assert_eq!((row.mappings, row.rules), (1, 1));
    assert_eq!(app.count("entities where deprecated and see is not null").await, 1);
    assert_eq!(app.count("connections").await, 1);
    let offers = merged.stage.buyer.sources_now(merged.stage.flow).await.offers;
    assert!(offers.iter().all(|offer| offer.name != "sales@seller.example"), "the emptied entity is not offered");
}
