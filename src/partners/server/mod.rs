//! [ssr] Verbs on partners. Every source invitation has exactly one partner (product.md section 3).

pub mod policy;
pub mod profile;
pub mod queries;

use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EmailAddress, PartnerId},
    server::{Fault, Tx},
};

/// The partner of an invitation to an address: the one invited there before, else a new one named by the address.
pub async fn for_invitation(tx: &mut Tx, account_id: AccountId, email: &EmailAddress) -> Result<PartnerId, Fault> {
    if let Some(known) = queries::find_invited(tx, account_id, email.key()).await? {
        return Ok(known);
    }
    let (id, now) = (tx.make_id::<PartnerId>(), tx.now());
    queries::insert_invited(tx, id, account_id, email, now).await?;
    record(tx, Entry::new(account_id, Deed::PartnerCreated, "partner").about(id, email.shown())).await?;
    Ok(id)
}

/// The invitation of a partner goes to another address: one named by its address takes the new one.
pub async fn readdress(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    email: &EmailAddress,
) -> Result<(), Fault> {
    let now = tx.now();
    queries::readdress(tx, account_id, partner_id, email, now).await
}

/// Links a partner with the account that accepted. It takes the account's name unless somebody named it; where another
/// partner is linked to that account already, that one is the partner from now on and is returned.
pub async fn link(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    accepting: AccountId,
    name: &str,
) -> Result<PartnerId, Fault> {
    let now = tx.now();
    if let Some(linked) = queries::find_linked(tx, account_id, accepting).await? {
        return Ok(linked);
    }
    queries::link(tx, account_id, partner_id, accepting, name, now).await?;
    record(tx, Entry::new(account_id, Deed::PartnerLinked, "partner").about(partner_id, name)).await?;
    Ok(partner_id)
}

/// Archives a partner that stood for an address only, once nothing belongs to it any more.
pub async fn retire(tx: &mut Tx, account_id: AccountId, partner_id: PartnerId) -> Result<(), Fault> {
    let now = tx.now();
    queries::archive_empty(tx, account_id, partner_id, now).await
}

/// A company is called otherwise: so are the partners linked to it, unless somebody named them.
pub async fn rename_linked(tx: &mut Tx, linked: AccountId, name: &str) -> Result<(), Fault> {
    let now = tx.now();
    queries::rename_linked(tx, linked, name, now).await
}
