//! Lists of flows and sources with several pages: each row is on one of them, and a search is in the URL.

use crate::support::{Actor, Response, TestApp, sending::open_source};
use accord::{
    base::{AccountId, FlowId, paths},
    flows::model::SourceList,
};
use serde_json::json;

const ROWS: usize = 60;

async fn run(app: &TestApp, sql: &'static str, account: AccountId, flow: FlowId) {
    sqlx::query(sql).bind(account).bind(flow).execute(&app.state.pool).await.unwrap();
}

/// Sources *Form 1* to *Form 60* in one flow.
async fn add_sources(app: &TestApp, buyer: &Actor, flow: FlowId) {
    let entities = "insert into entities (id, account_id, kind, name, source, created_at, updated_at)
         select decode('f0' || lpad(to_hex(n), 22, '0'), 'hex'), $1, 'custom', 'Form ' || n, 'form', now(), now()
         from generate_series(1, 60) as n where $2::bytea is not null";
    let sources = "insert into flow_sources (id, account_id, flow_id, entity_id, enabled, created_at, updated_at)
         select id, $1, $2, id, true, now(), now() from entities where name like 'Form %'";
    run(app, entities, buyer.account(), flow).await;
    run(app, sources, buyer.account(), flow).await;
}

fn rows(page: &Response, label: &str) -> usize {
    page.body.matches(&format!("data-label=\"{label}\"")).count()
}

/// Follows *Next* from the first page. Returns the rows of each page.
async fn follow(who: &Actor, path: &str, label: &str) -> Vec<usize> {
    let (mut counts, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let page = who.get(&path).await.expect(200);
        counts.push(rows(&page, label));
        let link =
            page.body.split("<a ").find(|link| link.split("</a>").next().is_some_and(|link| link.contains("Next")));
        next = link.and_then(|link| Some(link.split("href=\"").nth(1)?.split('"').next()?.replace("&amp;", "&")));
        assert!(counts.len() < 5, "{path}");
    }
    counts
}

#[tokio::test]
async fn the_sources_of_a_flow() {
    let (app, buyer, flow, _) = open_source().await;
    let path = paths::flow_sources(flow);
    add_sources(&app, &buyer, flow).await;
    assert_eq!(follow(&buyer, &path, "Enabled").await, [50, ROWS + 1 - 50]);
    let found = buyer.get(&format!("{path}?search=fORM+59")).await.expect(200);
    assert_eq!(rows(&found, "Enabled"), 1);
    assert!(found.has("value=\"fORM 59\"") && found.body.contains("Form 59"));
    let none = buyer.get(&format!("{path}?search=%3Cb%3E%25_")).await.expect(200).shows("No sources match “<b>%_”");
    assert!(none.body.contains(&format!("href=\"{path}\"")) && !none.body.contains("<b>%_"));
    buyer.get(&format!("{path}?page=3")).await.expect(200).shows("No more sources");
    // The island asks for what its page shows.
    let ask = async |search: &str, page: i64| -> SourceList {
        let input = json!({ "flow_id": flow, "shown": { "search": search, "page": page } });
        buyer.call("flows/sources/list", input).await.expect(200).json()
    };
    assert_eq!((ask("", 2).await.rows.len(), ask("form 59", 1).await.rows.len()), (11, 1));
    assert_eq!((ask("", i64::MIN).await.rows.len(), ask("", i64::MAX).await.rows.len()), (50, 0));
}

#[tokio::test]
async fn flows_and_archived_flows() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    assert!(!buyer.get(paths::FLOWS).await.body.contains("role=\"search\""));
    let flows = "insert into flows (id, account_id, name, created_at, updated_at)
         select decode('f0' || lpad(to_hex(n), 22, '0'), 'hex'), $1, 'Flow ' || n, now(), now()
         from generate_series(1, 60) as n where $2::bytea is not null";
    run(&app, flows, buyer.account(), flow).await;
    assert_eq!(follow(&buyer, paths::FLOWS, "State").await, [50, ROWS + 1 - 50]);
    let found = buyer.get("/flows?search=flow+59").await.expect(200);
    assert_eq!(rows(&found, "State"), 1);
    buyer.get("/flows?search=nothing").await.expect(200).shows("No flows match “nothing”");
    let archived = "update flows set archived_at = now(), enabled = false where account_id = $1 and id <> $2";
    run(&app, archived, buyer.account(), flow).await;
    assert_eq!(follow(&buyer, "/flows", "Archived").await, [50, ROWS - 50]);
    let both = buyer.get("/flows?archived=2").await.expect(200);
    assert_eq!((rows(&both, "Archived"), rows(&both, "State")), (10, 1));
    assert_eq!(rows(&buyer.get("/flows?search=FLOW+7").await.expect(200), "Archived"), 1);
}

#[tokio::test]
async fn the_sources_of_a_partner() {
    let (app, buyer, flow, _) = open_source().await;
    let partner = app.make_partner(&buyer, "Lead Harbor").await;
    let path = paths::partner_sources(partner);
    assert!(!buyer.get(&path).await.expect(200).body.contains("role=\"search\""));
    add_sources(&app, &buyer, flow).await;
    sqlx::query("update flow_sources set partner_id = $1").bind(partner).execute(&app.state.pool).await.unwrap();
    assert_eq!(follow(&buyer, &path, "Source").await, [50, ROWS + 1 - 50]);
    assert_eq!(rows(&buyer.get(&format!("{path}?search=form+59")).await.expect(200), "Source"), 1);
    // Also by the flow's name.
    assert_eq!(rows(&buyer.get(&format!("{path}?search=solar&page=2")).await.expect(200), "Source"), 11);
    buyer.get(&format!("{path}?search=nothing")).await.expect(200).shows("No sources match “nothing”");
}

#[tokio::test]
async fn an_address_that_no_source_has_leads_to_its_invitation() {
    let (_app, buyer, flow, _) = open_source().await;
    let search = async |text: &str| buyer.get(&paths::with_query(&paths::add_source(flow), &[("search", text)])).await;
    let found = search("sam+leads@seller.example").await.expect(200).shows("Invite sam+leads@seller.example");
    let link = paths::with_query(&paths::invite_partner(flow), &[("email", "sam+leads@seller.example")]);
    assert!(found.has(&format!("href=\"{link}\"")));
    assert!(buyer.get(&link).await.expect(200).has("value=\"sam+leads@seller.example\""));
    for other in ["nobody", "@seller", "sam@", "sam @seller.example", "Website"] {
        assert!(!search(other).await.expect(200).text().contains(&format!("Invite {other}")), "{other}");
    }
}
