//! The activity of an account.

use crate::{
    activity::{model::Deed, server::search::Record},
    base::{ActivityId, ApiKeyId, UserId},
};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::types::Json;
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

impl From<Record> for Event {
    fn from(record: Record) -> Self {
        let Record {
            id,
            user_id,
            who,
            api_key_id,
            deed,
            subject_kind,
            subject_id,
            subject_name,
            before,
            after,
            address,
            at,
        } = record;
        let (subject_kind, subject_id) = (subject_kind.as_str().to_owned(), subject_id.map(|id| id.to_string()));
        Self { id, deed, user_id, who, api_key_id, subject_kind, subject_id, subject_name, before, after, address, at }
    }
}
