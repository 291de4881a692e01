//! `/connections`.

use crate::{
    api::server::{
        answer::{Answer, Reply},
        call::Call,
        paging::{Id, Page, Query},
        queries::connections::Connection,
    },
    base::ConnectionId,
    flows::server as flows,
    reports::server::{ConnectionQuery, list_connections},
};

/// Who sells to this account and who buys from it, now and in former times.
#[utoipa::path(get, path = "/connections", operation_id = "list_connections", tag = "Connections",
    params(Page<ConnectionId>),
    responses((status = 200, description = "The connections.", body = Vec<Connection>)))]
pub async fn list(call: Call, Query(page): Query<Page<ConnectionId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let query = ConnectionQuery { after: page.after, limit: page.limit().and_one(), ..ConnectionQuery::default() };
    let rows = list_connections(&mut conn, call.seen()?, query).await?.into_iter().map(Connection::from).collect();
    Ok(page.limit().page(&call, rows, |connection: &Connection| connection.id)?)
}

/// Ends a connection: the buyer's sources of this seller take nothing more, and the seller's access to their docs ends.
/// Once more does nothing.
#[utoipa::path(delete, path = "/connections/{connection_id}", operation_id = "disconnect", tag = "Connections",
    params(("connection_id" = ConnectionId, Path, description = "The connection.")),
    responses((status = 204, description = "Disconnected.")))]
pub async fn disconnect(call: Call, Id(id): Id<ConnectionId>) -> Reply {
    call.write((call.account_id, id), |tx, (account_id, id)| {
        Box::pin(async move {
            flows::disconnect(tx, account_id, id).await?;
            Ok(Answer::done())
        })
    })
    .await
}
