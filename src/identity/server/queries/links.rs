//! SQL of the links that set a password or an address.

use super::{Person, signups::lock_signups};
use crate::{
    base::{EmailAddress, Hashed, UserId},
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Makes a link that sets the password of whoever has this address; who that is, if anybody. One statement either way, so
/// that the time of the answer tells nothing.
pub async fn insert_reset(
    tx: &mut Tx,
    email_key: &str,
    token: Hashed,
    expires_at: OffsetDateTime,
) -> Result<Option<Person>, Fault> {
    let person = sqlx::query_as!(
        Person,
        "with person as (select id, name, email from users where email_key = $1),
              made as (
                  insert into password_resets (token_hash, user_id, created_at, expires_at)
                  select $2::bytea, id, $3::timestamptz, $4::timestamptz from person
              )
         select name, email from person",
        email_key,
        token.bytes(),
        tx.now(),
        expires_at,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(person)
}

/// Whose password a link sets, while it lives.
pub async fn find_reset(conn: &mut PgConnection, token: Hashed, now: OffsetDateTime) -> Result<Option<Person>, Fault> {
    let person = sqlx::query_as!(
        Person,
        "select u.name, u.email from password_resets r join users u on u.id = r.user_id
         where r.token_hash = $1 and r.used_at is null and r.expires_at > $2",
        token.bytes(),
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(person)
}

/// Uses a link up; whose it was. The person is held before the link, as by whoever voids all of their links.
pub async fn claim_reset(tx: &mut Tx, token: Hashed) -> Result<Option<UserId>, Fault> {
    sqlx::query!(
        "select u.id from password_resets r join users u on u.id = r.user_id where r.token_hash = $1
         for no key update of u",
        token.bytes(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let user = sqlx::query_scalar!(
        r#"update password_resets set used_at = $2
           where token_hash = $1 and used_at is null and expires_at > $2 returning user_id as "user_id: UserId""#,
        token.bytes(),
        tx.now(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(user)
}

/// Ends all links of a person: whoever asked for them before knew another password or another address.
pub async fn void_links(tx: &mut Tx, user_id: UserId) -> Result<(), Fault> {
    sqlx::query!(
        "with changes as (update address_changes set used_at = $2 where user_id = $1 and used_at is null)
         update password_resets set used_at = $2 where user_id = $1 and used_at is null",
        user_id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes a link that gives a person another address, unless that has a login; whether it has. One statement either way.
pub async fn insert_change(
    tx: &mut Tx,
    user_id: UserId,
    email: &EmailAddress,
    token: Hashed,
    expires_at: OffsetDateTime,
) -> Result<bool, Fault> {
    let taken = sqlx::query_scalar!(
        r#"with taken as (select id from users where email_key = $4),
                made as (
                    insert into address_changes (token_hash, user_id, email, email_key, created_at, expires_at)
                    select $1::bytea, $2::bytea, $3::text, $4::text, $5::timestamptz, $6::timestamptz
                    where not exists (select from taken)
                )
           select exists (select from taken) as "taken!""#,
        token.bytes(),
        user_id as _,
        email.shown(),
        email.key(),
        tx.now(),
        expires_at,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(taken)
}

/// A changed address that waits for its proof.
#[derive(Debug, Clone)]
pub struct AddressChange {
    pub user_id: UserId,
    pub email: String,
    pub email_key: String,
}

pub async fn find_change(
    conn: &mut PgConnection,
    token: Hashed,
    now: OffsetDateTime,
) -> Result<Option<AddressChange>, Fault> {
    let change = sqlx::query_as!(
        AddressChange,
        r#"select user_id as "user_id: UserId", email, email_key from address_changes
           where token_hash = $1 and used_at is null and expires_at > $2"#,
        token.bytes(),
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(change)
}

/// Uses it up: of two who follow the link at once, one gets it. The sign-ups of the address and the person are held before
/// the link, as the lock order says.
pub async fn claim_change(tx: &mut Tx, token: Hashed) -> Result<Option<AddressChange>, Fault> {
    let now = tx.now();
    let Some(seen) = find_change(tx, token, now).await? else { return Ok(None) };
    lock_signups(tx, &seen.email_key).await?;
    sqlx::query!("select id from users where id = $1 for update", seen.user_id as _).fetch_optional(&mut **tx).await?;
    let change = sqlx::query_as!(
        AddressChange,
        r#"update address_changes set used_at = $2
           where token_hash = $1 and used_at is null and expires_at > $2
           returning user_id as "user_id: UserId", email, email_key"#,
        token.bytes(),
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(change)
}
