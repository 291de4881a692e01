//! The lists of leads: what each filter finds, how people and leads are found, and what a row shows.

use crate::support::{
    Actor, Response, TestApp,
    crowd::Crowd,
    sending::open_source,
    stage::Stage,
    statements::{generic_plan, statement_texts},
};
use accord::base::{FlowId, PartnerId, SourceId, paths};
use accord::partners::model::PartnerRole;
use serde_json::json;

/// An account with two flows, and three sources of which one belongs to a partner.
struct Market {
    app: TestApp,
    buyer: Actor,
    flows: [FlowId; 2],
    /// Of the partner in the first flow, without a partner in the first flow, and in the second flow.
    sources: [SourceId; 3],
    partner: PartnerId,
    user: Actor,
}

impl Market {
    async fn new() -> Self {
        let (app, buyer, flow, first) = open_source().await;
        buyer.custom_source(flow, "Landing page").await;
        let second = buyer.sources(flow).await.iter().map(|row| row.id).find(|id| *id != first).unwrap();
        let other = buyer.create_flow("Roofing").await;
        buyer.custom_source(other, "Roof form").await;
        let third = buyer.only_source(other).await.id;
        let partner = app.make_partner(&buyer, "Harbor Media").await;
        app.assign(first, Some(partner)).await;
        let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
        Self { app, buyer, flows: [flow, other], sources: [first, second, third], partner, user }
    }

    async fn send(&self, source: usize, body: &str) {
        let flow = self.flows[source / 2];
        self.app.submit(flow, self.sources[source], body.to_owned(), &[]).await.expect(201);
    }
}

/// The names among these that a list shows as its leads.
fn names<'n>(page: &Response, names: &[&'n str]) -> Vec<&'n str> {
    let rows: Vec<_> = page.body.split("cell-title").skip(1).map(|row| row.split("</td>").next().unwrap()).collect();
    names.iter().filter(|name| rows.iter().any(|row| row.contains(*name))).copied().collect()
}

const ALL: [&str; 5] = ["Ada", "Bob", "Cyd", "Dee", "Eve"];

#[tokio::test]
async fn each_filter_finds_its_leads_on_the_list_of_account_flow_and_portal() {
    let market = Market::new().await;
    let [solar, roofing] = market.flows;
    let rule =
        json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] } });
    market.buyer.save_rules(solar, None, 1, rule).await.expect(200);
    market.send(0, "first_name=Ada&state=CA").await;
    market.send(0, "first_name=Bob&state=TX").await;
    market.send(1, "first_name=Cyd&state=CA").await;
    market.send(1, "first_name=Dee&state=CA&test=true").await;
    market.send(2, "first_name=Eve").await;
    let (partner, source) = (market.partner, market.sources[1]);
    for (filter, account, flow, portal) in [
        (String::new(), &ALL[..], &ALL[..4], &ALL[..2]),
        (format!("flow={roofing}"), &["Eve"], &ALL[..4], &ALL[..2]),
        (format!("source={source}"), &["Cyd", "Dee"], &["Cyd", "Dee"], &[]),
        (format!("flow={roofing}&source={source}"), &[], &["Cyd", "Dee"], &[]),
        (format!("partner={partner}"), &["Ada", "Bob"], &["Ada", "Bob"], &["Ada", "Bob"]),
        (format!("partner={partner}&flow={roofing}"), &[], &["Ada", "Bob"], &["Ada", "Bob"]),
        ("outcome=failure".to_owned(), &["Bob"], &["Bob"], &["Bob"]),
        ("reason=not%20EQUAL".to_owned(), &["Bob"], &["Bob"], &["Bob"]),
        ("reason=%25".to_owned(), &[], &[], &[]),
        ("test=only".to_owned(), &["Dee"], &["Dee"], &[]),
        ("test=without&outcome=success".to_owned(), &["Ada", "Cyd", "Eve"], &["Ada", "Cyd"], &["Ada"]),
        ("time=today".to_owned(), &ALL, &ALL[..4], &ALL[..2]),
        ("time=yesterday".to_owned(), &[], &[], &[]),
        ("time=90".to_owned(), &ALL, &ALL[..4], &ALL[..2]),
        ("from=2020-01-01&to=2020-01-31".to_owned(), &[], &[], &[]),
        ("to=9999-12-31&time=yesterday".to_owned(), &ALL, &ALL[..4], &ALL[..2]),
        ("outcome=x&from=x&to=x&time=x&flow=x".to_owned(), &ALL, &ALL[..4], &ALL[..2]),
    ] {
        for (who, path, expected) in [
            (&market.buyer, paths::LEADS.to_owned(), account),
            (&market.buyer, paths::flow_leads(solar), flow),
            (&market.user, paths::portal_leads(partner), portal),
        ] {
            let page = who.get(&format!("{path}?{filter}")).await.expect(200);
            assert_eq!(names(&page, &ALL), expected, "{path}?{filter}");
        }
    }
}

#[tokio::test]
async fn days_begin_and_end_at_midnight_in_the_accounts_time_zone() {
    let (app, buyer, _, source) = open_source().await;
    app.execute("update accounts set time_zone = 'America/New_York'").await.unwrap();
    // Before, at the beginning, at the end of and after 8 March 2026, which has 23 hours there.
    for (name, at) in [
        ("'{\"first_name\":{\"value\":\"Ada\"}}'::jsonb", "timestamptz '2026-03-08 04:59:59.999Z'"),
        ("'{\"first_name\":{\"value\":\"Bob\"}}'::jsonb", "timestamptz '2026-03-08 05:00Z'"),
        ("'{\"first_name\":{\"value\":\"Cyd\"}}'::jsonb", "timestamptz '2026-03-09 03:59:59.999Z'"),
        ("'{\"first_name\":{\"value\":\"Dee\"}}'::jsonb", "timestamptz '2026-03-09 04:00Z'"),
    ] {
        app.add_leads(source, Crowd { fields: name, at, ..Crowd::default() }).await;
    }
    for (filter, expected) in [
        ("from=2026-03-08&to=2026-03-08", &["Bob", "Cyd"][..]),
        ("from=2026-03-09", &["Dee"]),
        ("to=2026-03-07", &["Ada"]),
        ("from=2026-03-09&to=2026-03-08", &[]),
    ] {
        let page = buyer.get(&format!("{}?{filter}", paths::LEADS)).await.expect(200);
        assert_eq!(names(&page, &ALL), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_lead_is_found_by_id_address_or_number_by_those_who_may_see_it() {
    let market = Market::new().await;
    market.send(0, "first_name=Ada&email=Ann.Lee%2Bx@Example.com&phone_1=%28512%29+555-0142").await;
    market.send(1, "first_name=Bob&email=ann.lee%2Bx@example.COM").await;
    market.send(2, "first_name=Cyd&phone_1=512.555.0142&email=nobody").await;
    let id: String =
        sqlx::query_scalar("select encode(id, 'hex') from leads where fields -> 'first_name' ->> 'value' = 'Bob'")
            .fetch_one(&market.app.state.pool)
            .await
            .unwrap();
    let (upper, partner) = (id.to_uppercase(), market.partner);
    for (find, account, portal) in [
        ("ann.lee%2Bx@example.com", &["Ada", "Bob"][..], &["Ada"][..]),
        ("+ANN.LEE%2BX@EXAMPLE.COM+", &["Ada", "Bob"], &["Ada"]),
        ("ann.lee@example.com", &[], &[]),
        ("5125550142", &["Ada", "Cyd"], &["Ada"]),
        ("%2B1+512+555+0142", &["Ada", "Cyd"], &["Ada"]),
        (id.as_str(), &["Bob"], &[]),
        (upper.as_str(), &["Bob"], &[]),
        ("0123456789abcdef01234567", &[], &[]),
    ] {
        let page = market.buyer.get(&format!("{}?find={find}", paths::LEADS)).await.expect(200);
        assert_eq!(names(&page, &ALL), account, "{find}");
        let page = market.user.get(&format!("{}?find={find}", paths::portal_leads(partner))).await.expect(200);
        assert_eq!(names(&page, &ALL), portal, "{find} in the portal");
    }
    let narrowed = format!("{}?find=5125550142&flow={}", paths::LEADS, market.flows[1]);
    assert_eq!(names(&market.buyer.get(&narrowed).await.expect(200), &ALL), ["Cyd"]);
    let odd = market.buyer.get(&format!("{}?find=Ada", paths::LEADS)).await.expect(200);
    let odd = odd.shows("Enter a lead's id, an email address, or a phone number with its area code.");
    assert!(names(&odd, &ALL).is_empty() && odd.tag_with("name=\"find\"").contains("value=\"Ada\""));
}

#[tokio::test]
async fn a_row_shows_a_name_an_address_or_a_number_and_leads_to_the_story() {
    let market = Market::new().await;
    for (body, shown) in [
        ("first_name=Ada&last_name=Lovelace&email=a@example.com", "Ada Lovelace"),
        ("last_name=Curie&phone_1=5125550142", "Curie"),
        ("email=X@Example.com&phone_1=5125550142", "x@example.com"),
        ("email=nobody&phone_1=5125550142", "nobody"),
        ("phone_1=%28512%29+555-0142", "5125550142"),
        ("first_name=%20&state=CA", "No name"),
        ("first_name=%E2%80%AEedoc", "\u{202E}edoc"),
        ("first_name=%3Cb%3EAda%3C/b%3E", "&lt;b&gt;Ada&lt;/b&gt;"),
    ] {
        market.send(0, body).await;
        let id = market.app.query_id("select id from leads order by id desc limit 1").await;
        for (who, path, story) in [
            (&market.buyer, paths::LEADS.to_owned(), format!("/leads/{id}")),
            (&market.user, paths::portal_leads(market.partner), format!("/portal/{}/leads/{id}", market.partner)),
        ] {
            let page = who.get(&path).await.expect(200);
            let (_, row) =
                page.body.split_once(&format!("href=\"{story}\"")).unwrap_or_else(|| panic!("{story} on {path}"));
            let title = row.split("</a>").next().unwrap().replace("<!>", "");
            assert!(
                title.ends_with(&format!(">{shown}")) || title.contains(&format!("<bdi>{shown}</bdi>")),
                "{body}: {title}"
            );
        }
    }
}

#[tokio::test]
async fn several_values_of_one_name_are_shown_joined() {
    let market = Market::new().await;
    let crowd = Crowd {
        input: "'{\"color\":[\"red\",\"blue\"],\"st\":\"CA\"}'::jsonb",
        fields: "'{\"first_name\":{\"value\":\"Ada\",\"raw\":[\"Ada\",\"Eve\"],\"valid\":true}}'::jsonb",
        ..Crowd::default()
    };
    market.app.add_leads(market.sources[0], crowd).await;
    market.user.get(&paths::portal_leads(market.partner)).await.expect(200).shows("colorred, blue");
    market.buyer.get(paths::LEADS).await.expect(200).shows("First NameAda");
}

#[tokio::test]
async fn an_empty_list_says_what_comes_next() {
    let market = Market::new().await;
    let [flow, _] = market.flows;
    for (who, path, next) in [
        (&market.buyer, paths::LEADS.to_owned(), paths::FLOWS.to_owned()),
        (&market.buyer, paths::flow_leads(flow), paths::flow_sources(flow)),
        (&market.user, paths::portal_leads(market.partner), paths::portal_docs(market.partner)),
    ] {
        let page = who.get(&path).await.expect(200).shows("No leads yet");
        let (_, empty) = page.body.split_once("class=\"empty\"").unwrap();
        assert!(empty.split("</div>").next().unwrap().contains(&format!("href=\"{next}\"")), "{path}");
        let none = who.get(&format!("{path}?outcome=error")).await.expect(200).shows("No matching leads");
        assert!(none.has(&format!("href=\"{path}\"")), "{path}");
    }
    assert!(market.buyer.get(paths::HOME).await.expect(200).has("href=\"/leads\""), "the navigation has Leads");
}

#[tokio::test]
async fn a_filter_that_few_leads_match_is_searched_step_by_step() {
    let market = Market::new().await;
    let source = market.sources[0];
    let old = Crowd { outcome: "failure", at: "now() - interval '2 days'", ..Crowd::default() };
    market.app.add_leads(source, Crowd { fields: "'{\"first_name\":{\"value\":\"Ada\"}}'::jsonb", ..old }).await;
    market.app.add_leads(source, Crowd { count: 25_000, at: "now() - interval '1 day'", ..Crowd::default() }).await;
    for (who, path) in [
        (&market.buyer, format!("{}?outcome=failure", paths::LEADS)),
        (&market.buyer, format!("{}?outcome=failure&source={source}", paths::LEADS)),
        (&market.buyer, format!("{}?reason=age", paths::flow_leads(market.flows[0]))),
        (&market.user, format!("{}?outcome=failure", paths::portal_leads(market.partner))),
    ] {
        let page = who.get(&path).await.expect(200).shows("Searched back to 20");
        assert!(names(&page, &ALL).is_empty() && !page.text().contains("No leads yet"), "{path}");
        let (mut page, mut steps) = (page, 0);
        while let Some(link) = page.body.split("href=\"").find(|link| link.contains("Search further back")) {
            assert!(names(&page, &ALL).is_empty() && steps < 6, "{path}");
            let next = link.split('"').next().unwrap().replace("&amp;", "&");
            page = who.get(&next).await.expect(200);
            steps += 1;
        }
        assert_eq!(names(&page, &ALL), ["Ada"], "{path}");
    }
    let found = market.buyer.get(paths::LEADS).await.expect(200).shows("More than 1,000 leads, newest first");
    assert_eq!(names(&found, &ALL), Vec::<&str>::new());
}

#[tokio::test]
async fn leads_of_several_sources_stay_in_order_when_one_is_searched_less_far() {
    let market = Market::new().await;
    let [first, second, _] = market.sources;
    market.app.assign(second, Some(market.partner)).await;
    let at = |fields, at| Crowd { outcome: "failure", fields, at, ..Crowd::default() };
    market.app.add_leads(first, at("'{\"first_name\":{\"value\":\"Ada\"}}'::jsonb", "now() - interval '1 hour'")).await;
    market
        .app
        .add_leads(first, at("'{\"first_name\":{\"value\":\"Bob\"}}'::jsonb", "now() - interval '4 hours'"))
        .await;
    // The second source has so many other leads that only a part is looked at.
    market.app.add_leads(second, Crowd { count: 12_000, at: "now() - interval '2 hours'", ..Crowd::default() }).await;
    market
        .app
        .add_leads(second, at("'{\"first_name\":{\"value\":\"Cyd\"}}'::jsonb", "now() - interval '3 hours'"))
        .await;
    let (mut found, mut path) = (Vec::new(), Some(format!("{}?outcome=failure", paths::portal_leads(market.partner))));
    while let Some(here) = path {
        let page = market.user.get(&here).await.expect(200);
        found.extend(
            ["Ada", "Bob", "Cyd"].into_iter().filter(|name| names(&page, &[name]).len() == 1).collect::<Vec<_>>(),
        );
        let link = page.body.split("href=\"").find(|link| link.contains("Search further back"));
        path = link.map(|link| link.split('"').next().unwrap().replace("&amp;", "&"));
    }
    found.sort_unstable();
    assert_eq!(found, ["Ada", "Bob", "Cyd"], "each once");
}

#[tokio::test]
async fn every_search_uses_an_index() {
    let market = Market::new().await;
    market.send(0, "first_name=Ada&email=a@example.com").await;
    let (flow, source, partner) = (market.flows[0], market.sources[0], market.partner);
    for (who, path, index) in [
        (&market.buyer, paths::LEADS.to_owned(), "leads_all_pkey"),
        (&market.buyer, format!("{}?outcome=error&reason=x&test=only&time=7", paths::LEADS), "leads_all_pkey"),
        (&market.buyer, paths::flow_leads(flow), "leads_all_account_id_flow_id_id_idx"),
        (
            &market.buyer,
            format!("{}?source={source}&outcome=error", paths::LEADS),
            "leads_all_account_id_source_id_id_idx",
        ),
        (
            &market.buyer,
            format!("{}?partner={partner}&reason=x", paths::LEADS),
            "leads_all_account_id_source_id_id_idx",
        ),
        (&market.user, paths::portal_leads(partner), "leads_all_account_id_source_id_id_idx"),
        (&market.buyer, format!("{}?find=a@example.com", paths::LEADS), "leads_all_contacts_idx"),
    ] {
        let (page, statements) = statement_texts(who.get(&path)).await;
        page.expect(200);
        let of_leads: Vec<_> = statements.iter().filter(|text| text.contains("from leads")).collect();
        assert!(of_leads.len() >= 2, "{path}: {statements:?}");
        for statement in &of_leads {
            let plan = generic_plan(&market.app, statement).await;
            assert!(!plan.contains("Seq Scan on leads"), "{path}: {plan}");
            assert!(!statement.contains("order by id desc limit") || plan.contains(index), "{path}: {plan}");
        }
    }
}

#[tokio::test]
async fn both_sides_of_a_connection_have_the_same_list() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA"), ("email", "lea@example.com")]).await.expect(201);
    stage.lead(&[("st", "NV"), ("email", "leo@example.com")]).await.expect(201);
    let portal = paths::portal_leads(stage.partner().await);
    for (filter, expected) in [
        ("outcome=success", &["lea@example.com"][..]),
        ("find=LEO@example.com", &["leo@example.com"]),
        ("reason=state", &["leo@example.com"]),
        ("time=7", &["lea@example.com", "leo@example.com"]),
    ] {
        for (who, path) in [(&stage.buyer, paths::LEADS), (&seller, portal.as_str())] {
            let page = who.get(&format!("{path}?{filter}")).await.expect(200);
            assert_eq!(names(&page, &["lea@example.com", "leo@example.com"]), expected, "{path}?{filter}");
        }
    }
}
