//! Invitations of partners.

use crate::{
    base::{AccountId, InvitationId, MailId, PartnerId, UserId},
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Locks the pending invitations of a partner, always in the same order, so that a concurrent answer is seen or waits.
pub async fn lock_of_partner(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: InvitationId" from invitations
           where account_id = $1 and partner_id = $2 and state = 'pending' order by id for update"#,
        account_id as _,
        partner_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// True if the partner or one of its people was ever invited, or one of its sources ever had leads, including test leads
/// and those that the account no longer keeps.
pub async fn has_history(conn: &mut PgConnection, account_id: AccountId, partner_id: PartnerId) -> Result<bool, Fault> {
    let has = sqlx::query_scalar!(
        r#"select exists (select from invitations where account_id = $1 and partner_id = $2)
               or exists (select from flow_sources fs
                          where fs.account_id = $1 and fs.partner_id = $2
                            and exists (select from source_totals t where t.account_id = $1 and t.source_id = fs.id)) as "has!""#,
        account_id as _,
        partner_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(has)
}

/// A revoked invitation, with its emails, which may still be unsent.
#[derive(Debug, Clone)]
pub struct RevokedInvitation {
    pub id: InvitationId,
    pub email: String,
    pub mail_id: Option<MailId>,
    pub reminder_mail_id: Option<MailId>,
}

/// Revokes all pending invitations to join a partner and dismisses their notices.
pub async fn claim_revocations_of_partner(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    by: UserId,
) -> Result<Vec<RevokedInvitation>, Fault> {
    let taken = sqlx::query_as!(
        RevokedInvitation,
        r#"with taken as (
               update invitations set state = 'revoked', revoked_at = $4
               where account_id = $1 and partner_id = $2 and kind = 'partner_user'
                 and invitation_is_unanswered(state, superseded_at)
               returning id, email, mail_id, reminder_mail_id
           ), dismissed as (
               update notices set dismissed_at = $4, dismissed_by = $3
               where dismissed_at is null and invitation_id in (select id from taken)
           )
           select id as "id: InvitationId", email, mail_id as "mail_id: MailId",
                  reminder_mail_id as "reminder_mail_id: MailId"
           from taken"#,
        account_id as _,
        partner_id as _,
        by as _,
        tx.now(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(taken)
}

/// True if the partner has an open connection invitation.
pub async fn has_open_connection(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let open = sqlx::query_scalar!(
        r#"select exists (select from invitations
                          where account_id = $1 and partner_id = $2 and kind = 'source'
                            and invitation_is_open(state, superseded_at, expires_at, $3)) as "open!""#,
        account_id as _,
        partner_id as _,
        now,
    )
    .fetch_one(conn)
    .await?;
    Ok(open)
}

/// The partner of the open invitation to an address.
pub async fn find_partner_of_address(
    conn: &mut PgConnection,
    account_id: AccountId,
    email_key: &str,
    now: OffsetDateTime,
) -> Result<Option<PartnerId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select partner_id as "id!: PartnerId" from invitations
           where account_id = $1 and kind = 'source' and email_key = $2
             and invitation_is_open(state, superseded_at, expires_at, $3) and partner_id is not null"#,
        account_id as _,
        email_key,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}
