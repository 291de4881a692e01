//! SQL for assigning sources to partners.

use crate::{
    base::{AccountId, EntityId, Id, PartnerId, SourceId},
    server::Fault,
};
use sqlx::PgConnection;

pub(super) fn bytes_of(ids: &[SourceId]) -> Vec<Vec<u8>> {
    ids.iter().map(|id| id.bytes().to_vec()).collect()
}

/// Locks these sources until the transaction ends, in the order of their ids. Leads are not blocked.
pub async fn lock_sources(conn: &mut PgConnection, account_id: AccountId, ids: &[SourceId]) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: SourceId" from flow_sources where account_id = $1 and id = any($2)
           order by id for no key update"#,
        account_id as _,
        &bytes_of(ids),
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Locks all sources of these entities until the transaction ends, in the order of their ids. Leads are not blocked.
pub async fn lock_sources_of_entities(
    conn: &mut PgConnection,
    account_id: AccountId,
    ids: &[EntityId],
) -> Result<(), Fault> {
    let ids: Vec<_> = ids.iter().map(|id| id.bytes().to_vec()).collect();
    sqlx::query!(
        r#"select id as "id: SourceId" from flow_sources where account_id = $1 and entity_id = any($2)
           order by id for no key update"#,
        account_id as _,
        &ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Locks all sources of a partner, waiting for leads that are being stored.
pub async fn lock_of_partner(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: SourceId" from flow_sources where account_id = $1 and partner_id = $2
           order by id for update"#,
        account_id as _,
        partner_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// A source with the partner it belongs to.
#[derive(Debug, Clone)]
pub struct Assignable {
    pub id: SourceId,
    pub name: String,
    pub flow_name: String,
    pub partner_id: Option<PartnerId>,
    pub partner_name: Option<String>,
}

impl Assignable {
    /// Its name on partners' pages.
    pub fn title(&self) -> String {
        format!("{} · {}", self.flow_name, self.name)
    }
}

/// Returns those of these sources that belong to the account.
pub async fn list_assignable(
    conn: &mut PgConnection,
    account_id: AccountId,
    ids: &[SourceId],
) -> Result<Vec<Assignable>, Fault> {
    let sources = sqlx::query_as!(
        Assignable,
        r#"select fs.id as "id: SourceId", e.name, f.name as flow_name, fs.partner_id as "partner_id: PartnerId",
                  p.name as "partner_name?"
           from flow_sources fs
           join entities e on e.id = fs.entity_id
           join flows f on f.id = fs.flow_id
           left join partners p on p.id = fs.partner_id
           where fs.account_id = $1 and fs.id = any($2)
           order by lower(f.name), lower(e.name), fs.id"#,
        account_id as _,
        &bytes_of(ids),
    )
    .fetch_all(conn)
    .await?;
    Ok(sources)
}

pub async fn assign(
    conn: &mut PgConnection,
    account_id: AccountId,
    ids: &[SourceId],
    partner_id: PartnerId,
) -> Result<(), Fault> {
    sqlx::query!(
        "update flow_sources set partner_id = $3 where account_id = $1 and id = any($2)",
        account_id as _,
        &bytes_of(ids),
        partner_id as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Unassigns only sources that still belong to that partner.
pub async fn unassign(
    conn: &mut PgConnection,
    account_id: AccountId,
    ids: &[SourceId],
    partner_id: PartnerId,
) -> Result<(), Fault> {
    sqlx::query!(
        "update flow_sources set partner_id = null where account_id = $1 and id = any($2) and partner_id = $3",
        account_id as _,
        &bytes_of(ids),
        partner_id as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The sources of an entity that `assign_entity` moves to a partner: those without a partner, and those of `from`.
pub async fn list_to_assign(
    conn: &mut PgConnection,
    account_id: AccountId,
    entity_id: EntityId,
    from: Option<PartnerId>,
    to: PartnerId,
) -> Result<Vec<SourceId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id: SourceId" from flow_sources
           where account_id = $1 and entity_id = $2 and (partner_id is null or partner_id = $3)
             and partner_id is distinct from $4
           order by id"#,
        account_id as _,
        entity_id as _,
        from as _,
        to as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

pub async fn unassign_all(conn: &mut PgConnection, account_id: AccountId, partner_id: PartnerId) -> Result<(), Fault> {
    sqlx::query!(
        "update flow_sources set partner_id = null where account_id = $1 and partner_id = $2",
        account_id as _,
        partner_id as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
