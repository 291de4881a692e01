//! The activity page and its file: filters, pages, differences, and who may read them.

use crate::support::{Actor, Response, TestApp, stage::Stage};
use accord::{accounts::model::Role, base::paths};

/// The sentences of the entries on a page, newest first.
fn entries(page: &Response) -> Vec<String> {
    let items = page.body.split("class=\"timeline-text\"").skip(1);
    let text = |item: &str| {
        let inner = item.split_once('>').unwrap().1.split("</div>").next().unwrap();
        let mut plain = String::new();
        let mut is_tag = false;
        for c in inner.chars() {
            match c {
                '<' => is_tag = true,
                '>' => is_tag = false,
                _ if !is_tag => plain.push(c),
                _ => {}
            }
        }
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    items.map(text).collect()
}

async fn shown(who: &Actor, query: &str) -> Vec<String> {
    entries(&who.get(&format!("{}?{query}", paths::ACTIVITY)).await.expect(200))
}

/// Follows the pages. Returns the sentences of each.
async fn pages(who: &Actor, query: &str) -> Vec<Vec<String>> {
    let (mut found, mut path) = (Vec::new(), Some(format!("{}?{query}", paths::ACTIVITY)));
    while let Some(here) = path {
        let page = who.get(&here).await.expect(200);
        found.push(entries(&page));
        let links = page.body.split("href=\"").skip(1).map(|link| link.split('"').next().unwrap());
        path = links.into_iter().find(|link| link.contains("before=")).map(|link| link.replace("&amp;", "&"));
        assert!(found.len() < 50, "the pages do not end");
    }
    found
}

/// Adds so many entries about flows, one a minute before now, the last one oldest.
async fn add_entries(app: &TestApp, count: i32) {
    sqlx::query(
        "insert into activity (id, account_id, deed, subject_kind, subject_name, at)
         select decode(lpad(to_hex((extract(epoch from now()) * 1000)::bigint - n * 60000), 12, '0')
                       || lpad(to_hex(n), 12, '0'), 'hex'),
                (select id from accounts where name = 'Bright Solar'), 'flow_renamed', 'flow', 'Flow ' || n,
                now() - n * interval '1 minute'
         from generate_series(1, $1) as n",
    )
    .bind(count)
    .execute(&app.state.pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn the_activity_is_filtered_by_who_what_about_name_and_time() {
    let stage = Stage::pending().await;
    let manager = stage.app.member(&stage.buyer, Role::Manager, "Max Manager", "max@buyer.example").await;
    manager.create_flow("Second flow").await;
    let max: String = sqlx::query_scalar("select encode(id, 'hex') from users where email = 'max@buyer.example'")
        .fetch_one(&stage.app.state.pool)
        .await
        .unwrap();
    let buyer = &stage.buyer;
    let all = shown(buyer, "").await;
    assert_eq!(
        shown(buyer, &format!("who={max}&what=flow_created")).await,
        ["Max Manager created the flow Second flow"]
    );
    let created = ["Max Manager created the flow Second flow", "Ann Buyer created the flow Solar California"];
    assert_eq!(shown(buyer, "what=flow_created").await, created);
    assert_eq!(shown(buyer, "about=flow&name=SOLAR").await, [created[1]]);
    assert_eq!(shown(buyer, &format!("subject={}", stage.flow)).await, [created[1]]);
    assert_eq!(shown(buyer, "name=%25").await, [""; 0], "no wildcard");
    let today = stage.app.state.now().await.unwrap().date();
    let (yesterday, tomorrow) = (today.previous_day().unwrap(), today.next_day().unwrap());
    assert_eq!(shown(buyer, &format!("from={yesterday}&to={tomorrow}")).await, all);
    assert_eq!(shown(buyer, &format!("to={yesterday}")).await, [""; 0]);
    assert_eq!(shown(buyer, &format!("from={tomorrow}")).await, [""; 0]);
    assert!(all.len() > 5 && all.contains(&"Ann Buyer invited cy@seller.example".to_owned()), "{all:?}");
    // The page of a flow leads to its entries.
    let link = format!("href=\"{}\"", paths::activity_of(stage.flow));
    assert!(buyer.get(&paths::flow_sources(stage.flow)).await.has(&link));
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_finds_nothing_and_says_so() {
    let stage = Stage::pending().await;
    for query in ["who=me", "what=danced", "about=moon", "subject=1", "from=2026-02-30", "to=tomorrow"] {
        let page = stage.buyer.get(&format!("{}?{query}", paths::ACTIVITY)).await.expect(200);
        assert!(entries(&page).is_empty(), "{query}");
        page.shows("The filter could not be read.").shows("Show all");
        stage.buyer.get(&format!("{}?{query}", paths::ACTIVITY_CSV)).await.expect(422);
    }
}

#[tokio::test]
async fn pages_go_on_from_the_last_entry_and_a_rare_entry_is_found_far_back() {
    let stage = Stage::pending().await;
    add_entries(&stage.app, 5_060).await;
    let found = pages(&stage.buyer, "name=Flow+50").await;
    let all: Vec<_> = found.iter().flatten().cloned().collect();
    let named = |n: i32| format!("Someone renamed the flow to Flow {n}");
    // In two searches.
    let numbers = std::iter::once(50).chain(500..510).chain(5_000..=5_060);
    assert_eq!(all, numbers.map(named).collect::<Vec<_>>());
    assert!(found.len() >= 2 && found.iter().all(|page| page.len() <= 50), "{} pages", found.len());
    let page = stage.buyer.get(&format!("{}?name=Flow+5060", paths::ACTIVITY)).await.expect(200);
    page.shows("No matching entries here.").shows("Search further back");
}

#[tokio::test]
async fn an_entry_shows_what_it_changed_as_text() {
    let stage = Stage::pending().await;
    let (flow, buyer) = (stage.flow, &stage.buyer);
    buyer.post_as("switch-flow", &paths::flow_sources(flow), &[("on", "off")]).await.expect(303);
    stage
        .app
        .execute(
            "insert into activity (id, account_id, deed, subject_kind, subject_name, before, after, at)
             select decode('f00000000000000000000001', 'hex'), id, 'rules_changed', 'flow', 'Flow <b>',
                    '{\"rule\": \"<i>old</i>\"}', '{\"rule\": \"<i>new</i>\"}', now()
             from accounts where name = 'Bright Solar'",
        )
        .await
        .unwrap();
    let page = buyer.get(paths::ACTIVITY).await.expect(200);
    let page = page.shows("Removed: \"rule\": \"<i>old</i>\"").shows("Added: \"rule\": \"<i>new</i>\"");
    assert!(!page.has("<i>"));
}

#[tokio::test]
async fn the_file_has_all_entries_of_the_filter_and_nothing_of_other_accounts() {
    let stage = Stage::pending().await;
    let other = stage.app.admin("Otto Other", "otto@other.example", "Other Company", None, false).await;
    stage.app.execute("update accounts set time_zone = 'America/New_York' where name = 'Bright Solar'").await.unwrap();
    add_entries(&stage.app, 1_200).await;
    let count = usize::try_from(
        stage.app.count("activity where account_id = (select id from accounts where name = 'Bright Solar')").await,
    )
    .unwrap();
    let file = stage.buyer.get(paths::ACTIVITY_CSV).await.expect(200);
    assert!(
        file.header("content-disposition").contains("America-New_York.csv"),
        "{}",
        file.header("content-disposition")
    );
    let lines: Vec<_> = file.body.trim_start_matches('\u{FEFF}').lines().collect();
    assert_eq!(lines[0], "\"time\",\"who\",\"what\",\"about\",\"name\",\"address\",\"before\",\"after\"");
    assert_eq!(lines.len(), count + 1);
    assert_eq!(lines.iter().filter(|line| line.contains("\"Flow 1200\"")).count(), 1);
    let some = stage.buyer.get(&format!("{}?what=flow_created", paths::ACTIVITY_CSV)).await.expect(200);
    assert_eq!(some.body.lines().count(), 2);
    let theirs = other.get(paths::ACTIVITY_CSV).await.expect(200);
    assert!(!theirs.body.contains("Flow 1") && theirs.body.contains("created the account"));
}
