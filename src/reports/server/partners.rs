//! The list of partners, and the linked company and invitation of one.

use super::{mail_progress, partner_order::page_ids};
use crate::{
    base::{AccountId, ConnectionId, InvitationId, PartnerId},
    entities::model::{EntityKind, SourceTag},
    flows::model::LatestInvitation,
    invitations::model::{Facts, InvitationStatus, StoredState, source_tag},
    partners::model::{PartnerSort, PartnerStatus},
    server::{AppState, Fault, clock::display_time},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A partner in the list.
#[derive(Debug, Clone)]
pub struct PartnerRow {
    pub id: PartnerId,
    pub name: String,
    pub status: PartnerStatus,
    /// In active flows, without duplicates.
    pub sources: i64,
    pub users: i64,
    /// Open partner user invitations.
    pub invites: i64,
    /// Like `accepted`, of the last 30 days and without test leads.
    pub leads: i64,
    pub accepted: i64,
    /// The latest ever, not only of the last 30 days.
    pub last_lead_at: Option<OffsetDateTime>,
}

/// Which partners to list, and in which order.
#[derive(Debug, Clone, Copy)]
pub struct PartnerQuery<'a> {
    /// Part of a name; empty for all.
    pub search: &'a str,
    pub archived: bool,
    pub sort: PartnerSort,
    pub descending: bool,
    pub offset: i64,
    /// One more than the page shows, to know whether others follow.
    pub limit: i64,
}

/// Lists partners in two queries: which ones the page shows, and their figures. Also tells whether others follow. The
/// order decides that, because one that is kept can have partners that the list no longer has.
pub async fn list_partners(
    conn: &mut PgConnection,
    state: &AppState,
    account_id: AccountId,
    query: PartnerQuery<'_>,
    now: OffsetDateTime,
) -> Result<(Vec<PartnerRow>, bool), Fault> {
    let mut ids = page_ids(conn, state, account_id, query, now).await?;
    let shown = usize::try_from(query.limit - 1).unwrap_or_default();
    let has_more = ids.len() > shown;
    ids.truncate(shown);
    Ok((load(conn, account_id, &ids, Some(query.archived), now).await?, has_more))
}

/// Finds one partner with its figures.
pub async fn find_partner(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: PartnerId,
    now: OffsetDateTime,
) -> Result<Option<PartnerRow>, Fault> {
    Ok(load(conn, account_id, &[id], None, now).await?.pop())
}

/// The partners with these ids, or only the archived or the active ones of them.
async fn load(
    conn: &mut PgConnection,
    account_id: AccountId,
    ids: &[PartnerId],
    archived: Option<bool>,
    now: OffsetDateTime,
) -> Result<Vec<PartnerRow>, Fault> {
    let rows =
        sqlx::query_file_as!(PartnerRow, "src/reports/server/partners.sql", account_id as _, ids as _, now, archived,)
            .fetch_all(conn)
            .await?;
    Ok(rows)
}

/// The account a partner is linked to, and their connection.
#[derive(Debug, Clone)]
pub struct LinkedAccount {
    pub name: String,
    pub connection_id: Option<ConnectionId>,
    pub connected_at: Option<OffsetDateTime>,
    pub disconnected_at: Option<OffsetDateTime>,
}

impl LinkedAccount {
    /// The connection, if it is active.
    pub fn active_connection(&self) -> Option<ConnectionId> {
        self.connection_id.filter(|_| self.disconnected_at.is_none())
    }
}

pub async fn find_linked_account(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: PartnerId,
) -> Result<Option<LinkedAccount>, Fault> {
    let link = sqlx::query_as!(
        LinkedAccount,
        r#"select connected_name(c.disconnected_at, l.name, e.name) as "name!", c.id as "connection_id?: ConnectionId",
                  c.connected_at as "connected_at?", c.disconnected_at
           from partners p
           join accounts l on l.id = p.linked_account_id
           left join connections c on c.buyer_account_id = p.account_id and c.seller_account_id = p.linked_account_id
           left join entities e on e.account_id = p.account_id and e.connected_account_id = l.id and not e.deprecated
           where p.account_id = $1 and p.id = $2"#,
        account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(link)
}

/// The latest connection invitation of a partner, for its page.
#[derive(Debug, Clone)]
pub struct PartnerInvitation {
    pub id: InvitationId,
    pub email: String,
    pub status: InvitationStatus,
    pub tag: SourceTag,
    pub awaiting: LatestInvitation,
    /// True if no newer one was sent for its entity, so this is the one to act on.
    pub is_latest: bool,
    /// The account that accepted it, and the other partner that account already was, if any.
    pub accepted_name: Option<String>,
    pub accepted_partner: Option<(PartnerId, String)>,
}

pub async fn find_partner_invitation(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: PartnerId,
    now: OffsetDateTime,
) -> Result<Option<PartnerInvitation>, Fault> {
    let row = sqlx::query!(
        r#"select i.id as "id: InvitationId", i.email, i.state as "state: StoredState", invitation_time_is_over(i.expires_at, $3) as "expired!",
                  i.superseded_at is not null as "superseded!", i.sent_at, i.expires_at,
                  coalesce(i.declined_at, i.revoked_at) as ended_at, i.decline_reason,
                  not e.deprecated and i.id = (select id from latest_invitation(i.entity_id)) as "is_latest!",
                  m.state as "mail_state?", m.reason as mail_reason, m.sent_at as mail_sent_at,
                  m.next_try_at as "mail_next_try_at?", b.name as "accepted_name?",
                  other.id as "other_id?: PartnerId", other.name as "other_name?"
           from invitations i
           join entities e on e.id = i.entity_id
           left join mails m on m.id = i.mail_id
           left join accounts b on b.id = i.accepted_account_id
           left join partners other on other.account_id = i.account_id and other.linked_account_id = b.id
                and other.id <> i.partner_id
           where i.account_id = $1 and i.partner_id = $2 and i.kind = 'source'
           order by i.id desc limit 1"#,
        account_id as _,
        id as _,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| PartnerInvitation {
        id: row.id,
        email: row.email,
        status: Facts { state: row.state, expired: row.expired, superseded: row.superseded }.status(),
        tag: source_tag(EntityKind::Account, false, Some(row.state), row.expired),
        awaiting: LatestInvitation {
            invitation_id: row.id,
            sent: display_time(row.sent_at, now),
            expires: display_time(row.expires_at, now),
            mail: mail_progress(
                row.mail_state.as_deref(),
                row.mail_sent_at,
                row.mail_reason,
                row.mail_next_try_at,
                now,
            ),
            ended: row.ended_at.map(|at| display_time(at, now)),
            reason: row.decline_reason.unwrap_or_default(),
        },
        is_latest: row.is_latest,
        accepted_name: row.accepted_name,
        accepted_partner: row.other_id.zip(row.other_name),
    }))
}
