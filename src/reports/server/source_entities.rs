//! The entities an account can use as sources, and the flows that use them.

use super::{FlowRef, to_u32};
use crate::{
    base::{AccountId, EntityId},
    entities::model::{EntityKind, SourceTag},
    invitations::model::{StoredState, source_tag},
    server::Fault,
};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

/// An entity in the list of sources.
#[derive(Debug, Clone)]
pub struct SourceEntity {
    pub id: EntityId,
    pub name: String,
    pub tag: SourceTag,
    /// When it was last invited.
    pub invited_at: Option<OffsetDateTime>,
    /// The number of active flows that use it.
    pub used_in: u32,
    /// The first of these flows by name.
    pub flows: Vec<FlowRef>,
}

/// Which entities to list, by name.
#[derive(Debug, Clone, Copy)]
pub struct SourceEntityQuery<'a> {
    /// Part of a name; empty for all.
    pub search: &'a str,
    pub offset: i64,
    pub limit: i64,
    /// Maximum flows listed per entity.
    pub flows: i64,
}

/// Lists source entities in one query.
pub async fn list_source_entities(
    conn: &mut PgConnection,
    account_id: AccountId,
    query: SourceEntityQuery<'_>,
    now: OffsetDateTime,
) -> Result<Vec<SourceEntity>, Fault> {
    let rows = sqlx::query!(
        r#"select e.id as "id: EntityId", e.name, e.kind as "kind: EntityKind", c.id is not null as "connected!",
                  i.state as "state?: StoredState", invitation_time_is_over(i.expires_at, $6) as expired, i.sent_at as "invited_at?",
                  (select count(*) from flow_sources fs join flows f on f.id = fs.flow_id
                   where fs.entity_id = e.id and fs.duplicate_of is null and f.archived_at is null) as "used_in!",
                  (select coalesce(jsonb_agg(jsonb_build_object('flow_id', encode(first.id, 'hex'), 'name', first.name,
                                                                'source_id', encode(first.source_id, 'hex'))
                                             order by lower(first.name), first.id), '[]')
                   from (select f.id, f.name, fs.id as source_id
                         from flow_sources fs join flows f on f.id = fs.flow_id
                         where fs.entity_id = e.id and fs.duplicate_of is null and f.archived_at is null
                         order by lower(f.name), f.id limit $5) as first) as "flows!: Json<Vec<FlowRef>>"
           from (
               select id, account_id, name, kind, connected_account_id from entities
               where account_id = $1 and source is not null and not deprecated
                 and ($2 = '' or position(lower($2) in lower(name)) > 0)
               order by lower(name), id
               limit $3 offset $4
           ) as e
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = e.account_id
           left join lateral latest_invitation(e.id) i on true
           order by lower(e.name), e.id"#,
        account_id as _,
        query.search,
        query.limit,
        query.offset,
        query.flows,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SourceEntity {
            id: row.id,
            name: row.name,
            tag: source_tag(row.kind, row.connected, row.state, row.expired.unwrap_or(false)),
            invited_at: row.invited_at,
            used_in: to_u32(row.used_in),
            flows: row.flows.0,
        })
        .collect())
}
