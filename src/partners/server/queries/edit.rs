//! SQL for creating, changing, archiving and restoring partners.

use crate::{
    base::{AccountId, Id, PartnerId, SourceId},
    partners::server::Details,
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn insert(tx: &mut Tx, id: PartnerId, account_id: AccountId, details: &Details) -> Result<(), Fault> {
    sqlx::query!(
        "insert into partners (id, account_id, name, named_by_hand, website, notes, created_at, updated_at)
         values ($1, $2, $3, true, $4, $5, $6, $6)",
        id as _,
        account_id as _,
        details.name,
        details.website.as_deref(),
        details.notes.as_deref().unwrap_or_default(),
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Saves the details. A changed name counts as named by hand, and notes of `None` stay. Returns false if the partner
/// was changed since that version or archived.
pub async fn update(
    tx: &mut Tx,
    account_id: AccountId,
    id: PartnerId,
    version: i32,
    details: &Details,
) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update partners
         set named_by_hand = named_by_hand or name <> $4, name = $4, website = $5, notes = coalesce($6, notes), version = version + 1,
             updated_at = $7
         where account_id = $1 and id = $2 and version = $3 and archived_at is null",
        account_id as _,
        id as _,
        version,
        details.name,
        details.website.as_deref(),
        details.notes.as_deref(),
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A locked partner.
#[derive(Debug, Clone, Copy)]
pub struct LockedPartner {
    pub linked: bool,
    /// From a source that no longer belongs to it.
    pub had_leads: bool,
    pub archived: bool,
}

/// Locks the partner until the end of the transaction, so that nobody archives, links, invites or deletes it.
pub async fn lock(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: PartnerId,
) -> Result<Option<LockedPartner>, Fault> {
    let locked = sqlx::query_as!(
        LockedPartner,
        r#"select linked_account_id is not null as "linked!", had_leads, archived_at is not null as "archived!"
           from partners where account_id = $1 and id = $2
           for update"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(locked)
}

/// Locks several partners in order of id.
pub async fn lock_all(conn: &mut PgConnection, account_id: AccountId, ids: &[PartnerId]) -> Result<(), Fault> {
    let ids: Vec<_> = ids.iter().map(|id| id.bytes().to_vec()).collect();
    sqlx::query!(
        r#"select id as "id: PartnerId" from partners where account_id = $1 and id = any($2) order by id for update"#,
        account_id as _,
        &ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Locks a partner, and those from which `take_address` takes the address, in order of id.
pub async fn lock_at_address(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: PartnerId,
    email_key: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: PartnerId" from partners
           where account_id = $1 and (id = $2 or (invited_email_key = $3 and linked_account_id is null))
           order by id for update"#,
        account_id as _,
        id as _,
        email_key,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// True if its linked company is connected. Call it once the partner is locked: a statement that waits for a lock reads
/// all other rows as of its own start.
pub async fn is_connected(conn: &mut PgConnection, account_id: AccountId, id: PartnerId) -> Result<bool, Fault> {
    let connected = sqlx::query_scalar!(
        r#"select exists (
               select from partners p
               join live_connections c on c.buyer_account_id = p.account_id
                    and c.seller_account_id = p.linked_account_id
               where p.account_id = $1 and p.id = $2
           ) as "connected!""#,
        account_id as _,
        id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(connected)
}

/// Marks the partners that ever had leads from these sources. Call it before the sources leave their partners. If there can
/// be several partners, lock them first.
pub async fn mark_had_leads(conn: &mut PgConnection, account_id: AccountId, leaving: &[SourceId]) -> Result<(), Fault> {
    let leaving: Vec<_> = leaving.iter().map(|id| id.bytes().to_vec()).collect();
    sqlx::query!(
        "update partners p set had_leads = true
         where p.account_id = $1 and not p.had_leads
           and exists (select from flow_sources fs
                       where fs.account_id = $1 and fs.partner_id = p.id and fs.id = any($2)
                         and exists (select from source_totals t where t.account_id = $1 and t.source_id = fs.id))",
        account_id as _,
        &leaving,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn archive(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: PartnerId,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update partners set archived_at = $3, version = version + 1, updated_at = $3
         where account_id = $1 and id = $2 and archived_at is null",
        account_id as _,
        id as _,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Restores a partner. It loses its invited address if another active partner has it now. Returns false if the partner
/// is not archived.
pub async fn restore(tx: &mut Tx, account_id: AccountId, id: PartnerId) -> Result<bool, Fault> {
    let restored = sqlx::query!(
        "update partners p
         set archived_at = null, version = version + 1, updated_at = $3,
             invited_email_key = case
                 when exists (select from partners o
                              where o.account_id = $1 and o.id <> $2 and o.archived_at is null
                                and o.invited_email_key = p.invited_email_key) then null
                 else invited_email_key end
         where account_id = $1 and id = $2 and archived_at is not null",
        account_id as _,
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(restored.rows_affected() == 1)
}

/// Deletes a partner and its users' access. Nothing else may still refer to it.
pub async fn delete(conn: &mut PgConnection, account_id: AccountId, id: PartnerId) -> Result<(), Fault> {
    sqlx::query!("delete from partner_users where account_id = $1 and partner_id = $2", account_id as _, id as _)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from partners where account_id = $1 and id = $2", account_id as _, id as _)
        .execute(conn)
        .await?;
    Ok(())
}
