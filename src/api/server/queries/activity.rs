//! The activity of an account.

use crate::{
    activity::model::Deed,
    base::{AccountId, ActivityId, ApiKeyId, UserId},
    server::{Fault, PageIds, PageRows, page_rows::PAGE_BUDGET},
};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::{PgConnection, types::Json};
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
    #[schema(required, value_type = Option<Value>)]
    pub before: Option<Json<Box<RawValue>>>,
    /// The state after; any JSON.
    #[schema(required, value_type = Option<Value>)]
    pub after: Option<Json<Box<RawValue>>>,
    /// The IP address, if the actor belongs to the account.
    #[schema(required)]
    pub address: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Ids of the activity of an account, newest first.
pub async fn list_ids(
    conn: &mut PgConnection,
    account_id: AccountId,
    after: Option<ActivityId>,
    limit: i64,
) -> Result<Vec<ActivityId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id: ActivityId" from activity
           where account_id = $1 and ($2::bytea is null or id < $2) order by id desc limit $3"#,
        account_id as _,
        after as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// The entries of a page that fit into it.
pub async fn load(
    conn: &mut PgConnection,
    account_id: AccountId,
    page: &PageIds<ActivityId>,
) -> Result<PageRows<Event>, Fault> {
    let events = sqlx::query_as!(
        Event,
        r#"select a.id as "id: ActivityId", a.deed as "deed: Deed", m.user_id as "user_id?: UserId",
                  coalesce(u.name, 'API key ' || k.name) as who, a.api_key_id as "api_key_id: ApiKeyId", a.subject_kind,
                  encode(a.subject_id, 'hex') as subject_id, a.subject_name,
                  a.before as "before: Json<Box<RawValue>>", a.after as "after: Json<Box<RawValue>>",
                  case when a.user_id is null or m.user_id is not null then a.address end as address, a.at
           from activity a
           left join users u on u.id = a.user_id
           left join members m on m.account_id = a.account_id and m.user_id = a.user_id
           left join api_keys k on k.id = a.api_key_id
           where a.account_id = $1 and a.id = any(array(select ids_within('activity', $1, $2, $3)))
           order by a.id desc"#,
        account_id as _,
        &page.ids as _,
        PAGE_BUDGET,
    )
    .fetch_all(conn)
    .await?;
    Ok(page.with_rows(events))
}
