//! Notices for an account's people.

use crate::{
    base::{AccountId, EntityId, InvitationId, NoticeId, PartnerId, UserId},
    invitations::model::{Kind, NoticeKind},
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn insert_notice(
    tx: &mut Tx,
    id: NoticeId,
    account_id: AccountId,
    invitation_id: InvitationId,
    kind: NoticeKind,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into notices (id, account_id, invitation_id, kind, at) values ($1, $2, $3, $4, $5)",
        id as _,
        account_id as _,
        invitation_id as _,
        kind as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A notice as Home shows it.
#[derive(Debug, Clone)]
pub struct Notice {
    pub id: NoticeId,
    pub invitation_id: InvitationId,
    pub kind: NoticeKind,
    pub at: OffsetDateTime,
    pub email: String,
    /// The company that accepted, or the person who joined.
    pub who: Option<String>,
    pub invitation_kind: Kind,
    pub partner_id: Option<PartnerId>,
    pub partner_name: Option<String>,
    pub decline_reason: Option<String>,
    pub mail_reason: Option<String>,
}

/// The notices that nobody has dismissed or acted on, newest first. `of_members` includes those about invitations of
/// members, which only those who manage members may see.
pub async fn list_notices(
    conn: &mut PgConnection,
    account_id: AccountId,
    of_members: bool,
) -> Result<Vec<Notice>, Fault> {
    let notices = sqlx::query_as!(
        Notice,
        r#"select n.id as "id: NoticeId", n.invitation_id as "invitation_id: InvitationId", n.kind as "kind: NoticeKind",
                  n.at, i.email, coalesce(b.name, u.name) as who, i.kind as "invitation_kind: Kind",
                  i.partner_id as "partner_id: PartnerId", p.name as "partner_name?", i.decline_reason, m.reason as "mail_reason?"
           from notices n
           join invitations i on i.id = n.invitation_id
           left join accounts b on b.id = i.accepted_account_id
           left join users u on u.id = i.accepted_by
           left join partners p on p.id = i.partner_id
           left join mails m on m.id = i.mail_id
           where n.account_id = $1 and n.dismissed_at is null and ($2 or i.kind <> 'member')
           order by n.id desc
           limit 20"#,
        account_id as _,
        of_members,
    )
    .fetch_all(conn)
    .await?;
    Ok(notices)
}

/// The account of a notice, and the kind of its invitation.
pub async fn find_notice(conn: &mut PgConnection, id: NoticeId) -> Result<Option<(AccountId, Kind)>, Fault> {
    let row = sqlx::query!(
        r#"select n.account_id as "account_id: AccountId", i.kind as "kind: Kind"
           from notices n join invitations i on i.id = n.invitation_id
           where n.id = $1"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.account_id, row.kind)))
}

pub async fn dismiss(tx: &mut Tx, id: NoticeId, by: UserId) -> Result<(), Fault> {
    sqlx::query!(
        "update notices set dismissed_at = $3, dismissed_by = $2 where id = $1 and dismissed_at is null",
        id as _,
        by as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Dismisses the notices of an answered invitation. It filters by one id only, so that the planner uses the index even
/// before the table has statistics (measured: an acceptance does three times the work otherwise).
pub async fn dismiss_of_invitation(tx: &mut Tx, id: InvitationId) -> Result<(), Fault> {
    sqlx::query!(
        "update notices set dismissed_at = $2 where invitation_id = $1 and dismissed_at is null",
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Dismisses all notices about an entity after someone acted on it.
pub async fn dismiss_of_entity(
    tx: &mut Tx,
    account_id: AccountId,
    entity_id: EntityId,
    by: UserId,
) -> Result<(), Fault> {
    sqlx::query!(
        "update notices set dismissed_at = $4, dismissed_by = $3
         where dismissed_at is null
           and invitation_id in (select id from invitations where account_id = $1 and entity_id = $2)",
        account_id as _,
        entity_id as _,
        by as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// True if the invitation already has a notice of this kind.
pub async fn has_notice(conn: &mut PgConnection, id: InvitationId, kind: NoticeKind) -> Result<bool, Fault> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from notices where invitation_id = $1 and kind = $2) as "known!""#,
        id as _,
        kind as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(known)
}
