//! The posts of a source that could not be read, for the buyer to tell its seller what to change.

use crate::{
    base::{AccountId, SourceId},
    leads::server::queries::posts::{self, UnreadPost},
    server::{Fault, clock},
    ui::{Cell, Column, DataTable, Panel, TimeAgo},
};
use leptos::prelude::*;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Maximum bytes of all beginnings on the page; each character can take six when it is escaped.
const MAX_SHOWN: usize = 256 * 1024;

pub(super) async fn panel(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
    now: OffsetDateTime,
) -> Result<AnyView, Fault> {
    let posts = posts::list_unread(conn, account_id, source_id, now).await?;
    let lead = "The last 50 of 7 days, with long numbers hidden. Only your account sees them.";
    let body = if posts.is_empty() {
        view! { <p>"None. Every post could be read."</p> }.into_any()
    } else {
        let head = ["Received", "Reason", "Beginning"].map(Column::new).to_vec();
        let mut shown = 0;
        let rows = posts.into_iter().map(|post| {
            shown += post.excerpt.len();
            row(post, now, shown <= MAX_SHOWN)
        });
        let rows = rows.collect_view();
        view! { <DataTable caption="Posts that could not be read" head>{rows}</DataTable> }.into_any()
    };
    Ok(view! { <Panel title="Posts that could not be read" lead>{body}</Panel> }.into_any())
}

fn row(post: UnreadPost, now: OffsetDateTime, has_room: bool) -> impl IntoView {
    let UnreadPost { received_at, reason, excerpt } = post;
    let at = clock::display_time(received_at, now);
    let beginning = match (excerpt.trim().is_empty(), has_room) {
        (true, _) => view! { <span class="muted">"Nothing to show"</span> }.into_any(),
        (false, false) => view! { <span class="muted">"Too long to show with the posts above"</span> }.into_any(),
        (false, true) => view! {
            <details>
                <summary>"Show"</summary>
                <figure class="code">
                    <pre tabindex="0" role="group" aria-label="Beginning of the post"><code><bdi>{excerpt}</bdi></code></pre>
                </figure>
            </details>
        }
        .into_any(),
    };
    view! {
        <tr>
            <Cell label="Received"><TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /></Cell>
            <Cell label="Reason"><bdi>{reason}</bdi></Cell>
            <Cell label="Beginning">{beginning}</Cell>
        </tr>
    }
}
