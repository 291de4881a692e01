//! *Request upgrade*: emails the operator, who sets the plan and replies by email.

use super::{letters, policy::Actor, queries};
use crate::{
    activity::{
        model::Deed,
        server::{self as activity, Entry, record},
    },
    base::{AccountId, Problem},
    server::{
        Fault, Tx,
        mail::{self, Outgoing},
    },
};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// How long an account waits before it can request an upgrade again.
const COOLDOWN: Duration = Duration::hours(12);

/// When the account last requested an upgrade, if that was less than twelve hours ago.
pub async fn recent_request(
    conn: &mut PgConnection,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, Fault> {
    let last = activity::last(conn, account_id, Deed::UpgradeRequested).await?;
    Ok(last.filter(|at| *at + COOLDOWN > now))
}

/// Requests Base or Pro, at most once in twelve hours. The lock makes one of two simultaneous requests wait and see the
/// first.
pub async fn request(tx: &mut Tx, actor: &Actor) -> Result<(), Fault> {
    let (account_id, now) = (actor.account_id, tx.now());
    queries::lock_settings(tx, account_id).await?;
    if recent_request(tx, account_id, now).await?.is_some() {
        return Err(Problem::UpgradeAsked.into());
    }
    record(tx, Entry::about(account_id, Deed::UpgradeRequested, account_id, &actor.account_name)).await?;
    let to = tx.cx.state.config.operator_email.clone();
    let (letter, reply_to) = (letters::upgrade_requested(actor), Some(actor.email.clone()));
    mail::queue(tx, Outgoing { to, to_name: String::new(), reply_to, letter, secret: None }).await?;
    Ok(())
}
