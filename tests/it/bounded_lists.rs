//! A page of a list ends after 2 MiB, has at least one row, and the next page goes on from the last row shown.

use crate::support::{
    Actor, Response, TestApp,
    api::{Api, text},
    sending::open_source,
};
use accord::{
    base::{FlowId, PartnerId, SourceId, paths},
    partners::model::PartnerRole,
};
use serde_json::Value;
use std::collections::BTreeSet;

const MIB: usize = 1 << 20;
const PAGE: usize = 2 * MIB;

/// The most bytes of markup around the rows of a page.
const FRAME: usize = 256 << 10;

/// Adds leads with these sizes of input, the last one newest. Their fields are half as large.
async fn add_leads(app: &TestApp, source: SourceId, sizes: &[usize]) {
    let sizes: Vec<i32> = sizes.iter().map(|size| i32::try_from(*size).unwrap()).collect();
    sqlx::query(
        "insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, input, fields,
                            received_at, day)
         select decode('f0' || lpad(to_hex(n), 22, '0'), 'hex'), account_id, flow_id, id, 'Flow', 'Source', 'success',
                jsonb_build_object('note', repeat('x', size), 'name', 'lead-' || n),
                jsonb_build_object('city', jsonb_build_object('value', repeat('<', size), 'valid', true)),
                now(), current_date
         from flow_sources, unnest($2::int[]) with ordinality as given (size, n) where id = $1",
    )
    .bind(source)
    .bind(&sizes)
    .execute(&app.state.pool)
    .await
    .unwrap();
}

/// The path of the next page in the `Link` header.
fn next(response: &Response) -> Option<String> {
    let link = response.header("link");
    let address = link.strip_prefix("<https://accord.example")?.strip_suffix(">; rel=\"next\"")?;
    Some(address.to_owned())
}

/// Follows the pages of an API list. Returns the ids of each page.
async fn pages(api: &Api, path: &str) -> Vec<Vec<String>> {
    let (mut found, mut path) = (Vec::new(), Some(path.to_owned()));
    while let Some(here) = path {
        let response = api.get(&here).await.expect(200);
        let rows: Vec<Value> = response.json();
        assert!(response.body.len() <= PAGE || rows.len() == 1, "{here}: {} bytes", response.body.len());
        assert!(!rows.is_empty() || found.is_empty(), "{here} is an empty page");
        found.push(rows.iter().map(|row| text(row, "id")).collect());
        path = next(&response);
        assert!(found.len() < 500, "the pages do not end");
    }
    found
}

/// Asserts that the pages have each of so many rows once, newest first. Returns the number of rows of each page.
#[track_caller]
fn sizes_of(pages: &[Vec<String>], count: usize) -> Vec<usize> {
    let all: Vec<_> = pages.iter().flatten().cloned().collect();
    let mut sorted = all.clone();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(all, sorted, "newest first");
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (count, count));
    pages.iter().map(Vec::len).collect()
}

#[tokio::test]
async fn a_page_of_leads_in_the_api_ends_after_its_bytes() {
    let (app, buyer, _, source) = open_source().await;
    let api = app.api(&buyer).await;
    for (sizes, limit, expected) in [
        // The newest first. The fields of a lead have as many bytes as its input.
        (vec![MIB; 4], 200, vec![1, 1, 1, 1]),
        (vec![MIB / 3; 5], 200, vec![2, 2, 1]),
        (vec![10, 10, 3 * MIB, 10, 10], 200, vec![2, 1, 2]),
        (vec![3 * MIB], 200, vec![1]),
        (vec![10; 7], 3, vec![3, 3, 1]),
        (vec![10; 6], 3, vec![3, 3]),
        (vec![], 50, vec![0]),
    ] {
        add_leads(&app, source, &sizes).await;
        let found = pages(&api, &format!("/api/v1/leads?limit={limit}")).await;
        assert_eq!(sizes_of(&found, sizes.len()), expected, "{sizes:?}");
        app.execute("delete from leads").await.unwrap();
    }
}

#[tokio::test]
async fn filters_stay_on_the_next_page_after_bytes() {
    let (app, buyer, flow, source) = open_source().await;
    let api = app.api(&buyer).await;
    add_leads(&app, source, &[MIB; 6]).await;
    app.execute("update leads set outcome = 'failure' where get_byte(id, 11) % 2 = 0").await.unwrap();
    let found = pages(&api, &format!("/api/v1/leads?flow_id={flow}&outcome=failure&limit=7")).await;
    assert_eq!(sizes_of(&found, 3), [1, 1, 1]);
}

#[tokio::test]
async fn one_lead_is_found_whatever_its_size() {
    let (app, buyer, _, source) = open_source().await;
    let api = app.api(&buyer).await;
    add_leads(&app, source, &[3 * MIB]).await;
    let id = &pages(&api, "/api/v1/leads").await[0][0];
    assert!(api.get(&format!("/api/v1/leads/{id}")).await.expect(200).body.len() > 3 * MIB);
    api.get("/api/v1/leads/f0000000000000000000ffff").await.expect(404);
}

#[tokio::test]
async fn activity_flows_and_sources_in_the_api_end_after_their_bytes() {
    let (app, buyer, _, source) = open_source().await;
    let (api, partner) = (app.api(&buyer).await, app.make_partner(&buyer, "Harbor Media").await);
    app.assign(source, Some(partner)).await;
    for n in 1..6 {
        buyer.create_flow(&format!("Flow {n}")).await;
    }
    let large = "jsonb_build_object('rule_set', jsonb_build_object('op', 'and', 'rules',
        jsonb_build_array(jsonb_build_object('lhv', 'lead.state', 'op', 'is included in', 'rhv', repeat('CA,', 300000)))))";
    app.execute(&format!("update flows set acceptance_criteria = {large}")).await.unwrap();
    app.execute(&format!(
        "with made as (
             insert into entities (id, account_id, kind, name, source, created_at, updated_at)
             select decode('e3' || lpad(to_hex(n), 22, '0'), 'hex'), account_id, 'custom', 'Form ' || n, 'form', now(), now()
             from flow_sources, generate_series(1, 5) as n returning id, account_id
         ) insert into flow_sources (id, account_id, flow_id, entity_id, partner_id, enabled, acceptance_criteria, created_at, updated_at)
           select m.id, m.account_id, fs.flow_id, m.id, fs.partner_id, true, {large}, now(), now()
           from made m, flow_sources fs",
    ))
    .await
    .unwrap();
    app.execute(
        "insert into activity (id, account_id, deed, subject_kind, subject_name, before, after, at)
         select decode('f0' || lpad(to_hex(n), 22, '0'), 'hex'), id, 'rules_changed', 'flow', 'Flow ' || n,
                to_jsonb(repeat('x', 700000)), to_jsonb(repeat('y', 700000)), now()
         from accounts, generate_series(1, 5) as n",
    )
    .await
    .unwrap();
    // Five flows of 900 kB; the oldest one has five such sources too.
    let flows = pages(&api, "/api/v1/flows?limit=200").await;
    assert_eq!(sizes_of(&flows, 6), [2, 2, 1, 1]);
    let sources = pages(&api, &format!("/api/v1/partners/{partner}/sources?limit=200")).await;
    assert_eq!(sizes_of(&sources, 6), [2, 2, 2]);
    let activity = pages(&api, "/api/v1/activity?limit=200").await;
    assert_eq!(activity[..4].iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1, 1]);
    let count = usize::try_from(app.count("activity where account_id is not null").await).unwrap();
    sizes_of(&activity, count);
    buyer.get(paths::ACTIVITY).await.expect(200).shows("Flow 5");
}

/// Follows the pages of leads. Returns the numbers of the leads of each page.
async fn lead_pages(who: &Actor, path: &str) -> Vec<Vec<String>> {
    let (mut found, mut path) = (Vec::new(), Some(path.to_owned()));
    while let Some(here) = path {
        let page = who.get(&here).await.expect(200);
        assert!(page.body.len() <= PAGE + FRAME, "{here}: {} bytes", page.body.len());
        let titles = page.body.split("cell-title").skip(1).map(|row| row.split("\">").nth(1).unwrap_or_default());
        found.push(titles.map(|link| link.rsplit('/').next().unwrap().to_owned()).collect());
        let links = page.body.split("href=\"").skip(1).map(|link| link.split('"').next().unwrap());
        path = links.into_iter().find(|link| link.contains("before=")).map(|link| link.replace("&amp;", "&"));
        assert!(found.len() < 500, "the pages do not end");
    }
    found
}

async fn with_portal() -> (TestApp, Actor, FlowId, SourceId, PartnerId, Actor) {
    let (app, buyer, flow, source) = open_source().await;
    let partner = app.make_partner(&buyer, "Harbor Media").await;
    app.assign(source, Some(partner)).await;
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    (app, buyer, flow, source, partner, user)
}

#[tokio::test]
async fn pages_of_leads_end_after_their_bytes_and_go_on_from_the_last_row() {
    let (app, buyer, flow, source, partner, user) = with_portal().await;
    for (sizes, expected) in [
        (vec![MIB; 3], vec![1, 1, 1]),
        (vec![10, 3 * MIB, 10, 10], vec![2, 1, 1]),
        (vec![60 << 10; 52], vec![34, 18]),
        (vec![10; 51], vec![50, 1]),
    ] {
        add_leads(&app, source, &sizes).await;
        let lists =
            [(&buyer, paths::flow_leads(flow)), (&user, format!("{}?outcome=success", paths::portal_leads(partner)))];
        for (who, path) in lists {
            let found = lead_pages(who, &path).await;
            assert_eq!(sizes_of(&found, sizes.len()), expected, "{path} {}", sizes.len());
        }
        app.execute("delete from leads").await.unwrap();
    }
}

#[tokio::test]
async fn a_list_shows_the_beginning_of_long_values_and_a_limited_number_of_them() {
    let (app, buyer, flow, source, partner, user) = with_portal().await;
    let long = format!("{}THE END", "é<".repeat(20_000));
    let many: Vec<_> = (0..900).map(|n| format!("p{n:03}={}", "v".repeat(20))).collect();
    app.submit(flow, source, serde_urlencoded::to_string([("first_name", &long)]).unwrap(), &[]).await.expect(201);
    app.submit(flow, source, many.join("&"), &[]).await.expect(201);
    for (who, path) in [(&buyer, paths::flow_leads(flow)), (&user, paths::portal_leads(partner))] {
        let page = who.get(&path).await.expect(200);
        assert!(page.body.len() < 200_000, "{path}: {} bytes", page.body.len());
        let words = page.text();
        assert!(words.contains(&format!("{}…", "é<".repeat(250))) && !words.contains("THE END"), "{path}");
    }
    let page = user.get(&paths::portal_leads(partner)).await.expect(200).shows("p199");
    let page = page.shows("700 more values are not shown.");
    assert!(!page.text().contains("p200"));
}

#[tokio::test]
async fn a_list_leaves_the_values_of_a_huge_lead_to_its_page() {
    let (app, buyer, flow, source, partner, user) = with_portal().await;
    let value = "v".repeat(60_000);
    let fields = ["last_name", "email", "postal_code", "x1", "x2"].map(|name| format!("{name}={value}")).join("&");
    let huge = app.submit(flow, source, format!("first_name=Ada&{fields}"), &[]).await.expect(201);
    app.submit(flow, source, "first_name=Bob".to_owned(), &[]).await.expect(201);
    for (who, path) in [(&buyer, paths::flow_leads(flow)), (&user, paths::portal_leads(partner))] {
        let page = who.get(&path).await.expect(200);
        let (large, bob) = (page.row_with("Large lead"), page.row_with("Bob"));
        assert!(large.contains("Too long for a list") && !bob.contains("Too long for a list"), "{path}: {large} {bob}");
    }
    let id = huge.json::<Value>()["lead"]["id"].as_str().unwrap().parse().unwrap();
    buyer.get(&paths::lead(id)).await.expect(200).shows(&value[..100]);
    user.get(&paths::portal_lead(partner, id)).await.expect(200).shows(&value[..100]);
}

/// Counts of leads that the totals have and the leads do not, or the other way round.
async fn differences(app: &TestApp) -> i64 {
    app.count(
        "((select source_id as id, test, outcome, sum(count) from source_totals group by 1, 2, 3
           except select source_id, test, outcome, count(*) from leads group by 1, 2, 3)
          union all
          (select flow_id, test, outcome, count(*) from leads group by 1, 2, 3
           except select flow_id, test, outcome, sum(count) from flow_totals group by 1, 2, 3)) as different",
    )
    .await
}

#[tokio::test]
async fn the_totals_of_sources_and_flows_equal_their_leads() {
    let (app, buyer, flow, source) = open_source().await;
    let other = buyer.custom_source(flow, "Radio").await;
    let send = async |source: SourceId, body: &str| app.submit(flow, source, body.to_owned(), &[]).await.expect(201);
    let bodies = ["first_name=Ada", "first_name=Bob&test=true", "first_name=Cyd", "last_name=Dee"];
    futures::future::join_all((0..24).map(|n| send(if n % 3 == 0 { other } else { source }, bodies[n % 4]))).await;
    assert_eq!((app.count("leads").await, differences(&app).await), (24, 0));
    let page = buyer.get(paths::FLOWS).await.expect(200);
    let row = page.row_with("Archive");
    assert!(row.contains(" 2 18 0 "), "two sources and 18 leads that are no tests: {row}");
    // A flow keeps its figures when a source is removed; the figures of the source go with it.
    buyer.post_as("remove", &paths::remove_source(flow, other), &[]).await.expect(303);
    assert_eq!(app.count("leads").await, 24);
    assert!(buyer.get(paths::FLOWS).await.expect(200).row_with("Archive").contains(" 18 0 "));
}
