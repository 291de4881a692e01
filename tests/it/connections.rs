//! Either side ends a connection: what happens.

use crate::support::{
    Actor, Response,
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

fn refused(response: &Response) -> (u16, String) {
    (response.status.as_u16(), response.json::<Value>()["reason"].as_str().unwrap_or_default().to_owned())
}

/// Asserts what must be true after a disconnect, whoever ended the connection.
async fn assert_ended(stage: &Stage, seller: &Actor) {
    let (app, buyer, partner) = (&stage.app, &stage.buyer, stage.partner().await);
    let lead = stage.lead(&[("st", "CA")]).await;
    assert_eq!(refused(&lead), (403, "source is not enabled".to_owned()));
    let row = buyer.only_source(stage.flow).await;
    assert_eq!((row.tag, row.is_on(), row.refused), (SourceTag::Disconnected, false, 1));
    assert!(row.is_off_by_disconnect());
    for response in [
        buyer.get(&paths::flow_sources(stage.flow)).await,
        buyer.get(&paths::source_mappings(stage.flow, stage.source)).await,
    ] {
        response.expect(200).shows("Account Source (Disconnected)").shows("Turned off by disconnect");
    }
    let switched = json!({ "flow_id": stage.flow, "source_id": stage.source, "on": true });
    buyer.call("flows/sources/switch", switched).await.expect(409);
    // The seller's people lose access.
    for path in [stage.docs(), paths::portal(partner), paths::portal_leads(partner), paths::portal_docs(partner)] {
        seller.get(&path).await.expect(404);
    }
    seller.get(paths::BUYERS).await.expect(200).shows("No buyers yet");
    assert!(!seller.get(paths::SUBMISSION_DOCS).await.expect(200).text().contains("Solar California"));
    // The buyer keeps everything.
    buyer.get(&stage.docs()).await.expect(200);
    buyer.get(&paths::flow_leads(stage.flow)).await.expect(200).shows("Lead Harbor");
    buyer.get(&paths::partner(partner)).await.expect(200).shows("Disconnected");
    assert_eq!(stage.leads().await, 1);
    assert_eq!((row.mappings, row.rules, row.leads), (1, 1, 1));
    for account in [buyer.account(), seller.account()] {
        let deeds = app.deeds(account).await;
        assert_eq!(deeds.iter().filter(|deed| *deed == "disconnected").count(), 1, "{deeds:?}");
    }
}

#[tokio::test]
async fn when_the_buyer_disconnects_the_seller_loses_access_immediately_and_is_notified() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let before = stage.app.mails_to(&stage.buyer.email).await.len();
    stage.buyer.disconnect(stage.app.connection().await).await.expect(303);
    assert_ended(&stage, &seller).await;
    let mails = stage.app.mails_to(&seller.email).await;
    let mail = mails.iter().find(|mail| mail.subject == "Bright Solar disconnected from you on Accord").unwrap();
    assert!(mail.text.contains("Leads you send to Bright Solar are now refused."), "{}", mail.text);
    assert!(mail.source.contains("Reply-To: ann@buyer.example"));
    assert_eq!(stage.app.mails_to(&stage.buyer.email).await.len(), before, "no email to the side that disconnected");
    seller.get(paths::ACTIVITY).await.shows("Ann Buyer ended the connection with Bright Solar");
    stage.buyer.get(paths::ACTIVITY).await.shows("Ann Buyer ended the connection with Lead Harbor");
}

#[tokio::test]
async fn when_the_seller_disconnects_the_buyers_sources_turn_off_and_its_admins_are_notified() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    seller.disconnect(stage.app.connection().await).await.expect(303);
    assert_ended(&stage, &seller).await;
    let mails = stage.app.mails_to(&stage.buyer.email).await;
    let mail = mails.iter().find(|mail| mail.subject == "Lead Harbor disconnected from you on Accord").unwrap();
    assert!(mail.text.contains("The sources of Lead Harbor in your flows are turned off"), "{}", mail.text);
}

#[tokio::test]
async fn after_a_disconnect_the_sellers_api_key_is_rejected() {
    let (stage, seller) = Stage::connected().await;
    let key = stage.app.api_key(seller.account(), seller.user.unwrap()).await;
    stage.require("on").await;
    stage.lead_as("API", &key).await.expect(201);
    stage.buyer.disconnect(stage.app.connection().await).await.expect(303);
    assert_eq!(refused(&stage.lead_as("API", &key).await), (401, "unauthorized source".to_owned()));
    assert_eq!(stage.leads().await, 1);
}

#[tokio::test]
async fn only_one_of_two_concurrent_disconnects_counts_and_a_later_one_changes_nothing() {
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
async fn managers_can_disconnect_viewers_cannot_and_strangers_get_404() {
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
async fn open_pages_of_the_buyers_flows_are_updated_after_disconnecting_and_reconnecting() {
    let (stage, seller) = Stage::connected().await;
    let expected = Event::FlowSources { account_id: stage.buyer.account(), flow_id: stage.flow };
    let mut events = stage.app.state.live.subscribe();
    seller.disconnect(stage.app.connection().await).await.expect(303);
    assert_eq!(events.try_recv().unwrap(), expected);
    stage.invite_partner_again(SELLER).await.expect(303);
    let mut events = stage.app.state.live.subscribe();
    seller.accept_latest(SELLER).await.expect(303);
    assert_eq!(events.try_recv().unwrap(), expected, "its pending source is in no flow");
}

#[tokio::test]
async fn an_account_without_a_plan_can_still_disconnect() {
    let (stage, seller) = Stage::connected().await;
    let gone = format!("delete from subscriptions where account_id = '\\x{}'", seller.account());
    stage.app.execute(&gone).await.unwrap();
    seller.disconnect(stage.app.connection().await).await.expect(303);
}

#[tokio::test]
async fn one_direction_can_end_while_the_other_continues() {
    let (stage, seller) = Stage::connected().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let selling = app.connection().await;
    let buying = app.connect(buyer.account(), seller.account()).await;
    buyer.get(paths::CONNECTIONS).await.expect(200).shows("sells to you").shows("buys from you");
    buyer.disconnect(buying).await.expect(303);
    stage.lead(&[("st", "CA")]).await.expect(201);
    seller.get(&stage.docs()).await.expect(200);
    buyer.disconnect(selling).await.expect(303);
    assert_eq!(stage.lead(&[("st", "CA")]).await.status, 403);
}

#[tokio::test]
async fn a_lead_racing_with_a_disconnect_is_either_accepted_or_refused() {
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
async fn the_partners_own_users_keep_access_because_only_the_buyer_removes_them() {
    let (stage, seller) = Stage::connected().await;
    let role = accord::partners::model::PartnerRole::PartnerUser;
    let pat = stage.partner_user(role, "Pat", "pat@harbor.example").await;
    seller.disconnect(stage.app.connection().await).await.expect(303);
    pat.get(&stage.docs()).await.expect(200);
    pat.get(&paths::portal(stage.partner().await)).await.expect(200);
}

#[tokio::test]
async fn the_credential_of_a_disconnected_source_is_rejected() {
    let (stage, seller) = Stage::connected().await;
    let secret = stage.make_credential().await;
    let (name, value) = basic("source", &secret);
    stage.lead_with(&[(name, &value)], "st=CA").await.expect(201);
    seller.disconnect(stage.app.connection().await).await.expect(303);
    stage.lead_with(&[(name, &value)], "st=CA").await.expect(403);
}

#[tokio::test]
async fn a_member_of_both_companies_disconnects_for_the_active_one() {
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
    both.get(&paths::disconnect(id)).await.expect(200).shows("Disconnect from Bright Solar?");
    both.post(paths::SWITCH_ACCOUNT, &[("account", &stage.buyer.account().to_string())]).await.expect(303);
    both.get(&paths::disconnect(id)).await.expect(200).shows("Disconnect from Lead Harbor?");
}
