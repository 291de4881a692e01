//! SQL for members of an account and their departures.

use crate::{
    accounts::model::Role,
    base::{AccountId, ApiKeyId, Id, PartnerId, UserId},
    server::{Fault, Tx},
};
use sqlx::{PgConnection, types::Json};

/// Locks the account against other changes of its members and keys.
pub async fn lock_account(conn: &mut PgConnection, id: AccountId) -> Result<(), Fault> {
    sqlx::query!("select id from accounts where id = $1 for no key update", id as _).fetch_optional(conn).await?;
    Ok(())
}

/// Returns false if they already were a member; their role is unchanged.
pub async fn insert_member_if_none(
    tx: &mut Tx,
    account_id: AccountId,
    user_id: UserId,
    role: Role,
) -> Result<bool, Fault> {
    let added = sqlx::query!(
        "insert into members (account_id, user_id, role, created_at) values ($1, $2, $3, $4)
         on conflict (account_id, user_id) do nothing",
        account_id as _,
        user_id as _,
        role as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// A member's name and role.
pub async fn find_member(
    conn: &mut PgConnection,
    account_id: AccountId,
    user_id: UserId,
) -> Result<Option<(String, Role)>, Fault> {
    let row = sqlx::query!(
        r#"select u.name, m.role as "role: Role" from members m join users u on u.id = m.user_id
           where m.account_id = $1 and m.user_id = $2"#,
        account_id as _,
        user_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.name, row.role)))
}

pub async fn count_admins(conn: &mut PgConnection, account_id: AccountId) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from members where account_id = $1 and role = 'admin'"#,
        account_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

pub async fn set_member_role(
    conn: &mut PgConnection,
    account_id: AccountId,
    user_id: UserId,
    role: Role,
) -> Result<(), Fault> {
    sqlx::query!(
        "update members set role = $3 where account_id = $1 and user_id = $2",
        account_id as _,
        user_id as _,
        role as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn delete_member(conn: &mut PgConnection, account_id: AccountId, user_id: UserId) -> Result<(), Fault> {
    sqlx::query!("delete from members where account_id = $1 and user_id = $2", account_id as _, user_id as _)
        .execute(conn)
        .await?;
    Ok(())
}

/// Records that someone was removed, so that the 404 page can say so.
pub async fn insert_departure(
    tx: &mut Tx,
    user_id: UserId,
    account_id: AccountId,
    partner_id: Option<PartnerId>,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into departures (user_id, account_id, partner_id, at) values ($1, $2, $3, $4)",
        user_id as _,
        account_id as _,
        partner_id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Revokes those of the given API keys that this user created. Returns the names of the revoked keys.
pub async fn revoke_keys_of(
    tx: &mut Tx,
    account_id: AccountId,
    made_by: UserId,
    keys: &[ApiKeyId],
) -> Result<Vec<String>, Fault> {
    let keys: Vec<Vec<u8>> = keys.iter().map(|id| id.bytes().to_vec()).collect();
    let names = sqlx::query_scalar!(
        "update api_keys set revoked_at = $4
         where account_id = $1 and created_by = $2 and id = any($3) and revoked_at is null
         returning name",
        account_id as _,
        made_by as _,
        &keys,
        tx.now(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(names)
}

/// A member of an account, as its other members see them.
#[derive(Debug, Clone)]
pub struct Member {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// The active API keys they created: id, and name with prefix.
    pub keys: Json<Vec<(ApiKeyId, String)>>,
}

/// The ids and names of an account's members, by name.
pub async fn list_names(
    conn: &mut PgConnection,
    account_id: AccountId,
    limit: i64,
) -> Result<Vec<(UserId, String)>, Fault> {
    let rows = sqlx::query!(
        r#"select u.id as "id: UserId", u.name from members m join users u on u.id = m.user_id
           where m.account_id = $1 order by lower(u.name), u.id limit $2"#,
        account_id as _,
        limit,
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// All members by name, in one query.
pub async fn list_members(conn: &mut PgConnection, account_id: AccountId) -> Result<Vec<Member>, Fault> {
    let members = sqlx::query_as!(
        Member,
        r#"select u.id as "user_id: UserId", u.name, u.email, m.role as "role: Role",
                  (select coalesce(jsonb_agg(jsonb_build_array(encode(k.id, 'hex'), k.name || ' (' || k.prefix || '…)')
                                             order by k.id), '[]')
                   from api_keys k
                   where k.account_id = m.account_id and k.created_by = m.user_id and k.revoked_at is null)
                      as "keys!: Json<Vec<(ApiKeyId, String)>>"
           from members m join users u on u.id = m.user_id
           where m.account_id = $1
           order by u.name, u.id"#,
        account_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(members)
}
