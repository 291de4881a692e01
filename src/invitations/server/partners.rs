//! Removing a partner together with its invitations.

use super::queries;
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{PartnerId, Problem},
    flows::server::{self as flows, RemovalOutcome},
    partners::server::{policy, queries as partners},
    server::{Fault, Tx, mail},
};
use serde_json::json;

/// The kind of removal that was requested: archiving or deleting.
#[derive(Debug, Clone, Copy)]
pub enum Removal {
    /// Whichever applies.
    Whichever,
    /// The kind that the person confirmed on the page. None if the posted value is unknown.
    Confirmed(Option<RemovalOutcome>),
}

/// Archives a partner that ever had leads, was invited or is linked, and deletes any other. An archived partner is
/// hidden, its people lose access and their invitations are revoked; its sources stay assigned and its connection
/// invitation stays open. Deleting unassigns its sources. Either way its sources still accept leads. Fails if the kind
/// is not the one that was confirmed.
pub async fn remove_partner(tx: &mut Tx, id: PartnerId, requested: Removal) -> Result<RemovalOutcome, Fault> {
    let now = tx.now();
    let (partner, _) = policy::find_in_account(tx, id, Permission::ChangeFlows).await?;
    let account_id = partner.account_id;
    // Same lock order as an acceptance: invitations, sources, partner.
    queries::lock_of_partner(tx, account_id, id).await?;
    flows::queries::lock_of_partner(tx, account_id, id).await?;
    let locked = partners::lock(tx, account_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    if locked.archived {
        return Ok(RemovalOutcome::Archived);
    }
    let entry = |deed| Entry::about(account_id, deed, id, partner.name.as_str());
    let is_kept = locked.linked || locked.had_leads || queries::has_history(tx, account_id, id).await?;
    let outcome = if is_kept { RemovalOutcome::Archived } else { RemovalOutcome::Deleted };
    if matches!(requested, Removal::Confirmed(confirmed) if confirmed != Some(outcome)) {
        return Err(Problem::RemovalChanged.into());
    }
    if is_kept {
        revoke_of_partner(tx, &partner).await?;
        partners::archive(tx, account_id, id, now).await?;
        record(tx, entry(Deed::PartnerArchived)).await?;
        return Ok(outcome);
    }
    flows::unassign_all(tx, account_id, id).await?;
    partners::delete(tx, account_id, id).await?;
    let deleted = json!({ "name": partner.name, "website": partner.website, "notes": partner.notes });
    record(tx, entry(Deed::PartnerDeleted).before(deleted)).await?;
    Ok(outcome)
}

/// Revokes the invitations to join a partner and withdraws their unsent emails.
async fn revoke_of_partner(tx: &mut Tx, partner: &partners::Partner) -> Result<(), Fault> {
    let (account_id, by) = (partner.account_id, tx.cx.viewer()?.user_id);
    let mut mails = Vec::new();
    for revoked in queries::claim_revocations_of_partner(tx, account_id, partner.id, by).await? {
        mails.extend(revoked.mail_id.into_iter().chain(revoked.reminder_mail_id));
        record(tx, Entry::about(account_id, Deed::Revoked, revoked.id, revoked.email)).await?;
    }
    mail::withdraw(tx, &mails).await
}
