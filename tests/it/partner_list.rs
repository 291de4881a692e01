//! The list of partners: figures, search, sorting, paging.

use crate::support::{
    Actor, Response, TestApp,
    people::statements,
    sending::open_source,
    stage::{SELLER, Stage},
};
use accord::base::paths;
use serde_json::json;

/// The names in the rows, from top to bottom.
fn names(page: &Response) -> Vec<String> {
    let cells = page.body.split("<a ").filter(|link| link.split('>').next().unwrap().contains("cell-title"));
    cells.map(|link| link.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()).collect()
}

async fn list(actor: &Actor, query: &str) -> Response {
    actor.get(&format!("{}{query}", paths::PARTNERS)).await.expect(200)
}

/// Adds this number of partners, named Partner 001, Partner 002 …
async fn add_partners(app: &TestApp, buyer: &Actor, count: usize) {
    let account = buyer.account();
    app.execute(&format!(
        "insert into partners (id, account_id, name, named_by_hand, created_at, updated_at)
         select decode(lpad(to_hex(n), 24, '0'), 'hex'), decode('{account}', 'hex'), 'Partner ' || lpad(n::text, 3, '0'),
                true, now(), now()
         from generate_series(1, {count}) as n"
    ))
    .await
    .unwrap();
}

#[tokio::test]
async fn a_row_shows_status_sources_users_invites_leads_rate_and_last_lead() {
    let (app, buyer, flow, source) = open_source().await;
    let partner = buyer.create_partner("Acme").await;
    buyer.assign(partner, &[source]).await.expect(303);
    let rule =
        json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] } });
    buyer.save_rules(flow, Some(source), 1, rule).await.expect(200);
    for body in ["state=CA", "state=CA", "state=TX", "state=CA&test=true"] {
        app.submit(flow, source, body.to_owned(), &[]).await.expect(201);
    }
    for statement in [
        "insert into partner_users (account_id, partner_id, user_id, role, created_at)
         select p.account_id, p.id, m.user_id, 'partner_user', now() from partners p join members m on m.account_id = p.account_id",
        "insert into invitations (id, account_id, kind, email, email_key, state, role, partner_id, sent_at, expires_at, created_at)
         select decode(lpad(to_hex(n), 24, '0'), 'hex'), p.account_id, 'partner_user', n || '@a.example', n || '@a.example',
                'pending', 'partner_user', p.id, now(), now() + interval '1 day' * n, now()
         from partners p, generate_series(-1, 2) as n where n <> 0",
    ] {
        app.execute(statement).await.unwrap();
    }
    let page = list(&buyer, "").await;
    // The third invitation has expired.
    assert_eq!(page.row_with("Acme"), "Acme Not connected 1 1 2 3 67% just now");
}

#[tokio::test]
async fn the_status_follows_the_invitation_and_the_connection() {
    let stage = Stage::pending().await;
    let page = list(&stage.buyer, "").await;
    assert_eq!(page.row_with(SELLER), format!("{SELLER} Invited 1 0 0 0 – none"));
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    assert!(list(&stage.buyer, "").await.row_with("Lead Harbor").contains("Connected 1"));
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    assert!(list(&stage.buyer, "").await.row_with("Lead Harbor").contains("Disconnected 1"));
    let expired = Stage::pending().await;
    expired.expire().await;
    assert!(list(&expired.buyer, "").await.row_with(SELLER).contains("Not connected 1"));
}

#[tokio::test]
async fn the_search_by_name_ignores_case_and_treats_wildcards_as_text() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for name in ["Acme 100%", "acme_two", "Best Leads"] {
        buyer.create_partner(name).await;
    }
    let page = list(&buyer, "?search=ACME").await;
    assert_eq!(names(&page), ["Acme 100%", "acme_two"]);
    assert!(page.tag_with("name=\"search\"").contains("value=\"ACME\""));
    assert!(page.has("Search partners"));
    assert_eq!(names(&list(&buyer, "?search=%25").await), ["Acme 100%"]);
    assert_eq!(names(&list(&buyer, "?search=_").await), ["acme_two"]);
    list(&buyer, "?search=nobody").await.shows("No partners match “nobody”").shows("Show all");
}

#[tokio::test]
async fn each_column_sorts_both_ways_and_its_header_shows_the_order() {
    let (app, buyer, flow, form) = open_source().await;
    let radio = buyer.custom_source(flow, "Radio").await;
    let acme = buyer.create_partner("acme").await;
    let best = buyer.create_partner("Best").await;
    buyer.create_partner("Zero").await;
    buyer.assign(acme, &[form]).await.expect(303);
    buyer.assign(best, &[radio]).await.expect(303);
    let rule =
        json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] } });
    buyer.save_rules(flow, Some(radio), 1, rule).await.expect(200);
    for (source, body) in [(form, "state=CA"), (radio, "state=CA"), (radio, "state=TX")] {
        app.submit(flow, source, body.to_owned(), &[]).await.expect(201);
        app.advance(time::Duration::minutes(5));
    }
    buyer.connect(best, SELLER).await.expect(303);
    for (query, expected) in [
        ("", ["acme", "Best", "Zero"]),
        ("?order=desc", ["Zero", "Best", "acme"]),
        ("?sort=status", ["Best", "acme", "Zero"]),
        ("?sort=leads&order=desc", ["Best", "acme", "Zero"]),
        ("?sort=leads", ["Zero", "acme", "Best"]),
        ("?sort=rate&order=desc", ["acme", "Best", "Zero"]),
        ("?sort=rate", ["Best", "acme", "Zero"]),
        ("?sort=last_lead&order=desc", ["Best", "acme", "Zero"]),
        ("?sort=last_lead", ["acme", "Best", "Zero"]),
        ("?sort=sources&order=desc", ["acme", "Best", "Zero"]),
        ("?sort=sources", ["Zero", "acme", "Best"]),
        ("?sort=users", ["acme", "Best", "Zero"]),
        ("?sort=nonsense", ["acme", "Best", "Zero"]),
    ] {
        assert_eq!(names(&list(&buyer, query).await), expected, "{query}");
    }
    let page = list(&buyer, "?sort=leads&order=desc&search=e").await;
    assert!(page.has("aria-sort=\"descending\""));
    assert!(
        page.body.replace("&amp;", "&").contains("href=\"/partners?search=e&sort=leads\""),
        "clicking again reverses the order"
    );
    assert!(page.body.replace("&amp;", "&").contains("href=\"/partners?search=e\""), "by name");
}

#[tokio::test]
async fn the_list_has_50_rows_per_page_and_keeps_search_and_order() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    add_partners(&app, &buyer, 120).await;
    let first = list(&buyer, "?search=partner&order=desc").await;
    let shown = names(&first);
    assert_eq!((shown.len(), shown[0].as_str(), shown[49].as_str()), (50, "Partner 120", "Partner 071"));
    let next = first.body.replace("&amp;", "&");
    assert!(next.contains("href=\"/partners?search=partner&order=desc&page=2\""));
    let last = list(&buyer, "?search=partner&order=desc&page=3").await;
    assert_eq!((names(&last).len(), names(&last)[19].as_str()), (20, "Partner 001"));
    assert!(last.body.replace("&amp;", "&").contains("href=\"/partners?search=partner&order=desc&page=2\""));
    assert!(!last.body.contains("page=4"));
    list(&buyer, "?page=9").await.shows("No more partners").shows("Previous");
    assert_eq!(names(&list(&buyer, "?page=nonsense").await).len(), 50);
}

#[tokio::test]
async fn archived_partners_have_their_own_list() {
    let stage = Stage::pending().await;
    let acme = stage.buyer.create_partner("Acme").await;
    stage.buyer.remove_partner(stage.app.partners().await[0].id).await.expect(303);
    assert_eq!(names(&list(&stage.buyer, "").await), ["Acme"]);
    assert_eq!(names(&list(&stage.buyer, "?archived=1").await), [SELLER]);
    stage.buyer.remove_partner(acme).await.expect(303);
    assert_eq!(names(&list(&stage.buyer, "?archived=1").await), [SELLER], "deleted, not archived");
}

#[tokio::test]
async fn the_number_of_queries_does_not_grow_with_the_rows() {
    let (app, buyer, flow, source) = open_source().await;
    let partner = buyer.create_partner("Acme").await;
    buyer.assign(partner, &[source]).await.expect(303);
    let pages = [
        paths::PARTNERS.to_owned(),
        "/partners?sort=leads&order=desc".to_owned(),
        paths::partner(partner),
        paths::partner_sources(partner),
        paths::assign_sources(partner),
    ];
    let mut before = Vec::new();
    for path in &pages {
        before.push(statements(buyer.get(path)).await.1);
    }
    add_partners(&app, &buyer, 60).await;
    for number in 0..5 {
        let more = buyer.custom_source(flow, &format!("Form {number}")).await;
        buyer.custom_source(flow, &format!("Other {number}")).await;
        buyer.assign(partner, &[more]).await.expect(303);
    }
    for (path, before) in pages.iter().zip(before) {
        let (page, now) = statements(buyer.get(path)).await;
        page.expect(200);
        assert_eq!(now, before, "{path}");
        assert!(now <= 10, "{path}: {now}");
    }
}

#[tokio::test]
async fn a_large_account_keeps_the_order_of_a_figure_for_a_minute_and_shows_current_figures() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    add_partners(&app, &buyer, 210).await;
    let by_users = async |query: &str| list(&buyer, &format!("?sort=users&order=desc{query}")).await;
    assert_eq!(names(&by_users("").await)[..2], ["Partner 001", "Partner 002"]);
    for (partner, users) in [("Partner 002", 2), ("Partner 200", 1)] {
        let add = format!(
            "insert into partner_users (account_id, partner_id, user_id, role, created_at)
             select p.account_id, p.id, u.id, 'partner_user', now()
             from partners p, (select id from users order by id limit {users}) u where p.name = '{partner}'"
        );
        app.signed_in_user("Uma", &format!("uma{users}@harbor.example")).await;
        assert_eq!(app.execute(&add).await.unwrap(), users);
    }
    let page = by_users("").await;
    assert_eq!(names(&page)[..2], ["Partner 001", "Partner 002"]);
    assert_eq!(page.row_with("Partner 002"), "Partner 002 Not connected 0 2 0 0 – none");
    app.advance(time::Duration::minutes(2));
    assert_eq!(names(&by_users("").await)[..3], ["Partner 002", "Partner 200", "Partner 001"]);
    assert_eq!(names(&by_users("&search=00").await)[..2], ["Partner 002", "Partner 200"]);
    assert_eq!(names(&by_users("&page=5").await).len(), 10);
}

#[tokio::test]
async fn a_kept_order_leaves_out_partners_that_left_the_list_and_still_reaches_the_rest() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    add_partners(&app, &buyer, 210).await;
    let by_users = async |query: &str| list(&buyer, &format!("?sort=users{query}")).await;
    assert_eq!(names(&by_users("").await).len(), 50);
    // As another process would.
    app.execute("delete from partners where name = 'Partner 002'").await.unwrap();
    app.execute("update partners set archived_at = now() where name = 'Partner 003'").await.unwrap();
    let page = by_users("").await;
    let shown = names(&page);
    assert_eq!((shown.len(), &shown[..2]), (48, &["Partner 001".to_owned(), "Partner 004".to_owned()][..]));
    assert!(page.body.contains("page=2"), "the rest can be reached");
    assert_eq!(names(&by_users("&page=2").await)[0], "Partner 051");
    // What this process changes shows immediately.
    buyer.create_partner("Acme").await;
    let page = by_users("").await;
    assert_eq!((names(&page).len(), names(&page)[0].as_str()), (50, "Acme"));
    let acme = app.partners().await.into_iter().find(|one| one.name == "Acme").unwrap();
    buyer.remove_partner(acme.id).await.expect(303);
    assert_eq!(names(&by_users("").await)[49], "Partner 052");
}
