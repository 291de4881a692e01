//! SQL for the links that set a password or change an address.

use super::{Person, signups::lock_signups};
use crate::{
    base::{EmailAddress, SecretHash, UserId},
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Creates a password-reset link for the user with this address, and returns the user, if there is one. One statement
/// either way, so the response time reveals nothing.
pub async fn insert_reset(
    tx: &mut Tx,
    email_key: &str,
    token: SecretHash,
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

/// The user whose password a link sets, if the link still works.
pub async fn find_reset(
    conn: &mut PgConnection,
    token: SecretHash,
    now: OffsetDateTime,
) -> Result<Option<Person>, Fault> {
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

/// Claims a link and returns its user. It locks the user before the link, the same order as voiding all links of a
/// user.
pub async fn claim_reset(tx: &mut Tx, token: SecretHash) -> Result<Option<UserId>, Fault> {
    sqlx::query!(
        "select u.id from password_resets r join users u on u.id = r.user_id where r.token_hash = $1
         for no key update of u",
        token.bytes(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let claimed = sqlx::query!(
        r#"update password_resets set used_at = $2
           where token_hash = $1 and used_at is null and expires_at > $2
           returning user_id as "user_id: UserId", expires_at"#,
        token.bytes(),
        tx.now(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(claimed.map(|claimed| {
        tx.must_commit_before(claimed.expires_at);
        claimed.user_id
    }))
}

/// Voids all links of a user, because they were requested under an earlier password or address.
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

/// Creates a link that changes a user's address. If another user already has that address it creates none and returns
/// true. One statement either way.
pub async fn insert_change(
    tx: &mut Tx,
    user_id: UserId,
    email: &EmailAddress,
    token: SecretHash,
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

/// A requested change of address, not yet confirmed.
#[derive(Debug, Clone)]
pub struct AddressChange {
    pub user_id: UserId,
    pub email: String,
    pub email_key: String,
    pub expires_at: OffsetDateTime,
}

pub async fn find_change(
    conn: &mut PgConnection,
    token: SecretHash,
    now: OffsetDateTime,
) -> Result<Option<AddressChange>, Fault> {
    let change = sqlx::query_as!(
        AddressChange,
        r#"select user_id as "user_id: UserId", email, email_key, expires_at from address_changes
           where token_hash = $1 and used_at is null and expires_at > $2"#,
        token.bytes(),
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(change)
}

/// Claims the change, so that only one of two simultaneous confirmations succeeds. It locks the sign-ups of the address
/// and the user before the link, as the lock order requires.
pub async fn claim_change(tx: &mut Tx, token: SecretHash) -> Result<Option<AddressChange>, Fault> {
    let now = tx.now();
    let Some(seen) = find_change(tx, token, now).await? else { return Ok(None) };
    lock_signups(tx, &seen.email_key).await?;
    sqlx::query!("select id from users where id = $1 for update", seen.user_id as _).fetch_optional(&mut **tx).await?;
    let change = sqlx::query_as!(
        AddressChange,
        r#"update address_changes set used_at = $2
           where token_hash = $1 and used_at is null and expires_at > $2
           returning user_id as "user_id: UserId", email, email_key, expires_at"#,
        token.bytes(),
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(change) = &change {
        tx.must_commit_before(change.expires_at);
    }
    Ok(change)
}
