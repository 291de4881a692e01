//! Performance always equals the stored leads.

use crate::support::{Actor, TestApp};
use accord::{
    accounts::{model::Plan, server::zone},
    base::{AccountId, FlowId, PartnerId, SourceId, paths},
    partners::model::PartnerRole,
    reports::server::{
        find_partner,
        performance::{Figures, Performance, Range, Scope, performance},
    },
};
use serde_json::json;
use std::collections::BTreeMap;
use time::{Date, Duration};

/// A generator that returns the same numbers in each run.
struct Rng(u64);

impl Rng {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }
}

/// A buyer in its own time zone, with two partners and three sources.
struct Buyer {
    actor: Actor,
    flow: FlowId,
    sources: Vec<SourceId>,
    partners: [PartnerId; 2],
    people: Vec<Actor>,
}

impl Buyer {
    async fn new(app: &TestApp, name: &str, zone: &str) -> Self {
        let email = format!("ann@{name}.example");
        let actor = app.admin("Ann", &email, name, Some(Plan::Base), false).await;
        set_time_zone(app, actor.account(), zone).await;
        let flow = actor.create_flow("Solar California").await;
        for source in ["One", "Two", "Three"] {
            let source = format!("{source} of {name}");
            actor.post_as("custom", &paths::custom_source(flow), &[("name", &source)]).await.expect(303);
        }
        let sources: Vec<_> = actor.sources(flow).await.iter().map(|row| row.id).collect();
        let rules = json!({ "rule_set": { "op": "and", "rules": [
            { "lhv": "lead.state", "op": "is equal to", "rhv": "CA" },
            { "lhv": "lead.email", "op": "is not blank" },
        ] } });
        actor.save_rules(flow, None, 1, rules).await.expect(200);
        let partners = [app.make_partner(&actor, "First").await, app.make_partner(&actor, "Second").await];
        app.assign(sources[0], Some(partners[0])).await;
        app.assign(sources[1], Some(partners[0])).await;
        app.assign(sources[2], Some(partners[1])).await;
        let mut people = Vec::new();
        for (number, partner) in partners.iter().enumerate() {
            let email = format!("uma{number}@{name}.example");
            people.push(app.partner_user(*partner, PartnerRole::PartnerUser, "Uma", &email).await);
        }
        Self { actor, flow, sources, partners, people }
    }
}

async fn set_time_zone(app: &TestApp, account: AccountId, zone: &str) {
    let moved = sqlx::query("update accounts set time_zone = $2 where id = $1").bind(account).bind(zone);
    moved.execute(&app.state.pool).await.unwrap();
}

/// The same figures, counted from the leads themselves, by the days of the time zone.
async fn counted(app: &TestApp, account: AccountId, partner: PartnerId) -> BTreeMap<(SourceId, Date), Figures> {
    let rows: Vec<(SourceId, Date, i64, i64, i64, i64)> = sqlx::query_as(
        "select l.source_id, (l.received_at at time zone a.time_zone)::date,
                count(*) filter (where outcome = 'success' and not test),
                count(*) filter (where outcome = 'failure' and not test),
                count(*) filter (where outcome = 'error' and not test), count(*) filter (where test)
         from leads l join accounts a on a.id = l.account_id join flow_sources fs on fs.id = l.source_id
         where l.account_id = $1 and fs.partner_id = $2 group by 1, 2",
    )
    .bind(account)
    .bind(partner)
    .fetch_all(&app.state.pool)
    .await
    .unwrap();
    let figures = |accepted, rejected, errors, test| Figures { accepted, rejected, errors, refused: 0, test };
    rows.into_iter().map(|(source, day, a, r, e, t)| ((source, day), figures(a, r, e, t))).collect()
}

async fn reasons(app: &TestApp, partner: PartnerId) -> Vec<(String, i64)> {
    sqlx::query_as(
        "select l.reason, count(*) from leads l join flow_sources fs on fs.id = l.source_id
         where fs.partner_id = $1 and not l.test and l.outcome <> 'success' group by 1 order by 2 desc, 1",
    )
    .bind(partner)
    .fetch_all(&app.state.pool)
    .await
    .unwrap()
}

fn sum<'f>(figures: impl Iterator<Item = &'f Figures>) -> Figures {
    figures.fold(Figures::default(), |a, b| Figures {
        accepted: a.accepted + b.accepted,
        rejected: a.rejected + b.rejected,
        errors: a.errors + b.errors,
        refused: a.refused + b.refused,
        test: a.test + b.test,
    })
}

async fn shown(app: &TestApp, account: AccountId, of: Scope) -> Performance {
    let (mut conn, now) = (app.state.pool.acquire().await.unwrap(), app.state.now().await.unwrap());
    performance(&mut conn, account, of, Range::parse("30"), now).await.unwrap()
}

fn without_refused(figures: &Figures) -> Figures {
    Figures { refused: 0, ..*figures }
}

/// Sends good and bad leads over several days. Returns the number of refused ones by source.
async fn submit_at_random(app: &TestApp, buyers: &[Buyer; 2]) -> BTreeMap<SourceId, i64> {
    let mut rng = Rng(2026);
    let mut refused: BTreeMap<SourceId, i64> = BTreeMap::new();
    for _ in 0..240 {
        let buyer = &buyers[rng.below(2)];
        let source = buyer.sources[rng.below(3)];
        let state = ["CA", "CA", "CA", "NV", "TX"][rng.below(5)];
        let email = ["lea@example.com", "lea@example.com", ""][rng.below(3)];
        let test = rng.below(6) == 0;
        let off = rng.below(12) == 0;
        if off {
            sqlx::query("update flow_sources set enabled = false where id = $1")
                .bind(source)
                .execute(&app.state.pool)
                .await
                .unwrap();
        }
        let body = format!("state={state}&email={email}&test={test}");
        let status = if off { 403 } else { 201 };
        app.submit(buyer.flow, source, body, &[]).await.expect(status);
        if off {
            *refused.entry(source).or_default() += 1;
            app.execute("update flow_sources set enabled = true").await.unwrap();
        }
        if rng.below(8) == 0 {
            app.advance(Duration::hours(i64::try_from(rng.below(17)).unwrap()));
        }
    }
    refused
}

async fn partner_sees_the_stored_leads(
    app: &TestApp,
    buyer: &Buyer,
    partner: PartnerId,
    person: &Actor,
    refused: &BTreeMap<SourceId, i64>,
) {
    let account = buyer.actor.account();
    let counted = counted(app, account, partner).await;
    let mine: Vec<_> = buyer.sources.iter().filter(|id| counted.keys().any(|(source, _)| source == *id)).collect();
    let shown = shown(app, account, Scope::Partner(partner)).await;
    assert_eq!(without_refused(&shown.total), sum(counted.values()));
    assert_eq!(shown.total.refused, mine.iter().filter_map(|id| refused.get(*id)).sum::<i64>());
    assert!(shown.total.accepted > 5 && shown.total.rejected > 5 && shown.total.test > 2, "{:?}", shown.total);
    assert_eq!(shown.days.len(), 30);
    for (day, figures) in &shown.days {
        let expected = sum(counted.iter().filter(|((_, at), _)| at == day).map(|(_, figures)| figures));
        assert_eq!(without_refused(figures), expected, "{day}");
    }
    assert!(shown.days.iter().filter(|(_, figures)| figures.submitted() > 0).count() > 4, "several days");
    for (source, figures) in &shown.sources {
        let expected = sum(counted.iter().filter(|((id, _), _)| *id == source.id).map(|(_, figures)| figures));
        assert_eq!(without_refused(figures), expected, "{}", source.shown());
        assert_eq!(figures.refused, refused.get(&source.id).copied().unwrap_or_default());
    }
    assert_eq!(shown.reasons, reasons(app, partner).await);
    assert!(shown.reasons.len() == 2, "{:?}", shown.reasons);
    let page = person.get(&paths::portal(partner)).await.expect(200);
    for part in [
        format!("Leads{}", shown.total.submitted()),
        format!("Rejected{}", shown.total.rejected),
        shown.time_zone.clone(),
    ] {
        assert!(page.text().replace(' ', "").contains(&part), "{part}: {}", page.text());
    }
    let file = person.get(&paths::performance_csv(partner, 30)).await.expect(200).body;
    let tests = file.lines().skip(1).map(|line| line.rsplit('"').nth(1).unwrap().parse::<i64>().unwrap());
    assert_eq!(tests.sum::<i64>(), shown.total.test);
}

#[tokio::test]
async fn performance_equals_the_stored_leads_after_a_random_run() {
    let app = TestApp::start().await;
    let buyers =
        [Buyer::new(&app, "kathmandu", "Asia/Kathmandu").await, Buyer::new(&app, "newyork", "America/New_York").await];
    let refused = submit_at_random(&app, &buyers).await;
    for buyer in &buyers {
        let account = buyer.actor.account();
        for (partner, person) in buyer.partners.iter().zip(&buyer.people) {
            partner_sees_the_stored_leads(&app, buyer, *partner, person, &refused).await;
        }
        for source in &buyer.sources {
            let one = shown(&app, account, Scope::Source(*source)).await;
            assert_eq!(one.sources.len(), 1);
            assert_eq!(one.total, one.sources[0].1);
            let path = paths::source_performance(buyer.flow, *source);
            buyer.actor.get(&path).await.expect(200).shows("Acceptance rate");
        }
    }
}

#[tokio::test]
async fn leads_older_than_the_range_are_not_counted_but_the_last_lead_is_shown() {
    let app = TestApp::start().await;
    let buyer = Buyer::new(&app, "newyork", "America/New_York").await;
    let (partner, person) = (buyer.partners[0], &buyer.people[0]);
    let empty = person.get(&paths::portal(partner)).await.expect(200);
    assert!(
        empty.text().contains("Last lead none yet") || empty.text().contains("Last leadnone yet"),
        "{}",
        empty.text()
    );
    app.submit(buyer.flow, buyer.sources[0], "state=CA&email=lea@example.com".to_owned(), &[]).await.expect(201);
    app.advance(Duration::days(10));
    let of = Scope::Partner(partner);
    let (mut conn, now) = (app.state.pool.acquire().await.unwrap(), app.state.now().await.unwrap());
    let week = performance(&mut conn, buyer.actor.account(), of, Range::parse("7"), now).await.unwrap();
    assert_eq!((week.total, week.days.len()), (Figures::default(), 7));
    assert!(week.last_lead.is_some());
    person.get(&format!("{}?days=7", paths::portal(partner))).await.expect(200).shows("10 days ago");
}

#[tokio::test]
async fn after_a_move_to_the_west_leads_of_tomorrow_are_counted_as_in_the_list_of_partners() {
    let app = TestApp::start().await;
    let buyer = Buyer::new(&app, "auckland", "Pacific/Auckland").await;
    let (account, partner) = (buyer.actor.account(), buyer.partners[0]);
    let day = async |zone| zone::day(zone, app.state.now().await.unwrap());
    while day("Pacific/Auckland").await == day("Pacific/Honolulu").await {
        app.advance(Duration::hours(1));
    }
    for state in ["CA", "TX"] {
        let body = format!("state={state}&email=lea@example.com");
        app.submit(buyer.flow, buyer.sources[0], body, &[]).await.expect(201);
    }
    set_time_zone(&app, account, "Pacific/Honolulu").await;
    let tomorrow = day("Pacific/Honolulu").await + Duration::days(1);
    let done = shown(&app, account, Scope::Partner(partner)).await;
    assert_eq!((done.total.accepted, done.total.rejected, done.reasons.len()), (1, 1, 1));
    assert_eq!((done.days.len(), done.days.last().copied()), (31, Some((tomorrow, done.total))));
    let (mut conn, now) = (app.state.pool.acquire().await.unwrap(), app.state.now().await.unwrap());
    let row = find_partner(&mut conn, account, partner, now).await.unwrap().unwrap();
    assert_eq!((row.leads, row.accepted), (done.total.submitted(), done.total.accepted));
    let file = buyer.people[0].get(&paths::performance_csv(partner, 7)).await.expect(200).body;
    assert!(file.contains(&format!("\"{tomorrow}\",\"2\",\"1\",\"1\"")), "{file}");
}
