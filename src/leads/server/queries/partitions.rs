//! Calls the owner's functions on the partitions of leads (`migrations/0026`).

use crate::server::Fault;
use sqlx::PgConnection;

/// Asks for the next step. Returns false if nothing is to do, or if it can only be done later.
pub async fn tend(conn: &mut PgConnection) -> Result<bool, Fault> {
    let steps = sqlx::query_scalar!(r#"select tend_lead_partitions() as "steps!""#).fetch_one(conn).await?;
    Ok(steps > 0)
}

/// Drops the oldest partition if no account keeps its leads any longer, and returns its name.
pub async fn drop_oldest(conn: &mut PgConnection) -> Result<Option<String>, Fault> {
    Ok(sqlx::query_scalar!("select drop_lead_partition()").fetch_one(conn).await?)
}
