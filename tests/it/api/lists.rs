//! Paged lists return every item exactly once.

use super::world::{World, lists};
use crate::support::{
    Response,
    api::{JSON, text},
};
use axum::http::Method;
use serde_json::Value;

/// The URL of the next page, from the header.
fn next(response: &Response) -> Option<String> {
    let link = response.header("link");
    if link.is_empty() {
        return None;
    }
    let (address, relation) = link.split_once('>').unwrap();
    assert_eq!(relation, "; rel=\"next\"");
    let path = address.strip_prefix("<https://accord.example").unwrap_or_else(|| panic!("{link} leads elsewhere"));
    Some(path.to_owned())
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| text(row, if row["id"].is_null() { "source_id" } else { "id" })).collect()
}

#[tokio::test]
async fn paging_by_two_returns_each_list_without_gaps_or_duplicates() {
    let world = World::connected().await;
    world.grow().await;
    let lists = lists(&world.app);
    assert_eq!(lists.len(), 11, "{lists:?}");
    for list in lists {
        let path = world.ids.fill(&list);
        let whole = ids(&world.api.list(&format!("{path}?limit=200")).await);
        assert!(whole.len() >= 5, "{list} has {} things", whole.len());
        let (mut seen, mut page) = (Vec::new(), Some(format!("{path}?limit=2")));
        while let Some(address) = page {
            let response = world.api.get(&address).await.expect(200);
            let rows = ids(&response.json::<Vec<Value>>());
            assert!(rows.len() == 2 || (rows.len() == 1 && next(&response).is_none()), "{list}: {rows:?}");
            seen.extend(rows);
            page = next(&response);
        }
        assert_eq!(seen, whole, "{list}");
        assert!(whole.is_sorted_by(|newer, older| newer > older), "{list} is sorted: {whole:?}");
    }
}

#[tokio::test]
async fn the_last_page_has_no_next_link() {
    let world = World::connected().await;
    let path = world.ids.fill("/api/v1/partners/{partner_id}/sources");
    for limit in [1, 2, 200] {
        assert_eq!(next(&world.api.get(&format!("{path}?limit={limit}")).await.expect(200)), None);
    }
    let last = world.ids.fill("after={source_id}");
    assert_eq!(world.api.list(&format!("{path}?{last}")).await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_next_page_keeps_the_filters() {
    let world = World::connected().await;
    world.grow().await;
    let path = world.ids.fill("/api/v1/leads?source_id={source_id}&outcome=success&from=2020-01-01&limit=2");
    let response = world.api.get(&path).await.expect(200);
    let following = next(&response).unwrap();
    for kept in [world.ids.fill("source_id={source_id}").as_str(), "outcome=success", "from=2020-01-01", "limit=2"] {
        assert!(following.contains(kept), "{following}");
    }
    assert_eq!(following.matches("after=").count(), 1);
    let third = next(&world.api.get(&following).await.expect(200)).unwrap();
    assert_eq!(third.matches("after=").count(), 1);
}

#[tokio::test]
async fn the_default_page_size_is_fifty() {
    let world = World::connected().await;
    let insert = "insert into partners (id, account_id, name, named_by_hand, created_at, updated_at)
                  select decode('e7' || lpad(to_hex(n), 22, '0'), 'hex'), account_id, 'Crowd ' || n, true, now(), now()
                  from generate_series(1, 60) as n, partners where name like 'Harbor %'";
    world.app.execute(insert).await.unwrap();
    let response = world.api.get("/api/v1/partners").await.expect(200);
    assert_eq!(response.json::<Vec<Value>>().len(), 50);
    assert!(next(&response).is_some());
    assert!(world.api.list("/api/v1/partners?limit=200").await.len() > 60);
}

#[tokio::test]
async fn a_head_request_for_a_list_has_the_same_headers() {
    let world = World::connected().await;
    let path = "/api/v1/entities?limit=1";
    let (whole, head) = (world.api.get(path).await.expect(200), world.api.send(Method::HEAD, path, &[JSON], "").await);
    assert_eq!((head.status.as_u16(), head.header("link"), head.body.as_str()), (200, whole.header("link"), ""));
    assert_eq!(whole.json::<Vec<Value>>().len(), 1);
}
