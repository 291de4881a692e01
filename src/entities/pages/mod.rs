//! [ssr] The parties an account trades with: its sources, and the companies it is connected with.

mod connections;
mod disconnect;
mod sources;

pub use connections::connections_page;
pub use disconnect::{disconnect_page, post_disconnect};
pub use sources::sources_page;

use crate::{server::clock, ui::TimeAgo};
use leptos::prelude::*;
use time::OffsetDateTime;

/// As many flows are named in a row; the others are counted.
const NAMED: usize = 5;

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
