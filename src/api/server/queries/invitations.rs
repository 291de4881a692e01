//! Invitations to connect and to join partners.

use crate::{
    base::{AccountId, EntityId, InvitationId, PartnerId},
    invitations::model::{Kind, OfferedRole},
    server::Fault,
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A request sent to an email address.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Invitation {
    pub id: InvitationId,
    pub kind: Kind,
    pub email: String,
    pub state: State,
    /// The entity of a connection invitation.
    #[schema(required, value_type = Option<EntityId>)]
    pub entity_id: Option<EntityId>,
    #[schema(required, value_type = Option<PartnerId>)]
    pub partner_id: Option<PartnerId>,
    /// The role offered by an invitation to join a partner.
    #[schema(required, value_type = Option<OfferedRole>)]
    pub role: Option<OfferedRole>,
    pub note: String,
    #[serde(with = "time::serde::rfc3339")]
    pub sent_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    pub accepted_at: Option<OffsetDateTime>,
    #[schema(required, value_type = Option<AccountId>)]
    pub accepted_account_id: Option<AccountId>,
    /// The email with its link.
    #[schema(required, value_type = Option<MailState>)]
    pub mail: Option<MailState>,
}

/// The delivery state of an email.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailState {
    pub state: Progress,
    /// When it was sent, or the time of the next attempt; null if it failed.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    pub at: Option<OffsetDateTime>,
    /// Why it was not delivered.
    #[schema(required)]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    Queued,
    Sent,
    Failed,
}

/// The state of an invitation. Expiry is derived from the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Pending,
    Accepted,
    Declined,
    Expired,
    Revoked,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    fn read(text: &str) -> Result<Self, Fault> {
        [Self::Pending, Self::Accepted, Self::Declined, Self::Expired, Self::Revoked]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Fault::ImpossibleRow("invitations", format!("state {text}")))
    }
}

/// Filters invitations.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub one: Option<InvitationId>,
    pub state: Option<State>,
    pub kind: Option<Kind>,
    pub partner: Option<PartnerId>,
    pub after: Option<InvitationId>,
}

/// Invitations of an account, newest first, without those to join the account itself, which only Admins may see.
pub async fn list(
    conn: &mut PgConnection,
    account_id: AccountId,
    filter: Filter,
    limit: i64,
    now: OffsetDateTime,
) -> Result<Vec<Invitation>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        r#"select * from (
               select i.id as "id: InvitationId", i.kind as "kind: Kind", i.email,
                      case when s.standing = 'replaced' then 'expired' else s.standing end as "state!",
                      i.entity_id as "entity_id: EntityId", i.partner_id as "partner_id: PartnerId",
                      i.role as "role: OfferedRole", i.note, i.sent_at, i.expires_at, i.accepted_at,
                      i.accepted_account_id as "accepted_account_id: AccountId",
                      m.state as "mail_state?", m.sent_at as "mail_sent_at?", m.next_try_at as "mail_next_try_at?",
                      m.reason as mail_reason
               from invitations i
               cross join lateral (select invitation_standing(i.state, i.superseded_at, i.expires_at, $7)
                                   as standing) s
               left join mails m on m.id = i.mail_id
               where i.account_id = $1 and i.kind <> 'member' and ($2::bytea is null or i.id = $2)
                 and ($4::text is null or i.kind = $4) and ($5::bytea is null or i.partner_id = $5)
                 and ($6::bytea is null or i.id < $6)
           ) as listed
           where $3::text is null or "state!" = $3
           order by "id: InvitationId" desc
           limit $8"#,
        account_id as _,
        filter.one as _,
        filter.state.map(State::as_str),
        filter.kind as _,
        filter.partner as _,
        filter.after as _,
        now,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::into_invitation).collect()
}

struct Row {
    id: InvitationId,
    kind: Kind,
    email: String,
    state: String,
    entity_id: Option<EntityId>,
    partner_id: Option<PartnerId>,
    role: Option<OfferedRole>,
    note: String,
    sent_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    accepted_at: Option<OffsetDateTime>,
    accepted_account_id: Option<AccountId>,
    mail_state: Option<String>,
    mail_sent_at: Option<OffsetDateTime>,
    mail_next_try_at: Option<OffsetDateTime>,
    mail_reason: Option<String>,
}

impl Row {
    fn into_invitation(self) -> Result<Invitation, Fault> {
        let mail = self.mail_state.map(|state| {
            let (state, at) = match state.as_str() {
                "sent" => (Progress::Sent, self.mail_sent_at),
                "failed" => (Progress::Failed, None),
                _ => (Progress::Queued, self.mail_next_try_at),
            };
            MailState { state, at, reason: self.mail_reason.filter(|_| state != Progress::Sent) }
        });
        Ok(Invitation {
            id: self.id,
            kind: self.kind,
            email: self.email,
            state: State::read(&self.state)?,
            entity_id: self.entity_id,
            partner_id: self.partner_id,
            role: self.role,
            note: self.note,
            sent_at: self.sent_at,
            expires_at: self.expires_at,
            accepted_at: self.accepted_at,
            accepted_account_id: self.accepted_account_id,
            mail,
        })
    }
}

/// One invitation of an account.
pub async fn find(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: InvitationId,
    now: OffsetDateTime,
) -> Result<Invitation, Fault> {
    let filter = Filter { one: Some(id), ..Filter::default() };
    list(conn, account_id, filter, 1, now).await?.into_iter().next().ok_or(Fault::NOT_FOUND)
}
