//! Lists of invitations, with one query each.

use crate::{
    base::{AccountId, InvitationId},
    invitations::model::{Facts, InvitationStatus, Kind, OfferedRole, StoredState},
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A row in a list of invitations.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: InvitationId,
    pub kind: Kind,
    /// The role that an invitation to join offers.
    pub role: Option<OfferedRole>,
    pub partner_name: Option<String>,
    /// The inviting account.
    pub account_id: AccountId,
    pub email: String,
    pub company: String,
    pub inviter: Option<String>,
    pub sent_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub state: StoredState,
    pub expired: bool,
    pub superseded: bool,
    pub decline_reason: Option<String>,
    pub accepted_name: Option<String>,
    /// True if its entity has no newer invitation. Only then can it be acted on.
    pub is_latest: bool,
    /// Why its email hasn't arrived.
    pub mail_problem: Option<String>,
    /// The viewer sees it only because a colleague asked the Admins.
    pub asked: bool,
}

impl Listed {
    /// What the invitee is invited to do, for "… invites you to connect".
    pub fn invited_to(&self) -> String {
        let role = self.role.map(OfferedRole::word).unwrap_or_default();
        match (self.kind, &self.partner_name) {
            (Kind::PartnerUser, Some(partner)) => format!("join {partner} as {role}"),
            (Kind::Member, _) => format!("join {} as {role}", self.company),
            (Kind::Recipient, _) => "receive leads".to_owned(),
            _ => "connect".to_owned(),
        }
    }

    pub fn status(&self) -> InvitationStatus {
        Facts { state: self.state, expired: self.expired, superseded: self.superseded }.status()
    }
}

/// The requested part of a list, counted from the newest row.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub offset: i64,
    pub limit: i64,
}

/// The connection invitations an account has sent, newest first: all, or those with one status. Their ids are found by a
/// statement of their own: Postgres plans that one for each status, which takes milliseconds with all these tables.
pub async fn list_sent(
    conn: &mut PgConnection,
    account_id: AccountId,
    status: Option<&str>,
    page: Page,
    now: OffsetDateTime,
) -> Result<Vec<Listed>, Fault> {
    let ids = find_sent(conn, account_id, status, page, now).await?;
    let listed = sqlx::query_as!(
        Listed,
        r#"select i.id as "id: InvitationId", i.kind as "kind: Kind", i.role as "role: OfferedRole", p.name as "partner_name?",
                  i.account_id as "account_id: AccountId", i.email, a.name as company, u.name as "inviter?", i.sent_at,
                  i.expires_at,
                  i.state as "state: StoredState", invitation_time_is_over(i.expires_at, $2) as "expired!",
                  i.superseded_at is not null as "superseded!", i.decline_reason, b.name as "accepted_name?",
                  not e.deprecated and i.id = (select id from latest_invitation(i.entity_id)) as "is_latest!",
                  case when m.state <> 'sent' then m.reason end as mail_problem, false as "asked!"
           from invitations i
           join accounts a on a.id = i.account_id
           join entities e on e.id = i.entity_id
           left join partners p on p.id = i.partner_id
           left join users u on u.id = i.invited_by
           left join accounts b on b.id = i.accepted_account_id
           left join mails m on m.id = i.mail_id
           where i.id = any($1)
           order by i.id desc"#,
        &ids as _,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(listed)
}

/// The sent invitations that wait for an answer.
pub async fn count_open(conn: &mut PgConnection, account_id: AccountId, now: OffsetDateTime) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from invitations
           where account_id = $1 and kind in ('source', 'recipient')
             and invitation_is_open(state, superseded_at, expires_at, $2)"#,
        account_id as _,
        now,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// The ids of a page of them. The open ones are few, and found by their time.
async fn find_sent(
    conn: &mut PgConnection,
    account_id: AccountId,
    status: Option<&str>,
    page: Page,
    now: OffsetDateTime,
) -> Result<Vec<InvitationId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"(select id as "id!: InvitationId" from invitations
            where $3 = 'pending' and account_id = $1 and kind in ('source', 'recipient')
              and invitation_is_open(state, superseded_at, expires_at, $2))
           union all
           (select l.id
            from unnest(case when $3 is null then array['pending', 'accepted', 'declined', 'revoked']
                             when $3 = 'expired' then array['pending']
                             else array[$3] end) as chosen (state)
            cross join lateral (
                select id from invitations
                where account_id = $1 and kind in ('source', 'recipient') and state = chosen.state
                  and ($3::text is null or $3 = invitation_standing(state, superseded_at, expires_at, $2))
                order by id desc limit $4::bigint + $5::bigint
            ) l
            where $3 is distinct from 'pending')
           order by 1 desc
           limit $4 offset $5"#,
        account_id as _,
        now,
        status,
        page.limit,
        page.offset,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// The open invitations to a verified address, and those that the Admins of these accounts were asked to accept, newest
/// first.
pub async fn list_received(
    conn: &mut PgConnection,
    email_key: &str,
    admin_of: &[AccountId],
    now: OffsetDateTime,
) -> Result<Vec<Listed>, Fault> {
    let admin_of: Vec<Vec<u8>> = admin_of.iter().map(|id| crate::base::Id::bytes(id).to_vec()).collect();
    let listed = sqlx::query_as!(
        Listed,
        r#"select i.id as "id: InvitationId", i.kind as "kind: Kind", i.role as "role: OfferedRole", p.name as "partner_name?",
                  i.account_id as "account_id: AccountId", i.email, a.name as company, u.name as "inviter?", i.sent_at,
                  i.expires_at,
                  i.state as "state: StoredState", false as "expired!", false as "superseded!", null::text as decline_reason,
                  null::text as accepted_name, true as "is_latest!", null::text as mail_problem,
                  i.email_key <> $1 as "asked!"
           from invitations i
           join accounts a on a.id = i.account_id
           left join partners p on p.id = i.partner_id
           left join users u on u.id = i.invited_by
           where invitation_is_open(i.state, i.superseded_at, i.expires_at, $2)
             and i.id in (select id from invitations where email_key = $1 and state = 'pending'
                          union all
                          select invitation_id from invitation_asks where account_id = any($3))
           order by i.id desc
           limit 50"#,
        email_key,
        now,
        &admin_of,
    )
    .fetch_all(conn)
    .await?;
    Ok(listed)
}
