//! All SQL of the room.

use super::parse::Newcomer;
use crate::{
    base::{AccountId, Hashed, Problem, SignupId, Token, UserId},
    server::{Fault, fault::OnConstraint},
};
use sqlx::PgConnection;
use std::fmt;
use time::OffsetDateTime;

/// A person with what sign-in needs. The hash never leaves the server: this type cannot be serialised.
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
    conn: &mut PgConnection,
    id: UserId,
    name: &str,
    email: &str,
    email_key: &str,
    password_hash: &str,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $5, $5)",
        id as _,
        name,
        email,
        email_key,
        now,
        password_hash,
    )
    .execute(conn)
    .await
    .on_constraint("users_email_key_key", || Fault::field("email", Problem::AddressHasLogin))?;
    Ok(())
}

pub async fn insert_signup(
    conn: &mut PgConnection,
    id: SignupId,
    token: &Token,
    newcomer: &Newcomer,
    password_hash: &str,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Fault> {
    let hash = token.hashed();
    sqlx::query!(
        "insert into signups (id, token_hash, name, company, email, email_key, password_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id as _,
        hash.bytes(),
        newcomer.name,
        newcomer.company,
        newcomer.email.shown(),
        newcomer.email.key(),
        password_hash,
        now,
        expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A sign-up that can still be confirmed.
pub struct Signup {
    pub name: String,
    pub company: String,
    pub email: String,
    pub email_key: String,
    pub password_hash: String,
}

pub async fn find_signup(conn: &mut PgConnection, token: Hashed, now: OffsetDateTime) -> Result<Option<Signup>, Fault> {
    let signup = sqlx::query_as!(
        Signup,
        "select name, company, email, email_key, password_hash from signups
         where token_hash = $1 and used_at is null and expires_at > $2",
        token.bytes(),
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(signup)
}

/// Uses it up: of two who follow the link at once, one gets it. All other sign-ups of the address die with it.
pub async fn use_signup(conn: &mut PgConnection, token: Hashed, now: OffsetDateTime) -> Result<Option<Signup>, Fault> {
    let signup = sqlx::query_as!(
        Signup,
        "update signups set used_at = $2
         where token_hash = $1 and used_at is null and expires_at > $2
         returning name, company, email, email_key, password_hash",
        token.bytes(),
        now,
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(signup) = &signup {
        void_signups(conn, &signup.email_key, now).await?;
    }
    Ok(signup)
}

/// The address has a login now: sign-ups that wait for it are over.
pub async fn void_signups(conn: &mut PgConnection, email_key: &str, now: OffsetDateTime) -> Result<(), Fault> {
    sqlx::query!("update signups set used_at = $2 where email_key = $1 and used_at is null", email_key, now)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn first_account(conn: &mut PgConnection, user_id: UserId) -> Result<Option<AccountId>, Fault> {
    let account = sqlx::query_scalar!(
        r#"select account_id as "id: AccountId" from members where user_id = $1 order by created_at, account_id limit 1"#,
        user_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(account)
}
