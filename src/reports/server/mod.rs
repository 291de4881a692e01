//! [ssr] The rows of pages that join rooms, and all SQL of this room.

pub mod account_figures;
mod buyers;
mod connections;
mod first_steps;
mod flows;
mod partner_order;
mod partner_sources;
mod partners;
pub mod performance;
mod source_entities;

pub use buyers::{Buyer, list_buyers};
pub use connections::{ConnectionQuery, ConnectionRow, FlowRef, find_connection, list_connections};
pub use first_steps::{BuyingSteps, SellingSteps, buying_steps, selling_steps};
pub use flows::{ArchivedFlow, FlowCard, FlowQuery, list_archived_flows, list_flows};
pub use partner_order::forget_partner_orders;
pub use partner_sources::{
    Candidate, CandidateQuery, PartnerSource, PartnerSourceQuery, list_candidates, list_partner_sources,
};
pub use partners::{
    LinkedAccount, PartnerInvitation, PartnerQuery, PartnerRow, find_linked_account, find_partner,
    find_partner_invitation, list_partners,
};
pub use source_entities::{SourceEntity, SourceEntityQuery, list_source_entities};

use crate::{
    base::{AccountId, EntityId, FlowId, InvitationId, SourceId},
    entities::model::{EntityKind, SourceTag},
    flows::{
        model::{LatestInvitation, MailProgress, Offer, SourceList, SourceRow},
        server::mail_progress,
    },
    invitations::model::{StoredState, source_tag},
    rules::AcceptanceCriteria,
    server::{Fault, clock::display_time},
};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

/// Everything the Sources tab shows.
pub async fn sources_now(
    conn: &mut PgConnection,
    account_id: AccountId,
    flow_id: FlowId,
    query: SourceQuery<'_>,
    now: OffsetDateTime,
) -> Result<SourceList, Fault> {
    Ok(SourceList {
        rows: list_sources(conn, account_id, flow_id, query, now).await?,
        offers: list_offers(conn, account_id, flow_id, "", now).await?,
    })
}

/// Finds one source of a flow.
pub async fn find_source(
    conn: &mut PgConnection,
    account_id: AccountId,
    flow_id: FlowId,
    source_id: SourceId,
    now: OffsetDateTime,
) -> Result<SourceRow, Fault> {
    let query = SourceQuery { only: Some(source_id), ..SourceQuery::ALL };
    list_sources(conn, account_id, flow_id, query, now).await?.pop().ok_or(Fault::NOT_FOUND)
}

/// Which sources of a flow to list.
#[derive(Debug, Clone, Copy)]
pub struct SourceQuery<'a> {
    /// Part of a name; empty for all.
    pub search: &'a str,
    pub offset: i64,
    pub limit: i64,
    pub only: Option<SourceId>,
}

impl SourceQuery<'_> {
    pub const ALL: Self = Self { search: "", offset: 0, limit: i64::MAX, only: None };
}

/// The sources of a flow with the state of their invitations and their counts, in one query. A duplicate follows the
/// source that is used instead of it.
pub async fn list_sources(
    conn: &mut PgConnection,
    account_id: AccountId,
    flow_id: FlowId,
    query: SourceQuery<'_>,
    now: OffsetDateTime,
) -> Result<Vec<SourceRow>, Fault> {
    let rows = sqlx::query_file_as!(
        JoinedRow,
        "src/reports/server/flow_sources.sql",
        account_id as _,
        flow_id as _,
        query.only as _,
        query.search,
        query.limit,
        query.offset,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.into_source_row(now)).collect())
}

struct JoinedRow {
    id: SourceId,
    flow_id: FlowId,
    name: String,
    kind: EntityKind,
    connected: bool,
    enabled: bool,
    turn_on_when_accepted: bool,
    duplicate_of: Option<SourceId>,
    mappings: i32,
    criteria: Option<Json<AcceptanceCriteria>>,
    leads: i64,
    refused: i64,
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

impl JoinedRow {
    fn into_source_row(self, now: OffsetDateTime) -> SourceRow {
        let expired = self.expires_at.is_some_and(|end| end <= now);
        let tag = source_tag(self.kind, self.connected, self.state, expired);
        let invitation = self.invitation(tag, now);
        SourceRow {
            id: self.id,
            flow_id: self.flow_id,
            name: self.name,
            tag,
            enabled: self.enabled,
            turn_on_when_accepted: self.turn_on_when_accepted,
            mappings: to_u32(self.mappings.into()),
            rules: self.criteria.map_or(0, |criteria| u32::try_from(criteria.rule_set.count()).unwrap_or(u32::MAX)),
            leads: to_u32(self.leads),
            refused: to_u32(self.refused),
            duplicate_of: self.duplicate_of,
            invitation,
        }
    }

    fn invitation(&self, tag: SourceTag, now: OffsetDateTime) -> Option<LatestInvitation> {
        use SourceTag as Tag;
        let is_awaiting = matches!(tag, Tag::ConnectionPending | Tag::Expired | Tag::Declined | Tag::Revoked);
        let (Some(invitation_id), Some(sent), Some(expires)) = (self.invitation_id, self.sent_at, self.expires_at)
        else {
            return None;
        };
        is_awaiting.then(|| LatestInvitation {
            invitation_id,
            sent: display_time(sent, now),
            expires: display_time(expires, now),
            mail: self.mail(now),
            ended: self.ended_at.map(|at| display_time(at, now)),
            reason: self.decline_reason.clone().unwrap_or_default(),
        })
    }

    fn mail(&self, now: OffsetDateTime) -> MailProgress {
        let state = self.mail_state.as_deref();
        mail_progress(state, self.mail_sent_at, self.mail_reason.clone(), self.mail_next_try_at, now)
    }
}

/// Converts a count, capped at `u32::MAX`.
fn to_u32(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Maximum entities offered to be added to a flow; the search of the page *Add a source* finds the others.
pub const MAX_OFFERS: i64 = 200;

/// The entities that can be added to a flow and whose name contains the text, in display order. At most `MAX_OFFERS`, the
/// first ones by name.
pub async fn list_offers(
    conn: &mut PgConnection,
    account_id: AccountId,
    flow_id: FlowId,
    search: &str,
    now: OffsetDateTime,
) -> Result<Vec<Offer>, Fault> {
    let rows = sqlx::query!(
        r#"select e.id as "id: EntityId", e.name, e.kind as "kind: EntityKind", c.id is not null as "connected!",
                  i.state as "state?: StoredState", invitation_time_is_over(i.expires_at, $3) as expired,
                  (select count(*) from flow_sources fs join flows f on f.id = fs.flow_id
                   where fs.entity_id = e.id and fs.duplicate_of is null and f.archived_at is null) as "used_in!",
                  exists (select from flow_sources fs
                          where fs.entity_id = e.id and fs.flow_id = $2 and fs.duplicate_of is null) as "in_this_flow!"
           from (
               select id, account_id, name, kind, connected_account_id from entities
               where account_id = $1 and source is not null and not deprecated
                 and ($4 = '' or position(lower($4) in lower(name)) > 0)
               order by lower(name), id
               limit $5
           ) as e
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = e.account_id
           left join lateral latest_invitation(e.id) i on true
           order by lower(e.name), e.id"#,
        account_id as _,
        flow_id as _,
        now,
        search,
        MAX_OFFERS,
    )
    .fetch_all(conn)
    .await?;
    let mut offers: Vec<_> = rows
        .into_iter()
        .map(|row| Offer {
            entity_id: row.id,
            name: row.name,
            tag: source_tag(row.kind, row.connected, row.state, row.expired.unwrap_or(false)),
            used_in: to_u32(row.used_in),
            in_this_flow: row.in_this_flow,
        })
        .collect();
    offers.sort_by_key(Offer::rank);
    Ok(offers)
}
