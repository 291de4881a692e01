//! *Request upgrade*: the operator gets a mail, sets the plan, and answers by mail.

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

/// Until it may be asked again.
const ONCE_IN: Duration = Duration::hours(12);

/// When the account last asked, if that is not long ago.
pub async fn asked_lately(
    conn: &mut PgConnection,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, Fault> {
    let last = activity::last(conn, account_id, Deed::UpgradeRequested).await?;
    Ok(last.filter(|at| *at + ONCE_IN > now))
}

/// Asks for Base or Pro; twelve hours later it may be asked again. Of two who ask at once, one does.
pub async fn request(tx: &mut Tx, actor: &Actor) -> Result<(), Fault> {
    let (account_id, now) = (actor.account_id, tx.now());
    queries::lock_settings(tx, account_id).await?;
    if asked_lately(tx, account_id, now).await?.is_some() {
        return Err(Problem::UpgradeAsked.into());
    }
    record(tx, Entry::about(account_id, Deed::UpgradeRequested, account_id, &actor.account_name)).await?;
    let to = tx.cx.state.config.operator_email.clone();
    let (letter, reply_to) = (letters::upgrade_wanted(actor), Some(actor.email.clone()));
    mail::queue(tx, Outgoing { to, to_name: String::new(), reply_to, letter, secret: None }).await?;
    Ok(())
}
