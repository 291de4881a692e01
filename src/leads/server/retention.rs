//! Retention: an account keeps its leads for a number of days. After that nobody sees them, and due work removes them in
//! small batches. Figures stay, because they are counted when a lead is stored.

use super::queries::retention as queries;
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, AppError, LeadId, Problem},
    server::{AppState, Fault, Tx, ids::first_id},
};
use serde_json::json;
use std::{
    ops::RangeInclusive,
    sync::{Mutex, MutexGuard, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// How many days an account can keep its leads.
pub const DAYS: RangeInclusive<i32> = 7..=1_830;
/// Leads that would be removed are counted up to this number.
pub const MAX_COUNTED: i64 = 5_000;

/// Maximum leads of one transaction.
const BATCH: i64 = 500;
/// Accounts that one turn checks.
const ACCOUNTS: i64 = 50;
/// Maximum keys of one transaction.
const KEYS: i64 = 2_000;

/// How an account reads its leads.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The IANA name of the time zone of its days.
    pub zone: String,
    /// The lowest id of a lead that it still keeps.
    pub oldest: LeadId,
    pub now: OffsetDateTime,
}

/// The lowest id of a lead that is still kept, for an account that keeps leads for this number of days. The id of a lead
/// has its time, so each page opens only the partitions that it needs.
pub fn horizon(days: i32, now: OffsetDateTime) -> LeadId {
    first_id(now.checked_sub(Duration::days(days.into())).unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// Changes for how long an account keeps its leads. If this removes leads, the number of days must be `confirmed`.
pub async fn change_days(tx: &mut Tx, account_id: AccountId, days: i32, confirmed: Option<i32>) -> Result<(), Fault> {
    tx.cx.actor(account_id, Permission::ManageAccount)?;
    let now = tx.now();
    let (name, before) = queries::lock_days(tx, account_id).await?;
    if before == days {
        return Ok(());
    }
    if days < before
        && confirmed != Some(days)
        && queries::count_before(tx, account_id, horizon(days, now), 1).await? > 0
    {
        return Err(AppError::invalid("confirmed", Problem::RemovalUnconfirmed).into());
    }
    queries::set_days(tx, account_id, days, now).await?;
    let entry = Entry::about(account_id, Deed::SettingsChanged, account_id, &name);
    record(tx, entry.before(json!({ "lead_days": before })).after(json!({ "lead_days": days }))).await
}

/// The account that this process checked last.
#[derive(Debug, Default)]
struct Progress(Mutex<Option<AccountId>>);

impl Progress {
    fn lock(&self) -> MutexGuard<'_, Option<AccountId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a turn has removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// Leads and keys.
    pub count: usize,
    /// True if a batch was full. After others nothing is left, or only what became old meanwhile.
    pub has_more: bool,
}

/// Checks the next accounts, and removes a batch of leads of each that has leads which it no longer keeps; also a batch
/// of keys that are no longer recognized. Each turn goes on where the last one ended, so its cost does not depend on the
/// number of accounts.
pub async fn remove_old(state: &AppState) -> Result<Removed, Fault> {
    let cx = state.system().await?;
    let now = cx.now;
    let mut removed = vec![(cx.write((), move |tx, ()| Box::pin(queries::remove_keys(tx, now, KEYS))).await?, KEYS)];
    let progress = state.shared.get(Progress::default);
    let after = *progress.lock();
    let checked = queries::list_accounts(&mut *cx.read().await?, after, now, ACCOUNTS).await?;
    for account in checked.iter().filter(|account| account.has_old) {
        let before = horizon(account.days, now);
        let batch =
            cx.write((account.id, before), |tx, (id, before)| Box::pin(queries::remove_before(tx, id, before, BATCH)));
        removed.push((batch.await?, BATCH));
    }
    let is_last = i64::try_from(checked.len()).unwrap_or(0) < ACCOUNTS;
    *progress.lock() = checked.last().filter(|_| !is_last).map(|account| account.id);
    Ok(Removed {
        count: removed.iter().map(|(count, _)| usize::try_from(*count).unwrap_or(usize::MAX)).sum(),
        has_more: removed.iter().any(|(count, limit)| *count >= limit.unsigned_abs()),
    })
}
