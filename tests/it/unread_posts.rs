//! Posts that could not be read: both sides see how many, and the buyer sees what they were.

use crate::support::{api::text, sending::open_source, stage::Stage};
use accord::{base::paths, leads::server::forget_unread};
use futures::future::join_all;
use serde_json::{Value, json};
use time::Duration;

const JSON: (&str, &str) = ("content-type", "application/json");
const TITLE: &str = "Posts that could not be read";

#[tokio::test]
async fn both_sides_see_how_many_and_the_buyer_sees_which() {
    let (stage, seller) = Stage::connected().await;
    let tab = paths::source_performance(stage.flow, stage.source);
    stage.buyer.get(&tab).await.expect(200).shows("None. Every post could be read.");
    stage.lead(&[("st", "CA")]).await.expect(201);
    stage.lead_with(&[JSON], "{\"phone\":\"5125550142\",\n\"name\":\"<b>Ann</b>\",}").await.expect(400);
    stage.lead_with(&[("content-type", "image/png")], "x").await.expect(415);
    stage.lead_with(&[], &format!("{}=1", "n".repeat(200))).await.expect(422);
    stage.lead_with(&[("accept", "image/png")], "a=1").await.expect(406);
    let page = stage.buyer.get(&tab).await.expect(200).shows("Errors3").shows(TITLE);
    for part in ["Leads1", "line 2, column", "##########", "<b>Ann</b>", "at most 128 bytes"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(!page.body.contains("5125550142") && !page.body.contains("<b>Ann"), "masked and escaped");
    let api = stage.app.api(&stage.buyer).await;
    let stats = api.list("/api/v1/stats/sources").await;
    assert_eq!((&stats[0]["errors"], &stats[0]["submitted"], &stats[0]["accepted"]), (&json!(3), &json!(4), &json!(1)));
    assert_eq!((&stats[0]["refused"], &stats[0]["rejected"]), (&json!(0), &json!(0)));
    let partner: Vec<Value> = api.list("/api/v1/partners").await;
    let portal = paths::portal(text(&partner[0], "id").parse().unwrap());
    let theirs = seller.get(&portal).await.expect(200).shows("Errors3");
    assert!(!theirs.text().contains(TITLE) && !theirs.text().contains("Ann"), "{}", theirs.text());
    let stranger = stage.app.stranger().await;
    stranger.get(&tab).await.expect(404);
}

#[tokio::test]
async fn the_last_50_of_7_days_are_kept() {
    let (app, buyer, flow, source) = open_source().await;
    let broken = async |number: usize| app.submit(flow, source, format!("{{\"n{number}n\""), &[JSON]).await.expect(400);
    for number in 0..52 {
        broken(number).await;
    }
    let kept = async || app.count("unread_posts").await;
    assert_eq!((kept().await, app.count("unread_posts where excerpt like '%n51n%'").await), (50, 1));
    assert_eq!(app.count("unread_posts where excerpt like '%n1n%'").await, 0, "the oldest make room");
    app.advance(Duration::days(7) - Duration::minutes(1));
    broken(52).await;
    assert_eq!(kept().await, 50);
    app.advance(Duration::minutes(2));
    let tab = paths::source_performance(flow, source);
    let page = buyer.get(&tab).await.expect(200);
    assert!(page.text().contains("n52n") && !page.text().contains("n51n"), "older ones are not shown");
    let forget = async || forget_unread(&app.state).await.unwrap();
    assert_eq!((forget().await, kept().await, forget().await), (49, 1, 0), "and then removed");
    assert!(page.text().contains("Errors53"), "the count stays: {}", page.text());
}

#[tokio::test]
async fn many_at_once_are_all_counted() {
    let (app, buyer, flow, source) = open_source().await;
    let sent = (0..40).map(|_| app.submit(flow, source, "{".to_owned(), &[JSON]));
    assert!(join_all(sent).await.iter().all(|response| response.status == 400));
    let tab = paths::source_performance(flow, source);
    buyer.get(&tab).await.expect(200).shows("Errors40");
    assert!(app.count("source_errors").await > 1, "in several rows");
}

#[tokio::test]
async fn who_is_not_let_in_counts_as_refused_only() {
    let (stage, _) = Stage::connected().await;
    stage.make_credential().await;
    stage.require("on").await;
    stage.lead_with(&[JSON], "{").await.expect(401);
    assert_eq!(stage.app.count("source_errors").await + stage.app.count("unread_posts").await, 0);
    assert_eq!(stage.buyer.only_source(stage.flow).await.refused, 1);
}

#[tokio::test]
async fn they_go_with_their_source() {
    let (stage, _) = Stage::connected().await;
    stage.lead_with(&[JSON], "{").await.expect(400);
    stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await.expect(303);
    assert_eq!(stage.app.count("source_errors").await + stage.app.count("unread_posts").await, 0);
}
