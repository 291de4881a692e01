//! Finds entries of the activity, newest first. A filter that few entries match must not read all of them, so a statement
//! looks at a limited number of entries and says how far it came.

use super::Line;
use crate::{
    activity::model::{Deed, SubjectKind},
    base::{AccountId, ActivityId, ApiKeyId, Id as _, SubjectId, UserId},
    server::{Fault, PageIds, PageRows, ids::first_id},
};
use serde_json::value::RawValue;
use sqlx::{PgConnection, types::Json};
use time::{Duration, OffsetDateTime};

/// Maximum entries that one statement looks at, about 10 ms of work.
const DEPTH: i64 = 5_000;
/// How much later than its entry an id may be: ids of one process never go back, and a transaction has one time.
const LATER_IDS: Duration = Duration::minutes(10);

/// The person or API key that did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doer {
    Person(UserId),
    /// Any API key.
    Key,
}

/// What to look for. None matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    pub who: Option<Doer>,
    pub what: Option<Deed>,
    pub about: Option<SubjectKind>,
    /// One thing.
    pub subject: Option<SubjectId>,
    /// Part of the thing's name, in any case; empty for all.
    pub name: String,
    /// At this time or later.
    pub from: Option<OffsetDateTime>,
    /// Before this time.
    pub to: Option<OffsetDateTime>,
}

/// The entries that one statement found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Newest first.
    pub ids: Vec<ActivityId>,
    /// The last entry that was looked at, if there may be more after it but not enough were found.
    pub searched: Option<ActivityId>,
}

/// The newest entries of a search, at most `limit`. `before` is the last entry of the previous page.
///
/// Where a search ends is found by the same scan once more, which reads a column that no index has: a scan of the index
/// alone looks so cheap to Postgres that it sorts all entries of the account.
pub async fn find_ids(
    conn: &mut PgConnection,
    account_id: AccountId,
    search: &Search,
    before: Option<ActivityId>,
    limit: i64,
) -> Result<Found, Fault> {
    let (start, end) = search.ids(before);
    let person = match search.who {
        Some(Doer::Person(id)) => Some(id),
        Some(Doer::Key) | None => None,
    };
    let found = sqlx::query_file_as!(
        Found,
        "src/activity/server/search.sql",
        account_id as _,
        start as _,
        end as _,
        person as _,
        search.who == Some(Doer::Key),
        search.what as _,
        search.about as _,
        search.name,
        search.from,
        search.to,
        search.subject as _,
        DEPTH.max(limit),
        limit,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

impl Search {
    /// The ids of the page after `before`: from the first one, up to before the second one.
    fn ids(&self, before: Option<ActivityId>) -> (ActivityId, ActivityId) {
        let start = self.from.map_or(ActivityId::from_bytes([0; 12]), first_id);
        let to = self.to.map(|to| first_id(to.checked_add(LATER_IDS).unwrap_or(to)));
        let end = [before, to].into_iter().flatten().min();
        (start, end.unwrap_or(ActivityId::from_bytes([0xFF; 12])))
    }
}

/// An entry with everything that is known about it.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: ActivityId,
    /// The member who did it; null for the system, visitors who were not signed in, and people who are not members.
    pub user_id: Option<UserId>,
    /// The name of the person or API key.
    pub who: Option<String>,
    pub api_key_id: Option<ApiKeyId>,
    pub deed: Deed,
    pub subject_kind: SubjectKind,
    pub subject_id: Option<SubjectId>,
    /// Its name at that time.
    pub subject_name: String,
    pub before: Option<Json<Box<RawValue>>>,
    pub after: Option<Json<Box<RawValue>>>,
    /// The IP address, if the actor belongs to the account.
    pub address: Option<String>,
    pub at: OffsetDateTime,
}

impl Record {
    pub fn line(&self) -> Line {
        let Self { who, deed, subject_name, at, .. } = self;
        Line { who: who.clone(), deed: *deed, subject_name: subject_name.clone(), at: *at }
    }
}

/// The entries of a page whose content has at most `budget` bytes together, but at least one.
pub async fn load(
    conn: &mut PgConnection,
    account_id: AccountId,
    page: &PageIds<ActivityId>,
    budget: i64,
) -> Result<PageRows<Record>, Fault> {
    let records = sqlx::query_as!(
        Record,
        r#"select a.id as "id: ActivityId", m.user_id as "user_id?: UserId", coalesce(u.name, 'API key ' || k.name) as who,
                  a.api_key_id as "api_key_id: ApiKeyId", a.deed as "deed: Deed", a.subject_kind as "subject_kind: SubjectKind",
                  a.subject_id as "subject_id: SubjectId", a.subject_name, a.before as "before: Json<Box<RawValue>>",
                  a.after as "after: Json<Box<RawValue>>",
                  case when a.user_id is null or m.user_id is not null then a.address end as address, a.at
           from activity a
           left join users u on u.id = a.user_id
           left join members m on m.account_id = a.account_id and m.user_id = a.user_id
           left join api_keys k on k.id = a.api_key_id
           where a.account_id = $1 and a.id = any(array(select ids_within('activity', $1, $2, $3)))
           order by a.id desc"#,
        account_id as _,
        &page.ids as _,
        budget,
    )
    .fetch_all(conn)
    .await?;
    Ok(page.with_rows(records))
}
