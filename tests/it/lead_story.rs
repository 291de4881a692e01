//! The story of a lead: both sides see how it arrived, what was made of it and why it was accepted or rejected, from the
//! versions that judged it.

use crate::support::{
    Response,
    api::text,
    people::statements,
    sending::open_source,
    stage::{Stage, mapping},
};
use accord::{
    accounts::model::Role,
    base::{LeadId, paths},
    partners::model::PartnerRole,
};
use serde_json::{Value, json};

pub fn sent(response: Response) -> LeadId {
    let handled: Value = response.expect(201).json();
    text(&handled["lead"], "id").parse().unwrap()
}

pub fn rules(op: &str, rules: Value) -> Value {
    json!({ "rule_set": { "op": op, "rules": rules } })
}

pub fn today(path: &str) -> String {
    format!("{path}?try=today")
}

fn links_to(page: &Response, path: &str) -> bool {
    page.has(&format!("href=\"{path}\""))
}

/// The body without the marks of the renderer.
fn markup(page: &Response) -> String {
    page.body.replace("<!>", "")
}

/// The words of one section of a story, with those of different elements apart.
pub fn section(page: &Response, heading: &str) -> String {
    let body = markup(page);
    let mut parts = body.split("<section").filter(|part| part.contains(&format!(">{heading}</h2>")));
    let part = parts.next().unwrap_or_else(|| panic!("no section {heading}: {}", page.text()));
    let html = part.split("</section>").next().unwrap();
    Response { body: format!("<section{html}").replace('<', " <"), ..page.clone() }.text()
}

#[tokio::test]
async fn both_sides_read_how_a_lead_was_received_mapped_checked_and_answered() {
    let (stage, seller) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "Nevada"), ("email", "LEA@Example.com"), ("color", "blue")]).await);
    let buyers = stage.buyer.get(&paths::lead(id)).await.expect(200);
    let sellers = seller.get(&paths::portal_lead(stage.partner().await, id)).await.expect(200);
    for page in [&buyers, &sellers] {
        for heading in ["Received", "Mapped and parsed", "Checks", "Answer"] {
            section(page, heading);
        }
        for heading in ["Deliveries", "Feedback"] {
            assert!(!markup(page).contains(&format!(">{heading}</h2>")), "an empty section {heading}");
        }
        let received = section(page, "Received");
        for part in ["st Nevada", "email LEA@Example.com", "color blue"] {
            assert!(received.contains(part), "{part}: {received}");
        }
        let mapped = section(page, "Mapped and parsed");
        assert!(mapped.contains("Nevada NV Valid"), "{mapped}");
        assert!(mapped.contains("LEA@Example.com lea@example.com Valid"), "{mapped}");
        assert!(mapped.contains("Unmapped parameters color"), "{mapped}");
        let checks = section(page, "Checks");
        assert!(checks.contains("Authentication Request not required Passed"), "{checks}");
        assert!(checks.contains("Flow is on Request on Passed Source is on Request on Passed"), "{checks}");
        assert!(checks.contains("State is equal to CA Source NV Failed"), "{checks}");
        let answer = section(page, "Answer");
        assert!(answer.contains("\"outcome\": \"failure\"") && answer.contains("State is not equal to CA"), "{answer}");
        assert!(page.body.contains("version 1") && page.body.contains("version 3"), "{}", page.text());
    }
    assert!(section(&buyers, "Mapped and parsed").contains("Mapping {{st}}"), "{}", buyers.text());
    assert!(!sellers.body.contains("{{st}}"), "the seller reads its own names only");
    assert!(
        links_to(&buyers, &paths::flow_sources(stage.flow))
            && links_to(&buyers, &paths::source_mappings(stage.flow, stage.source))
    );
    assert!(links_to(&sellers, &paths::source_docs(stage.flow, stage.source)));
    let partner = stage.partner().await;
    assert!(links_to(&buyers, paths::LEADS), "its breadcrumb");
    assert!(links_to(&stage.buyer.get(paths::LEADS).await.expect(200), &paths::lead(id)));
    assert!(links_to(&seller.get(&paths::portal_leads(partner)).await.expect(200), &paths::portal_lead(partner, id)));
    assert!(!links_to(&sellers, &paths::flow_sources(stage.flow)));
}

#[tokio::test]
async fn a_lead_exists_only_for_its_buyer_and_the_current_partner_of_its_source() {
    let (stage, seller) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "CA")]).await);
    let partner = stage.partner().await;
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Val Viewer", "val@buyer.example").await;
    let user = stage.app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    let other = stage.app.make_partner(&stage.buyer, "Other Partner").await;
    let other_user = stage.app.partner_user(other, PartnerRole::PartnerAdmin, "Odd User", "odd@other.example").await;
    let stranger = stage.app.stranger().await;
    let nobody: LeadId = "0123456789abcdef01234567".parse().unwrap();
    let pages = [paths::lead(id), paths::portal_lead(partner, id), paths::portal_lead(other, id), paths::lead(nobody)];
    for (who, expected) in [
        (&stage.buyer, [200, 404, 404, 404]),
        (&viewer, [200, 404, 404, 404]),
        (&seller, [404, 200, 404, 404]),
        (&user, [404, 200, 404, 404]),
        (&other_user, [404, 404, 404, 404]),
        (&stranger, [404, 404, 404, 404]),
    ] {
        for (path, status) in pages.iter().zip(expected) {
            assert_eq!(who.get(path).await.status, status, "{} {path}", who.name);
            assert_eq!(who.get(&today(path)).await.status, status, "{} {path}, tried today", who.name);
        }
    }
    stage.app.assign(stage.source, Some(other)).await;
    other_user.get(&paths::portal_lead(other, id)).await.expect(200);
    user.get(&paths::portal_lead(partner, id)).await.expect(404);
}

#[tokio::test]
async fn a_story_keeps_the_rules_that_judged_the_lead_and_can_be_tried_with_todays() {
    let (stage, seller) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "NV"), ("first_name", "Lea")]).await);
    let path = paths::lead(id);
    let before = stage.buyer.get(&path).await.expect(200);
    let nevada = rules("and", json!([{ "lhv": "lead.state", "op": "is included in", "rhv": "NV, AZ" }]));
    stage.buyer.save_rules(stage.flow, Some(stage.source), 3, nevada).await.expect(200);
    let named = rules("and", json!([{ "lhv": "lead.first_name", "op": "is equal to", "rhv": "Ann" }]));
    stage.buyer.save_rules(stage.flow, None, 1, named).await.expect(200);
    let after = stage.buyer.get(&path).await.expect(200);
    for heading in ["Received", "Mapped and parsed", "Checks", "Answer"] {
        assert_eq!(section(&before, heading), section(&after, heading));
    }
    let counts = async || (stage.leads().await, stage.app.count("source_days").await);
    let had = counts().await;
    for (who, path) in [(&stage.buyer, path), (&seller, paths::portal_lead(stage.partner().await, id))] {
        let tried = who.get(&today(&path)).await.expect(200);
        let now = section(&tried, "With today's rules");
        assert!(now.contains("Outcome Rejected Rejected"), "{now}");
        assert!(now.contains("Reason State is not equal to CA First Name is not equal to Ann"), "{now}");
        assert!(now.contains("Flow version 1 2") && now.contains("Source version 3 4"), "{now}");
        assert!(now.contains("First Name is equal to Ann Flow Lea Failed"), "{now}");
        assert!(now.contains("State is included in NV, AZ Source NV Not reached would pass"), "{now}");
        assert!(section(&tried, "Checks").contains("State is equal to CA Source NV Failed"));
    }
    assert_eq!(counts().await, had, "nothing is stored");
    let fixed = rules("and", json!([{ "lhv": "lead.first_name", "op": "is not blank" }]));
    stage.buyer.save_rules(stage.flow, None, 2, fixed).await.expect(200);
    stage
        .buyer
        .save_mappings(stage.flow, stage.source, 4, &[mapping("state", "st"), mapping("last_name", "first_name")])
        .await
        .expect(200);
    let tried = stage.buyer.get(&today(&paths::lead(id))).await.expect(200);
    let now = section(&tried, "With today's rules");
    assert!(now.contains("Outcome Rejected Accepted") && now.contains("Last Name no value Lea"), "{now}");
}

#[tokio::test]
async fn todays_rules_include_the_switches_and_the_authentication() {
    let (stage, _) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "CA")]).await);
    let now = async || {
        let page = stage.buyer.get(&today(&paths::lead(id))).await.expect(200);
        section(&page, "With today's rules")
    };
    assert!(now().await.contains("Outcome Accepted Accepted"));
    stage.require("on").await;
    let shown = now().await;
    assert!(shown.contains("unauthorized source") && shown.contains("Source version 3 4"), "{shown}");
    assert!(shown.contains("Authentication Request no valid credential Failed"), "{shown}");
    stage.require("").await;
    stage.app.execute("update flow_sources set enabled = false").await.unwrap();
    let shown = now().await;
    assert!(shown.contains("source is not enabled") && shown.contains("Source is on Request off Failed"), "{shown}");
    let secret = stage.make_credential().await;
    stage.require("on").await;
    stage.app.execute("update flow_sources set enabled = true").await.unwrap();
    sent(stage.lead_as("source", &secret).await);
    // The lead of before still says that none was required.
    let page = stage.buyer.get(&paths::lead(id)).await.expect(200);
    assert!(section(&page, "Checks").contains("Authentication Request not required Passed"));
}

#[tokio::test]
async fn nested_rules_show_what_they_saw_and_which_were_not_reached() {
    let (app, buyer, flow, source) = open_source().await;
    let nested = rules(
        "and",
        json!([
            { "op": "or", "rules": [
                { "lhv": "lead.email", "op": "format is invalid" },
                { "lhv": "lead.first_name", "op": "is equal to", "rhv": "{{lead.last_name}}" },
            ]},
            { "lhv": "lead.state", "op": "is equal to", "rhv": "CA" },
            { "lhv": "lead.postal_code", "op": "is not blank" },
        ]),
    );
    buyer.save_rules(flow, Some(source), 1, nested).await.expect(200);
    let body = "email=lea%40example.com&first_name=Lea&last_name=Lea&state=TX".to_owned();
    let id = sent(app.submit(flow, source, body, &[]).await);
    let page = buyer.get(&paths::lead(id)).await.expect(200);
    let checks = section(&page, "Checks");
    for part in [
        "any of these: Source Passed",
        "Email format is invalid Source lea@example.com Failed",
        "or First Name is equal to {{lead.last_name}} (here: Lea) Source Lea Passed",
        "and State is equal to CA Source TX Failed",
        "and Postal Code is not blank Source no value Not reached would fail",
    ] {
        assert!(checks.contains(part), "{part}: {checks}");
    }
}

#[tokio::test]
async fn mappings_say_whether_they_applied() {
    let (app, buyer, flow, source) = open_source().await;
    let api = app.api(&buyer).await;
    let when = json!({ "op": "and", "rules": [{ "lhv": "lead.kind", "op": "is equal to", "rhv": "b" }] });
    let mappings = json!([
        { "property": "state", "value": "{{st}}" },
        { "property": "state", "value": "{{region}}" },
        { "property": "first_name", "value": "{{given}}" },
        { "property": "last_name", "value": "Fixed", "rule_set": when },
    ]);
    let change = json!({ "mappings": mappings });
    api.put(&format!("/api/v1/flows/{flow}/sources/{source}"), change).await.expect(200);
    let id = sent(app.submit(flow, source, "st=NV&region=CA&kind=a&email=x".to_owned(), &[]).await);
    let page = buyer.get(&paths::lead(id)).await.expect(200);
    let mapped = section(&page, "Mapped and parsed");
    for part in [
        "State Mapping {{region}} CA CA Valid",
        "Email Parameter email x x Invalid",
        "State {{st}} Replaced by a later mapping",
        "State {{region}} Applied",
        "First Name {{given}} Nothing to set",
        "Last Name Fixed kind is equal to b Condition not met",
    ] {
        assert!(mapped.contains(part), "{part}: {mapped}");
    }
    assert!(!mapped.contains("Unmapped parameters"), "{mapped}");
}

#[tokio::test]
async fn the_story_outlives_its_source_and_its_flow() {
    let (stage, _) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "NV")]).await);
    let path = paths::lead(id);
    let before = stage.buyer.get(&path).await.expect(200);
    stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await.expect(303);
    let removed = stage.buyer.get(&path).await.expect(200);
    assert_eq!(section(&before, "Checks"), section(&removed, "Checks"));
    assert!(
        links_to(&removed, &paths::flow_sources(stage.flow)) && removed.text().contains("Solar California, version 1")
    );
    assert!(!links_to(&removed, &paths::source_mappings(stage.flow, stage.source)));
    stage.buyer.get(&today(&path)).await.expect(200).shows("The source of this lead was removed");
    stage.buyer.post_as("remove", &paths::remove_flow(stage.flow), &[]).await.expect(303);
    let archived = stage.buyer.get(&path).await.expect(200);
    assert_eq!(section(&before, "Checks"), section(&archived, "Checks"));
    assert!(!links_to(&archived, &paths::flow_sources(stage.flow)));
}

#[tokio::test]
async fn a_lead_from_before_versions_says_so() {
    let (stage, seller) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "NV")]).await);
    let pages = [(&stage.buyer, paths::lead(id)), (&seller, paths::portal_lead(stage.partner().await, id))];
    stage.app.execute("update leads set flow_version = null, source_version = null, received = '{}'").await.unwrap();
    for (who, path) in &pages {
        let page = who.get(path).await.expect(200);
        assert!(section(&page, "Checks").contains("arrived before versions were kept"), "{}", page.text());
        assert!(page.text().contains("version not kept") && section(&page, "Mapped and parsed").contains("NV"));
        assert!(section(&page, "Received").contains("Method Not recorded"));
        let tried = who.get(&today(path)).await.expect(200);
        assert!(section(&tried, "With today's rules").contains("Flow version not kept 1"), "{}", tried.text());
    }
    stage.app.execute("update leads set flow_version = 7, source_version = 7").await.unwrap();
    let page = stage.buyer.get(&paths::lead(id)).await.expect(200);
    assert!(section(&page, "Checks").contains("versions that judged this lead were not kept"), "{}", page.text());
}

#[tokio::test]
async fn a_lead_whose_values_were_removed_says_so_and_keeps_its_answer() {
    let (stage, _) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "CA")]).await);
    stage.app.execute("update leads set input = '{}', fields = '{}', received = '{}'").await.unwrap();
    let page = stage.buyer.get(&paths::lead(id)).await.expect(200);
    assert!(section(&page, "Checks").contains("no longer lead to the answer"), "{}", page.text());
    assert!(section(&page, "Answer").contains("\"outcome\": \"success\""));
    assert!(section(&page, "Received").contains("Nothing is kept of its input."));
    stage.buyer.get(&today(&paths::lead(id))).await.expect(200);
}

#[tokio::test]
async fn lists_and_the_facts_of_the_request_are_shown_as_they_are_stored() {
    let (stage, seller) = Stage::connected().await;
    let id = sent(stage.lead(&[("st", "CA")]).await);
    let received = json!({
        "method": "POST", "content_type": "text/html", "user_agent": "Form <1>", "address": "192.0.2.7",
        "authenticated": true, "marks": ["NUL was removed"],
    });
    let input = json!({ "st": "CA", "tags": ["red", "blue"], "one": ["only"] });
    stage.app.execute(&format!("update leads set received = '{received}', input = '{input}'")).await.unwrap();
    for (who, path) in [(&stage.buyer, paths::lead(id)), (&seller, paths::portal_lead(stage.partner().await, id))] {
        let page = who.get(&path).await.expect(200);
        let words = section(&page, "Received");
        for part in ["POST", "text/html", "Form <1>", "192.0.2.7", "Authenticated Yes", "NUL was removed"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        for list in ["<li><bdi class=\"sent\">red</bdi></li>", "<li><bdi class=\"sent\">only</bdi></li>"] {
            assert!(markup(&page).contains(list), "{list}: {}", page.body);
        }
    }
    stage.buyer.get(&today(&paths::lead(id))).await.expect(200).shows("Nothing was stored.");
}

#[tokio::test]
async fn what_strangers_send_is_escaped_and_isolated() {
    let (stage, seller) = Stage::connected().await;
    let attack = "</script><script>alert(1)</script>\u{202e}\u{2028}";
    let fields = [("st", attack), ("first_name", attack), ("<b>\u{202e}name", attack)];
    let id = sent(
        stage.lead_with(&[("user-agent", "<script>alert(2)</script>")], &crate::support::actor::form(&fields)).await,
    );
    for (who, path) in [(&stage.buyer, paths::lead(id)), (&seller, paths::portal_lead(stage.partner().await, id))] {
        let page = who.get(&today(&path)).await.expect(200);
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>"), "{}", page.body);
        let body = markup(&page);
        let (_, shown) = body.split_once("Received</h2>").unwrap();
        for (at, _) in shown.match_indices('\u{202e}') {
            let before = &shown[..at];
            let open = before.matches("<bdi").count() - before.matches("</bdi>").count();
            let is_code = before.rfind("<pre") > before.rfind("</pre>");
            assert!(open == 1 || is_code, "not isolated: …{}", &before[before.len().saturating_sub(80)..]);
        }
    }
}

#[tokio::test]
async fn the_page_of_a_huge_lead_is_bounded_and_shows_all_of_a_long_value() {
    let (app, buyer, flow, source) = open_source().await;
    let long = "&".repeat(60_000);
    let id = sent(app.submit(flow, source, crate::support::actor::form(&[("first_name", &long)]), &[]).await);
    let page = buyer.get(&paths::lead(id)).await.expect(200);
    assert!(section(&page, "Received").contains("Show all 60000 characters"));
    assert!(page.body.contains(&"&amp;".repeat(60_000)), "the whole value is there");
    let many: Vec<_> = (0..1_000).map(|n| format!("parameter_{n:03}={}", "v".repeat(900))).collect();
    let wide = sent(app.submit(flow, source, many.join("&"), &[]).await);
    let page = buyer.get(&paths::lead(wide)).await.expect(200);
    assert!(page.body.len() < 3 << 20, "{} bytes", page.body.len());
    app.execute(
        "update leads set input = (select jsonb_object_agg('p' || n, repeat('<', 60000)) from generate_series(1, 17) n),
                          fields = (select jsonb_object_agg('f' || n, jsonb_build_object('value', repeat('<', 60000),
                                    'raw', repeat('&', 60000), 'valid', true)) from generate_series(1, 17) n)",
    )
    .await
    .unwrap();
    let page = buyer.get(&paths::lead(wide)).await.expect(200);
    assert!(page.body.len() < 3 << 20, "{} bytes", page.body.len());
    page.shows("not shown on this page");
}

#[tokio::test]
async fn a_story_takes_as_many_statements_for_a_large_configuration_as_for_none() {
    let (app, buyer, flow, source) = open_source().await;
    let count = async |id: LeadId| {
        buyer.get(&today(&paths::lead(id))).await.expect(200);
        statements(buyer.get(&today(&paths::lead(id)))).await.1
    };
    let small = sent(app.submit(flow, source, "state=CA".to_owned(), &[]).await);
    let few = count(small).await;
    let rule = |n: usize| json!({ "lhv": "lead.postal_code", "op": "is not equal to", "rhv": format!("{n:05}") });
    let many: Vec<_> = (0..200).map(rule).collect();
    buyer.save_rules(flow, Some(source), 1, rules("and", json!(many))).await.expect(200);
    let large = sent(app.submit(flow, source, (0..300).map(|n| format!("p{n}=1&")).collect(), &[]).await);
    assert_eq!(count(large).await, few);
}
