//! The companies that receive an account's leads or were invited to.

use super::Page;
use crate::{
    base::{AccountId, InvitationId, PartnerId},
    entities::model::{EntityKind, SourceTag},
    flows::{model::LatestInvitation, server::mail_progress},
    invitations::model::{Facts, InvitationStatus, StoredState, source_tag},
    server::{Fault, clock::display_time},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A row of the list.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The company's name, or the invited address before it accepts.
    pub name: String,
    pub tag: SourceTag,
    pub connected_at: Option<OffsetDateTime>,
    /// The buyer's partner record of this account, for the link to the portal.
    pub portal: Option<PartnerId>,
    pub invitation: Option<(InvitationStatus, LatestInvitation)>,
}

/// The recipients of an account, newest first, with the latest invitation of each, in one query.
pub async fn list_recipients(
    conn: &mut PgConnection,
    account_id: AccountId,
    page: Page,
    now: OffsetDateTime,
) -> Result<Vec<Recipient>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        r#"select e.name, c.connected_at as "connected_at?", p.id as "portal?: PartnerId",
                  i.id as "invitation_id?: InvitationId", i.state as "state?: StoredState", i.sent_at as "sent_at?",
                  i.expires_at as "expires_at?", coalesce(i.declined_at, i.revoked_at) as ended_at, i.decline_reason,
                  m.state as "mail_state?", m.reason as mail_reason, m.sent_at as mail_sent_at,
                  m.next_try_at as "mail_next_try_at?"
           from entities e
           left join live_connections c on c.seller_account_id = e.account_id
                and c.buyer_account_id = e.connected_account_id
           left join partners p on p.account_id = c.buyer_account_id and p.linked_account_id = e.account_id
                and p.archived_at is null
           left join lateral (select * from invitations where entity_id = e.id and kind = 'recipient'
                              order by id desc limit 1) i on true
           left join mails m on m.id = i.mail_id
           where e.account_id = $1 and e.kind = 'account' and e.recipient is not null and not e.deprecated
           order by e.id desc
           limit $2 offset $3"#,
        account_id as _,
        page.limit,
        page.offset,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.shown(now)).collect())
}

struct Row {
    name: String,
    connected_at: Option<OffsetDateTime>,
    portal: Option<PartnerId>,
    invitation_id: Option<InvitationId>,
    state: Option<StoredState>,
    sent_at: Option<OffsetDateTime>,
    expires_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    decline_reason: Option<String>,
    mail_state: Option<String>,
    mail_reason: Option<String>,
    mail_sent_at: Option<OffsetDateTime>,
    mail_next_try_at: Option<OffsetDateTime>,
}

impl Row {
    fn shown(self, now: OffsetDateTime) -> Recipient {
        let expired = self.expires_at.is_some_and(|end| end <= now);
        Recipient {
            tag: source_tag(EntityKind::Account, self.connected_at.is_some(), self.state, expired),
            connected_at: self.connected_at,
            portal: self.portal,
            invitation: self.status(expired).zip(self.awaiting(now)),
            name: self.name,
        }
    }

    fn status(&self, expired: bool) -> Option<InvitationStatus> {
        self.state.map(|state| Facts { state, expired, superseded: false }.status())
    }

    fn awaiting(&self, now: OffsetDateTime) -> Option<LatestInvitation> {
        Some(LatestInvitation {
            invitation_id: self.invitation_id?,
            sent: display_time(self.sent_at?, now),
            expires: display_time(self.expires_at?, now),
            mail: mail_progress(
                self.mail_state.as_deref(),
                self.mail_sent_at,
                self.mail_reason.clone(),
                self.mail_next_try_at,
                now,
            ),
            ended: self.ended_at.map(|at| display_time(at, now)),
            reason: self.decline_reason.clone().unwrap_or_default(),
        })
    }
}
