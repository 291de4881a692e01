//! Either side ends a connection, and what comes of it.

use crate::support::{
    Actor, Answer,
    credentials::basic,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::{Plan, Role},
    base::paths,
    entities::model::SourceTag,
    server::live::Event,
};
use serde_json::{Value, json};

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json::<Value>()["reason"].as_str().unwrap_or_default().to_owned())
}

/// What must be true once the companies are not connected any more, whoever ended it.
async fn assert_ended(stage: &Stage, seller: &Actor) {
    let (app, buyer, partner) = (&stage.app, &stage.buyer, stage.partner().await);
    let lead = stage.lead(&[("st", "CA")]).await;
    assert_eq!(refused(&lead), (403, "source is not enabled".to_owned()));
    let row = buyer.only_source(stage.flow).await;
    assert_eq!((row.tag, row.is_on(), row.refused), (SourceTag::Disconnected, false, 1));
    assert!(row.is_off_by_disconnect());
    for answer in [
        buyer.get(&paths::flow_sources(stage.flow)).await,
        buyer.get(&paths::source_mappings(stage.flow, stage.source)).await,
    ] {
        answer.expect(200).saying("Account Source (Disconnected)").saying("Turned off by disconnect");
    }
    let switched = json!({ "flow_id": stage.flow, "source_id": stage.source, "on": true });
    buyer.call("flows/sources/switch", switched).await.expect(409);
    // The seller's people are out.
    for path in [stage.docs(), paths::portal(partner), paths::portal_leads(partner), paths::portal_docs(partner)] {
        seller.get(&path).await.expect(404);
    }
    seller.get(paths::BUYERS).await.expect(200).saying("No buyers yet");
    assert!(!seller.get(paths::SUBMISSION_DOCS).await.expect(200).words().contains("Solar California"));
    // The buyer keeps all there was.
    buyer.get(&stage.docs()).await.expect(200);
    buyer.get(&paths::flow_leads(stage.flow)).await.expect(200).saying("Lead Harbor");
    buyer.get(&paths::partner(partner)).await.expect(200).saying("Disconnected");
    assert_eq!(stage.leads().await, 1);
    assert_eq!((row.mappings, row.rules, row.leads), (1, 1, 1));
    for account in [buyer.account(), seller.account()] {
        let deeds = app.deeds(account).await;
        assert_eq!(deeds.iter().filter(|deed| *deed == "disconnected").count(), 1, "{deeds:?}");
    }
}

#[tokio::test]
async fn the_buyer_disconnects_and_the_seller_is_out_at_once_and_told() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let before = stage.app.mails_to(&stage.buyer.email).await.len();
    stage.buyer.disconnect(stage.app.connection().await).await.expect(303);
    assert_ended(&stage, &seller).await;
    let mails = stage.app.mails_to(&seller.email).await;
    let mail = mails.iter().find(|mail| mail.subject == "Bright Solar disconnected from you on Accord").unwrap();
    assert!(mail.text.contains("Leads you send to Bright Solar are now refused."), "{}", mail.text);
    assert!(mail.source.contains("Reply-To: ann@buyer.example"));
    assert_eq!(stage.app.mails_to(&stage.buyer.email).await.len(), before, "who did it knows");
    seller.get(paths::ACTIVITY).await.saying("Ann Buyer ended the connection with Bright Solar");
    stage.buyer.get(paths::ACTIVITY).await.saying("Ann Buyer ended the connection with Lead Harbor");
}

#[tokio::test]
async fn the_seller_disconnects_and_the_buyers_sources_are_off_and_its_admins_told() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    seller.disconnect(stage.app.connection().await).await.expect(303);
    assert_ended(&stage, &seller).await;
    let mails = stage.app.mails_to(&stage.buyer.email).await;
    let mail = mails.iter().find(|mail| mail.subject == "Lead Harbor disconnected from you on Accord").unwrap();
    assert!(mail.text.contains("The sources of Lead Harbor in your flows are turned off"), "{}", mail.text);
}

#[tokio::test]
async fn an_api_key_of_the_seller_opens_nothing_any_more() {
    let (stage, seller) = Stage::connected().await;
    let key = stage.app.api_key(seller.account(), seller.user.unwrap()).await;
    stage.require("on").await;
    stage.lead_as("API", &key).await.expect(201);
    stage.buyer.disconnect(stage.app.connection().await).await.expect(303);
    assert_eq!(refused(&stage.lead_as("API", &key).await), (401, "unauthorized source".to_owned()));
    assert_eq!(stage.leads().await, 1);
}

#[tokio::test]
async fn of_two_who_disconnect_at_once_one_does_and_a_second_time_nothing_happens() {
    let (stage, seller) = Stage::connected().await;
    let id = stage.app.connection().await;
    let (one, other) = tokio::join!(stage.buyer.disconnect(id), seller.disconnect(id));
    one.expect(303);
    other.expect(303);
    let ended: time::OffsetDateTime =
        sqlx::query_scalar("select disconnected_at from connections").fetch_one(&stage.app.state.pool).await.unwrap();
    stage.app.advance(time::Duration::hours(1));
    stage.buyer.disconnect(id).await.expect(303);
    assert_eq!(stage.app.count("activity where deed = 'disconnected'").await, 2, "one on each side");
    let mails = [stage.app.mails_to(&seller.email).await, stage.app.mails_to(&stage.buyer.email).await].concat();
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("disconnected from you")).count(), 1);
    let still: time::OffsetDateTime =
        sqlx::query_scalar("select disconnected_at from connections").fetch_one(&stage.app.state.pool).await.unwrap();
    assert_eq!(ended, still);
}

#[tokio::test]
async fn a_manager_disconnects_a_viewer_may_not_and_for_a_stranger_there_is_nothing() {
    let (stage, seller) = Stage::connected().await;
    let (app, id) = (&stage.app, stage.app.connection().await);
    let stranger = app.stranger().await;
    stranger.get(&paths::disconnect(id)).await.expect(404);
    stranger.disconnect(id).await.expect(404);
    for (of, email) in [(&stage.buyer, "vic@buyer.example"), (&seller, "vic@seller.example")] {
        let viewer = app.member(of, Role::Viewer, "Vic", email).await;
        assert!(!viewer.get(paths::CONNECTIONS).await.expect(200).has("/disconnect\""), "not offered");
        viewer.get(&paths::disconnect(id)).await.expect(403);
        viewer.disconnect(id).await.expect(403);
    }
    assert_eq!(app.count("connections where disconnected_at is null").await, 1);
    let manager = app.member(&seller, Role::Manager, "Max", "max@seller.example").await;
    manager.disconnect(id).await.expect(303);
    assert_eq!(app.count("connections where disconnected_at is null").await, 0);
}

#[tokio::test]
async fn open_pages_of_the_buyers_flows_are_told_of_the_end_and_of_the_new_beginning() {
    let (stage, seller) = Stage::connected().await;
    let told = Event::FlowSources { account_id: stage.buyer.account(), flow_id: stage.flow };
    let mut events = stage.app.state.live.subscribe();
    seller.disconnect(stage.app.connection().await).await.expect(303);
    assert_eq!(events.try_recv().unwrap(), told);
    stage.invite_partner_again(SELLER).await.expect(303);
    let mut events = stage.app.state.live.subscribe();
    seller.accept_latest(SELLER).await.expect(303);
    assert_eq!(events.try_recv().unwrap(), told, "its pending source is in no flow");
}

#[tokio::test]
async fn without_any_plan_one_may_still_disconnect() {
    let (stage, seller) = Stage::connected().await;
    let gone = format!("delete from subscriptions where account_id = '\\x{}'", seller.account());
    stage.app.execute(&gone).await.unwrap();
    seller.disconnect(stage.app.connection().await).await.expect(303);
}

#[tokio::test]
async fn one_direction_ends_and_the_other_goes_on() {
    let (stage, seller) = Stage::connected().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let selling = app.connection().await;
    let buying = app.connect(buyer.account(), seller.account()).await;
    buyer.get(paths::CONNECTIONS).await.expect(200).saying("sells to you").saying("buys from you");
    buyer.disconnect(buying).await.expect(303);
    stage.lead(&[("st", "CA")]).await.expect(201);
    seller.get(&stage.docs()).await.expect(200);
    buyer.disconnect(selling).await.expect(303);
    assert_eq!(stage.lead(&[("st", "CA")]).await.status, 403);
}

#[tokio::test]
async fn a_lead_that_races_with_the_end_is_taken_or_refused_and_nothing_between() {
    for _ in 0..3 {
        let (stage, seller) = Stage::connected().await;
        let id = stage.app.connection().await;
        let leads = futures::future::join_all((0..8).map(|_| stage.lead(&[("st", "CA")])));
        let (leads, ended) = tokio::join!(leads, seller.disconnect(id));
        ended.expect(303);
        let taken = leads.iter().filter(|lead| lead.status == 201).count();
        let turned_away = leads.iter().filter(|lead| lead.status == 403).count();
        assert_eq!(taken + turned_away, 8, "{leads:?}");
        assert_eq!(stage.leads().await, i64::try_from(taken).unwrap());
        assert_eq!(stage.buyer.only_source(stage.flow).await.refused as usize, turned_away);
        assert_eq!(stage.lead(&[("st", "CA")]).await.status, 403);
    }
}

#[tokio::test]
async fn a_partners_own_people_stay_for_they_are_the_buyers_to_remove() {
    let (stage, seller) = Stage::connected().await;
    let role = accord::partners::model::PartnerRole::PartnerUser;
    let pat = stage.partner_user(role, "Pat", "pat@harbor.example").await;
    seller.disconnect(stage.app.connection().await).await.expect(303);
    pat.get(&stage.docs()).await.expect(200);
    pat.get(&paths::portal(stage.partner().await)).await.expect(200);
}

#[tokio::test]
async fn the_credential_of_a_disconnected_source_opens_nothing() {
    let (stage, seller) = Stage::connected().await;
    let secret = stage.make_credential().await;
    let (name, value) = basic("source", &secret);
    stage.lead_with(&[(name, &value)], "st=CA").await.expect(201);
    seller.disconnect(stage.app.connection().await).await.expect(303);
    stage.lead_with(&[(name, &value)], "st=CA").await.expect(403);
}

#[tokio::test]
async fn who_belongs_to_both_companies_ends_it_for_the_active_one() {
    let (stage, seller) = Stage::connected().await;
    let app = &stage.app;
    let both = app.admin("Bo Both", "bo@both.example", "Both", Some(Plan::Base), false).await;
    for of in [&stage.buyer, &seller] {
        let joined = format!(
            "insert into members (account_id, user_id, role, created_at) values ('\\x{}', '\\x{}', 'admin', now())",
            of.account(),
            both.user.unwrap()
        );
        app.execute(&joined).await.unwrap();
    }
    let id = app.connection().await;
    both.post(paths::SWITCH_ACCOUNT, &[("account", &seller.account().to_string())]).await.expect(303);
    both.get(&paths::disconnect(id)).await.expect(200).saying("Disconnect from Bright Solar?");
    both.post(paths::SWITCH_ACCOUNT, &[("account", &stage.buyer.account().to_string())]).await.expect(303);
    both.get(&paths::disconnect(id)).await.expect(200).saying("Disconnect from Lead Harbor?");
}
