//! Retention: an account keeps its leads for a number of days. After that nobody sees them, and due work removes them in
//! small batches. Figures stay, because they are counted when a lead is stored.

use super::{queries::retention as queries, search::first_id};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, AppError, LeadId, Problem},
    server::{AppState, Fault, Tx},
};
use queries::KeyPlace;
use serde_json::json;
use std::{
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
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
/// Keys that one turn checks.
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

/// How far this process has come.
#[derive(Debug, Default)]
struct Progress(Mutex<(Option<AccountId>, KeyPlace)>);

impl Progress {
    fn get(&self) -> (Option<AccountId>, KeyPlace) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, account: Option<AccountId>, key: KeyPlace) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (account, key);
    }
}

/// Checks the next accounts, and removes a batch of leads of each that has leads which it no longer keeps; also keys of
/// leads that are no longer recognized. Returns how many there were. Each turn goes on where the last one ended, so its
/// cost does not depend on the number of accounts.
pub async fn remove_old(state: &AppState) -> Result<usize, Fault> {
    let cx = state.system().await?;
    let progress = state.shared.get(Progress::default);
    let (account, key) = progress.get();
    let (removed_keys, key) = {
        let key = key.clone();
        cx.write(key, |tx, key| {
            Box::pin(async move {
                let now = tx.now();
                queries::remove_keys(tx, &key, now, KEYS).await
            })
        })
        .await?
    };
    let checked = {
        let mut conn = cx.read().await?;
        queries::list_accounts(&mut conn, account, cx.now, ACCOUNTS).await?
    };
    let mut removed = u64::try_from(removed_keys).unwrap_or(0);
    let mut has_more = false;
    for account in checked.iter().filter(|account| account.has_old) {
        let before = horizon(account.days, cx.now);
        let batch = cx
            .write((account.id, before), |tx, (id, before)| Box::pin(queries::remove_before(tx, id, before, BATCH)))
            .await?;
        removed += batch;
        has_more |= batch >= BATCH.unsigned_abs();
    }
    let next = match checked.last() {
        _ if has_more => account,
        Some(last) if i64::try_from(checked.len()).unwrap_or(0) == ACCOUNTS => Some(last.id),
        _ => None,
    };
    progress.set(next, key);
    Ok(usize::try_from(removed).unwrap_or(usize::MAX))
}
