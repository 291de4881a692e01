//! SQL of the versions of flows and sources. Every statement that raises `version` calls [`keep_flow`] or
//! [`keep_source`] in its transaction, so that each number has what it stood for.

use crate::{
    base::{AccountId, ApiKeyId, FlowId, SourceId, UserId},
    server::{AuthMethod, Fault, Tx},
};
use sqlx::PgConnection;

/// The person or the API key that makes a version; neither for the system.
pub struct Maker {
    pub user_id: Option<UserId>,
    pub user_name: Option<String>,
    pub key: Option<ApiKeyId>,
}

impl Maker {
    pub fn of(tx: &Tx) -> Self {
        let viewer = tx.cx.viewer.as_deref();
        let user_id = viewer.and_then(|viewer| viewer.person());
        let key = viewer.and_then(|viewer| match viewer.auth {
            AuthMethod::Key(id) => Some(id),
            AuthMethod::Session(_) => None,
        });
        let user_name = viewer.filter(|_| user_id.is_some()).map(|viewer| viewer.name.clone());
        Self { user_id, user_name, key }
    }
}

/// Keeps the flow as it is now, under its current number.
pub async fn keep_flow(tx: &mut Tx, id: FlowId) -> Result<(), Fault> {
    let (by, now) = (Maker::of(tx), tx.now());
    sqlx::query!(
        "insert into flow_versions (account_id, flow_id, version, at, by_user_id, by_name, configuration)
         select f.account_id, f.id, f.version, $2, $3,
                coalesce($4, (select 'API key ' || name from api_keys where id = $5)), flow_configuration(f)
         from flows f
         where f.id = $1",
        id as _,
        now,
        by.user_id as _,
        by.user_name,
        by.key as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps the source as it is now, under its current number.
pub async fn keep_source(tx: &mut Tx, id: SourceId) -> Result<(), Fault> {
    let (by, now) = (Maker::of(tx), tx.now());
    sqlx::query!(
        "insert into source_versions
             (account_id, source_id, version, flow_id, at, by_user_id, by_name, configuration)
         select fs.account_id, fs.id, fs.version, fs.flow_id, $2, $3,
                coalesce($4, (select 'API key ' || name from api_keys where id = $5)), source_configuration(fs)
         from flow_sources fs
         where fs.id = $1",
        id as _,
        now,
        by.user_id as _,
        by.user_name,
        by.key as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes the versions of a source that is being deleted, if it has no leads that need them.
pub async fn forget_source(conn: &mut PgConnection, account_id: AccountId, id: SourceId) -> Result<(), Fault> {
    sqlx::query!(
        "delete from source_versions
         where account_id = $1 and source_id = $2
           and not exists (select from leads where account_id = $1 and source_id = $2)",
        account_id as _,
        id as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes the versions of a flow that is being deleted, and of all sources it had. Only a flow without leads is
/// deleted.
pub async fn forget_flow(conn: &mut PgConnection, account_id: AccountId, id: FlowId) -> Result<(), Fault> {
    sqlx::query!(
        "with sources as (delete from source_versions where account_id = $1 and flow_id = $2)
         delete from flow_versions where account_id = $1 and flow_id = $2",
        account_id as _,
        id as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
