//! The sources of a partner, and the sources that can be assigned to it.

use crate::{
    base::{AccountId, FlowId, Id, PartnerId, SourceId},
    entities::model::{EntityKind, SourceTag},
    invitations::model::{StoredState, source_tag},
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A source on its partner's page.
#[derive(Debug, Clone)]
pub struct PartnerSource {
    pub id: SourceId,
    pub flow_id: FlowId,
    pub name: String,
    pub flow_name: String,
    pub tag: SourceTag,
    pub is_duplicate: bool,
    pub mappings: i32,
    pub has_credential: bool,
    pub require_authentication: bool,
    /// Like `accepted`, of the last 30 days and without test leads.
    pub leads: i64,
    pub accepted: i64,
    pub last_lead_at: Option<OffsetDateTime>,
}

/// Which sources of a partner to list.
#[derive(Debug, Clone, Copy)]
pub struct PartnerSourceQuery<'a> {
    pub partner_id: PartnerId,
    /// Part of the name of a source or its flow; empty for all.
    pub search: &'a str,
    pub offset: i64,
    pub limit: i64,
}

/// The sources of a partner in flows that are not archived.
pub async fn list_partner_sources(
    conn: &mut PgConnection,
    account_id: AccountId,
    query: PartnerSourceQuery<'_>,
    now: OffsetDateTime,
) -> Result<Vec<PartnerSource>, Fault> {
    let rows = sqlx::query_file!(
        "src/reports/server/partner_sources.sql",
        account_id as _,
        query.partner_id as _,
        now,
        query.search,
        query.limit,
        query.offset,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PartnerSource {
            id: row.id,
            flow_id: row.flow_id,
            name: row.name,
            flow_name: row.flow_name,
            tag: source_tag(row.kind, row.connected, row.state, row.expired.unwrap_or(false)),
            is_duplicate: row.is_duplicate,
            mappings: row.mappings,
            has_credential: row.has_credential,
            require_authentication: row.require_authentication,
            leads: row.leads,
            accepted: row.accepted,
            last_lead_at: row.last_lead_at,
        })
        .collect())
}

/// A source that can be assigned to a partner.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: SourceId,
    pub name: String,
    pub flow_name: String,
    pub tag: SourceTag,
    pub is_duplicate: bool,
    /// The partner it belongs to now.
    pub current: Option<(PartnerId, String)>,
}

/// Which candidates to list: all chosen ones, and up to `limit` others whose names contain the search text.
#[derive(Debug, Clone, Copy)]
pub struct CandidateQuery<'a> {
    pub partner_id: PartnerId,
    pub search: &'a str,
    pub chosen: &'a [SourceId],
    pub limit: i64,
}

/// The sources in active flows that the partner does not have, the chosen ones first.
pub async fn list_candidates(
    conn: &mut PgConnection,
    account_id: AccountId,
    query: CandidateQuery<'_>,
    now: OffsetDateTime,
) -> Result<Vec<Candidate>, Fault> {
    let chosen: Vec<_> = query.chosen.iter().map(|id| id.bytes().to_vec()).collect();
    let rows = sqlx::query_file!(
        "src/reports/server/partner_candidates.sql",
        account_id as _,
        query.partner_id as _,
        query.search,
        &chosen,
        query.limit,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Candidate {
            id: row.id,
            name: row.name,
            flow_name: row.flow_name,
            tag: source_tag(row.kind, row.connected, row.state, row.expired.unwrap_or(false)),
            is_duplicate: row.is_duplicate,
            current: row.partner_id.zip(row.partner_name),
        })
        .collect())
}
