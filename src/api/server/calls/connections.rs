//! `/connections`.

use crate::{
    api::server::{
        call::Call,
        paging::{Id, Page, Query},
        queries::connections::Connection,
        response::{ApiResponse, Reply},
    },
    base::ConnectionId,
    flows::server as flows,
    reports::server::{ConnectionQuery, list_connections},
};

/// Lists the accounts that sell to this one or buy from it, including connections that have ended.
#[utoipa::path(get, path = "/connections", operation_id = "list_connections", tag = "Connections",
    params(Page<ConnectionId>),
    responses((status = 200, description = "The connections.", body = Vec<Connection>)))]
pub async fn list(call: Call, Query(page): Query<Page<ConnectionId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let query = ConnectionQuery { after: page.after, limit: page.limit().plus_one(), ..ConnectionQuery::default() };
    let rows =
        list_connections(&mut conn, call.readable_account()?, query).await?.into_iter().map(Connection::from).collect();
    Ok(page.limit().page(&call, rows, |connection: &Connection| connection.id)?)
}

/// Ends a connection.
///
/// The buyer's sources of this seller accept no more leads, and the seller loses access to their docs. Repeating this
/// has no effect.
#[utoipa::path(delete, path = "/connections/{connection_id}", operation_id = "disconnect", tag = "Connections",
    params(("connection_id" = ConnectionId, Path, description = "The connection.")),
    responses((status = 204, description = "Disconnected.")))]
pub async fn disconnect(call: Call, Id(id): Id<ConnectionId>) -> Reply {
    call.write((call.account_id, id), |tx, (account_id, id)| {
        Box::pin(async move {
            flows::disconnect(tx, account_id, id).await?;
            Ok(ApiResponse::no_content())
        })
    })
    .await
}
