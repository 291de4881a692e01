//! Deliveries by webhook: what arrives, how it is signed, and what happens while a destination is down.

mod failing;
mod tls;

use crate::support::{Actor, Response, TestApp, destination::Destination, sending::open_source, stage::Stage};
use accord::{
    accounts::model::Role,
    base::{DeliveryId, FlowId, LeadId, SourceId, paths},
    deliveries::server::worker,
};
use axum::{
    body::Body,
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use time::Duration;

/// A flow of a buyer with one source, and a destination.
struct World {
    app: TestApp,
    buyer: Actor,
    flow: FlowId,
    source: SourceId,
    to: Destination,
}

const NAME: &str = "Our CRM";

type Answer = Box<dyn Fn() -> axum::response::Response + Send + Sync>;

/// The local destinations of the tests are not public.
async fn allowing(app: TestApp, buyer: &Actor) -> (TestApp, Actor) {
    let app = app.restart_with(&[("DELIVERY_ALLOW", "127.0.0.0/8")]).await;
    let buyer = buyer.at(&app);
    (app, buyer)
}

impl World {
    async fn new() -> Self {
        let (app, buyer, flow, source) = open_source().await;
        let (app, buyer) = allowing(app, &buyer).await;
        Self { app, buyer, flow, source, to: Destination::start().await }
    }

    async fn add(&self, fields: &[(&str, &str)]) -> Response {
        let url = self.to.url();
        let mut all = vec![("name", NAME), ("url", &*url), ("format", "json")];
        all.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        all.extend(fields);
        self.buyer.post_as("delivery", &paths::new_delivery(self.flow), &all).await
    }

    /// Adds a delivery and returns its id and secret.
    async fn added(&self, fields: &[(&str, &str)]) -> (DeliveryId, String) {
        let made = self.add(fields).await.expect(200).shows("Copy the secret now.");
        let secret = made.body.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(made.header("cache-control").contains("no-store"), "{:?}", made.headers);
        (self.last_delivery().await, secret)
    }

    async fn last_delivery(&self) -> DeliveryId {
        sqlx::query_scalar("select id from deliveries order by id desc limit 1")
            .fetch_one(&self.app.state.pool)
            .await
            .unwrap()
    }

    fn path(&self, id: DeliveryId) -> String {
        paths::delivery(self.flow, id)
    }

    async fn post(&self, id: DeliveryId, form: &str, fields: &[(&str, &str)]) -> Response {
        self.buyer.post_as(form, &self.path(id), fields).await
    }

    async fn lead(&self, email: &str) -> LeadId {
        let answer =
            self.app.submit(self.flow, self.source, format!("email={email}&last_name=Lee"), &[]).await.expect(201);
        answer.json::<Value>()["lead"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// Sends what is due, as the worker does.
    async fn send(&self) -> usize {
        worker::deliver_due(&self.app.state).await.unwrap()
    }

    async fn run_due(&self) {
        while worker::run_due(&self.app.state).await.unwrap() > 0 {}
    }

    async fn states(&self) -> String {
        let states =
            "select coalesce(string_agg(state || ' ' || attempts, ', ' order by lead_id), '') from lead_deliveries";
        sqlx::query_scalar(states).fetch_one(&self.app.state.pool).await.unwrap()
    }

    fn got_emails(&self) -> Vec<String> {
        let email = |body: &str| {
            serde_json::from_str::<Value>(body).unwrap()["data"]["fields"]["email"].as_str().map(str::to_owned)
        };
        self.to.got().iter().filter_map(|got| email(&got.body)).collect()
    }
}

#[tokio::test]
async fn an_accepted_lead_arrives_signed_and_its_story_says_so() {
    let world = World::new().await;
    let (id, secret) = world.added(&[("headers", "X-Api-Key: open sesame")]).await;
    let lead = world.lead("ann@people.example").await;
    assert_eq!(world.send().await, 1);
    let [got] = &world.to.got()[..] else { panic!("{:?}", world.to.got()) };
    assert_eq!((&*got.path, got.header("content-type")), ("/leads?key=1", "application/json"));
    assert_eq!((got.header("x-api-key"), got.header("user-agent")), ("open sesame", "Accord"));
    Webhook::new(&secret).unwrap().verify(got.body.as_bytes(), &got.headers).unwrap();
    assert_eq!(got.header("webhook-id"), format!("msg_{id}{lead}"));
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(body["type"], "lead.accepted");
    assert_eq!(body["data"]["lead"]["id"], lead.to_string());
    assert_eq!(body["data"]["lead"]["source_id"], world.source.to_string());
    assert_eq!(body["data"]["fields"]["email"], "ann@people.example");
    assert_eq!(world.send().await, 0, "it is not sent again");
    let row = world.buyer.get(&world.path(id)).await.expect(200).row_with(&lead.to_string());
    assert!(row.contains("Delivered") && row.contains("Status 200"), "{row}");
    let story = world.buyer.get(&paths::lead(lead)).await.expect(200).shows("Attempt 1").shows("taken");
    assert!(story.text().contains(NAME));
    let list = world.buyer.get(&paths::flow_deliveries(world.flow)).await.expect(200).row_with(NAME);
    assert!(list.contains("On") && !list.contains("key=1"), "{list}");
}

#[tokio::test]
async fn secrets_are_stored_only_encrypted_and_never_shown_again() {
    let world = World::new().await;
    let (id, secret) = world.added(&[("headers", "X-Api-Key: open sesame\nX-Other: 1")]).await;
    let page = world.buyer.get(&world.path(id)).await.expect(200);
    assert!(page.text().contains("Remove x-api-key"), "{}", page.text());
    for hidden in ["open sesame", &secret, &secret[6..]] {
        assert!(!page.body.contains(hidden));
        assert_eq!(world.app.columns_holding(hidden).await, Vec::<String>::new());
    }
    // A header is kept, replaced and removed without typing the others again.
    let url = world.to.url();
    let change = [("name", NAME), ("url", &*url), ("format", "json"), ("remove", "x-other"), ("headers", "X-New: 2")];
    world.post(id, "delivery", &change).await.expect(303);
    world.lead("ann@people.example").await;
    world.send().await;
    let got = &world.to.got()[0];
    assert_eq!((got.header("x-api-key"), got.header("x-other"), got.header("x-new")), ("open sesame", "", "2"));
    let activity = world.buyer.get(paths::ACTIVITY).await.expect(200).shows("changed the delivery Our CRM");
    assert!(activity.text().contains("added the delivery Our CRM"));
}

#[tokio::test]
async fn a_form_and_xml_have_the_same_signature_and_the_same_values() {
    let world = World::new().await;
    for (format, content_type, part) in [
        ("form", "application/x-www-form-urlencoded", "&last_name=O%27Neil+%26+Co"),
        ("xml", "application/xml; charset=utf-8", "<last_name>O&apos;Neil &amp; Co</last_name>"),
    ] {
        let (id, secret) = world.added(&[("format", format), ("name", format)]).await;
        let body = "email=ann%40people.example&last_name=O%27Neil+%26+Co".to_owned();
        world.app.submit(world.flow, world.source, body, &[]).await.expect(201);
        world.send().await;
        let got = world.to.got().pop().unwrap();
        assert!(got.header("content-type") == content_type && got.body.contains(part), "{}", got.body);
        Webhook::new(&secret).unwrap().verify(got.body.as_bytes(), &got.headers).unwrap();
        let removed = world.buyer.post_as("remove", &paths::remove_delivery(world.flow, id), &[]).await;
        removed.expect(303);
    }
}

#[tokio::test]
async fn rejected_leads_and_tests_stay_here() {
    let world = World::new().await;
    world.added(&[]).await;
    let criteria = json!({"rule_set": {"op": "and", "rules": [{"lhv": "state", "op": "is equal to", "rhv": "CA"}]}});
    let version: i32 = sqlx::query_scalar("select version from flows").fetch_one(&world.app.state.pool).await.unwrap();
    world.buyer.save_rules(world.flow, None, version, criteria).await.expect(200);
    let submit = |body: &str| world.app.submit(world.flow, world.source, body.to_owned(), &[]);
    submit("email=a%40b.example&state=TX").await.expect(201).shows("failure");
    let docs = paths::source_docs(world.flow, world.source);
    world.buyer.post_as("test-lead", &docs, &[("email", "t@b.example"), ("state", "CA")]).await;
    assert_eq!(world.send().await, 0);
    submit("email=ok%40b.example&state=CA").await.expect(201).shows("success");
    assert_eq!(world.send().await, 1);
    assert_eq!(world.got_emails(), ["ok@b.example"]);
}

#[tokio::test]
async fn every_attempt_has_the_same_webhook_id_and_its_own_time() {
    let world = World::new().await;
    world.added(&[]).await;
    let lead = world.lead("a@b.example").await;
    world.to.answer(|_| (StatusCode::INTERNAL_SERVER_ERROR, "out of disk"));
    world.send().await;
    world.app.advance(Duration::seconds(30));
    world.to.answer(|_| StatusCode::ACCEPTED);
    world.send().await;
    let got = world.to.got();
    let both = |name: &str| (got[0].header(name).to_owned(), got[1].header(name).to_owned());
    let (first, second) = both("webhook-id");
    assert_eq!(first, second);
    let (first, second) = both("webhook-timestamp");
    assert!(first.parse::<i64>().unwrap() + 30 <= second.parse::<i64>().unwrap(), "{first} {second}");
    let story = world.buyer.get(&paths::lead(lead)).await.expect(200).shows("Attempt 2");
    assert!(story.text().contains("out of disk") && story.text().contains("Status 500"), "{}", story.text());
}

#[tokio::test]
async fn a_test_lead_shows_request_and_answer_also_while_paused() {
    let world = World::new().await;
    let (id, secret) = world.added(&[]).await;
    world.post(id, "switch", &[("state", "paused")]).await.expect(303);
    world.lead("real@b.example").await;
    world.post(id, "test", &[]).await.expect(303);
    let waiting = world.buyer.get(&world.path(id)).await.expect(200).shows("The test lead is on its way.");
    assert_eq!(waiting.header("refresh"), "1");
    world.to.answer(|_| (StatusCode::BAD_REQUEST, "unknown field \u{0}<script>"));
    assert_eq!(world.send().await, 1);
    let page = world.buyer.get(&world.path(id)).await.expect(200).shows("Status 400").shows("unknown field");
    assert!(page.header("refresh").is_empty() && !page.body.contains("\u{FFFD}<script>"), "{}", page.body);
    let got = &world.to.got()[0];
    Webhook::new(&secret).unwrap().verify(got.body.as_bytes(), &got.headers).unwrap();
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!((&body["data"]["lead"]["test"], &body["data"]["lead"]["source_id"]), (&json!(true), &Value::Null));
    assert!(body["data"]["fields"]["email"].as_str().unwrap().contains('@'), "an example of each field: {body}");
    assert!(page.text().contains("\"test\":true"), "the request is shown");
    world.app.advance(Duration::hours(1));
    assert_eq!(world.send().await, 0, "a test is not repeated, and real leads wait");
    assert!(!page.text().contains("Leads don't arrive."), "a test says nothing about leads");
}

#[tokio::test]
async fn a_rotated_secret_signs_beside_the_old_one_for_a_day() {
    let world = World::new().await;
    let (id, old) = world.added(&[]).await;
    let page = world.post(id, "rotate", &[]).await.expect(200).shows("Copy the secret now.");
    let new = page.body.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_ne!(old, new);
    let signed = |secret: &str| world.to.got().last().unwrap().is_signed_by(secret);
    world.lead("a@b.example").await;
    world.send().await;
    assert!(signed(&old) && signed(&new));
    world.app.advance(Duration::hours(25));
    world.lead("c@d.example").await;
    world.send().await;
    assert!(!signed(&old) && signed(&new));
}

#[tokio::test]
async fn a_removed_delivery_sends_nothing_and_stays_in_the_stories() {
    let world = World::new().await;
    let (id, _) = world.added(&[]).await;
    let sent = world.lead("a@b.example").await;
    world.send().await;
    world.lead("c@d.example").await;
    let remove = paths::remove_delivery(world.flow, id);
    world.buyer.get(&remove).await.expect(200).shows("Leads that wait for it are not sent.");
    world.buyer.post_as("remove", &remove, &[]).await.expect(303);
    assert_eq!(world.send().await, 0);
    world.run_due().await;
    assert_eq!(world.states().await, "delivered 1, canceled 0");
    world.buyer.get(&world.path(id)).await.expect(404);
    world.buyer.get(&paths::lead(sent)).await.expect(200).shows("Our CRM (removed)");
}

#[tokio::test]
async fn erasing_a_person_stops_what_waits_and_forgets_the_answers() {
    let world = World::new().await;
    world.added(&[]).await;
    world.to.answer(|got| (StatusCode::BAD_GATEWAY, got.body.clone()));
    let lead = world.lead("ann@people.example").await;
    world.send().await;
    world.buyer.get(&paths::lead(lead)).await.expect(200).shows("ann@people.example");
    world.buyer.post_as("erase", paths::ERASE_PERSON, &[("person", "ann@people.example")]).await.expect(303);
    assert_eq!(world.app.columns_holding("ann@people.example").await, Vec::<String>::new());
    world.app.advance(Duration::hours(1));
    assert_eq!((world.send().await, world.states().await.as_str()), (0, "canceled 1"));
}

#[tokio::test]
async fn what_a_form_refuses_it_explains_and_keeps() {
    let world = World::new().await;
    for (fields, sentence) in [
        (vec![("name", " ")], "Enter a name"),
        (vec![("url", "")], "Enter the URL that takes the leads."),
        (vec![("url", "crm.example.com")], "Enter a full URL"),
        (vec![("url", "http://10.0.0.1/in")], "This address is private."),
        (vec![("url", "http://[::ffff:10.0.0.1]/in")], "This address is private."),
        (vec![("url", "http://169.254.169.254/latest/meta-data")], "This address is private."),
        (vec![("url", "https://ann:pw@crm.example.com/")], "has no user name"),
        (vec![("format", "yaml")], "Choose JSON, form or XML."),
        (vec![("headers", "Host: evil.example")], "Accord sets one of these headers itself."),
        (vec![("headers", "webhook-signature: v1,x")], "Accord sets one of these headers itself."),
        (vec![("headers", "X-Key")], "Enter one header a line"),
    ] {
        let page = world.add(&fields).await.expect(422).shows(sentence);
        let kept =
            fields.iter().all(|(_, value)| value.trim().is_empty() || page.body.contains(*value) || *value == "yaml");
        assert!(kept, "{fields:?}: {}", page.text());
    }
    assert_eq!(world.app.count("deliveries").await, 0);
    let many: String = (0..11).map(|number| format!("X-{number}: a\n")).collect();
    world.add(&[("headers", &many)]).await.expect(422).shows("A delivery can have 10 headers.");
    for _ in 0..20 {
        world.add(&[]).await.expect(200);
    }
    world.add(&[]).await.expect(409).shows("A flow can have 20 deliveries.");
}

#[tokio::test]
async fn whatever_a_destination_does_costs_little_and_reaches_nothing_else() {
    let world = World::new().await;
    let (id, _) = world.added(&[]).await;
    let secret_place = Destination::start().await;
    let elsewhere = secret_place.url();
    let answers: [(&str, Answer); 3] = [
        ("Status 302", Box::new(move || (StatusCode::FOUND, [(LOCATION, elsewhere.clone())]).into_response())),
        ("Status 200", Box::new(|| Body::from("x".repeat(3 << 20)).into_response())),
        (
            "Status 500",
            Box::new(|| (StatusCode::INTERNAL_SERVER_ERROR, [("content-encoding", "gzip")], "no gzip").into_response()),
        ),
    ];
    for (status, answer) in answers {
        world.to.answer(move |_| answer());
        let lead = world.lead("a@b.example").await;
        while world.send().await > 0 {}
        let row = world.buyer.get(&world.path(id)).await.expect(200).row_with(&lead.to_string());
        assert!(row.contains(status), "{row}");
        world.app.advance(Duration::minutes(1));
    }
    assert_eq!(secret_place.got().len(), 0, "a redirect is not followed");
    let kept = world.app.count("delivery_attempts where octet_length(answer) > 2048").await;
    assert_eq!(kept, 0, "only the beginning of an answer is kept");
}

#[tokio::test]
async fn what_is_allowed_is_asked_again_at_every_attempt() {
    let world = World::new().await;
    let (id, _) = world.added(&[]).await;
    world.lead("a@b.example").await;
    let strict = world.app.restart().await;
    worker::deliver_due(&strict.state).await.unwrap();
    assert_eq!(world.to.got().len(), 0);
    world.buyer.get(&world.path(id)).await.expect(200).shows("This address is private.");
}

#[tokio::test]
async fn a_viewer_sees_deliveries_and_strangers_and_sellers_do_not() {
    let (stage, seller) = Stage::connected().await;
    let (app, buyer) = allowing(stage.app.clone(), &stage.buyer).await;
    let world = World { to: Destination::start().await, flow: stage.flow, source: stage.source, app, buyer };
    let (id, _) = world.added(&[]).await;
    let lead = world.lead("a@b.example").await;
    world.send().await;
    let viewer = world.app.member(&world.buyer, Role::Viewer, "Vi", "vi@buyer.example").await;
    let page = viewer.get(&world.path(id)).await.expect(200);
    assert!(!page.text().contains("Send a test lead") && !page.text().contains("Signing secret"), "{}", page.text());
    viewer.post_as("test", &world.path(id), &[]).await.expect(403);
    viewer.get(&paths::new_delivery(world.flow)).await.expect(403);
    let stranger = world.app.admin("Eve", "eve@other.example", "Other", None, false).await;
    for other in [&seller.at(&world.app), &stranger] {
        other.get(&world.path(id)).await.expect(404);
        other.get(&paths::flow_deliveries(world.flow)).await.expect(404);
        other.get(&paths::lead(lead)).await.expect(404);
    }
    let other_flow = world.buyer.create_flow("Another flow").await;
    world.buyer.get(&paths::delivery(other_flow, id)).await.expect(404);
}
