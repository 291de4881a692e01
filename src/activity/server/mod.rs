//! [ssr] Records and reads the activity. The application's database role cannot change a row (migration 0006).

pub mod search;

use super::model::{Deed, SubjectKind};
use crate::{
    base::{
        AccountId, ActivityId, ApiKeyId, DeliveryId, EntityId, FlowId, Id, InvitationId, PartnerId, SessionId,
        SourceId, UserId,
    },
    server::{AuthMethod, Fault, Tx, Viewer, gathered::ActivityRow},
};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// An id that the activity can be about, with the noun stored beside it.
pub trait Subject: Id {
    const KIND: SubjectKind;
}

impl Subject for AccountId {
    const KIND: SubjectKind = SubjectKind::Account;
}

impl Subject for UserId {
    const KIND: SubjectKind = SubjectKind::User;
}

impl Subject for SessionId {
    const KIND: SubjectKind = SubjectKind::Session;
}

impl Subject for ApiKeyId {
    const KIND: SubjectKind = SubjectKind::ApiKey;
}

impl Subject for EntityId {
    const KIND: SubjectKind = SubjectKind::Entity;
}

impl Subject for PartnerId {
    const KIND: SubjectKind = SubjectKind::Partner;
}

impl Subject for FlowId {
    const KIND: SubjectKind = SubjectKind::Flow;
}

impl Subject for SourceId {
    const KIND: SubjectKind = SubjectKind::Source;
}

impl Subject for InvitationId {
    const KIND: SubjectKind = SubjectKind::Invitation;
}

impl Subject for DeliveryId {
    const KIND: SubjectKind = SubjectKind::Delivery;
}

/// An entry to record: `record(tx, Entry::about(account, Deed::Invited, id, name))`.
#[derive(Debug, Clone)]
pub struct Entry {
    account_id: Option<AccountId>,
    by: Option<UserId>,
    deed: Deed,
    subject_kind: &'static str,
    subject_id: Option<[u8; 12]>,
    subject_name: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Entry {
    /// About one thing, with its current name. Entries that belong to no account are stored too.
    pub fn about<S: Subject>(
        account_id: impl Into<Option<AccountId>>,
        deed: Deed,
        id: S,
        name: impl Into<String>,
    ) -> Self {
        let (subject_id, subject_name) = (Some(id.bytes()), name.into());
        Self { subject_id, subject_name, ..Self::unnamed::<S>(account_id, deed) }
    }

    /// About a kind of thing, without its id.
    pub fn unnamed<S: Subject>(account_id: impl Into<Option<AccountId>>, deed: Deed) -> Self {
        Self {
            account_id: account_id.into(),
            by: None,
            deed,
            subject_kind: S::KIND.as_str(),
            subject_id: None,
            subject_name: String::new(),
            before: None,
            after: None,
        }
    }

    /// Sets the actor if it is not the viewer, for example someone who is just signing in or up.
    pub fn by(mut self, user_id: UserId) -> Self {
        self.by = Some(user_id);
        self
    }

    pub fn before(mut self, value: Value) -> Self {
        self.before = Some(value);
        self
    }

    pub fn after(mut self, value: Value) -> Self {
        self.after = Some(value);
        self
    }
}

/// Adds who did what, when and from which IP address to the transaction of the change.
pub async fn record(tx: &mut Tx, entry: Entry) -> Result<(), Fault> {
    let id = tx.make_id::<ActivityId>();
    let viewer = tx.cx.viewer.as_deref();
    let user_id = entry.by.or_else(|| viewer.and_then(Viewer::person));
    // Both companies of a connection have its entries in their activity. The actor's IP address and API key are stored
    // only for the actor's own company.
    let is_theirs = viewer.zip(entry.account_id).is_none_or(|(viewer, account_id)| viewer.belongs_to(account_id));
    let api_key_id = match viewer.map(|viewer| viewer.auth) {
        Some(AuthMethod::Key(id)) if user_id.is_none() && is_theirs => Some(id),
        _ => None,
    };
    let address = tx.cx.address.clone().filter(|_| is_theirs);
    let Entry { account_id, deed, subject_kind, subject_id, subject_name, before, after, .. } = entry;
    let deed = deed.as_str();
    tx.gather_activity(ActivityRow {
        id,
        account_id,
        user_id,
        deed,
        subject_kind,
        subject_id,
        subject_name,
        before,
        after,
        address,
        api_key_id,
    })
    .await
}

/// One entry, as pages show it.
#[derive(Debug, Clone)]
pub struct Line {
    pub who: Option<String>,
    pub deed: Deed,
    pub subject_name: String,
    pub at: OffsetDateTime,
}

/// The latest entries of an account, newest first.
pub async fn list_latest(conn: &mut PgConnection, account_id: AccountId, limit: i64) -> Result<Vec<Line>, Fault> {
    let lines = sqlx::query_as!(
        Line,
        r#"select coalesce(u.name, 'API key ' || k.name) as "who?", a.deed as "deed: Deed", a.subject_name, a.at
           from activity a
           left join users u on u.id = a.user_id
           left join api_keys k on k.id = a.api_key_id
           where a.account_id = $1
           order by a.id desc
           limit $2"#,
        account_id as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(lines)
}

/// When a deed last happened in an account.
pub async fn last(conn: &mut PgConnection, account_id: AccountId, deed: Deed) -> Result<Option<OffsetDateTime>, Fault> {
    let at = sqlx::query_scalar!(
        "select at from activity where account_id = $1 and deed = $2 order by id desc limit 1",
        account_id as _,
        deed as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(at)
}
