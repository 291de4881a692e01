//! Entities in the format of the documented original.

use super::Selection;
use crate::{
    base::{AccountId, EntityId, FlowId, InvitationId},
    entities::model::{self as entities, EntityKind},
    server::Fault,
};
use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// An account's view of one party it trades with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Entity {
    /// The invited address while pending, then the account's name.
    pub name: String,
    pub module_ids: Vec<String>,
    /// The kind of lead source; null if it is not one.
    #[schema(required, example = "seller")]
    pub source: Option<String>,
    /// The kind of recipient; null if it is not one.
    #[schema(required, example = "buyer")]
    pub recipient: Option<String>,
    pub id: EntityId,
    #[schema(required)]
    pub description: Option<String>,
    /// True for a well-known integration that every account has.
    pub standard: bool,
    /// True if it represents another account.
    pub account: bool,
    /// True if its invitation was not answered yet, even if it has expired.
    pub pending: bool,
    /// How it is connected: it sells to this account, buys from it, or both; null if not connected.
    #[schema(required)]
    pub connected: Option<Direction>,
    #[schema(required, value_type = Option<AccountId>)]
    pub connected_account_id: Option<AccountId>,
    /// True if it was merged into the entity named in `see`.
    pub deprecated: bool,
    #[schema(required, value_type = Option<EntityId>)]
    pub see: Option<EntityId>,
    #[schema(required)]
    pub field_suffix: Option<String>,
    /// Its latest invitation.
    #[schema(required, value_type = Option<InvitationId>)]
    pub invitation_id: Option<InvitationId>,
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    pub invitation_expires_at: Option<OffsetDateTime>,
    /// True if its invitation has expired.
    pub expired: bool,
    /// The flows in which it is a source; null if it does not represent an account.
    #[schema(required, value_type = Option<Vec<FlowId>>)]
    pub flow_ids: Option<Vec<FlowId>>,
    #[schema(required)]
    pub logo_url: Option<String>,
    /// The IANA time zone of the connected account.
    #[schema(required)]
    pub time_zone: Option<String>,
    #[schema(required)]
    pub trustedform_certified_vendor: Option<bool>,
    #[schema(required)]
    pub website: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// The role of the other account: it sells, buys, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Seller,
    Buyer,
    Both,
}

impl From<entities::Direction> for Direction {
    fn from(direction: entities::Direction) -> Self {
        match direction {
            entities::Direction::Seller => Self::Seller,
            entities::Direction::Buyer => Self::Buyer,
        }
    }
}

impl Direction {
    fn of(sells: bool, buys: bool) -> Option<Self> {
        match (sells, buys) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Seller),
            (false, true) => Some(Self::Buyer),
            (false, false) => None,
        }
    }
}

/// Entities of an account, newest first.
pub async fn list(
    conn: &mut PgConnection,
    account_id: AccountId,
    which: Selection<EntityId>,
    now: OffsetDateTime,
) -> Result<Vec<Entity>, Fault> {
    let (one, after, limit) = which.parts();
    let rows = sqlx::query_as!(
        Row,
        r#"select e.id as "id: EntityId", e.name, e.kind as "kind: EntityKind", e.source, e.recipient,
                  e.connected_account_id as "account_id: AccountId", e.deprecated, e.see as "see: EntityId",
                  e.created_at, e.updated_at, sells.id is not null as "sells!", buys.id is not null as "buys!",
                  i.id as "invitation_id?: InvitationId", i.expires_at as "expires_at?", i.state as "state?",
                  a.website as "website?", a.time_zone as "time_zone?",
                  (select coalesce(array_agg(distinct fs.flow_id), '{}')
                   from flow_sources fs join flows f on f.id = fs.flow_id and f.archived_at is null
                   where fs.entity_id = e.id) as "flow_ids!: Vec<FlowId>"
           from entities e
           left join live_connections sells on sells.seller_account_id = e.connected_account_id
                and sells.buyer_account_id = e.account_id
           left join live_connections buys on buys.buyer_account_id = e.connected_account_id
                and buys.seller_account_id = e.account_id
           left join accounts a on a.id = e.connected_account_id and (sells.id is not null or buys.id is not null)
           left join lateral latest_invitation(e.id) i on true
           where e.account_id = $1
             and case when $2::bytea is null then not e.deprecated and ($3::bytea is null or e.id < $3)
                      else e.id = $2 and (not e.deprecated or e.see is not null) end
           order by e.id desc
           limit $4"#,
        account_id as _,
        one as _,
        after as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.into_entity(now)).collect())
}

struct Row {
    id: EntityId,
    name: String,
    kind: EntityKind,
    source: Option<String>,
    recipient: Option<String>,
    account_id: Option<AccountId>,
    deprecated: bool,
    see: Option<EntityId>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    sells: bool,
    buys: bool,
    invitation_id: Option<InvitationId>,
    expires_at: Option<OffsetDateTime>,
    state: Option<String>,
    website: Option<String>,
    time_zone: Option<String>,
    flow_ids: Vec<FlowId>,
}

impl Row {
    fn into_entity(self, now: OffsetDateTime) -> Entity {
        let connected = Direction::of(self.sells, self.buys);
        let account = self.kind == EntityKind::Account;
        let is_open = self.account_id.is_none() && !self.deprecated && self.state.as_deref() == Some("pending");
        Entity {
            name: self.name,
            module_ids: Vec::new(),
            source: self.source,
            recipient: self.recipient,
            id: self.id,
            description: None,
            standard: self.kind == EntityKind::Standard,
            account,
            pending: is_open,
            connected,
            connected_account_id: self.account_id.filter(|_| connected.is_some()),
            deprecated: self.deprecated,
            see: self.see,
            field_suffix: None,
            invitation_id: self.invitation_id,
            invitation_expires_at: self.expires_at.filter(|_| is_open),
            expired: is_open && self.expires_at.is_some_and(|at| at <= now),
            flow_ids: account.then_some(self.flow_ids),
            logo_url: None,
            time_zone: self.time_zone,
            trustedform_certified_vendor: None,
            website: self.website,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// One entity of an account.
pub async fn find(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: EntityId,
    now: OffsetDateTime,
) -> Result<Entity, Fault> {
    list(conn, account_id, Selection::One(id), now).await?.into_iter().next().ok_or(Fault::NOT_FOUND)
}
