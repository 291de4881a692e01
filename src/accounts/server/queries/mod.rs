//! All SQL of the room.

mod keys;
mod members;

pub use keys::*;
pub use members::*;

use super::settings::Settings;
use crate::{
    accounts::model::{Plan, Role},
    base::{AccountId, EntityId, UserId},
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn insert_account(tx: &mut Tx, id: AccountId, name: &str) -> Result<(), Fault> {
    sqlx::query!(
        "insert into accounts (id, name, created_at, updated_at) values ($1, $2, $3, $3)",
        id as _,
        name,
        tx.now()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The account with this name that the user is an Admin of. The lock makes a simultaneous request of the same user
/// wait.
pub async fn find_own_named(conn: &mut PgConnection, user_id: UserId, name: &str) -> Result<Option<AccountId>, Fault> {
    sqlx::query!("select id from users where id = $1 for update", user_id as _).fetch_optional(&mut *conn).await?;
    let id = sqlx::query_scalar!(
        r#"select a.id as "id: AccountId" from accounts a join members m on m.account_id = a.id
           where m.user_id = $1 and m.role = 'admin' and lower(a.name) = lower($2)
           order by a.id limit 1"#,
        user_id as _,
        name,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

pub async fn insert_member(tx: &mut Tx, account_id: AccountId, user_id: UserId, role: Role) -> Result<(), Fault> {
    sqlx::query!(
        "insert into members (account_id, user_id, role, created_at) values ($1, $2, $3, $4)",
        account_id as _,
        user_id as _,
        role as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_plan(
    conn: &mut PgConnection,
    account_id: AccountId,
    plan: Plan,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into subscriptions (account_id, product, plan, created_at) values ($1, 'leadconduit', $2, $3)
         on conflict (account_id, product) do update set plan = excluded.plan",
        account_id as _,
        plan as _,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns whether it was newly granted.
pub async fn grant_trustedform(tx: &mut Tx, account_id: AccountId) -> Result<bool, Fault> {
    let granted = sqlx::query!(
        "insert into subscriptions (account_id, product, created_at) values ($1, 'trustedform', $2)
         on conflict (account_id, product) do nothing",
        account_id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(granted.rows_affected() == 1)
}

pub async fn insert_standard_entity(tx: &mut Tx, id: EntityId, account_id: AccountId, name: &str) -> Result<(), Fault> {
    sqlx::query!(
        "insert into entities (id, account_id, kind, name, source, created_at, updated_at)
         values ($1, $2, 'standard', $3, 'form', $4, $4)",
        id as _,
        account_id as _,
        name,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A member who gets emails for the account.
#[derive(Debug, Clone)]
pub struct Contact {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
}

/// The Admins of an account, for emails to the company.
pub async fn list_admins(conn: &mut PgConnection, account_id: AccountId) -> Result<Vec<Contact>, Fault> {
    let admins = sqlx::query_as!(
        Contact,
        r#"select u.id as "user_id: UserId", u.name, u.email
           from members m join users u on u.id = m.user_id
           where m.account_id = $1 and m.role = 'admin'
           order by m.created_at, u.id"#,
        account_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(admins)
}

/// The Admins and Managers who want emails about Submission Docs.
pub async fn list_docs_readers(conn: &mut PgConnection, account_id: AccountId) -> Result<Vec<Contact>, Fault> {
    let readers = sqlx::query_as!(
        Contact,
        r#"select u.id as "user_id: UserId", u.name, u.email
           from members m join users u on u.id = m.user_id
           where m.account_id = $1 and m.role in ('admin', 'manager') and u.docs_mails
           order by m.created_at, u.id"#,
        account_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(readers)
}

pub async fn find_settings(conn: &mut PgConnection, account_id: AccountId) -> Result<Option<Settings>, Fault> {
    let settings = sqlx::query_as!(
        Settings,
        "select name, website, time_zone, invitation_days from accounts where id = $1",
        account_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(settings)
}

/// The settings, locked against other changes.
pub async fn lock_settings(conn: &mut PgConnection, account_id: AccountId) -> Result<Settings, Fault> {
    let settings = sqlx::query_as!(
        Settings,
        "select name, website, time_zone, invitation_days from accounts where id = $1 for no key update",
        account_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(settings)
}

pub async fn update_settings(tx: &mut Tx, account_id: AccountId, settings: &Settings) -> Result<(), Fault> {
    sqlx::query!(
        "update accounts set name = $2, website = $3, time_zone = $4, invitation_days = $5, updated_at = $6 where id = $1",
        account_id as _,
        settings.name,
        settings.website,
        settings.time_zone,
        settings.invitation_days,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Name and LeadConduit plan of an account, locked against other changes.
pub async fn lock_plan(
    conn: &mut PgConnection,
    account_id: AccountId,
) -> Result<Option<(String, Option<Plan>)>, Fault> {
    let found = sqlx::query!(
        r#"select name, (select plan from subscriptions where account_id = id and product = 'leadconduit') as "plan: Plan"
           from accounts where id = $1 for no key update"#,
        account_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(|row| (row.name, row.plan)))
}

pub async fn remove_plan(conn: &mut PgConnection, account_id: AccountId) -> Result<(), Fault> {
    sqlx::query!("delete from subscriptions where account_id = $1 and product = 'leadconduit'", account_id as _)
        .execute(conn)
        .await?;
    Ok(())
}

/// The accounts that the user with this address is an Admin of, with their names.
pub async fn list_administered(conn: &mut PgConnection, email_key: &str) -> Result<Vec<(AccountId, String)>, Fault> {
    let rows = sqlx::query!(
        r#"select a.id as "id: AccountId", a.name
           from users u join members m on m.user_id = u.id join accounts a on a.id = m.account_id
           where u.email_key = $1 and m.role = 'admin'
           order by a.id"#,
        email_key,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// An account in the operator's list.
#[derive(Debug, Clone)]
pub struct AccountSummary {
    pub id: AccountId,
    pub name: String,
    pub plan: Option<Plan>,
    pub trustedform: bool,
    pub members: i64,
    /// The address of the longest-standing Admin.
    pub admin: Option<String>,
}

pub async fn list_accounts(conn: &mut PgConnection) -> Result<Vec<AccountSummary>, Fault> {
    let accounts = sqlx::query_as!(
        AccountSummary,
        r#"select a.id as "id: AccountId", a.name, s.plan as "plan?: Plan",
                  exists (select from subscriptions t where t.account_id = a.id and t.product = 'trustedform') as "trustedform!",
                  (select count(*) from members m where m.account_id = a.id) as "members!",
                  (select u.email from members m join users u on u.id = m.user_id
                   where m.account_id = a.id and m.role = 'admin' order by m.created_at, u.id limit 1) as "admin?"
           from accounts a left join subscriptions s on s.account_id = a.id and s.product = 'leadconduit'
           order by a.id"#,
    )
    .fetch_all(conn)
    .await?;
    Ok(accounts)
}

/// The IANA name of an account's time zone.
pub async fn find_zone(conn: &mut PgConnection, account_id: AccountId) -> Result<String, Fault> {
    let zone = sqlx::query_scalar!("select time_zone from accounts where id = $1", account_id as _);
    Ok(zone.fetch_one(conn).await?)
}
