//! All SQL of the room.

mod edit;
mod people;
mod profile;

pub use edit::{
    archive, delete, insert, is_connected, lock, lock_all, lock_at_address, mark_had_leads, restore, update,
};
pub use people::*;
pub use profile::{find_since, mark_seen};

use crate::{
    base::{AccountId, EmailAddress, EntityId, PartnerId, UserId},
    partners::model::PartnerStatus,
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A partner with the account it belongs to and the account it is linked to.
#[derive(Debug, Clone)]
pub struct Partner {
    pub id: PartnerId,
    pub account_id: AccountId,
    /// The name of the account it belongs to: the buyer.
    pub company: String,
    pub name: String,
    pub website: Option<String>,
    /// Visible only to the account.
    pub notes: String,
    pub linked_account_id: Option<AccountId>,
    pub linked_name: Option<String>,
    /// True if the linked account is connected now.
    pub connected: bool,
    pub archived: bool,
    /// From a source that no longer belongs to it.
    pub had_leads: bool,
    pub version: i32,
}

pub async fn find(conn: &mut PgConnection, id: PartnerId) -> Result<Option<Partner>, Fault> {
    let partner = sqlx::query_as!(
        Partner,
        r#"select p.id as "id: PartnerId", p.account_id as "account_id: AccountId", a.name as company, p.name, p.website,
                  p.notes, p.linked_account_id as "linked_account_id: AccountId", l.name as "linked_name?",
                  c.id is not null as "connected!", p.archived_at is not null as "archived!",
                  p.had_leads, p.version
           from partners p
           join accounts a on a.id = p.account_id
           left join accounts l on l.id = p.linked_account_id
           left join live_connections c on c.buyer_account_id = p.account_id
                and c.seller_account_id = p.linked_account_id
           where p.id = $1"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(partner)
}

/// How the partner stands with the company behind it.
pub async fn find_status(
    conn: &mut PgConnection,
    partner: &Partner,
    now: OffsetDateTime,
) -> Result<PartnerStatus, Fault> {
    let status = sqlx::query_scalar!(
        r#"select status as "status!: PartnerStatus" from partner_status($1, $2, $3, $4)"#,
        partner.account_id as _,
        partner.id as _,
        partner.linked_account_id as _,
        now,
    )
    .fetch_one(conn)
    .await?;
    Ok(status)
}

/// The unlinked partner invited at the address of one of a seller's members: the one who sent the invitation, or one
/// who belongs to no other account.
pub async fn find_invited_of(
    conn: &mut PgConnection,
    account_id: AccountId,
    seller: AccountId,
    asked_by: Option<UserId>,
) -> Result<Option<PartnerId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select p.id as "id: PartnerId"
           from members m
           join users u on u.id = m.user_id
           join partners p on p.account_id = $1 and p.invited_email_key = u.email_key
                and p.archived_at is null and p.linked_account_id is null
           where m.account_id = $2
             and (u.id = $3 or not exists (select from members o where o.user_id = u.id and o.account_id <> $2))
           order by u.id is distinct from $3, p.id limit 1"#,
        account_id as _,
        seller as _,
        asked_by as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

pub async fn find_linked(
    conn: &mut PgConnection,
    account_id: AccountId,
    linked: AccountId,
) -> Result<Option<PartnerId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: PartnerId" from partners where account_id = $1 and linked_account_id = $2"#,
        account_id as _,
        linked as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

pub async fn insert_invited(
    tx: &mut Tx,
    id: PartnerId,
    account_id: AccountId,
    email: &EmailAddress,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into partners (id, account_id, name, named_by_hand, invited_email_key, created_at, updated_at)
         values ($1, $2, $3, false, $4, $5, $5)",
        id as _,
        account_id as _,
        email.shown(),
        email.key(),
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Sets the invited address. The name changes with it unless the partner is linked or was named by hand.
pub async fn readdress(tx: &mut Tx, account_id: AccountId, id: PartnerId, email: &EmailAddress) -> Result<(), Fault> {
    sqlx::query!(
        "update partners
         set invited_email_key = $4,
             name = case when named_by_hand or linked_account_id is not null then name else $3 end,
             version = version + 1, updated_at = $5
         where account_id = $1 and id = $2",
        account_id as _,
        id as _,
        email.shown(),
        email.key(),
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Archives a partner unless it was named by hand, is linked, or has sources, users or unanswered user invitations.
pub async fn archive_empty(tx: &mut Tx, account_id: AccountId, id: PartnerId) -> Result<(), Fault> {
    sqlx::query!(
        "update partners set archived_at = $3, version = version + 1, updated_at = $3
         where account_id = $1 and id = $2 and not named_by_hand and linked_account_id is null and archived_at is null
           and not exists (select from flow_sources where partner_id = $2)
           and not exists (select from partner_users where partner_id = $2)
           and not exists (select from invitations where partner_id = $2 and kind = 'partner_user'
                           and invitation_is_unanswered(state, superseded_at))",
        account_id as _,
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Links an unlinked partner and restores it. Returns false if it is already linked.
pub async fn link(
    tx: &mut Tx,
    account_id: AccountId,
    id: PartnerId,
    linked: AccountId,
    name: &str,
) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update partners
         set linked_account_id = $3, name = case when named_by_hand then name else $4 end, archived_at = null,
             version = version + 1, updated_at = $5
         where account_id = $1 and id = $2 and linked_account_id is null",
        account_id as _,
        id as _,
        linked as _,
        name,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Inserts a partner for a company that accepted.
pub async fn insert_linked(
    tx: &mut Tx,
    id: PartnerId,
    account_id: AccountId,
    linked: AccountId,
    name: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into partners (id, account_id, name, named_by_hand, linked_account_id, created_at, updated_at)
         values ($1, $2, $3, false, $4, $5, $5)",
        id as _,
        account_id as _,
        name,
        linked as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Sets a partner's invited address. Other unlinked partners lose it. Returns those of them that were not named by
/// hand.
pub async fn take_address(
    tx: &mut Tx,
    account_id: AccountId,
    id: PartnerId,
    email_key: &str,
) -> Result<Vec<PartnerId>, Fault> {
    sqlx::query!(
        "update partners set invited_email_key = $3, updated_at = $4 where account_id = $1 and id = $2",
        account_id as _,
        id as _,
        email_key,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    let former = sqlx::query!(
        r#"update partners set invited_email_key = null, updated_at = $4
           where account_id = $1 and invited_email_key = $3 and id <> $2 and linked_account_id is null
           returning id as "id: PartnerId", named_by_hand"#,
        account_id as _,
        id as _,
        email_key,
        tx.now(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(former.into_iter().filter(|row| !row.named_by_hand).map(|row| row.id).collect())
}

/// The partner that an account entity's sources are assigned to automatically: the one linked to its account, or the
/// one invited at its address.
pub async fn find_of_entity(
    conn: &mut PgConnection,
    account_id: AccountId,
    entity_id: EntityId,
) -> Result<Option<PartnerId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select p.id as "id: PartnerId" from entities e
           join partners p on p.account_id = e.account_id and p.archived_at is null
                and (p.linked_account_id = e.connected_account_id
                     or (e.connected_account_id is null and p.invited_email_key = e.invited_email_key))
           where e.account_id = $1 and e.id = $2 and e.kind = 'account'
           order by p.linked_account_id is not null, p.id limit 1"#,
        account_id as _,
        entity_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// Gives a linked partner its company's current name, unless it was named by hand.
pub async fn update_linked_name(tx: &mut Tx, account_id: AccountId, id: PartnerId, name: &str) -> Result<(), Fault> {
    sqlx::query!(
        "update partners set name = $3, version = version + 1, updated_at = $4
         where account_id = $1 and id = $2 and not named_by_hand and name <> $3",
        account_id as _,
        id as _,
        name,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Renames the connected partners of a company. After a disconnect a partner keeps its name.
pub async fn rename_linked(tx: &mut Tx, linked: AccountId, name: &str) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: PartnerId" from partners where linked_account_id = $1 order by id for no key update"#,
        linked as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update partners p set name = $2, version = version + 1, updated_at = $3
         where p.linked_account_id = $1 and not p.named_by_hand
           and exists (select from live_connections c
                       where c.seller_account_id = $1 and c.buyer_account_id = p.account_id)",
        linked as _,
        name,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The name of the partner or account that someone was removed from within the last day, unless they were added again.
/// With a `partner_id`, for a portal, other partners are ignored.
pub async fn find_departure(
    conn: &mut PgConnection,
    user_id: UserId,
    partner_id: Option<PartnerId>,
    now: OffsetDateTime,
) -> Result<Option<String>, Fault> {
    let name = sqlx::query_scalar!(
        r#"select coalesce(p.name, a.name) as "name!"
           from departures d join accounts a on a.id = d.account_id left join partners p on p.id = d.partner_id
           where d.user_id = $1 and d.at > $2 and ($3::bytea is null or d.partner_id = $3 or d.partner_id is null)
             and not exists (select from partner_users pu where pu.user_id = $1 and pu.partner_id = d.partner_id)
             and (d.partner_id is not null
                  or not exists (select from members m where m.user_id = $1 and m.account_id = d.account_id))
           order by d.at desc limit 1"#,
        user_id as _,
        now - time::Duration::days(1),
        partner_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(name)
}
