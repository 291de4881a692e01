//! [ssr] Verbs on partners. Every source invitation has exactly one partner (product.md section 3).

mod edit;
pub mod people;
pub mod policy;
pub mod profile;
pub mod queries;

pub use edit::{Details, NOTES_LENGTH, change, create, restore};

use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, PartnerId, Problem, UserId},
    server::{Fault, Tx},
};

/// The partner of an invitation to an address: the one invited there before, else a new one named by the address.
pub async fn for_invitation(tx: &mut Tx, account_id: AccountId, email: &EmailAddress) -> Result<PartnerId, Fault> {
    if let Some(known) = queries::find_invited(tx, account_id, email.key()).await? {
        return Ok(known);
    }
    let id = tx.make_id::<PartnerId>();
    queries::insert_invited(tx, id, account_id, email).await?;
    record(tx, Entry::about(account_id, Deed::PartnerCreated, id, email.shown())).await?;
    Ok(id)
}

/// The invitation of a partner goes to another address: one named by its address takes the new one.
pub async fn readdress(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    email: &EmailAddress,
) -> Result<(), Fault> {
    queries::readdress(tx, account_id, partner_id, email).await
}

/// Holds the partner that somebody chose to invite, one that is neither connected nor archived, and those that the address
/// may be taken from.
pub async fn hold_chosen(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    email: &EmailAddress,
) -> Result<(), Fault> {
    queries::lock_at_address(tx, account_id, partner_id, email.key()).await?;
    let locked = queries::lock(tx, account_id, partner_id).await?.ok_or(Fault::NOT_FOUND)?;
    let connected = queries::is_connected(tx, account_id, partner_id).await?;
    match (connected, locked.archived) {
        (true, _) => Err(Problem::PartnerLinked.into()),
        (_, true) => Err(Problem::PartnerArchived.into()),
        _ => Ok(()),
    }
}

/// A chosen partner is invited at this address from now on. Which partners stood for nothing but that address so far.
pub async fn take_address(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    email: &EmailAddress,
) -> Result<Vec<PartnerId>, Fault> {
    queries::take_address(tx, account_id, partner_id, email.key()).await
}

/// Holds the partners that an acceptance may link or retire: the invited one, and the one that is linked already. Nobody
/// else links a partner to the same account meanwhile, for the pair of companies is held.
async fn hold_to_link(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: Option<PartnerId>,
    accepting: AccountId,
) -> Result<(), Fault> {
    let linked = queries::find_linked(tx, account_id, accepting).await?;
    let both: Vec<_> = partner_id.into_iter().chain(linked).collect();
    queries::lock_all(tx, account_id, &both).await
}

/// Holds the partners that `for_seller` is about to find.
pub async fn hold_for_seller(
    tx: &mut Tx,
    account_id: AccountId,
    seller: AccountId,
    asked_by: Option<UserId>,
) -> Result<(), Fault> {
    let invited = queries::find_invited_of(tx, account_id, seller, asked_by).await?;
    hold_to_link(tx, account_id, invited, seller).await
}

/// Links a partner with the account that accepted, and brings it back from the archive. It takes the account's name unless
/// somebody named it. Where another partner is linked to that account already, that one is the partner from now on; where
/// this one stands for another account, a new one is. Which it is, is returned.
pub async fn link(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: Option<PartnerId>,
    accepting: AccountId,
    name: &str,
) -> Result<PartnerId, Fault> {
    hold_to_link(tx, account_id, partner_id, accepting).await?;
    if let Some(linked) = queries::find_linked(tx, account_id, accepting).await? {
        queries::take_name(tx, account_id, linked, name).await?;
        if queries::restore(tx, account_id, linked).await? {
            record(tx, Entry::about(account_id, Deed::PartnerRestored, linked, name)).await?;
        }
        return Ok(linked);
    }
    if let Some(partner_id) = partner_id
        && queries::link(tx, account_id, partner_id, accepting, name).await?
    {
        record(tx, Entry::about(account_id, Deed::PartnerLinked, partner_id, name)).await?;
        return Ok(partner_id);
    }
    let id = tx.make_id::<PartnerId>();
    queries::insert_linked(tx, id, account_id, accepting, name).await?;
    record(tx, Entry::about(account_id, Deed::PartnerCreated, id, name)).await?;
    record(tx, Entry::about(account_id, Deed::PartnerLinked, id, name)).await?;
    Ok(id)
}

/// The partner of a seller that asked and was accepted: the one linked to it, else one that was invited at an address of it,
/// that of who asked before others, else a new one.
pub async fn for_seller(
    tx: &mut Tx,
    account_id: AccountId,
    seller: AccountId,
    name: &str,
    asked_by: Option<UserId>,
) -> Result<PartnerId, Fault> {
    let invited = queries::find_invited_of(tx, account_id, seller, asked_by).await?;
    link(tx, account_id, invited, seller, name).await
}

/// Archives a partner that stood for an address only, once nothing belongs to it any more.
pub async fn retire(tx: &mut Tx, account_id: AccountId, partner_id: PartnerId) -> Result<(), Fault> {
    queries::archive_empty(tx, account_id, partner_id).await
}

/// A company is called otherwise: so are the partners linked to it, unless somebody named them.
pub async fn rename_linked(tx: &mut Tx, linked: AccountId, name: &str) -> Result<(), Fault> {
    queries::rename_linked(tx, linked, name).await
}
