//! All SQL of the room.

mod accepting;
mod addresses;
mod changes;
mod due;
mod limits;
mod list;
mod notices;
mod partners;
mod recipients;
mod row;
mod sending;
mod team_invites;

pub use accepting::*;
pub use addresses::*;
pub use changes::*;
pub use due::*;
pub use limits::*;
pub use list::{Listed, Page, count_open, list_received, list_sent};
pub use notices::*;
pub use partners::*;
pub use recipients::{Recipient, list_recipients};
pub use sending::*;
pub use team_invites::*;

pub use super::invitation::Invitation;

use crate::{
    base::{AccountId, EntityId, FlowId, InvitationId, MailId, PartnerId, SecretHash, SourceId, UserId},
    invitations::{
        model::{Kind, OfferedRole, StoredState},
        server::invitation::{ConnectInvitation, JoinInvitation},
    },
    server::{Fault, Tx},
};
use row::Row;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

pub async fn invitation_days(conn: &mut PgConnection, account_id: AccountId) -> Result<i32, Fault> {
    let days = sqlx::query_scalar!("select invitation_days from accounts where id = $1", account_id as _)
        .fetch_one(conn)
        .await?;
    Ok(days)
}

pub async fn find(conn: &mut PgConnection, id: InvitationId, now: OffsetDateTime) -> Result<Option<Invitation>, Fault> {
    Ok(find_row(conn, Some(id), None, now).await?.map(|(invitation, _)| invitation))
}

/// The invitation of a link.
pub async fn find_by_token(
    conn: &mut PgConnection,
    token: SecretHash,
    now: OffsetDateTime,
) -> Result<Option<(Invitation, LinkFacts)>, Fault> {
    Ok(find_row(conn, None, Some(token), now).await?.and_then(|(invitation, link)| Some((invitation, link?))))
}

/// The invitation, with the facts of one of its links.
pub async fn find_with_link(
    conn: &mut PgConnection,
    id: InvitationId,
    token: Option<SecretHash>,
    now: OffsetDateTime,
) -> Result<Option<(Invitation, Option<LinkFacts>)>, Fault> {
    find_row(conn, Some(id), token, now).await
}

/// By id, or without one by the token. The link's facts are missing if it belongs to another invitation.
async fn find_row(
    conn: &mut PgConnection,
    id: Option<InvitationId>,
    token: Option<SecretHash>,
    now: OffsetDateTime,
) -> Result<Option<(Invitation, Option<LinkFacts>)>, Fault> {
    let row = sqlx::query_as!(
        Row,
        r#"select i.id as "id: InvitationId", i.kind as "kind: Kind", i.account_id as "account_id: AccountId",
                  a.name as company, i.invited_by as "invited_by: UserId", u.name as "inviter?",
                  i.email, i.email_key, i.note, flow.id as "flow_id?: FlowId", flow.name as "flow_name?",
                  flow.source_id as "flow_source_id?: SourceId", flow.is_only as "flow_is_only?",
                  i.entity_id as "entity_id: EntityId",
                  i.partner_id as "partner_id: PartnerId", p.name as "partner_name?", i.role as "role: OfferedRole",
                  case i.kind
                      when 'member' then exists (select from members m where m.account_id = i.account_id
                                                 and m.user_id = i.invited_by and m.role = 'admin')
                      when 'partner_user' then p.archived_at is null
                          and (exists (select from members m where m.account_id = i.account_id
                                       and m.user_id = i.invited_by and m.role in ('admin', 'manager'))
                               or exists (select from partner_users pu where pu.partner_id = i.partner_id
                                          and pu.user_id = i.invited_by and pu.role = 'partner_admin'))
                      else coalesce(s.plan in ('base', 'pro'), false)
                  end as "backed!",
                  i.sent_at, i.expires_at, i.mail_id as "mail_id: MailId",
                  i.reminder_mail_id as "reminder_mail_id: MailId",
                  i.accepted_at, i.accepted_by as "accepted_by: UserId",
                  i.accepted_account_id as "accepted_account_id: AccountId", i.declined_at, i.decline_reason,
                  i.revoked_at,
                  i.state as "state: StoredState", invitation_time_is_over(i.expires_at, $2) as "expired!", i.superseded_at,
                  array(select account_id from invitation_asks where invitation_id = i.id) as "asked!: Vec<AccountId>",
                  t.verifies_address as "link_verifies_address?", t.superseded_at as link_superseded_at
           from invitations i
           join accounts a on a.id = i.account_id
           left join subscriptions s on s.account_id = i.account_id and s.product = 'leadconduit'
           left join partners p on p.id = i.partner_id
           left join users u on u.id = i.invited_by
           left join lateral (
               select f.id, f.name, fs.id as source_id, count(*) over () = 1 as is_only
               from flow_sources fs join flows f on f.id = fs.flow_id
               where i.kind = 'source' and fs.entity_id = i.entity_id and fs.account_id = i.account_id
                 and fs.duplicate_of is null and f.archived_at is null
               order by fs.id limit 1
           ) as flow on true
           left join invitation_tokens t on t.token_hash = $3 and t.invitation_id = i.id
           where i.id = coalesce($1, (select invitation_id from invitation_tokens where token_hash = $3))"#,
        id as _,
        now,
        token.as_ref().map(|token| &token.bytes()[..]),
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let link = row.link();
    Ok(Some((Invitation::try_from(row)?, link)))
}

/// An invitation to connect. Invitations to join return 404.
pub async fn find_to_connect(
    conn: &mut PgConnection,
    id: InvitationId,
    now: OffsetDateTime,
) -> Result<ConnectInvitation, Fault> {
    find(conn, id, now).await?.and_then(Invitation::to_connect).ok_or(Fault::NOT_FOUND)
}

/// An invitation to join. Invitations to connect return 404.
pub async fn find_to_join(
    conn: &mut PgConnection,
    id: InvitationId,
    now: OffsetDateTime,
) -> Result<JoinInvitation, Fault> {
    find(conn, id, now).await?.and_then(Invitation::to_join).ok_or(Fault::NOT_FOUND)
}

/// The facts of a link.
#[derive(Debug, Clone, Copy)]
pub struct LinkFacts {
    pub verifies_address: bool,
    /// When a newer link was sent.
    pub superseded_at: Option<OffsetDateTime>,
}

/// Locks the invitation until the end of the transaction, so that nothing read after this can change.
pub async fn lock(conn: &mut PgConnection, id: InvitationId) -> Result<(), Fault> {
    sqlx::query!("select id from invitations where id = $1 for update", id as _).fetch_optional(conn).await?;
    Ok(())
}

/// The latest invitation of an entity, which determines its status.
pub async fn find_latest_of_entity(
    conn: &mut PgConnection,
    account_id: AccountId,
    entity_id: EntityId,
) -> Result<Option<InvitationId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select id as "id!: InvitationId" from latest_invitation($2) where account_id = $1"#,
        account_id as _,
        entity_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// The latest invitation of a source's entity.
pub async fn find_latest_of_source(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
) -> Result<Option<InvitationId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select i.id as "id!: InvitationId" from flow_sources fs cross join lateral latest_invitation(fs.entity_id) i
           where fs.account_id = $1 and fs.id = $2"#,
        account_id as _,
        source_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// Records that an account's Admins were asked. Returns false if they already were.
pub async fn insert_ask(tx: &mut Tx, id: InvitationId, account_id: AccountId, asked_by: UserId) -> Result<bool, Fault> {
    let asked = sqlx::query!(
        "insert into invitation_asks (invitation_id, account_id, asked_by, at) values ($1, $2, $3, $4)
         on conflict (invitation_id, account_id) do nothing",
        id as _,
        account_id as _,
        asked_by as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(asked.rows_affected() == 1)
}

/// The invitation of a stop link, in whatever state: it goes on to work after an answer or a newer invitation.
pub async fn find_by_stop_link(
    conn: &mut PgConnection,
    secret: SecretHash,
    now: OffsetDateTime,
) -> Result<Option<Invitation>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select invitation_id as "id: InvitationId" from stop_links where token_hash = $1"#,
        secret.bytes(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    match id {
        Some(id) => find(conn, id, now).await,
        None => Ok(None),
    }
}

/// The flows whose pages show the state of this email.
pub async fn flows_of_mail(pool: &PgPool, mail_id: MailId) -> Result<Vec<(AccountId, FlowId)>, Fault> {
    let rows = sqlx::query!(
        r#"select fs.account_id as "account_id: AccountId", fs.flow_id as "flow_id: FlowId"
           from invitations i join flow_sources fs on fs.entity_id = i.entity_id
           where i.mail_id = $1"#,
        mail_id as _,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.flow_id)).collect())
}
