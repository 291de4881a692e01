//! Destinations that are down, gone or slow, and workers that are killed.

use super::World;
use crate::support::{TestApp, destination::Destination};
use accord::{base::paths, deliveries::server::worker};
use axum::http::StatusCode;
use sqlx::Executor as _;
use std::collections::BTreeSet;
use time::Duration;

#[tokio::test]
async fn leads_wait_while_the_destination_is_down_and_all_arrive_once() {
    let mut world = World::new().await;
    let (id, secret) = world.added(&[]).await;
    let port = std::mem::replace(&mut world.to, Destination::start().await).stop().await;
    let emails = ["a@b.example", "c@d.example", "e@f.example"];
    for email in emails {
        world.lead(email).await;
    }
    assert_eq!(world.send().await, 3);
    assert_eq!(world.states().await, "waiting 1, waiting 1, waiting 1");
    world
        .buyer
        .get(&world.path(id))
        .await
        .expect(200)
        .shows("Leads don't arrive.")
        .shows("The server refused the connection.");
    assert_eq!(world.send().await, 0, "not before their time");
    world.app.advance(Duration::seconds(13));
    assert_eq!(world.send().await, 1, "a destination that does not answer is tried with one lead");
    world.to = Destination::on(port).await;
    world.app.advance(Duration::seconds(60));
    while world.send().await > 0 {}
    assert_eq!(world.states().await.matches("delivered").count(), 3);
    assert_eq!(world.got_emails().into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(emails.map(str::to_owned)));
    assert_eq!(world.to.got().len(), 3, "each arrives once");
    assert!(world.to.got().iter().all(|got| got.is_signed_by(&secret)));
    assert!(!world.buyer.get(&world.path(id)).await.text().contains("Leads don't arrive."));
}

#[tokio::test]
async fn a_lead_is_given_up_after_a_day_and_can_be_sent_again() {
    let world = World::new().await;
    let (id, _) = world.added(&[]).await;
    world.to.answer(|_| StatusCode::BAD_GATEWAY);
    let [first, second] = [world.lead("a@b.example").await, world.lead("c@d.example").await];
    for _ in 0..40 {
        world.app.advance(Duration::hours(1));
        while world.send().await > 0 {}
    }
    let states = world.states().await;
    assert!(states.matches("failed").count() == 2, "{states}");
    assert!((15..=30).contains(&world.to.got().len().div_euclid(2)), "{} attempts", world.to.got().len());
    let failed = format!("{}?state=failed", world.path(id));
    let page = world.buyer.get(&failed).await.expect(200).shows("Send all failed again");
    assert!(page.row_with(&first.to_string()).contains("Send again"));
    world.to.answer(|_| StatusCode::OK);
    world.post(id, "again", &[("lead", &first.to_string())]).await.expect(303);
    world.post(id, "again", &[("lead", &first.to_string())]).await.expect(409).shows("already waits");
    while world.send().await > 0 {}
    assert!(world.states().await.starts_with("delivered"), "{}", world.states().await);
    world.post(id, "all-again", &[]).await.expect(303);
    while world.send().await > 0 {}
    assert_eq!(world.states().await.matches("delivered").count(), 2);
    assert!(world.buyer.get(&paths::lead(second)).await.text().contains("Delivered"));
    world.post(id, "again", &[("lead", &first.to_string())]).await.expect(303);
    assert_eq!(world.send().await, 1, "also one that was delivered");
}

#[tokio::test]
async fn a_paused_delivery_keeps_leads_for_a_week_and_one_that_is_off_gets_none() {
    let world = World::new().await;
    let (id, _) = world.added(&[]).await;
    world.post(id, "switch", &[("state", "paused")]).await.expect(303);
    world.lead("wait@b.example").await;
    world.app.advance(Duration::days(6));
    world.run_due().await;
    assert_eq!((world.send().await, world.states().await.as_str()), (0, "waiting 0"));
    world.post(id, "switch", &[("state", "on")]).await.expect(303);
    assert_eq!(world.send().await, 1);
    assert_eq!(world.got_emails(), ["wait@b.example"], "also after more than a day");
    world.post(id, "switch", &[("state", "paused")]).await.expect(303);
    world.lead("late@b.example").await;
    world.app.advance(Duration::days(8));
    world.run_due().await;
    assert_eq!(world.states().await, "delivered 1, failed 0");
    world.post(id, "switch", &[("state", "off")]).await.expect(303);
    world.lead("off@b.example").await;
    assert_eq!(world.states().await, "delivered 1, failed 0", "nothing waits for it");
    world.post(id, "switch", &[("state", "removed")]).await.expect(404);
}

#[tokio::test]
async fn a_destination_that_is_gone_turns_its_delivery_off_and_the_admins_are_told() {
    let world = World::new().await;
    let (id, _) = world.added(&[]).await;
    world.to.answer(|_| StatusCode::GONE);
    world.lead("a@b.example").await;
    world.send().await;
    world.buyer.get(&world.path(id)).await.expect(200).shows("Accord turned this delivery off.");
    let mails = world.app.mails_to("ann@buyer.example").await;
    assert!(mails.iter().any(|mail| mail.subject == "Our CRM no longer takes leads of Solar California"), "{mails:?}");
    world.lead("c@d.example").await;
    assert_eq!(world.states().await, "waiting 1", "new leads are not queued");
    world.to.answer(|_| StatusCode::OK);
    world.post(id, "switch", &[("state", "on")]).await.expect(303);
    world.app.advance(Duration::seconds(30));
    world.send().await;
    assert_eq!(world.states().await, "delivered 2", "what waited arrives");
}

#[tokio::test]
async fn the_admins_are_told_once_that_a_delivery_has_failed_for_an_hour() {
    let world = World::new().await;
    world.added(&[]).await;
    world.to.answer(|_| StatusCode::SERVICE_UNAVAILABLE);
    world.lead("a@b.example").await;
    world.send().await;
    let told = async || {
        world.run_due().await;
        let mails = world.app.mails_to("ann@buyer.example").await;
        mails.iter().filter(|mail| mail.subject == "Leads of Solar California are not being delivered").count()
    };
    world.app.advance(Duration::minutes(59));
    assert_eq!(told().await, 0);
    world.app.advance(Duration::minutes(2));
    world.send().await;
    assert_eq!(told().await, 1);
    let mails = world.app.mails_to("ann@buyer.example").await;
    let text = &mails.iter().find(|mail| mail.subject.starts_with("Leads of")).unwrap().text;
    assert!(text.contains(" UTC. Each lead is tried for a day"), "the time has its zone: {text}");
    world.app.advance(Duration::hours(5));
    world.send().await;
    assert_eq!(told().await, 1, "once");
    world.to.answer(|_| StatusCode::OK);
    world.app.advance(Duration::hours(2));
    world.send().await;
    world.to.answer(|_| StatusCode::SERVICE_UNAVAILABLE);
    world.lead("c@d.example").await;
    world.send().await;
    world.app.advance(Duration::hours(2));
    world.send().await;
    assert_eq!(told().await, 2, "again after it worked in between");
}

#[tokio::test]
async fn retry_after_is_kept() {
    let world = World::new().await;
    world.added(&[]).await;
    world.to.answer(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "600")]));
    world.lead("a@b.example").await;
    world.send().await;
    world.app.advance(Duration::minutes(9));
    assert_eq!(world.send().await, 0);
    world.app.advance(Duration::minutes(2));
    assert_eq!(world.send().await, 1);
}

#[tokio::test]
async fn a_lead_of_a_killed_worker_is_sent_again_by_another_under_the_same_id() {
    let world = World::new().await;
    world.added(&[]).await;
    world.lead("a@b.example").await;
    // The answer comes, and the worker is killed before it marks the lead.
    let owner = world.app.owner().await;
    let refuse = "create function refuse() returns trigger language plpgsql as 'begin raise exception ''killed''; end'";
    owner.execute(refuse).await.unwrap();
    let trigger = "create trigger refuse before insert on delivery_attempts for each row execute function refuse()";
    owner.execute(trigger).await.unwrap();
    world.send().await;
    owner.execute("drop trigger refuse on delivery_attempts").await.unwrap();
    assert_eq!((world.to.got().len(), world.states().await.as_str()), (1, "waiting 1"));
    let other = world.app.restart_with(&[("DELIVERY_ALLOW", "127.0.0.0/8")]).await;
    other.advance(Duration::seconds(20));
    assert_eq!(worker::deliver_due(&other.state).await.unwrap(), 0, "it may still be on its way");
    other.advance(Duration::seconds(10));
    assert_eq!(worker::deliver_due(&other.state).await.unwrap(), 1);
    let got = world.to.got();
    assert_eq!((got.len(), got[0].header("webhook-id")), (2, got[1].header("webhook-id")));
    assert_eq!(world.states().await, "delivered 2");
}

#[tokio::test]
async fn two_workers_send_each_lead_once() {
    let world = World::new().await;
    world.added(&[]).await;
    let other = world.app.restart_with(&[("DELIVERY_ALLOW", "127.0.0.0/8")]).await;
    for number in 0..40 {
        world.lead(&format!("a{number}@b.example")).await;
    }
    let work = async |app: &TestApp| while worker::deliver_due(&app.state).await.unwrap() > 0 {};
    tokio::join!(work(&world.app), work(&other));
    let ids: BTreeSet<_> = world.to.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!((world.to.got().len(), ids.len()), (40, 40));
}

#[tokio::test]
async fn a_destination_that_fails_does_not_delay_another() {
    let world = World::new().await;
    world.added(&[("name", "Slow")]).await;
    world.to.answer(|_| StatusCode::BAD_GATEWAY);
    let good = Destination::start().await;
    world.added(&[("name", "Good"), ("url", &good.url())]).await;
    for number in 0..30 {
        world.lead(&format!("a{number}@b.example")).await;
    }
    while good.got().len() < 30 {
        assert!(world.send().await > 0);
    }
    let at_most = 8 + 4;
    assert!(world.to.got().len() <= at_most, "{} attempts at the failing one", world.to.got().len());
}
