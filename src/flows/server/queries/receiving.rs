//! SQL for the flows in which an accepting buyer can receive leads.

use crate::{
    base::{AccountId, FlowId, Id},
    server::Fault,
};
use sqlx::PgConnection;

/// A flow that the buyer can choose.
#[derive(Debug, Clone)]
pub struct ReceivingFlow {
    pub account_id: AccountId,
    pub id: FlowId,
    pub name: String,
    pub enabled: bool,
}

/// The flows of these accounts that are not archived.
pub async fn list_receiving(conn: &mut PgConnection, accounts: &[AccountId]) -> Result<Vec<ReceivingFlow>, Fault> {
    let accounts: Vec<Vec<u8>> = accounts.iter().map(|id| id.bytes().to_vec()).collect();
    let flows = sqlx::query_as!(
        ReceivingFlow,
        r#"select account_id as "account_id: AccountId", id as "id: FlowId", name, enabled
           from flows where account_id = any($1) and archived_at is null
           order by account_id, lower(name), id"#,
        &accounts,
    )
    .fetch_all(conn)
    .await?;
    Ok(flows)
}

pub async fn find_oldest_flow(conn: &mut PgConnection, account_id: AccountId) -> Result<Option<FlowId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: FlowId" from flows where account_id = $1 and archived_at is null order by id limit 1"#,
        account_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// The name, followed by a number if another flow already has it.
pub async fn find_free_name(conn: &mut PgConnection, account_id: AccountId, name: &str) -> Result<String, Fault> {
    let free = sqlx::query_scalar!(
        r#"with numbered as (
               select n, case n when 1 then $2 else $2 || ' (' || n || ')' end as name
               from generate_series(1, 1 + (select count(*) from flows where account_id = $1 and archived_at is null)) n
           )
           select name as "name!" from numbered
           where not exists (select from flows f
                             where f.account_id = $1 and f.archived_at is null and lower(f.name) = lower(numbered.name))
           order by n limit 1"#,
        account_id as _,
        name,
    )
    .fetch_one(conn)
    .await?;
    Ok(free)
}
