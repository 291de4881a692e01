//! A server that is killed while leads arrive loses none that it acknowledged, counts each once, and comes up again.

use crate::support::{Response, TestApp, process::Process, random::Rng, stage::california, wire::Wire};
use accord::base::{FlowId, SourceId};
use futures::future::{join, join_all};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    net::SocketAddr,
};
use tokio::sync::{Notify, watch};

/// How often a server is killed. `ACCORD_TEST_KILLS` asks for more.
const KILLS: usize = 10;
/// Systems that send at the same time, half of them to each server.
const SENDERS: usize = 12;
/// A server is killed after up to this many further answers.
const MAX_ANSWERS: usize = 60;
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(300);

/// A post that nobody else sends.
#[derive(Debug, Clone)]
struct Post {
    number: usize,
    source: usize,
    state: &'static str,
    test: bool,
    unreadable: bool,
    key: Option<String>,
}

impl Post {
    fn body(&self) -> String {
        let Self { number, state, test, .. } = self;
        if self.unreadable {
            return format!("{{\"order\":{number}");
        }
        format!("order={number}&state={state}&test={test}&note={}", "n".repeat(number % 3_000))
    }

    async fn send(&self, place: (FlowId, SourceId), wire: &mut Wire) -> std::io::Result<Response> {
        let kind = if self.unreadable { "application/json" } else { "application/x-www-form-urlencoded" };
        let key = self.key.iter().map(|key| ("idempotency-key", key.as_str()));
        let headers: Vec<_> = key.chain([("content-type", kind)]).collect();
        wire.submit(place, &headers, self.body().as_bytes()).await
    }
}

/// What a lead must be like in the database.
type Stored = (String, String, Option<String>, bool, usize);

/// What all senders know together.
struct Senders {
    flow: FlowId,
    /// A source with a rule, one without, and one that is off.
    sources: [SourceId; 3],
    addresses: [SocketAddr; 2],
    up: [watch::Sender<bool>; 2],
    finished: Cell<bool>,
    numbers: Cell<usize>,
    answers: Cell<usize>,
    progress: Notify,
    /// The acknowledged leads by their number.
    acknowledged: RefCell<BTreeMap<usize, Stored>>,
    /// Refused and unreadable posts: those that were answered, and those whose answer was lost.
    counted: [Cell<i64>; 2],
    lost: [Cell<i64>; 2],
}

impl Senders {
    fn next_post(&self, rng: &mut Rng) -> Post {
        let number = self.numbers.replace(self.numbers.get() + 1);
        Post {
            number,
            source: rng.pick(&[0, 0, 1, 1, 2]),
            state: rng.pick(&["CA", "CA", "NV"]),
            test: rng.below(8) == 0,
            unreadable: rng.below(10) == 0,
            key: (rng.below(3) == 0).then(|| format!("order {number}")),
        }
    }

    /// A connection to a server, once it is up.
    async fn connect(&self, server: usize) -> Wire {
        loop {
            self.up[server].subscribe().wait_for(|up| *up).await.unwrap();
            if let Ok(wire) = Wire::open(self.addresses[server]).await {
                return wire;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Sends one post after the other to a server. A post with a key whose answer is lost is sent again, to the other
    /// server, until it is answered.
    async fn send(&self, sender: usize) {
        let (mut rng, mut server) = (Rng::new(sender as u64 + 1), sender % 2);
        let mut wire = self.connect(server).await;
        while !self.finished.get() {
            let post = self.next_post(&mut rng);
            let place = (self.flow, self.sources[post.source]);
            while !self.note(&post, post.send(place, &mut wire).await) {
                server = 1 - server;
                wire = self.connect(server).await;
                if post.key.is_none() {
                    break;
                }
            }
        }
    }

    /// Notes an answer. False if it was lost.
    #[track_caller]
    fn note(&self, post: &Post, answer: std::io::Result<Response>) -> bool {
        let kind = if post.source == 2 { Some(0) } else { post.unreadable.then_some(1) };
        let Ok(response) = answer else {
            if let Some(kind) = kind {
                self.lost[kind].set(self.lost[kind].get() + 1);
            }
            return false;
        };
        self.answers.set(self.answers.get() + 1);
        self.progress.notify_one();
        let expected = kind.map_or(201, |kind| [403, 400][kind]);
        assert_eq!(response.status, expected, "{post:?}: {}", response.body);
        match kind {
            Some(kind) => self.counted[kind].set(self.counted[kind].get() + 1),
            None => self.note_lead(post, &response.json()),
        }
        true
    }

    #[track_caller]
    fn note_lead(&self, post: &Post, answer: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let outcome = text(&answer["outcome"]).unwrap();
        let is_rejected = post.source == 0 && post.state != "CA";
        assert_eq!(outcome, if is_rejected { "failure" } else { "success" }, "{post:?}");
        let id = text(&answer["lead"]["id"]).unwrap();
        let stored = (id, outcome, text(&answer["reason"]), post.test, post.source);
        assert_eq!(self.acknowledged.borrow_mut().insert(post.number, stored), None);
    }

    /// Waits for this many further answers.
    async fn answers(&self, count: usize) {
        let until = self.answers.get() + count;
        while self.answers.get() < until {
            self.progress.notified().await;
        }
    }
}

/// All leads by their number, and how often one is stored twice.
async fn stored_leads(app: &TestApp, sources: [SourceId; 3]) -> BTreeMap<usize, Stored> {
    type Row = (String, String, String, Option<String>, bool, SourceId, i32);
    let rows: Vec<Row> = sqlx::query_as(
        "select input ->> 'order', encode(id, 'hex'), outcome, reason, test, source_id, coalesce(length(input ->> 'note'), 0)
         from leads",
    )
    .fetch_all(&app.state.pool)
    .await
    .unwrap();
    let mut leads = BTreeMap::new();
    for (number, id, outcome, reason, test, source, note) in rows {
        let number: usize = number.parse().unwrap();
        assert_eq!(usize::try_from(note).unwrap(), number % 3_000, "the whole content");
        let source = sources.iter().position(|known| *known == source).unwrap();
        let twice = leads.insert(number, (id, outcome, reason, test, source));
        assert_eq!(twice, None, "lead {number} is stored once");
    }
    leads
}

/// Every acknowledged lead is stored once, as it was answered, and every count is that of the stored leads.
async fn nothing_is_lost(app: &TestApp, senders: &Senders) {
    // Those acknowledged later may not be among the leads that are read now.
    let acknowledged = senders.acknowledged.borrow().clone();
    let stored = stored_leads(app, senders.sources).await;
    for (number, lead) in acknowledged {
        assert_eq!(stored.get(&number), Some(&lead), "lead {number}");
    }
    app.assert_counts_equal_leads().await;
}

async fn sum(app: &TestApp, table: &str) -> i64 {
    let query = format!("select coalesce(sum(count), 0)::bigint from {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&app.state.pool).await.unwrap()
}

async fn prepare(app: &TestApp) -> (FlowId, [SourceId; 3]) {
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let strict = buyer.custom_source(flow, "Strict").await;
    buyer.save_rules(flow, Some(strict), 1, california()).await.expect(200);
    let sources = [strict, buyer.custom_source(flow, "Open").await, buyer.custom_source(flow, "Off").await];
    let off = json!({ "flow_id": flow, "source_id": sources[2], "on": false });
    buyer.call("flows/sources/switch", off).await.expect(200);
    (flow, sources)
}

#[tokio::test]
async fn no_acknowledged_lead_is_lost_and_none_is_counted_twice_when_servers_are_killed() {
    let kills = std::env::var("ACCORD_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let app = TestApp::start().await;
    let (flow, sources) = prepare(&app).await;
    let mut servers = [Process::start(&app).await, Process::start(&app).await];
    let senders = Senders {
        flow,
        sources,
        addresses: servers.each_ref().map(|server| server.address),
        up: [true, true].map(watch::Sender::new),
        finished: Cell::default(),
        numbers: Cell::default(),
        answers: Cell::default(),
        progress: Notify::new(),
        acknowledged: RefCell::default(),
        counted: Default::default(),
        lost: Default::default(),
    };
    let killing = async {
        let mut rng = Rng::new(50);
        for kill in 0..kills {
            senders.answers(1 + rng.below(MAX_ANSWERS)).await;
            let victim = kill % 2;
            senders.up[victim].send_replace(false);
            servers[victim].kill().await;
            nothing_is_lost(&app, &senders).await;
            servers[victim].start_again().await;
            senders.up[victim].send_replace(true);
        }
        senders.answers(2 * SENDERS).await;
        senders.finished.set(true);
    };
    let all = join(Box::pin(killing), join_all((0..SENDERS).map(|sender| Box::pin(senders.send(sender)))));
    tokio::time::timeout(DEADLINE * u32::try_from(kills.div_ceil(KILLS)).unwrap(), all).await.unwrap();
    nothing_is_lost(&app, &senders).await;
    for (kind, table) in ["source_refusals", "source_errors"].iter().enumerate() {
        let (counted, lost) = (senders.counted[kind].get(), senders.lost[kind].get());
        let stored = sum(&app, table).await;
        assert!((counted..=counted + lost).contains(&stored), "{table}: {stored}, {counted} answered, {lost} lost");
    }
    assert!(senders.acknowledged.borrow().len() > 10 * kills, "under load");
    servers.iter().for_each(Process::assert_healthy);
}
