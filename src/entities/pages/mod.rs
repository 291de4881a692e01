//! [ssr] The parties an account trades with: its sources, and the companies it is connected with.

mod connections;
mod disconnect;
mod sources;

pub use connections::connections_page;
pub use disconnect::{disconnect_page, post_disconnect};
pub use sources::sources_page;

use crate::{
    server::clock,
    ui::{Pagination, TimeAgo},
    web::Visit,
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// As many rows has a page of a list.
const PAGE: i64 = 50;
/// As many flows are named in a row; the others are counted.
const NAMED: usize = 5;

/// The page of a list that the address asks for.
fn page_of(visit: &Visit) -> i64 {
    visit.query("page").parse().unwrap_or(1).clamp(1, 100_000)
}

/// What is shown of the rows that were read, one more than a page has, and whether there is a next page.
fn shown<R>(mut rows: Vec<R>) -> (Vec<R>, bool) {
    let more = i64::try_from(rows.len()).is_ok_and(|count| count > PAGE);
    rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    (rows, more)
}

/// The ways to the other pages of a list, if there are any.
fn pages(page: i64, more: bool, href: impl Fn(i64) -> String) -> Option<AnyView> {
    let (previous, next) = ((page > 1).then(|| href(page - 1)), more.then(|| href(page + 1)));
    (page > 1 || more).then(|| view! { <Pagination summary=format!("Page {page}") previous next /> }.into_any())
}

/// Flows with where each leads to; of many the first, and how many more there are.
fn flow_links(flows: impl IntoIterator<Item = (String, String)>, count: usize) -> AnyView {
    let links =
        flows.into_iter().take(NAMED).map(|(name, href)| view! { <li><a href=href>{name}</a></li> }).collect_view();
    let more = count.checked_sub(NAMED).filter(|more| *more > 0);
    let more = more.map(|more| view! { <li class="muted">{format!("and {more} more")}</li> });
    match count {
        0 => view! { <span class="muted">"none"</span> }.into_any(),
        _ => view! { <ul class="plain-list">{links}{more}</ul> }.into_any(),
    }
}

fn ago(at: OffsetDateTime, now: OffsetDateTime) -> AnyView {
    let at = clock::when(at, now);
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}
