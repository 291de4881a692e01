//! [ssr] The lists of an account's sources and connections, and disconnecting.

mod connections;
mod disconnect;
mod sources;

pub use connections::connections_page;
pub use disconnect::{disconnect_page, post_disconnect};
pub use sources::sources_page;

use crate::{server::clock, ui::TimeAgo};
use leptos::prelude::*;
use time::OffsetDateTime;

/// Maximum flows linked in a row; the rest are only counted.
const LINKED_FLOWS: usize = 5;

/// Links to flows: the first few, and how many more there are.
fn flow_links(flows: impl IntoIterator<Item = (String, String)>, count: usize) -> AnyView {
    let links = flows
        .into_iter()
        .take(LINKED_FLOWS)
        .map(|(name, href)| view! { <li><a href=href>{name}</a></li> })
        .collect_view();
    let more = count.checked_sub(LINKED_FLOWS).filter(|more| *more > 0);
    let more = more.map(|more| view! { <li class="muted">{format!("and {more} more")}</li> });
    match count {
        0 => view! { <span class="muted">"none"</span> }.into_any(),
        _ => view! { <ul class="plain-list">{links}{more}</ul> }.into_any(),
    }
}

fn ago(at: OffsetDateTime, now: OffsetDateTime) -> AnyView {
    let at = clock::display_time(at, now);
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}
