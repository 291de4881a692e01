//! The lists of invitations: those an account has sent, those that came to an address.

use crate::{
    base::{AccountId, InvitationId},
    entities::model::Ending,
    invitations::model::{Facts, Standing},
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// One line of a list of invitations.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: InvitationId,
    pub email: String,
    pub company: String,
    pub inviter: Option<String>,
    pub sent_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub state: Ending,
    pub expired: bool,
    pub superseded: bool,
    pub decline_reason: Option<String>,
    pub accepted_name: Option<String>,
}

impl Listed {
    pub fn standing(&self) -> Standing {
        Facts { state: self.state, expired: self.expired, superseded: self.superseded }.standing()
    }
}

/// The connection invitations an account has sent, newest first.
pub async fn list_sent(
    conn: &mut PgConnection,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<Vec<Listed>, Fault> {
    let listed = sqlx::query_as!(
        Listed,
        r#"select i.id as "id: InvitationId", i.email, a.name as company, u.name as "inviter?", i.sent_at, i.expires_at,
                  i.state as "state: Ending", i.expires_at <= $2 as "expired!",
                  i.superseded_at is not null as "superseded!", i.decline_reason, b.name as "accepted_name?"
           from invitations i
           join accounts a on a.id = i.account_id
           left join users u on u.id = i.invited_by
           left join accounts b on b.id = i.accepted_account_id
           where i.account_id = $1 and i.kind in ('source', 'recipient')
           order by i.id desc
           limit 200"#,
        account_id as _,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(listed)
}

/// The open connection invitations to an address its owner has proved, newest first.
pub async fn list_received(
    conn: &mut PgConnection,
    email_key: &str,
    now: OffsetDateTime,
) -> Result<Vec<Listed>, Fault> {
    let listed = sqlx::query_as!(
        Listed,
        r#"select i.id as "id: InvitationId", i.email, a.name as company, u.name as "inviter?", i.sent_at, i.expires_at,
                  i.state as "state: Ending", i.expires_at <= $2 as "expired!",
                  i.superseded_at is not null as "superseded!", i.decline_reason, null::text as accepted_name
           from invitations i
           join accounts a on a.id = i.account_id
           left join users u on u.id = i.invited_by
           where i.email_key = $1 and i.state = 'pending' and i.superseded_at is null and i.expires_at > $2
             and i.kind in ('source', 'recipient')
           order by i.id desc
           limit 50"#,
        email_key,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(listed)
}
