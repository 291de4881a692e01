//! `/activity`.

use crate::{
    activity::server::search::{self, Search},
    api::server::{
        call::Call,
        paging::{self, Page, Query},
        queries::activity::Event,
        response::Reply,
    },
    base::ActivityId,
    server::page_rows::PAGE_BUDGET,
};

/// Lists who did what in the account.
///
/// Entries cannot be changed.
#[utoipa::path(get, path = "/activity", operation_id = "list_activity", tag = "Activity", params(Page<ActivityId>),
    responses((status = 200, description = "The entries.", body = Vec<Event>)))]
pub async fn list(call: Call, Query(page): Query<Page<ActivityId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let (account_id, limit) = (call.readable_account()?, page.limit());
    let found = search::find_ids(&mut conn, account_id, &Search::default(), page.after, limit.plus_one()).await?;
    let records = search::load(&mut conn, account_id, &limit.ids(found.ids), PAGE_BUDGET).await?;
    let events = records.map(Event::from);
    Ok(paging::page(&call, events, |event| event.id)?)
}
