//! A partner that goes, with the invitations that belong to it.

use super::queries;
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{PartnerId, Problem},
    flows::server::{RemovalOutcome, queries as flows},
    partners::server::{policy, queries as partners},
    server::{Fault, Tx, mail},
};
use serde_json::json;

/// Which removal of a partner was asked for.
#[derive(Debug, Clone, Copy)]
pub enum Removal {
    /// Whatever it comes to.
    Whichever,
    /// What the person confirmed on the page; none if that cannot be read.
    Confirmed(Option<RemovalOutcome>),
}

/// Archives a partner that has leads, was ever invited or is linked; deletes any other. Archived it is hidden, its people
/// are out and their invitations revoked, while its sources stay assigned and its connection invitation open. Deleted it
/// leaves its sources to nobody. Leads go on coming in either case. If it would be the other than was confirmed by
/// now, nothing happens.
pub async fn remove_partner(tx: &mut Tx, id: PartnerId, asked: Removal) -> Result<RemovalOutcome, Fault> {
    let now = tx.now();
    let (partner, _) = policy::find_in_account(tx, id, Permission::ChangeFlows).await?;
    let account_id = partner.account_id;
    // In the order of an acceptance: invitations, sources, partner.
    queries::hold_of_partner(tx, account_id, id).await?;
    flows::lock_of_partner(tx, account_id, id).await?;
    let locked = partners::lock(tx, account_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    if locked.archived {
        return Ok(RemovalOutcome::Archived);
    }
    let entry = |deed| Entry::about(account_id, deed, id, partner.name.as_str());
    let is_kept = locked.linked || locked.had_leads || queries::has_history(tx, account_id, id).await?;
    let gone = if is_kept { RemovalOutcome::Archived } else { RemovalOutcome::Deleted };
    if matches!(asked, Removal::Confirmed(confirmed) if confirmed != Some(gone)) {
        return Err(Problem::RemovalChanged.into());
    }
    if is_kept {
        revoke_of_partner(tx, &partner).await?;
        partners::archive(tx, account_id, id, now).await?;
        record(tx, entry(Deed::PartnerArchived)).await?;
        return Ok(gone);
    }
    flows::unassign_all(tx, account_id, id).await?;
    partners::delete(tx, account_id, id).await?;
    let lost = json!({ "name": partner.name, "website": partner.website, "notes": partner.notes });
    record(tx, entry(Deed::PartnerDeleted).before(lost)).await?;
    Ok(gone)
}

/// The invitations to join a partner are dead at once, and their mails do not leave any more.
async fn revoke_of_partner(tx: &mut Tx, partner: &partners::Partner) -> Result<(), Fault> {
    let (account_id, by) = (partner.account_id, tx.cx.viewer()?.user_id);
    for revoked in queries::claim_revocations_of_partner(tx, account_id, partner.id, by).await? {
        for mail_id in revoked.mail_id.into_iter().chain(revoked.reminder_mail_id) {
            mail::withdraw(tx, mail_id).await?;
        }
        record(tx, Entry::about(account_id, Deed::Revoked, revoked.id, revoked.email)).await?;
    }
    Ok(())
}
