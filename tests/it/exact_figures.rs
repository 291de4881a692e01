//! Figures, lists and stored leads agree after many senders posted at the same time, over two processes.

use crate::support::{
    Actor, Response, TestApp,
    api::{Api, text},
    process::Process,
    random::Rng,
};
use accord::{
    accounts::model::Plan,
    base::{FlowId, SourceId, paths},
    reports::server::performance::{Figures, Range, Scope, performance},
};
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use time::Duration;

const FORM: &str = "application/x-www-form-urlencoded";
/// Posts at the same time, and how often.
const POSTS: usize = 70;
const ROUNDS: usize = 3;
/// Posts at the same time with one `Idempotency-Key`.
const SAME: usize = 6;

/// A buyer with two open sources, one that is off, and one that requires authentication.
struct Buyer {
    actor: Actor,
    flow: FlowId,
    open: [SourceId; 2],
    off: SourceId,
    guarded: SourceId,
}

impl Buyer {
    async fn new(app: &TestApp) -> Self {
        let actor = app.admin("Ann", "ann@kathmandu.example", "Kathmandu", Some(Plan::Base), false).await;
        app.execute("update accounts set time_zone = 'Asia/Kathmandu'").await.unwrap();
        let flow = actor.create_flow("Solar California").await;
        let rules = json!({ "rule_set": { "op": "and", "rules": [
            { "lhv": "lead.state", "op": "is equal to", "rhv": "CA" },
            { "lhv": "lead.email", "op": "is not blank" },
        ] } });
        actor.save_rules(flow, None, 1, rules).await.expect(200);
        let open = [actor.custom_source(flow, "One").await, actor.custom_source(flow, "Two").await];
        let (off, guarded) = (actor.custom_source(flow, "Off").await, actor.custom_source(flow, "Guarded").await);
        let switch = json!({ "flow_id": flow, "source_id": off, "on": false });
        actor.call("flows/sources/switch", switch).await.expect(200);
        let tab = paths::source_authentication(flow, guarded);
        actor.post_as("create-credential", &tab, &[]).await.expect(200);
        actor.post_as("authentication", &tab, &[("require", "on")]).await.expect(303);
        Self { actor, flow, open, off, guarded }
    }

    fn sources(&self) -> [SourceId; 4] {
        [self.open[0], self.open[1], self.off, self.guarded]
    }

    /// A post of any kind, which one or several send at the same time.
    fn post(&self, number: usize, rng: &mut Rng) -> Post {
        let (source, status) = match rng.below(12) {
            0 => (self.off, 403),
            1 => (self.guarded, 401),
            _ => (rng.pick(&self.open), 201),
        };
        let state = rng.pick(&["CA", "CA", "CA", "NV", "TX"]);
        let email = rng.pick(&["lea@example.com", "lea@example.com", ""]);
        let test = rng.below(6) == 0;
        let body = format!("state={state}&email={email}&test={test}&number={number}");
        let unreadable = status == 201 && rng.below(8) == 0;
        Post {
            source,
            status: if unreadable { 400 } else { status },
            content_type: if unreadable { "application/json" } else { FORM },
            test,
            body,
            key: (rng.below(8) == 0).then(|| format!("order {number} {}", rng.below(1_000_000_000))),
        }
    }
}

struct Post {
    source: SourceId,
    status: u16,
    content_type: &'static str,
    test: bool,
    body: String,
    key: Option<String>,
}

impl Post {
    /// Sends it, with a key several times at once, each to another process than the one before.
    async fn send(&self, to: FlowId, doors: &[TestApp; 2], first: usize) -> Vec<Response> {
        let key = self.key.iter().map(|key| ("idempotency-key", key.as_str()));
        let headers: Vec<_> = key.chain([("content-type", self.content_type)]).collect();
        let times = if self.key.is_some() { SAME } else { 1 };
        let sent =
            (0..times).map(|number| doors[(first + number) % 2].submit(to, self.source, self.body.clone(), &headers));
        join_all(sent).await
    }
}

/// What the senders know about a source.
#[derive(Default)]
struct Known {
    figures: Figures,
    accepted: BTreeSet<String>,
    rejected: BTreeSet<String>,
    tests: BTreeSet<String>,
    reasons: BTreeMap<String, i64>,
}

impl Known {
    #[track_caller]
    fn note(&mut self, post: &Post, responses: &[Response]) {
        assert!(responses.iter().all(|response| response.status == post.status), "{responses:?}");
        let times = i64::try_from(responses.len()).unwrap();
        match post.status {
            400 => self.figures.errors += times,
            401 | 403 => self.figures.refused += times,
            _ => {
                assert!(responses.iter().all(|response| response.body == responses[0].body), "{responses:?}");
                self.note_lead(post, &responses[0].json());
            }
        }
    }

    fn note_lead(&mut self, post: &Post, answer: &Value) {
        let id = text(&answer["lead"], "id");
        let ids = match (post.test, answer["reason"].as_str()) {
            (true, _) => {
                self.figures.test += 1;
                &mut self.tests
            }
            (false, Some(reason)) => {
                *self.reasons.entry(reason.to_owned()).or_default() += 1;
                self.figures.rejected += 1;
                &mut self.rejected
            }
            (false, None) => {
                self.figures.accepted += 1;
                &mut self.accepted
            }
        };
        assert!(ids.insert(id), "each lead has an id of its own");
    }
}

/// Sends many posts at the same time and notes the answers.
async fn send_at_once(buyer: &Buyer, doors: &[TestApp; 2], rng: &mut Rng, known: &mut BTreeMap<SourceId, Known>) {
    let posts: Vec<_> = (0..POSTS).map(|number| buyer.post(number, rng)).collect();
    let sent = posts.iter().enumerate().map(|(number, post)| post.send(buyer.flow, doors, number));
    for (post, responses) in posts.iter().zip(join_all(sent).await) {
        known.entry(post.source).or_default().note(post, &responses);
    }
}

async fn shown_figures_are_known(app: &TestApp, buyer: &Buyer, source: SourceId, known: &Known) {
    let (mut conn, now) = (app.state.pool.acquire().await.unwrap(), app.state.now().await.unwrap());
    let of = Scope::Source(source);
    let shown = performance(&mut conn, buyer.actor.account(), of, Range::parse("30"), now).await.unwrap();
    assert_eq!(shown.total, known.figures);
    let days = shown.days.iter().map(|(_, day)| [day.accepted, day.rejected, day.errors, day.refused, day.test]);
    let summed = days.fold([0; 5], |sum, day| [0, 1, 2, 3, 4].map(|n| sum[n] + day[n]));
    let Figures { accepted, rejected, errors, refused, test } = known.figures;
    assert_eq!(summed, [accepted, rejected, errors, refused, test]);
    assert_eq!(shown.reasons.iter().cloned().collect::<BTreeMap<_, _>>(), known.reasons);
}

async fn listed_leads_are_known(api: &Api, source: SourceId, known: &Known) {
    for (filter, expected) in [
        ("outcome=success&test=false", &known.accepted),
        ("outcome=failure&test=false", &known.rejected),
        ("test=true", &known.tests),
    ] {
        let listed = api.list(&format!("/api/v1/leads?source_id={source}&limit=200&{filter}")).await;
        let ids: BTreeSet<_> = listed.iter().map(|lead| text(lead, "id")).collect();
        assert_eq!((&ids, ids.len()), (expected, listed.len()), "{filter}");
    }
}

#[tokio::test]
async fn figures_lists_and_leads_agree_after_many_concurrent_senders() {
    let app = TestApp::start().await;
    let buyer = Buyer::new(&app).await;
    let processes = [Process::start(&app).await, Process::start(&app).await];
    let (mut rng, mut known) = (Rng::new(15), BTreeMap::new());
    send_at_once(&buyer, &processes.each_ref().map(|process| app.through(process)), &mut rng, &mut known).await;
    // On later days, for which servers of their own have no clock.
    let doors = [app.clone(), app.restart().await];
    for _ in 1..ROUNDS {
        doors.iter().for_each(|door| door.advance(Duration::days(1)));
        send_at_once(&buyer, &doors, &mut rng, &mut known).await;
    }
    app.assert_counts_equal_leads().await;
    let api = app.api(&buyer.actor).await;
    for source in buyer.sources() {
        let known = known.remove(&source).unwrap_or_default();
        shown_figures_are_known(&app, &buyer, source, &known).await;
        listed_leads_are_known(&api, source, &known).await;
        let Figures { accepted, rejected, errors, refused, test } = known.figures;
        let is_open = buyer.open.contains(&source);
        assert!(if is_open { accepted.min(rejected).min(errors).min(test) > 2 } else { refused > 2 }, "all kinds");
        assert!(!is_open || known.reasons.len() == 2, "{:?}", known.reasons);
    }
    processes.iter().for_each(Process::assert_healthy);
}
