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

/// The partner invited at this address before, if one is known. Otherwise creates one named by the address.
pub async fn for_invitation(
    tx: &mut Tx,
    account_id: AccountId,
    email: &EmailAddress,
    known: Option<PartnerId>,
) -> Result<PartnerId, Fault> {
    if let Some(known) = known {
        return Ok(known);
    }
    let id = tx.make_id::<PartnerId>();
    queries::insert_invited(tx, id, account_id, email).await?;
    record(tx, Entry::about(account_id, Deed::PartnerCreated, id, email.shown())).await?;
    Ok(id)
}

/// Moves a partner's invitation to another address. A partner named by its address takes the new one as its name.
pub async fn readdress(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    email: &EmailAddress,
) -> Result<(), Fault> {
    queries::readdress(tx, account_id, partner_id, email).await
}

/// Locks the partner chosen to be invited, and the partners that may lose the address to it. Fails if the chosen one is
/// connected or archived.
pub async fn lock_chosen(
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

/// Assigns the address to a chosen partner. Returns the partners that had it before and were not named by hand.
pub async fn take_address(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    email: &EmailAddress,
) -> Result<Vec<PartnerId>, Fault> {
    queries::take_address(tx, account_id, partner_id, email.key()).await
}

/// Locks the partners that an acceptance may link or retire: the invited one and the one already linked. The pair of
/// companies is already locked, so nobody else can link a partner to the same account in the meantime.
async fn lock_to_link(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: Option<PartnerId>,
    accepting: AccountId,
) -> Result<(), Fault> {
    let linked = queries::find_linked(tx, account_id, accepting).await?;
    let both: Vec<_> = partner_id.into_iter().chain(linked).collect();
    queries::lock_all(tx, account_id, &both).await
}

/// Locks the partners that `for_seller` will use.
pub async fn lock_for_seller(
    tx: &mut Tx,
    account_id: AccountId,
    seller: AccountId,
    asked_by: Option<UserId>,
) -> Result<(), Fault> {
    let invited = queries::find_invited_of(tx, account_id, seller, asked_by).await?;
    lock_to_link(tx, account_id, invited, seller).await
}

/// Links a partner to the account that accepted, restores it if archived, and gives it the account's name unless it was
/// named by hand. If another partner is already linked to that account, that one is used instead. If this one is linked
/// to another account, a new one is created. Returns the partner used.
pub async fn link(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: Option<PartnerId>,
    accepting: AccountId,
    name: &str,
) -> Result<PartnerId, Fault> {
    lock_to_link(tx, account_id, partner_id, accepting).await?;
    if let Some(linked) = queries::find_linked(tx, account_id, accepting).await? {
        queries::update_linked_name(tx, account_id, linked, name).await?;
        if queries::restore(tx, account_id, linked).await? {
            record(tx, Entry::about(account_id, Deed::PartnerRestored, linked, name)).await?;
        }
        return Ok(linked);
    }
    if let Some(partner_id) = partner_id
        && queries::link(tx, account_id, partner_id, accepting, name).await?
    {
        record_link(tx, account_id, partner_id, name).await?;
        return Ok(partner_id);
    }
    let id = tx.make_id::<PartnerId>();
    queries::insert_linked(tx, id, account_id, accepting, name).await?;
    record(tx, Entry::about(account_id, Deed::PartnerCreated, id, name)).await?;
    record_link(tx, account_id, id, name).await?;
    Ok(id)
}

/// Records that a partner was linked to the account of this name.
pub async fn record_link(tx: &mut Tx, account_id: AccountId, id: PartnerId, name: &str) -> Result<(), Fault> {
    record(tx, Entry::about(account_id, Deed::PartnerLinked, id, name)).await
}

/// The partner for a seller whose recipient invitation was accepted: the one linked to it, otherwise one invited at one
/// of its addresses (the inviter's first), otherwise a new one.
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

/// Archives a partner that existed only for an address, if nothing belongs to it.
pub async fn retire(tx: &mut Tx, account_id: AccountId, partner_id: PartnerId) -> Result<(), Fault> {
    queries::archive_empty(tx, account_id, partner_id).await
}

/// Gives the partners linked to a renamed company its new name, unless they were named by hand.
pub async fn rename_linked(tx: &mut Tx, linked: AccountId, name: &str) -> Result<(), Fault> {
    queries::rename_linked(tx, linked, name).await
}
