//! Sends what is due. At least once: a mail whose worker was killed between the server's 250 and the mark is sent again,
//! under the same Message-ID.

use super::{
    Letter, Reason, Transport,
    outbox::{self, Due},
    render,
    smtp::Parcel,
};
use crate::{
    base::{Id, MailId},
    server::{AppState, Fault, ids::random_bytes},
};
use futures::future::{BoxFuture, join_all};
use time::Duration;
use tokio::{sync::watch, task::JoinSet, time as timer};

/// How many mails are on their way at a time.
const AT_ONCE: usize = 8;
/// What one attempt may take; less than the lease of the outbox.
const TIME_OUT: timer::Duration = timer::Duration::from_secs(30);
/// Covers a process that died between its commit and its bell.
const POLL: timer::Duration = timer::Duration::from_secs(1);
const FIRST_WAIT: Duration = Duration::seconds(10);
const LONGEST_WAIT: Duration = Duration::hours(1);
/// How long a mail is tried.
const PATIENCE: Duration = Duration::days(3);

/// Called after each attempt, when the state of the mail has changed: for open pages that show it.
pub type AfterMail = fn(&AppState, MailId) -> BoxFuture<'static, ()>;

/// Sends mails until told to stop; then finishes those on their way. Nothing that goes wrong ends it.
pub async fn run(state: AppState, transport: Transport, mut stop: watch::Receiver<bool>, after: Option<AfterMail>) {
    let mut under_way = JoinSet::new();
    while !*stop.borrow() {
        for mail in take(&state, AT_ONCE - under_way.len()).await {
            let (state, transport) = (state.clone(), transport.clone());
            under_way.spawn(async move {
                let id = mail.id;
                attempt(&state, transport, mail).await;
                if let Some(after) = after {
                    after(&state, id).await;
                }
            });
        }
        tokio::select! {
            changed = stop.changed() => if changed.is_err() { break },
            Some(_) = under_way.join_next() => {}
            () = state.mail_queued.notified() => {}
            () = timer::sleep(POLL) => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// One round: takes what is due, at most eight, and waits for all of it. How many were tried, with or without success.
pub async fn deliver_due(state: &AppState, transport: &Transport) -> Result<usize, Fault> {
    let due = outbox::claim(state, AT_ONCE).await?;
    let tried = join_all(due.into_iter().map(|mail| attempt(state, transport.clone(), mail))).await;
    Ok(tried.len())
}

/// What is due; nothing while the database is away.
async fn take(state: &AppState, most: usize) -> Vec<Due> {
    if most == 0 {
        return Vec::new();
    }
    outbox::claim(state, most).await.unwrap_or_else(|fault| {
        tracing::error!(%fault, "the outbox cannot be read");
        Vec::new()
    })
}

/// Tries a mail once and writes down how it went. A task of its own: a panic in the making or sending costs this
/// attempt and nothing else.
async fn attempt(state: &AppState, transport: Transport, mail: Due) {
    let (id, attempts, created_at) = (mail.id, mail.attempts, mail.created_at);
    let sending = tokio::spawn(timer::timeout(TIME_OUT, send(state.clone(), transport, mail)));
    let outcome = match sending.await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_elapsed)) => Err(Reason::TimedOut),
        Err(_panic) => Err(Reason::OurFault),
    };
    let recorded = async {
        let now = state.now().await?;
        match outcome {
            Ok(()) => outbox::mark_sent(state, id, now).await,
            Err(reason) if reason.is_final() => outbox::mark_failed(state, id, reason).await,
            Err(_) if now >= created_at + PATIENCE => outbox::mark_failed(state, id, Reason::GaveUp).await,
            Err(reason) => outbox::put_off(state, id, attempts, reason, now + wait_after(attempts)).await,
        }
    };
    match (recorded.await, outcome) {
        (Ok(()), Ok(())) => tracing::info!(mail = %id, attempts, "a mail was sent"),
        (Ok(()), Err(reason)) => tracing::warn!(mail = %id, attempts, %reason, "a mail was not sent"),
        (Err(fault), _) => tracing::error!(mail = %id, attempts, %fault, "how a mail went could not be written down"),
    }
}

async fn send(state: AppState, transport: Transport, mail: Due) -> Result<(), Reason> {
    let letter: Letter = serde_json::from_value(mail.letter.0).map_err(|error| {
        tracing::error!(mail = %mail.id, %error, "a letter cannot be read");
        Reason::OurFault
    })?;
    let secret = match mail.sealed_secret {
        None => None,
        Some(sealed) => Some(unseal(&state, mail.id, &sealed).ok_or(Reason::SecretLost)?),
    };
    let content = render(&letter, &state.config.base_url, secret.as_deref())?;
    let parcel =
        Parcel { id: mail.id, to: mail.recipient, to_name: mail.recipient_name, reply_to: mail.reply_to, content };
    transport.send(&state, parcel).await
}

fn unseal(state: &AppState, id: MailId, sealed: &[u8]) -> Option<String> {
    String::from_utf8(state.seal.open(&id.bytes(), sealed)?).ok()
}

/// Twice as long after each failure, give or take a quarter, so that mails that failed together do not come back
/// together.
fn wait_after(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let wait = (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT);
    let [jitter] = random_bytes::<1>();
    wait * (0.75 + f64::from(jitter) / 510.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_differ() {
        for (attempts, seconds) in
            [(0, 10.0), (1, 10.0), (2, 20.0), (5, 160.0), (9, 2560.0), (10, 3600.0), (1000, 3600.0)]
        {
            for _ in 0..20 {
                let ratio = wait_after(attempts).as_seconds_f64() / seconds;
                assert!((0.75..=1.25).contains(&ratio), "{attempts}: {ratio}");
            }
        }
        assert!((0..50).any(|_| wait_after(3) != wait_after(3)));
    }
}
