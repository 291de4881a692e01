//! SQL for the users of a partner.

use crate::{
    accounts::model::Role,
    base::{AccountId, PartnerId, UserId},
    partners::model::PartnerRole,
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Locks the partner against other changes of its users.
pub async fn lock_users(conn: &mut PgConnection, id: PartnerId) -> Result<(), Fault> {
    sqlx::query!("select id from partners where id = $1 for no key update", id as _).fetch_optional(conn).await?;
    Ok(())
}

/// Returns false if they already were a user; their role is unchanged.
pub async fn insert_user_if_none(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    user_id: UserId,
    role: PartnerRole,
) -> Result<bool, Fault> {
    let added = sqlx::query!(
        "insert into partner_users (account_id, partner_id, user_id, role, created_at) values ($1, $2, $3, $4, $5)
         on conflict (partner_id, user_id) do nothing",
        account_id as _,
        partner_id as _,
        user_id as _,
        role as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// A partner user's name and role.
pub async fn find_user(
    conn: &mut PgConnection,
    partner_id: PartnerId,
    user_id: UserId,
) -> Result<Option<(String, PartnerRole)>, Fault> {
    let row = sqlx::query!(
        r#"select u.name, pu.role as "role: PartnerRole" from partner_users pu join users u on u.id = pu.user_id
           where pu.partner_id = $1 and pu.user_id = $2"#,
        partner_id as _,
        user_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.name, row.role)))
}

pub async fn count_admins(conn: &mut PgConnection, partner_id: PartnerId) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from partner_users where partner_id = $1 and role = 'partner_admin'"#,
        partner_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

pub async fn set_user_role(
    conn: &mut PgConnection,
    partner_id: PartnerId,
    user_id: UserId,
    role: PartnerRole,
) -> Result<(), Fault> {
    sqlx::query!(
        "update partner_users set role = $3 where partner_id = $1 and user_id = $2",
        partner_id as _,
        user_id as _,
        role as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn delete_user(conn: &mut PgConnection, partner_id: PartnerId, user_id: UserId) -> Result<(), Fault> {
    sqlx::query!("delete from partner_users where partner_id = $1 and user_id = $2", partner_id as _, user_id as _)
        .execute(conn)
        .await?;
    Ok(())
}

/// A user of a partner.
#[derive(Debug, Clone)]
pub struct PartnerUser {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: PartnerRole,
    pub last_seen_at: Option<OffsetDateTime>,
}

/// All users by name, in one query.
pub async fn list_users(conn: &mut PgConnection, partner_id: PartnerId) -> Result<Vec<PartnerUser>, Fault> {
    let users = sqlx::query_as!(
        PartnerUser,
        r#"select u.id as "user_id: UserId", u.name, u.email, pu.role as "role: PartnerRole", pu.last_seen_at
           from partner_users pu join users u on u.id = pu.user_id
           where pu.partner_id = $1
           order by u.name, u.id
           limit 500"#,
        partner_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(users)
}

/// The members of a partner's connected account: only name and role.
pub async fn list_connected(conn: &mut PgConnection, partner_id: PartnerId) -> Result<Vec<(String, Role)>, Fault> {
    let rows = sqlx::query!(
        r#"select u.name, m.role as "role: Role"
           from partners p
           join live_connections c on c.buyer_account_id = p.account_id
                and c.seller_account_id = p.linked_account_id
           join members m on m.account_id = p.linked_account_id
           join users u on u.id = m.user_id
           where p.id = $1
           order by u.name, u.id
           limit 500"#,
        partner_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.role)).collect())
}
