//! Assigning sources to partners.

use crate::support::{
    Actor, TestApp,
    sending::open_source,
    stage::{SELLER, Stage, mapping},
};
use accord::{
    accounts::model::Role,
    base::{FlowId, PartnerId, SourceId, paths},
};
use serde_json::json;

/// An account with two partners and two custom sources.
struct TwoPartners {
    app: TestApp,
    buyer: Actor,
    flow: FlowId,
    form: SourceId,
    radio: SourceId,
    acme: PartnerId,
    best: PartnerId,
}

impl TwoPartners {
    async fn new() -> Self {
        let (app, buyer, flow, form) = open_source().await;
        let radio = buyer.custom_source(flow, "Radio").await;
        let acme = buyer.create_partner("Acme").await;
        let best = buyer.create_partner("Best Leads").await;
        Self { app, buyer, flow, form, radio, acme, best }
    }

    async fn partners(&self) -> [Option<PartnerId>; 2] {
        [self.app.partner_of(self.form).await, self.app.partner_of(self.radio).await]
    }
}

#[tokio::test]
async fn several_sources_are_assigned_together_and_shown_with_their_details() {
    let stage = TwoPartners::new().await;
    let TwoPartners { app, buyer, flow, form, radio, acme, .. } = &stage;
    let page = buyer.get(&paths::assign_sources(*acme)).await.expect(200);
    let page = page.shows("Solar California · Website form").shows("Solar California · Radio").shows("Custom Source");
    assert!(
        page.tag_with(&format!("name=\"source-{form}\"")).contains("aria-label=\"Solar California · Website form\"")
    );
    buyer.save_mappings(*flow, *form, 1, &[mapping("state", "st")]).await.expect(200);
    let response = buyer.assign(*acme, &[*form, *radio]).await;
    let page = buyer.get(response.location()).await.expect(200).shows("Sources assigned.");
    for words in ["Solar California · Website form", "Solar California · Radio", "Custom Source", "none", "Unassign"]
    {
        assert!(page.text().contains(words), "{words}");
    }
    assert!(page.has(&format!("href=\"{}\"", paths::source_mappings(*flow, *form))));
    assert_eq!(stage.partners().await, [Some(*acme), Some(*acme)]);
    let changes = app.changes("source_assigned").await;
    let expected = json!({ "partner": "Acme", "partner_id": acme });
    assert_eq!(changes.len(), 2);
    for (before, after) in changes {
        assert_eq!((before.unwrap(), after.unwrap()), (json!({ "partner": null }), expected.clone()));
    }
    // Assigning again changes and records nothing.
    buyer.assign(*acme, &[*form]).await.expect(303);
    assert_eq!(app.changes("source_assigned").await.len(), 2);
    buyer.get(&paths::assign_sources(*acme)).await.expect(200).shows("No sources to assign");
}

#[tokio::test]
async fn the_tab_counts_the_leads_of_30_days_without_test_leads() {
    let stage = TwoPartners::new().await;
    let TwoPartners { app, buyer, flow, form, acme, .. } = &stage;
    buyer.assign(*acme, &[*form]).await.expect(303);
    let rule =
        json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] } });
    buyer.save_rules(*flow, Some(*form), 1, rule).await.expect(200);
    for body in ["state=CA", "state=CA", "state=TX", "state=CA&test=true"] {
        app.submit(*flow, *form, body.to_owned(), &[]).await.expect(201);
    }
    let page = buyer.get(&paths::partner_sources(*acme)).await.expect(200);
    assert!(page.row_with("Website form").ends_with("0 none 3 67% just now"), "{}", page.row_with("Website form"));
    app.advance(time::Duration::days(13));
    buyer.get("/").await.expect(200);
    app.advance(time::Duration::days(13));
    buyer.get("/").await.expect(200);
    app.advance(time::Duration::days(5));
    let page = buyer.get(&paths::partner_sources(*acme)).await.expect(200);
    assert!(page.row_with("Website form").ends_with("0 none 0 – 31 days ago"));
}

#[tokio::test]
async fn several_sources_are_unassigned_together_and_still_accept_leads() {
    let stage = TwoPartners::new().await;
    let TwoPartners { app, buyer, flow, form, radio, acme, .. } = &stage;
    buyer.assign(*acme, &[*form, *radio]).await.expect(303);
    let response = buyer.unassign(*acme, &[*form, *radio]).await;
    buyer.get(response.location()).await.expect(200).shows("Sources unassigned.").shows("No sources yet");
    assert_eq!(stage.partners().await, [None, None]);
    for source in [form, radio] {
        app.submit(*flow, *source, "state=CA".to_owned(), &[]).await.expect(201);
    }
    let changes = app.changes("source_unassigned").await;
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0].0.clone().unwrap()["partner"], "Acme");
    buyer.unassign(*acme, &[*form]).await.expect(303);
    assert_eq!(app.changes("source_unassigned").await.len(), 2, "unassigning again is not recorded");
}

#[tokio::test]
async fn a_move_from_another_partner_asks_first_and_names_each_source() {
    let stage = TwoPartners::new().await;
    let TwoPartners { app, buyer, form, radio, acme, best, .. } = &stage;
    buyer.assign(*acme, &[*form]).await.expect(303);
    let page = buyer.assign(*best, &[*form, *radio]).await.expect(422);
    let page = page
        .shows("These sources belong to another partner")
        .shows("Solar California · Website form belongs to Acme")
        .shows("Confirm moving these sources away from their current partner.")
        .shows("Move it to Best Leads");
    for source in [form, radio] {
        assert!(page.tag_with(&format!("name=\"source-{source}\"")).contains("checked"), "the selection is kept");
    }
    assert!(page.tag_with(&format!("name=\"from-{form}\"")).contains(&acme.to_string()));
    assert_eq!(stage.partners().await, [Some(*acme), None], "nothing is partly assigned");
    buyer.move_sources(*best, &[*form, *radio], &[(*form, *acme)]).await.expect(303);
    assert_eq!(stage.partners().await, [Some(*best), Some(*best)]);
    let changes = app.changes("source_assigned").await;
    let moved = changes.iter().filter(|(before, _)| before.clone().unwrap()["partner"] == "Acme").count();
    assert_eq!(moved, 1);
}

#[tokio::test]
async fn a_source_moved_since_the_question_is_asked_about_again() {
    let stage = TwoPartners::new().await;
    let TwoPartners { buyer, form, acme, best, .. } = &stage;
    let third = buyer.create_partner("Third").await;
    buyer.assign(*acme, &[*form]).await.expect(303);
    buyer.move_sources(third, &[*form], &[(*form, *acme)]).await.expect(303);
    let page = buyer.move_sources(*best, &[*form], &[(*form, *acme)]).await.expect(422);
    page.shows("Solar California · Website form belongs to Third");
    assert_eq!(stage.partners().await[0], Some(third));
}

#[tokio::test]
async fn of_two_concurrent_assignments_of_a_source_one_wins_and_the_other_is_asked() {
    let stage = TwoPartners::new().await;
    let TwoPartners { app, buyer, form, acme, best, .. } = &stage;
    for round in 1..6 {
        let wanted = [*form];
        let (one, other) = tokio::join!(buyer.assign(*acme, &wanted), buyer.assign(*best, &wanted));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
        let winner = if one.status == 303 { *acme } else { *best };
        let loser = if winner == *acme { *best } else { *acme };
        assert_eq!(app.partner_of(*form).await, Some(winner));
        // The other one confirms: one partner, and one entry for each assignment.
        buyer.move_sources(loser, &[*form], &[(*form, winner)]).await.expect(303);
        assert_eq!(app.partner_of(*form).await, Some(loser));
        assert_eq!(app.changes("source_assigned").await.len(), 2 * round);
        buyer.unassign(loser, &[*form]).await.expect(303);
    }
}

#[tokio::test]
async fn many_assignments_in_any_order_do_not_deadlock() {
    let stage = TwoPartners::new().await;
    let TwoPartners { buyer, form, radio, acme, .. } = &stage;
    let (there, back) = ([*form, *radio], [*radio, *form]);
    let tries = (0..12).map(|round| buyer.assign(*acme, if round % 2 == 0 { &there } else { &back }));
    for response in futures::future::join_all(tries).await {
        response.expect(303);
    }
    assert_eq!(stage.partners().await, [Some(*acme), Some(*acme)]);
    assert_eq!(stage.app.changes("source_assigned").await.len(), 2);
}

#[tokio::test]
async fn the_search_keeps_the_selection() {
    let stage = TwoPartners::new().await;
    let TwoPartners { buyer, form, radio, acme, .. } = &stage;
    let path = paths::assign_sources(*acme);
    let page = buyer.get(&format!("{path}?search=radio")).await.expect(200);
    assert!(page.has(&format!("source-{radio}")) && !page.has(&format!("source-{form}")));
    let page = buyer.get(&format!("{path}?search=radio&source-{form}=on")).await.expect(200);
    assert!(page.tag_with(&format!("name=\"source-{form}\"")).contains("checked"));
    assert!(!page.tag_with(&format!("name=\"source-{radio}\"")).contains("checked"));
    buyer.get(&format!("{path}?search=zzz")).await.expect(200).shows("No sources match “zzz”");
    assert_eq!(stage.partners().await, [None, None], "opening the page changes nothing");
}

#[tokio::test]
async fn an_empty_selection_or_another_accounts_source_is_refused() {
    let stage = TwoPartners::new().await;
    let TwoPartners { app, buyer, form, acme, .. } = &stage;
    buyer.assign(*acme, &[]).await.expect(422).shows("Choose at least one source.");
    buyer.unassign(*acme, &[]).await.expect(422).shows("Choose at least one source.");
    let stranger = app.stranger().await;
    let flow = stranger.create_flow("Elsewhere").await;
    let foreign = stranger.custom_source(flow, "Theirs").await;
    buyer.assign(*acme, &[*form, foreign]).await.expect(404);
    assert_eq!((app.partner_of(foreign).await, stage.partners().await), (None, [None, None]));
    stranger.assign(*acme, &[foreign]).await.expect(404);
    stranger.unassign(*acme, &[*form]).await.expect(404);
    let viewer = app.member(buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    viewer.assign(*acme, &[*form]).await.expect(403);
    viewer.unassign(*acme, &[*form]).await.expect(403);
    assert_eq!(stage.partners().await, [None, None]);
}

#[tokio::test]
async fn a_connected_companys_source_is_assigned_automatically_and_can_be_moved() {
    let (stage, _seller) = Stage::connected().await;
    let linked = stage.app.partners().await[0].id;
    assert_eq!(stage.app.partner_of(stage.source).await, Some(linked));
    let other = stage.buyer.create_partner("Best Leads").await;
    stage.buyer.assign(other, &[stage.source]).await.expect(422).shows("belongs to Lead Harbor");
    stage.buyer.move_sources(other, &[stage.source], &[(stage.source, linked)]).await.expect(303);
    assert_eq!(stage.app.partner_of(stage.source).await, Some(other));
    stage.lead(&[("st", "CA")]).await.expect(201);
    // In another flow, its source is assigned to the linked partner again.
    let flow = stage.buyer.create_flow("Roofing").await;
    stage.buyer.invite(flow, SELLER, "").await.expect(303);
    let added = stage.buyer.only_source(flow).await.id;
    assert_eq!(stage.app.partner_of(added).await, Some(linked));
}

#[tokio::test]
async fn sources_of_archived_flows_are_neither_offered_nor_shown() {
    let stage = TwoPartners::new().await;
    let TwoPartners { app, buyer, flow, form, radio, acme, .. } = &stage;
    buyer.assign(*acme, &[*form]).await.expect(303);
    app.submit(*flow, *form, "state=CA".to_owned(), &[]).await.expect(201);
    buyer.post_as("remove", &paths::remove_flow(*flow), &[]).await.expect(303);
    buyer.get(&paths::partner_sources(*acme)).await.expect(200).shows("No sources yet");
    let page = buyer.get(&paths::assign_sources(*acme)).await.expect(200);
    assert!(!page.has(&format!("source-{radio}")));
    assert_eq!(app.partner_of(*form).await, Some(*acme), "the assignment is kept for a restored flow");
}
