//! `/activity`.

use crate::{
    api::server::{
        answer::Reply,
        call::Call,
        paging::{Page, Query},
        queries::activity::{self as queries, Event},
    },
    base::ActivityId,
};

/// What happened in the account. It cannot be changed.
#[utoipa::path(get, path = "/activity", operation_id = "list_activity", tag = "Activity", params(Page<ActivityId>),
    responses((status = 200, description = "What happened.", body = Vec<Event>)))]
pub async fn list(call: Call, Query(page): Query<Page<ActivityId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let rows = queries::list(&mut conn, call.seen()?, page.after, page.limit().and_one()).await?;
    Ok(page.limit().page(&call, rows, |event| event.id)?)
}
