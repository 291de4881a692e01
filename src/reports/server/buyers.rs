//! A seller's connected buyers, each with the seller's portal there.

use crate::{
    base::{AccountId, PartnerId},
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A buyer in its seller's list.
#[derive(Debug, Clone)]
pub struct Buyer {
    pub name: String,
    /// The buyer's partner record of this seller, unless it is archived.
    pub partner_id: Option<PartnerId>,
    pub connected_at: OffsetDateTime,
    /// The number of flows in which this seller is a source.
    pub flows: i64,
}

pub async fn list_buyers(conn: &mut PgConnection, seller: AccountId) -> Result<Vec<Buyer>, Fault> {
    let buyers = sqlx::query_as!(
        Buyer,
        r#"select a.name, p.id as "partner_id?: PartnerId", c.connected_at as "connected_at!",
                  (select count(distinct fs.flow_id) from flow_sources fs
                   join entities e on e.id = fs.entity_id
                   join flows f on f.id = fs.flow_id and f.archived_at is null
                   where e.account_id = a.id and e.connected_account_id = $1 and not e.deprecated) as "flows!"
           from live_connections c
           join accounts a on a.id = c.buyer_account_id
           left join partners p on p.account_id = a.id and p.linked_account_id = $1 and p.archived_at is null
           where c.seller_account_id = $1
           order by c.connected_at desc, a.id"#,
        seller as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(buyers)
}
