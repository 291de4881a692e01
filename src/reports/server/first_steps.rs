//! How far an account has come on the way to its first lead.

use crate::{
    base::{AccountId, FlowId, PartnerId},
    server::Fault,
};
use sqlx::PgConnection;

/// The way of an account that buys leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuyingSteps {
    /// The newest active flow, where the next steps are made.
    pub flow: Option<FlowId>,
    pub has_invited: bool,
    pub has_rules: bool,
    pub is_connected: bool,
}

/// None once a lead has arrived. Test leads do not count.
pub async fn buying_steps(conn: &mut PgConnection, account_id: AccountId) -> Result<Option<BuyingSteps>, Fault> {
    let has_leads = sqlx::query_scalar!(
        r#"select exists (select from flows f join flow_totals t on t.flow_id = f.id
                          where f.account_id = $1 and not t.test and t.count > 0) as "found!""#,
        account_id as _,
    );
    if has_leads.fetch_one(&mut *conn).await? {
        return Ok(None);
    }
    let steps = sqlx::query_as!(
        BuyingSteps,
        r#"select (select id from flows where account_id = $1 and archived_at is null order by id desc limit 1) as "flow: FlowId",
                  exists (select from invitations where account_id = $1 and kind = 'source') as "has_invited!",
                  exists (select from flows where account_id = $1 and acceptance_criteria is not null)
                      or exists (select from flow_sources where account_id = $1 and acceptance_criteria is not null)
                      as "has_rules!",
                  exists (select from live_connections where buyer_account_id = $1) as "is_connected!""#,
        account_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(Some(steps))
}

/// The way of an account that sends leads to the buyers it is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SellingSteps {
    /// The portal of the buyer who connected last.
    pub portal: Option<PartnerId>,
    pub has_tested: bool,
    pub has_leads: bool,
}

pub async fn selling_steps(conn: &mut PgConnection, seller: AccountId) -> Result<SellingSteps, Fault> {
    let steps = sqlx::query_as!(
        SellingSteps,
        r#"with portals as (
               select p.id, p.account_id, c.connected_at from live_connections c
               join partners p on p.account_id = c.buyer_account_id and p.linked_account_id = c.seller_account_id
                    and p.archived_at is null
               where c.seller_account_id = $1
           ),
           sent as (
               select t.test from portals p
               join flow_sources fs on fs.account_id = p.account_id and fs.partner_id = p.id
               join source_totals t on t.source_id = fs.id and t.count > 0
           )
           select (select id from portals order by connected_at desc, id limit 1) as "portal: PartnerId",
                  exists (select from sent where test) as "has_tested!",
                  exists (select from sent where not test) as "has_leads!""#,
        seller as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(steps)
}
