//! Assigning sources to partners. This affects reporting and access. Leads are accepted regardless, but a credential that
//! another partner knows ends when its source gets a new partner.

use super::{
    credentials,
    queries::{self, Assignable},
};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EntityId, PartnerId, Problem, SourceId},
    partners::server::{
        policy,
        queries::{self as partners, Partner},
    },
    server::{Fault, Tx},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A request to assign sources to a partner.
#[derive(Debug, Clone, Default)]
pub struct Assignment {
    pub sources: Vec<SourceId>,
    /// The sources whose move the person confirmed, each with the partner it was to leave.
    pub moves: BTreeMap<SourceId, PartnerId>,
}

/// Assigns sources to a partner, all or none. A source of another partner moves only if the person confirmed exactly
/// that move; a source that already belongs to the partner stays.
pub async fn assign(tx: &mut Tx, partner_id: PartnerId, wanted: Assignment) -> Result<(), Fault> {
    let (partner, sources) = lock(tx, partner_id, &wanted.sources).await?;
    if sources.len() < wanted.sources.len() {
        return Err(Fault::NOT_FOUND);
    }
    let losing = sources.iter().filter_map(|source| source.partner_id);
    let all: Vec<_> = losing.chain([partner_id]).collect();
    partners::lock_all(tx, partner.account_id, &all).await?;
    let locked = partners::lock(tx, partner.account_id, partner_id).await?.ok_or(Fault::NOT_FOUND)?;
    if locked.archived {
        return Err(Problem::PartnerArchived.into());
    }
    let unconfirmed = |source: &Assignable| {
        let present = source.partner_id.filter(|present| *present != partner_id);
        present.is_some() && present != wanted.moves.get(&source.id).copied()
    };
    if sources.iter().any(unconfirmed) {
        return Err(Fault::field("confirm", Problem::MoveUnconfirmed));
    }
    let changed: Vec<_> = sources.into_iter().filter(|source| source.partner_id != Some(partner_id)).collect();
    let ids: Vec<_> = changed.iter().map(|source| source.id).collect();
    partners::mark_had_leads(tx, partner.account_id, &ids).await?;
    credentials::end_for_new_partner(tx, partner.account_id, &ids, partner_id, false).await?;
    queries::assign(tx, partner.account_id, &ids, partner_id).await?;
    for source in changed {
        let entry = Entry::about(partner.account_id, Deed::SourceAssigned, source.id, source.title());
        record(tx, entry.before(present(&source)).after(named(partner_id, &partner.name))).await?;
    }
    Ok(())
}

/// Unassigns sources from a partner. Sources that meanwhile belong to another partner do not change.
pub async fn unassign(tx: &mut Tx, partner_id: PartnerId, sources: Vec<SourceId>) -> Result<(), Fault> {
    let (partner, sources) = lock(tx, partner_id, &sources).await?;
    let theirs: Vec<_> = sources.into_iter().filter(|source| source.partner_id == Some(partner_id)).collect();
    let ids: Vec<_> = theirs.iter().map(|source| source.id).collect();
    partners::mark_had_leads(tx, partner.account_id, &ids).await?;
    queries::credentials::remember_partner(tx, partner.account_id, partner_id, Some(&ids)).await?;
    queries::unassign(tx, partner.account_id, &ids, partner_id).await?;
    for source in theirs {
        let entry = Entry::about(partner.account_id, Deed::SourceUnassigned, source.id, source.title());
        record(tx, entry.before(present(&source)).after(json!({ "partner": null }))).await?;
    }
    Ok(())
}

/// Assigns the sources of an entity to a partner if they have none or the one in `from`. Partners of one company can be
/// merged like this, so credentials end only if `from` has people who may know them.
pub async fn assign_entity(
    tx: &mut Tx,
    account_id: AccountId,
    entity_id: EntityId,
    from: Option<PartnerId>,
    partner_id: PartnerId,
) -> Result<(), Fault> {
    let ids = queries::list_to_assign(tx, account_id, entity_id, from, partner_id).await?;
    if ids.is_empty() {
        return Ok(());
    }
    credentials::end_for_new_partner(tx, account_id, &ids, partner_id, true).await?;
    queries::assign(tx, account_id, &ids, partner_id).await
}

/// Unassigns the sources of a partner that is deleted.
pub async fn unassign_all(tx: &mut Tx, account_id: AccountId, partner_id: PartnerId) -> Result<(), Fault> {
    queries::credentials::remember_partner(tx, account_id, partner_id, None).await?;
    queries::unassign_all(tx, account_id, partner_id).await
}

/// The partner and the chosen sources of its account, locked until the transaction ends.
async fn lock(tx: &mut Tx, id: PartnerId, sources: &[SourceId]) -> Result<(Partner, Vec<Assignable>), Fault> {
    let (partner, _) = policy::find_in_account(tx, id, Permission::ChangeFlows).await?;
    if sources.is_empty() {
        return Err(Fault::field("sources", Problem::SourcesNotChosen));
    }
    queries::lock_sources(tx, partner.account_id, sources).await?;
    let sources = queries::list_assignable(tx, partner.account_id, sources).await?;
    Ok((partner, sources))
}

fn present(source: &Assignable) -> Value {
    match (source.partner_id, &source.partner_name) {
        (Some(id), Some(name)) => named(id, name),
        _ => json!({ "partner": null }),
    }
}

fn named(id: PartnerId, name: &str) -> Value {
    json!({ "partner": name, "partner_id": id })
}
