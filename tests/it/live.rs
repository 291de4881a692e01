//! Live events: between processes, after a lost connection, and the streams of open pages.

use crate::support::{Actor, TestApp};
use accord::{
    base::FlowId,
    server::live::{self, Event},
};
use axum::body::BodyDataStream;
use futures::StreamExt;
use std::time::Duration;
use tokio::{sync::broadcast::Receiver, task::JoinHandle, time::timeout};

const WAIT: Duration = Duration::from_secs(20);
/// Longer than a stream waits between two events.
const QUIET: Duration = Duration::from_millis(600);

async fn buyer_with_flow() -> (TestApp, Actor, FlowId) {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar").await;
    (app, buyer, flow)
}

fn start_relay(app: &TestApp) -> JoinHandle<()> {
    let state = app.state.clone();
    tokio::spawn(async move { live::relay(&state).await })
}

fn changed(buyer: &Actor, flow: FlowId) -> Event {
    Event::FlowSources { account_id: buyer.account(), flow_id: flow }
}

/// Receives events until this one.
async fn expect_event(receiver: &mut Receiver<Event>, wanted: &Event) {
    let received = async { while receiver.recv().await.unwrap() != *wanted {} };
    timeout(WAIT, received).await.unwrap_or_else(|_| panic!("{wanted:?} did not arrive"));
}

/// Publishes in one process until the event arrives in the other, which needs some time to listen.
async fn connect(from: &TestApp, to: &TestApp, event: &Event) {
    let mut receiver = to.state.live.subscribe();
    let connected = async {
        loop {
            from.state.live.publish(event.clone());
            if timeout(Duration::from_millis(100), receiver.recv()).await.is_ok() {
                return;
            }
        }
    };
    timeout(WAIT, connected).await.unwrap();
}

const LISTENERS: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and query ilike 'listen%'";

#[tokio::test]
async fn events_reach_other_processes_again_after_a_lost_connection() {
    let (app, buyer, flow) = buyer_with_flow().await;
    let other = app.restart().await;
    let relays = [start_relay(&app), start_relay(&other)];
    let event = changed(&buyer, flow);
    connect(&other, &app, &event).await;
    connect(&app, &other, &event).await;
    for round in 0..3 {
        let mut receivers = [app.state.live.subscribe(), other.state.live.subscribe()];
        let ended: i64 = sqlx::query_scalar(LISTENERS).fetch_one(&app.state.pool).await.unwrap();
        assert_eq!(ended, 2, "round {round}");
        // Once the relay listens again, pages fetch again, because events may have been lost.
        for receiver in &mut receivers {
            expect_event(receiver, &Event::Missed).await;
        }
        let flow: FlowId = format!("{round:024}").parse().unwrap();
        other.state.live.publish(changed(&buyer, flow));
        expect_event(&mut receivers[0], &changed(&buyer, flow)).await;
        app.state.live.publish(changed(&buyer, flow));
        expect_event(&mut receivers[1], &changed(&buyer, flow)).await;
    }
    relays.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn events_published_while_the_connection_is_lost_arrive_later() {
    let (app, buyer, flow) = buyer_with_flow().await;
    let other = app.restart().await;
    let event = changed(&buyer, flow);
    let mut receiver = app.state.live.subscribe();
    // Nothing relays yet: a few events wait, and of very many the other process learns that it missed some.
    other.state.live.publish(event.clone());
    let relays = [start_relay(&app), start_relay(&other)];
    connect(&app, &other, &changed(&buyer, "f".repeat(24).parse().unwrap())).await;
    for number in 0..5_000 {
        other.state.live.publish(changed(&buyer, format!("{number:024}").parse().unwrap()));
    }
    expect_event(&mut receiver, &Event::Missed).await;
    relays.iter().for_each(JoinHandle::abort);
}

/// The next event of a stream, without comments.
async fn next_event(stream: &mut BodyDataStream) -> Option<String> {
    loop {
        let part = timeout(WAIT, stream.next()).await.expect("an event or the end")?;
        let text = String::from_utf8(part.unwrap().to_vec()).unwrap();
        if !text.starts_with(':') {
            return Some(text);
        }
    }
}

async fn open(who: &Actor, flow: FlowId) -> BodyDataStream {
    let mut stream = who.open_stream(&format!("/live?flow={flow}"), false).await;
    assert_eq!(next_event(&mut stream).await.unwrap(), "id: open\n\n", "no event of the page");
    stream
}

#[tokio::test]
async fn a_person_has_at_most_eight_streams_and_the_newest_ones_live() {
    let (app, buyer, flow) = buyer_with_flow().await;
    let mut streams = Vec::new();
    for _ in 0..11 {
        streams.push(open(&buyer, flow).await);
    }
    let colleague = app.member(&buyer, accord::accounts::model::Role::Viewer, "Vic", "vic@buyer.example").await;
    let mut other = open(&colleague, flow).await;
    for oldest in &mut streams[..3] {
        assert_eq!(next_event(oldest).await.unwrap(), "retry: 60000\n\n");
        assert_eq!(next_event(oldest).await, None, "the stream has ended");
    }
    app.state.live.publish(changed(&buyer, flow));
    for live in streams[3..].iter_mut().chain([&mut other]) {
        assert_eq!(next_event(live).await.unwrap(), "event: sources\ndata: changed\n\n");
    }
    // A stream that was left makes room.
    streams.truncate(5);
    let mut added = Vec::new();
    for _ in 0..6 {
        added.push(open(&buyer, flow).await);
    }
    app.state.live.publish(changed(&buyer, flow));
    for live in streams[3..].iter_mut().chain(&mut added) {
        assert_eq!(next_event(live).await.unwrap(), "event: sources\ndata: changed\n\n");
    }
}

#[tokio::test]
async fn a_storm_of_events_becomes_a_few_events_and_queries() {
    let (app, buyer, flow) = buyer_with_flow().await;
    let mut stream = open(&buyer, flow).await;
    let work = async {
        for _ in 0..2_000 {
            app.state.live.publish(changed(&buyer, flow));
        }
        let mut count = 0;
        while timeout(QUIET, stream.next()).await.is_ok() {
            count += 1;
        }
        count
    };
    let (count, statements) = crate::support::people::statements(work).await;
    assert!((1..=3).contains(&count), "{count} events");
    assert!(statements <= 3, "{statements} statements");
}

#[tokio::test]
async fn a_stream_that_is_opened_again_or_missed_events_has_its_page_fetch_again() {
    let (app, buyer, flow) = buyer_with_flow().await;
    let path = format!("/live?flow={flow}");
    let mut again = buyer.open_stream(&path, true).await;
    assert_eq!(next_event(&mut again).await.unwrap(), "id: open\n\n");
    assert_eq!(next_event(&mut again).await.unwrap(), "event: sources\ndata: changed\n\n");
    app.state.live.publish(Event::Missed);
    assert_eq!(next_event(&mut again).await.unwrap(), "event: sources\ndata: changed\n\n");
    // Another flow's events are not sent; losing some of them is.
    app.state.live.publish(changed(&buyer, "f".repeat(24).parse().unwrap()));
    assert!(timeout(QUIET, again.next()).await.is_err());
    for _ in 0..1_000 {
        app.state.live.publish(changed(&buyer, "f".repeat(24).parse().unwrap()));
    }
    assert_eq!(next_event(&mut again).await.unwrap(), "event: sources\ndata: changed\n\n");
}

#[tokio::test]
async fn a_stream_ends_when_its_viewer_loses_access() {
    for statement in ["delete from members", "delete from sessions"] {
        let (app, buyer, flow) = buyer_with_flow().await;
        let mut stream = open(&buyer, flow).await;
        app.execute(statement).await.unwrap();
        app.state.live.publish(changed(&buyer, flow));
        assert_eq!(next_event(&mut stream).await, None, "{statement}");
    }
}
