//! All SQL of the room.

mod links;
mod signups;

pub use links::{
    AddressChange, claim_change, claim_reset, find_change, find_reset, insert_change, insert_reset, void_links,
};
pub use signups::{
    NewSignup, RenewedSignup, Signup, claim_signup, find_signup, insert_signup, renew_signup, void_signups,
};

use crate::{
    base::{AccountId, Problem, UserId},
    server::{Fault, Tx, fault::OnConstraint},
};
use sqlx::PgConnection;
use std::fmt;

/// A user with the password hash, for sign-in. It does not implement `Serialize`, so the hash cannot leave the server.
#[derive(Clone)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub password_hash: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The recipient of an email.
#[derive(Debug, Clone)]
pub struct Person {
    pub name: String,
    pub email: String,
}

pub async fn find_user(conn: &mut PgConnection, email_key: &str) -> Result<Option<User>, Fault> {
    let user = sqlx::query_as!(
        User,
        r#"select id as "id: UserId", name, email, password_hash from users where email_key = $1"#,
        email_key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(user)
}

pub async fn insert_user(
    tx: &mut Tx,
    id: UserId,
    name: &str,
    email: &str,
    email_key: &str,
    password_hash: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $5, $5)",
        id as _,
        name,
        email,
        email_key,
        tx.now(),
        password_hash,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("users_email_key_key", || Fault::field("email", Problem::AddressHasLogin))?;
    Ok(())
}

/// The account that is active after sign-in, if any; `None` if the password just checked is no longer current. It locks
/// the user, so a concurrent password change either ends the new session or prevents it.
pub async fn lock_password(
    conn: &mut PgConnection,
    id: UserId,
    password_hash: &str,
) -> Result<Option<Option<AccountId>>, Fault> {
    let first = sqlx::query_scalar!(
        r#"select (select account_id from members where user_id = u.id order by created_at, account_id limit 1)
               as "first?: AccountId"
           from users u where id = $1 and password_hash = $2 for share of u"#,
        id as _,
        password_hash,
    )
    .fetch_optional(conn)
    .await?;
    Ok(first)
}

/// The account a user has been in longest. Without a user there is none.
pub async fn first_account(conn: &mut PgConnection, user_id: Option<UserId>) -> Result<Option<AccountId>, Fault> {
    let account = sqlx::query_scalar!(
        r#"select account_id as "id: AccountId" from members where user_id = $1 order by created_at, account_id limit 1"#,
        user_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(account)
}

/// All accounts of a user, longest membership first.
pub async fn list_accounts(conn: &mut PgConnection, user_id: UserId) -> Result<Vec<AccountId>, Fault> {
    let accounts = sqlx::query_scalar!(
        r#"select account_id as "id: AccountId" from members where user_id = $1 order by created_at, account_id"#,
        user_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(accounts)
}

/// Sets a password. With `instead_of`, only if that is still the current hash; otherwise returns `None`.
pub async fn set_password(
    tx: &mut Tx,
    id: UserId,
    hash: &str,
    instead_of: Option<&str>,
) -> Result<Option<Person>, Fault> {
    let person = sqlx::query_as!(
        Person,
        "update users set password_hash = $2, password_changed_at = $4
         where id = $1 and ($3::text is null or password_hash = $3) returning name, email",
        id as _,
        hash,
        instead_of,
        tx.now(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(person)
}

pub async fn rename_user(conn: &mut PgConnection, id: UserId, name: &str) -> Result<(), Fault> {
    sqlx::query!("update users set name = $2 where id = $1", id as _, name).execute(conn).await?;
    Ok(())
}

/// Sets a user's new, verified address. Returns the name and the old address.
pub async fn set_address(tx: &mut Tx, id: UserId, email: &str, email_key: &str) -> Result<Person, Fault> {
    let before = sqlx::query_as!(
        Person,
        "with before as (select id, name, email from users where id = $1 for update)
         update users u set email = $2, email_key = $3, email_verified_at = $4
         from before where u.id = before.id returning before.name, before.email",
        id as _,
        email,
        email_key,
        tx.now(),
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("users_email_key_key", || Problem::AddressHasLogin.into())?;
    Ok(before)
}

/// True if the user wants emails about Submission Docs.
pub async fn wants_docs_mails(conn: &mut PgConnection, id: UserId) -> Result<bool, Fault> {
    let wants = sqlx::query_scalar!("select docs_mails from users where id = $1", id as _).fetch_one(conn).await?;
    Ok(wants)
}

pub async fn choose_docs_mails(conn: &mut PgConnection, id: UserId, wanted: bool) -> Result<(), Fault> {
    sqlx::query!("update users set docs_mails = $2 where id = $1", id as _, wanted).execute(conn).await?;
    Ok(())
}
