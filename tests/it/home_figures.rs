//! The figures and first steps on Home.

use crate::support::{Actor, Response, TestApp, stage::Stage};
use accord::base::paths;
use time::Duration;

async fn send(stage: &Stage, state: &str, count: usize) {
    for _ in 0..count {
        stage.lead(&[("email", "pat@example.com"), ("st", state)]).await;
    }
}

/// A session that is not used ends after 14 days.
async fn wait(stage: &Stage, seller: &Actor, days: i64) {
    stage.app.advance(Duration::days(days));
    for who in [&stage.buyer, seller] {
        who.get(paths::HOME).await.expect(200);
    }
}

/// Leads of the last 60 days: of two months ago, of last week, of yesterday and of today.
async fn history(stage: &Stage, seller: &Actor) {
    send(stage, "CA", 1).await;
    for _ in 0..5 {
        wait(stage, seller, 7).await;
    }
    send(stage, "CA", 2).await;
    send(stage, "NY", 1).await;
    wait(stage, seller, 9).await;
    send(stage, "NY", 2).await;
    wait(stage, seller, 1).await;
    send(stage, "CA", 3).await;
    send(stage, "NY", 1).await;
    stage.lead(&[("email", "pat@example.com"), ("st", "CA"), ("test", "true")]).await;
}

/// The links to lists under `path` with the count that each shows.
fn counts(home: &Response, path: &str) -> Vec<(String, usize)> {
    let links = home.body.split("<a ").skip(1).filter_map(|rest| {
        let (tag, rest) = rest.split_once('>')?;
        let href = tag.split("href=\"").nth(1)?.split('"').next()?.replace("&amp;", "&");
        let text: String = rest.split("</a>").next()?.chars().take_while(char::is_ascii_digit).collect();
        Some((href, text.parse().ok()?))
    });
    links.filter(|(href, _)| href.split('?').next() == Some(path)).collect()
}

async fn assert_counts_match(who: &Actor, path: &str, expected: &[usize]) {
    let home = who.get(paths::HOME).await.expect(200);
    let counts = counts(&home, path);
    let shown: Vec<_> = counts.iter().map(|(_, count)| *count).collect();
    assert_eq!(shown, expected, "{counts:?} in {}", home.text());
    for (href, count) in counts {
        let list = who.get(&href).await.expect(200);
        assert_eq!(list.body.matches("data-label=\"Outcome\"").count(), count, "{href}");
    }
}

#[tokio::test]
async fn each_number_on_home_leads_to_the_list_that_it_counts() {
    let (stage, seller) = Stage::connected().await;
    history(&stage, &seller).await;
    let [today, week, month] = [[4, 3, 1, 2], [6, 3, 3, 3], [9, 5, 4, 1]];
    let (source, reason) = ([9], [4]);
    let expected: Vec<_> = [today, week, month].concat().into_iter().chain(source).chain(reason).collect();
    assert_counts_match(&stage.buyer, paths::LEADS, &expected).await;
    let partner = stage.partner().await;
    assert_counts_match(&seller, &paths::portal_leads(partner), &[4, 6, 9, 1]).await;
}

#[tokio::test]
async fn days_are_those_of_the_buyers_time_zone() {
    // At any moment, one of them has another day than UTC.
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        let (stage, seller) = Stage::connected().await;
        let moved = sqlx::query("update accounts set time_zone = $1 where id = $2").bind(zone);
        moved.bind(stage.buyer.account()).execute(&stage.app.state.pool).await.unwrap();
        send(&stage, "CA", 1).await;
        stage.buyer.get(paths::HOME).await.shows(&format!("Days in {zone}."));
        assert_counts_match(&stage.buyer, paths::LEADS, &[1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1]).await;
        assert_counts_match(&seller, &paths::portal_leads(stage.partner().await), &[1, 1, 1, 0]).await;
    }
}

#[tokio::test]
async fn first_steps_check_themselves_off_until_the_first_lead() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let steps = async |who: &Actor| {
        let home = who.get(paths::HOME).await.expect(200).text();
        let list = home.split_once("First steps").map(|(_, rest)| rest.to_owned());
        list.map(|list| list.split("Recent activity").next().unwrap_or_default().matches("(done)").count())
    };
    assert_eq!(steps(&buyer).await, Some(0));
    buyer.create_flow("Solar California").await;
    assert_eq!(steps(&buyer).await, Some(1));

    let stage = Stage::pending().await;
    // The flow, the invitation and the rules.
    assert_eq!(steps(&stage.buyer).await, Some(3));
    let mut seller = stage.newcomer();
    let invitation = seller.open_link(&stage.link).await;
    seller.sign_up_from_invitation(invitation).await;
    seller.accept(invitation).await.expect(303);
    assert_eq!(steps(&stage.buyer).await, Some(4));
    assert_eq!(steps(&seller).await, Some(1));
    stage.lead(&[("email", "pat@example.com"), ("st", "CA"), ("test", "true")]).await;
    assert_eq!((steps(&stage.buyer).await, steps(&seller).await), (Some(4), Some(2)));
    send(&stage, "CA", 1).await;
    assert_eq!((steps(&stage.buyer).await, steps(&seller).await), (None, None));
}
