//! [ssr] Submission Docs: how to send leads to one source. Readable by the buyer's members, the connected account's
//! members while connected, and the users of the source's partner; not found for everyone else.

use super::{
    access::{self, SourceAccess},
    parameters::Parameter,
    queries,
};
use crate::{
    base::{AccountId, FlowId, PartnerId, SourceId},
    partners::{
        model::PartnerPermission,
        server::policy::{self, PartnerActor},
    },
    rules::{AcceptanceCriteria, Line, StandardField, describe, standard_field},
    server::{Db, Fault, work::Work},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

#[derive(Debug, Clone)]
pub struct SubmissionDoc {
    pub flow_id: FlowId,
    pub source_id: SourceId,
    pub flow_name: String,
    pub buyer_name: String,
    pub source_name: String,
    /// True if the source currently accepts leads, apart from the flow being on.
    pub is_on: bool,
    pub flow_is_on: bool,
    fields: Vec<&'static StandardField>,
    criteria: Vec<AcceptanceCriteria>,
    pub flow_rules: Vec<Line>,
    pub source_rules: Vec<Line>,
    /// True if the reader is a member of the buyer, who sees the page within the flow.
    pub reader_is_buyer: bool,
    /// The reader's permissions on the source.
    pub access: SourceAccess,
    /// Set if the reader comes from the portal of the source's partner and sees the page there.
    pub portal: Option<PartnerActor>,
}

/// The docs of a source, for a reader who may see them.
pub async fn find(db: &mut impl Db, flow_id: FlowId, id: SourceId) -> Result<SubmissionDoc, Fault> {
    let access = access::find(db, flow_id, id).await?;
    let (flow, source) = (access.flow.clone(), access.source.clone());
    let reader_is_buyer = db.cx().viewer()?.membership(flow.account_id).is_some();
    let portal = match source.partner_id {
        Some(partner_id) if !reader_is_buyer && !access.is_sender => {
            Some(policy::find_in_portal(db, partner_id, PartnerPermission::See).await?)
        }
        _ => None,
    };
    let fields: Vec<_> =
        queries::list_fields(db, flow_id).await?.iter().filter_map(|name| standard_field(name)).collect();
    let flow_criteria = flow.acceptance_criteria.map(|json| json.0);
    let source_criteria = source.acceptance_criteria.map(|json| json.0);
    Ok(SubmissionDoc {
        flow_id,
        source_id: id,
        flow_name: flow.name,
        buyer_name: flow.account_name,
        source_name: source.name,
        is_on: source.enabled && source.kind.may_send(source.connected),
        flow_is_on: flow.enabled,
        fields,
        flow_rules: flow_criteria.as_ref().map(words).unwrap_or_default(),
        source_rules: source_criteria.as_ref().map(words).unwrap_or_default(),
        criteria: flow_criteria.into_iter().chain(source_criteria).collect(),
        reader_is_buyer,
        access,
        portal,
    })
}

impl SubmissionDoc {
    pub fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// The parameters that the seller can send. Rules are compiled for them, which takes a while, so do not call this
    /// while holding a connection.
    pub async fn parameters(&self, work: &Work) -> Result<Vec<Parameter>, Fault> {
        let (fields, criteria) = (self.fields.clone(), self.criteria.clone());
        let mappings = self.access.source.mappings.to_vec();
        work.run(move || Parameter::list(&fields, &mappings, &criteria)).await
    }
}

/// The label of a field, or its name if it is not a standard field.
pub fn label_of(name: &str) -> String {
    standard_field(name).map_or_else(|| name.to_owned(), |field| field.label.to_owned())
}

fn words(criteria: &AcceptanceCriteria) -> Vec<Line> {
    describe(&criteria.rule_set, label_of)
}

/// A row of the seller's list.
#[derive(Debug, Clone)]
pub struct DocEntry {
    pub buyer_id: AccountId,
    pub buyer_name: String,
    pub flow_id: FlowId,
    pub flow_name: String,
    pub source_id: SourceId,
    pub is_on: bool,
}

/// All docs that an account can read as a seller, ordered by buyer and flow.
pub async fn list_for_seller(conn: &mut PgConnection, seller: AccountId) -> Result<Vec<DocEntry>, Fault> {
    let entries = sqlx::query_as!(
        DocEntry,
        r#"select a.id as "buyer_id: AccountId", a.name as buyer_name, f.id as "flow_id: FlowId", f.name as flow_name,
                  fs.id as "source_id: SourceId", (fs.enabled and f.enabled) as "is_on!"
           from live_connections c
           join entities e on e.account_id = c.buyer_account_id and e.connected_account_id = c.seller_account_id
                and not e.deprecated
           join flow_sources fs on fs.entity_id = e.id and fs.duplicate_of is null
           join flows f on f.id = fs.flow_id and f.archived_at is null
           join accounts a on a.id = c.buyer_account_id
           where c.seller_account_id = $1
           order by a.name, a.id, f.name, f.id"#,
        seller as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(entries)
}

/// A row of a partner's list, with the current credential if there is one.
#[derive(Debug, Clone)]
pub struct PartnerDoc {
    pub flow_id: FlowId,
    pub flow_name: String,
    pub source_id: SourceId,
    pub source_name: String,
    pub is_on: bool,
    pub credential_prefix: Option<String>,
    pub credential_made_at: Option<OffsetDateTime>,
    pub credential_used_at: Option<OffsetDateTime>,
}

/// The docs of a partner's sources, ordered by flow.
pub async fn list_for_partner(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
) -> Result<Vec<PartnerDoc>, Fault> {
    let docs = sqlx::query_as!(
        PartnerDoc,
        r#"select f.id as "flow_id: FlowId", f.name as flow_name, fs.id as "source_id: SourceId", e.name as source_name,
                  (fs.enabled and f.enabled and source_may_send(e.kind, c.id is not null)) as "is_on!",
                  sc.prefix as "credential_prefix?", sc.created_at as "credential_made_at?",
                  sc.last_used_at as "credential_used_at?"
           from flow_sources fs
           join flows f on f.id = fs.flow_id and f.archived_at is null
           join entities e on e.id = fs.entity_id
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = fs.account_id
           left join source_credentials sc on sc.source_id = fs.id and sc.ends_at is null
           where fs.account_id = $1 and fs.partner_id = $2 and fs.duplicate_of is null
           order by lower(f.name), f.id, lower(e.name), fs.id"#,
        account_id as _,
        partner_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(docs)
}
