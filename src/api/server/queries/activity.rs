//! The activity of an account.

use crate::{
    activity::model::Deed,
    base::{AccountId, ActivityId, ApiKeyId, UserId},
    server::Fault,
};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// An activity entry.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Event {
    pub id: ActivityId,
    pub deed: Deed,
    /// The member who did it; null for the system, visitors who were not signed in, and people who are not members.
    #[schema(required, value_type = Option<UserId>)]
    pub user_id: Option<UserId>,
    /// The name of the person or API key.
    #[schema(required)]
    pub who: Option<String>,
    #[schema(required, value_type = Option<String>)]
    pub api_key_id: Option<ApiKeyId>,
    /// The kind of object that was affected.
    pub subject_kind: String,
    #[schema(required)]
    pub subject_id: Option<String>,
    /// Its name at that time.
    pub subject_name: String,
    /// The state before; any JSON.
    #[schema(required)]
    pub before: Option<Value>,
    /// The state after; any JSON.
    #[schema(required)]
    pub after: Option<Value>,
    /// The IP address, if the actor belongs to the account.
    #[schema(required)]
    pub address: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Activity of an account, newest first.
pub async fn list(
    conn: &mut PgConnection,
    account_id: AccountId,
    after: Option<ActivityId>,
    limit: i64,
) -> Result<Vec<Event>, Fault> {
    let events = sqlx::query_as!(
        Event,
        r#"select a.id as "id: ActivityId", a.deed as "deed: Deed", m.user_id as "user_id?: UserId",
                  coalesce(u.name, 'API key ' || k.name) as who, a.api_key_id as "api_key_id: ApiKeyId", a.subject_kind,
                  encode(a.subject_id, 'hex') as subject_id, a.subject_name, a.before, a.after,
                  case when a.user_id is null or m.user_id is not null then a.address end as address, a.at
           from activity a
           left join users u on u.id = a.user_id
           left join members m on m.account_id = a.account_id and m.user_id = a.user_id
           left join api_keys k on k.id = a.api_key_id
           where a.account_id = $1 and ($2::bytea is null or a.id < $2)
           order by a.id desc
           limit $3"#,
        account_id as _,
        after as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(events)
}
