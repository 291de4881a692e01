//! Erasing a person: the leads with an e-mail address or phone number lose everything personal. Figures stay.

use super::{queries, search::Person};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::AccountId,
    server::{AuthMethod, Cx, Fault, Tx},
};
use serde_json::json;

/// Maximum leads of one transaction.
const BATCH: i64 = 1_000;
/// Maximum transactions of one request. Whoever asked can ask again for the rest.
const MAX_BATCHES: u32 = 20;

/// What a request has erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    pub leads: u64,
    /// True if the person has more leads.
    pub has_more: bool,
}

/// Checks that the viewer may erase people: an Admin, or a system whose key an Admin has created.
pub fn require(cx: &Cx, account_id: AccountId) -> Result<(), Fault> {
    let is_system = matches!(cx.viewer()?.auth, AuthMethod::Key(_));
    cx.actor(account_id, if is_system { Permission::ChangeFlows } else { Permission::ManageAccount })?;
    Ok(())
}

/// Erases all leads of a person, batch by batch. Each batch has its entry in the activity, which names no data.
pub async fn erase(cx: &Cx, account_id: AccountId, person: &Person) -> Result<Erased, Fault> {
    let mut leads = 0;
    for _ in 0..MAX_BATCHES {
        let input = (account_id, person.clone());
        let erased = cx
            .write(input, |tx, (account_id, person)| Box::pin(async move { batch(tx, account_id, &person).await }))
            .await?;
        leads += erased.leads;
        if !erased.has_more {
            return Ok(Erased { leads, has_more: false });
        }
    }
    Ok(Erased { leads, has_more: true })
}

/// Erases one batch.
pub async fn batch(tx: &mut Tx, account_id: AccountId, person: &Person) -> Result<Erased, Fault> {
    require(&tx.cx, account_id)?;
    let now = tx.now();
    let leads = queries::erase(tx, account_id, person, now, BATCH).await?;
    if leads > 0 {
        let name = tx.cx.viewer()?.membership(account_id).map(|account| account.name.clone()).unwrap_or_default();
        let entry = Entry::about(account_id, Deed::PersonErased, account_id, name);
        record(tx, entry.after(json!({ "leads": leads }))).await?;
    }
    let has_more = leads >= BATCH.unsigned_abs();
    if !has_more {
        queries::remove_unread(tx, account_id, person).await?;
    }
    Ok(Erased { leads, has_more })
}
