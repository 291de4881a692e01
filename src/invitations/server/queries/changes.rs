//! All changes to an invitation. Each statement has its own guard and returns whether it changed anything.

use crate::{
    base::{AccountId, EmailAddress, EntityId, InvitationId, MailId, Token},
    entities::model::Direction,
    invitations::{
        model::Kind,
        server::{invitation::Open, links::MailLinks},
    },
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// Marks an expired invitation as replaced, so that a new one can be inserted.
pub async fn supersede_expired(
    tx: &mut Tx,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        "update invitations set superseded_at = $4
         where account_id = $1 and kind = $2 and email_key = $3
           and invitation_is_unanswered(state, superseded_at) and invitation_time_is_over(expires_at, $4)",
        account_id as _,
        Kind::from(direction) as _,
        email_key,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How a token is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Emailed with each sending. Following it proves the address.
    Sent,
    /// Emailed with the reminder, in addition to the sent one.
    Reminder,
    /// Shown to the inviter. It doesn't prove an address.
    Copied,
}

/// Adds a token. A sent one starts a new generation; the others join the latest.
pub async fn insert_token(tx: &mut Tx, id: InvitationId, token: &Token, kind: TokenKind) -> Result<(), Fault> {
    let hash = token.hashed();
    sqlx::query!(
        "insert into invitation_tokens (token_hash, invitation_id, generation, verifies_address, created_at)
         select $1, $2, coalesce(max(generation), 0) + $3, $4, $5 from invitation_tokens where invitation_id = $2",
        hash.bytes(),
        id as _,
        i32::from(kind == TokenKind::Sent),
        kind != TokenKind::Copied,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds the links of an email: the one that opens the invitation, and the one that stops invitations.
pub async fn insert_links(tx: &mut Tx, id: InvitationId, links: &MailLinks, kind: TokenKind) -> Result<(), Fault> {
    insert_token(tx, id, &links.invitation, kind).await?;
    let hash = links.stop.hashed();
    sqlx::query!(
        "insert into stop_links (token_hash, invitation_id, created_at) values ($1, $2, $3)",
        hash.bytes(),
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Marks all existing links as replaced. They then say that a newer one was sent.
pub async fn supersede_tokens(tx: &mut Tx, id: InvitationId) -> Result<(), Fault> {
    sqlx::query!(
        "update invitation_tokens set superseded_at = $2 where invitation_id = $1 and superseded_at is null",
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores a new expiry and email. Returns false if it was sent less than a minute ago or is no longer pending.
pub async fn renew(tx: &mut Tx, id: InvitationId, mail_id: MailId, expires_at: OffsetDateTime) -> Result<bool, Fault> {
    let renewed = sqlx::query!(
        "update invitations
         set expires_at = $3, mail_id = $2, sent_at = $4, resent_count = resent_count + 1,
             expiry_noted_at = null, undeliverable_noted_at = null
         where id = $1 and invitation_is_unanswered(state, superseded_at) and sent_at <= $5",
        id as _,
        mail_id as _,
        expires_at,
        tx.now(),
        tx.now() - Duration::minutes(1),
    )
    .execute(&mut **tx)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Revokes it. Returns false if it was already answered, revoked or replaced.
pub async fn claim_revocation(tx: &mut Tx, id: InvitationId) -> Result<bool, Fault> {
    let claimed = sqlx::query!(
        "update invitations set state = 'revoked', revoked_at = $2
         where id = $1 and invitation_is_unanswered(state, superseded_at)",
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// Gives the pending entity another address. Returns false if someone has accepted in the meantime.
pub async fn rename_entity(
    tx: &mut Tx,
    account_id: AccountId,
    id: EntityId,
    email: &EmailAddress,
) -> Result<bool, Fault> {
    let renamed = sqlx::query!(
        "update entities set name = $3, invited_email_key = $4, updated_at = $5
         where account_id = $1 and id = $2 and connected_account_id is null and not deprecated",
        account_id as _,
        id as _,
        email.shown(),
        email.key(),
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(renamed.rows_affected() == 1)
}

/// Records that the invitee requested a new invitation. Returns false if they did so within the last day.
pub async fn mark_requested(tx: &mut Tx, id: InvitationId) -> Result<bool, Fault> {
    let marked = sqlx::query!(
        "update invitations set requested_at = $2 where id = $1 and (requested_at is null or requested_at <= $3)",
        id as _,
        tx.now(),
        tx.now() - Duration::days(1),
    )
    .execute(&mut **tx)
    .await?;
    Ok(marked.rows_affected() == 1)
}

pub async fn is_suppressed(conn: &mut PgConnection, email_key: &str) -> Result<bool, Fault> {
    let suppressed = sqlx::query_scalar!(
        r#"select exists (select from suppressed_addresses where email_key = $1) as "suppressed!""#,
        email_key,
    )
    .fetch_one(conn)
    .await?;
    Ok(suppressed)
}

/// Returns false if the address was already suppressed.
pub async fn suppress(tx: &mut Tx, email_key: &str) -> Result<bool, Fault> {
    let added = sqlx::query!(
        "insert into suppressed_addresses (email_key, at) values ($1, $2) on conflict (email_key) do nothing",
        email_key,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Returns false if the address was not suppressed.
pub async fn allow(conn: &mut PgConnection, email_key: &str) -> Result<bool, Fault> {
    let removed =
        sqlx::query!("delete from suppressed_addresses where email_key = $1", email_key).execute(conn).await?;
    Ok(removed.rows_affected() == 1)
}

/// Claims the decline. Returns false if it was answered, revoked or replaced, or has expired in the meantime.
pub async fn claim_decline(tx: &mut Tx, open: Open, reason: &str) -> Result<bool, Fault> {
    let claimed = sqlx::query!(
        "update invitations set state = 'declined', declined_at = $2, decline_reason = $3
         where id = $1 and invitation_is_open(state, superseded_at, expires_at, $2)",
        open.id() as _,
        tx.now(),
        reason,
    )
    .execute(&mut **tx)
    .await?;
    Ok(claimed.rows_affected() == 1)
}
