//! `/activity`.

use crate::{
    api::server::{
        call::Call,
        paging::{self, Page, Query},
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
    let (account_id, limit) = (call.readable_account()?, page.limit());
    let ids = limit.ids(queries::list_ids(&mut conn, account_id, page.after, limit.plus_one()).await?);
    let events = queries::load(&mut conn, account_id, &ids).await?;
    Ok(paging::page(&call, events, |event| event.id)?)
}
