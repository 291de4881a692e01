//! [ssr] Verbs on companies.

pub mod keys;
pub mod letters;
pub mod members;
pub mod policy;
pub mod queries;
pub mod settings;
pub mod upgrade;
pub mod zone;

pub use keys::create_api_key;

use super::model::{Plan, Role};
use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EntityId, UserId},
    server::{Fault, Tx},
};

use serde_json::json;

/// An account to create.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub name: String,
    pub plan: Option<Plan>,
    pub trustedform: bool,
}

/// Creates an account with its first Admin, its subscriptions and the standard sources every account has.
pub async fn create(tx: &mut Tx, account: &NewAccount, admin: UserId) -> Result<AccountId, Fault> {
    let (id, now) = (tx.make_id::<AccountId>(), tx.now());
    queries::insert_account(tx, id, &account.name).await?;
    queries::insert_member(tx, id, admin, Role::Admin).await?;
    if let Some(plan) = account.plan {
        queries::set_plan(tx, id, plan, now).await?;
    }
    if account.trustedform {
        queries::grant_trustedform(tx, id).await?;
    }
    for name in STANDARD_SOURCES {
        let entity = tx.make_id::<EntityId>();
        queries::insert_standard_entity(tx, entity, id, name).await?;
    }
    Ok(id)
}

/// The well-known integrations that every account can use as sources.
pub const STANDARD_SOURCES: &[&str] =
    &["Facebook", "Google Ads", "Instagram", "LinkedIn", "Microsoft Advertising", "TikTok", "Unbounce", "WordPress"];

/// Sets or removes the LeadConduit plan, for the operator. Returns the account's name and its previous plan, or `None`
/// if there is no such account.
pub async fn change_plan(
    tx: &mut Tx,
    account_id: AccountId,
    plan: Option<Plan>,
) -> Result<Option<(String, Option<Plan>)>, Fault> {
    let now = tx.now();
    let Some((name, before)) = queries::lock_plan(tx, account_id).await? else { return Ok(None) };
    if before != plan {
        match plan {
            Some(plan) => queries::set_plan(tx, account_id, plan, now).await?,
            None => queries::remove_plan(tx, account_id).await?,
        }
        let word = |plan: Option<Plan>| json!({ "plan": plan.map(Plan::as_str) });
        let entry = Entry::about(account_id, Deed::PlanChanged, account_id, plan.map_or("none", Plan::word));
        record(tx, entry.before(word(before)).after(word(plan))).await?;
    }
    Ok(Some((name, before)))
}

/// Adds TrustedForm to an account. Returns false if it already had it.
pub async fn add_trustedform(tx: &mut Tx, account_id: AccountId) -> Result<bool, Fault> {
    let added = queries::grant_trustedform(tx, account_id).await?;
    if added {
        record(tx, Entry::about(account_id, Deed::PlanChanged, account_id, "TrustedForm")).await?;
    }
    Ok(added)
}
