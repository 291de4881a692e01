//! SQL for sign-ups whose address is not verified yet.

use super::Person;
use crate::{
    base::{InvitationId, SecretHash, SignupId},
    identity::server::parse::Newcomer,
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A sign-up to insert.
pub struct NewSignup<'s> {
    pub id: SignupId,
    pub token: SecretHash,
    pub newcomer: &'s Newcomer,
    pub password_hash: &'s str,
    pub invitation_id: Option<InvitationId>,
    pub sealed_link: Option<&'s [u8]>,
    pub expires_at: OffsetDateTime,
}

/// Inserts a sign-up, unless a user already has the address: then it returns that user. One statement either way, so
/// the response time reveals nothing.
pub async fn insert_signup(tx: &mut Tx, new: &NewSignup<'_>) -> Result<Option<Person>, Fault> {
    let person = sqlx::query_as!(
        Person,
        "with person as (select name, email from users where email_key = $6),
              made as (
                  insert into signups (id, token_hash, name, company, email, email_key, password_hash, invitation_id,
                                       sealed_link, created_at, expires_at)
                  select $1::bytea, $2::bytea, $3::text, $4::text, $5::text, $6::text, $7::text, $8::bytea, $9::bytea,
                         $10::timestamptz, $11::timestamptz
                  where not exists (select from person)
              )
         select name, email from person",
        new.id as _,
        new.token.bytes(),
        new.newcomer.name,
        new.newcomer.company,
        new.newcomer.email.shown(),
        new.newcomer.email.key(),
        new.password_hash,
        new.invitation_id as _,
        new.sealed_link,
        tx.now(),
        new.expires_at,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(person)
}

/// A sign-up whose email is to be resent.
pub struct RenewedSignup {
    /// Set only while the sign-up is pending.
    pub company: Option<String>,
    pub invitation_id: Option<InvitationId>,
    /// The recipient's name.
    pub name: Option<String>,
    pub has_login: bool,
}

/// Gives a pending sign-up a new link. The earlier one stops working.
pub async fn renew_signup(
    tx: &mut Tx,
    id: SignupId,
    email_key: &str,
    token: SecretHash,
    expires_at: OffsetDateTime,
) -> Result<RenewedSignup, Fault> {
    let renewed = sqlx::query_as!(
        RenewedSignup,
        r#"with renewed as (
               update signups set token_hash = $3, expires_at = $5
               where id = $1 and email_key = $2 and used_at is null and expires_at > $4
               returning name, company, invitation_id
           )
           select r.company as "company?", r.invitation_id as "invitation_id?: InvitationId",
                  coalesce(r.name, u.name) as name, u.id is not null as "has_login!"
           from (values (1)) as once left join renewed r on true left join users u on u.email_key = $2"#,
        id as _,
        email_key,
        token.bytes(),
        tx.now(),
        expires_at,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(renewed)
}

/// A sign-up that can still be confirmed.
pub struct Signup {
    pub id: SignupId,
    pub name: String,
    pub company: String,
    pub email: String,
    pub email_key: String,
    pub password_hash: String,
    /// The invitation on whose page the sign-up began, and the sealed secret of its link.
    pub invitation_id: Option<InvitationId>,
    pub sealed_link: Option<Vec<u8>>,
    pub expires_at: OffsetDateTime,
}

pub async fn find_signup(
    conn: &mut PgConnection,
    token: SecretHash,
    now: OffsetDateTime,
) -> Result<Option<Signup>, Fault> {
    let signup = sqlx::query_as!(
        Signup,
        r#"select id as "id: SignupId", name, company, email, email_key, password_hash,
                  invitation_id as "invitation_id: InvitationId", sealed_link, expires_at
           from signups where token_hash = $1 and used_at is null and expires_at > $2"#,
        token.bytes(),
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(signup)
}

/// Claims the sign-up, so that only one of two simultaneous confirmations succeeds, and voids all others of the
/// address. It locks them all first, because two links of one address may be confirmed at the same time.
pub async fn claim_signup(tx: &mut Tx, token: SecretHash) -> Result<Option<Signup>, Fault> {
    let now = tx.now();
    let Some(seen) = find_signup(tx, token, now).await? else { return Ok(None) };
    lock_signups(tx, &seen.email_key).await?;
    let signup = sqlx::query_as!(
        Signup,
        r#"update signups set used_at = $2
           where token_hash = $1 and used_at is null and expires_at > $2
           returning id as "id: SignupId", name, company, email, email_key, password_hash,
                     invitation_id as "invitation_id: InvitationId", sealed_link, expires_at"#,
        token.bytes(),
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(signup) = &signup {
        tx.must_commit_before(signup.expires_at);
        void_signups(tx, &signup.email_key).await?;
    }
    Ok(signup)
}

/// Locks the pending sign-ups of an address, before one is claimed or all are voided.
pub async fn lock_signups(conn: &mut PgConnection, email_key: &str) -> Result<(), Fault> {
    sqlx::query!("select id from signups where email_key = $1 and used_at is null order by id for update", email_key)
        .fetch_all(conn)
        .await?;
    Ok(())
}

/// Voids the pending sign-ups of an address that now belongs to a user.
pub async fn void_signups(tx: &mut Tx, email_key: &str) -> Result<(), Fault> {
    lock_signups(tx, email_key).await?;
    sqlx::query!("update signups set used_at = $2 where email_key = $1 and used_at is null", email_key, tx.now())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
