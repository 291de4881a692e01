//! `/activity`.

use crate::{
    api::server::{
        call::Call,
        paging::{Page, Query},
        queries::activity::{self as queries, Event},
        response::Reply,
    },
    base::ActivityId,
};

/// Lists who did what in the account.
///
/// Entries cannot be changed.
#[utoipa::path(get, path = "/activity", operation_id = "list_activity", tag = "Activity", params(Page<ActivityId>),
    responses((status = 200, description = "The entries.", body = Vec<Event>)))]
pub async fn list(call: Call, Query(page): Query<Page<ActivityId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let rows = queries::list(&mut conn, call.readable_account()?, page.after, page.limit().plus_one()).await?;
    Ok(page.limit().page(&call, rows, |event| event.id)?)
}
