//! Sends due emails, at least once: if the worker is killed after the server's 250 and before the email is marked as
//! sent, it is sent again with the same Message-ID.

use super::{
    Letter, Reason, Transport,
    outbox::{self, ClaimedMail, MailSecret},
    render,
    smtp::ReadyMail,
};
use crate::{
    base::MailId,
    server::{AppState, Fault, backoff::backoff},
};
use futures::future::{BoxFuture, join_all};
use time::Duration;
use tokio::{sync::watch, task::JoinSet, time as timer};

/// Maximum emails being sent at the same time.
const MAX_CONCURRENT: usize = 8;
/// Timeout of one attempt; shorter than the lease of the outbox.
const ATTEMPT_TIMEOUT: timer::Duration = timer::Duration::from_secs(30);
/// We also poll, in case a process died between its commit and the notification.
const POLL_INTERVAL: timer::Duration = timer::Duration::from_secs(1);
/// How long we retry an email.
const GIVE_UP_AFTER: Duration = Duration::days(3);

/// Called after each attempt, once the state of the email has changed, to update open pages.
pub type AfterMail = fn(&AppState, MailId) -> BoxFuture<'static, ()>;

/// Sends emails until stopped, then finishes those being sent. No error ends it.
pub async fn run(state: AppState, transport: Transport, mut stop: watch::Receiver<bool>, after: Option<AfterMail>) {
    let mut sending = JoinSet::new();
    while !*stop.borrow() {
        for mail in claim_due(&state, MAX_CONCURRENT - sending.len()).await {
            let (state, transport) = (state.clone(), transport.clone());
            sending.spawn(async move {
                let id = mail.id;
                attempt(&state, transport, mail).await;
                if let Some(after) = after {
                    after(&state, id).await;
                }
            });
        }
        tokio::select! {
            changed = stop.changed() => if changed.is_err() { break },
            Some(_) = sending.join_next() => {}
            () = state.mail_queued.notified() => {}
            () = timer::sleep(POLL_INTERVAL) => {}
        }
    }
    while sending.join_next().await.is_some() {}
}

/// One round: attempts up to eight due emails and waits for all of them. Returns the number of attempts.
pub async fn deliver_due(state: &AppState, transport: &Transport) -> Result<usize, Fault> {
    let due = outbox::claim(state, MAX_CONCURRENT).await?;
    let attempted = join_all(due.into_iter().map(|mail| attempt(state, transport.clone(), mail))).await;
    Ok(attempted.len())
}

/// Claims due emails; none while the database is unreachable.
async fn claim_due(state: &AppState, max: usize) -> Vec<ClaimedMail> {
    if max == 0 {
        return Vec::new();
    }
    outbox::claim(state, max).await.unwrap_or_else(|fault| {
        tracing::error!(%fault, "the outbox cannot be read");
        Vec::new()
    })
}

/// Attempts to send an email and records the outcome. Sending runs in a separate task, so a panic fails only this
/// attempt.
async fn attempt(state: &AppState, transport: Transport, mail: ClaimedMail) {
    let (id, attempts, created_at) = (mail.id, mail.attempts, mail.created_at);
    let sending = tokio::spawn(timer::timeout(ATTEMPT_TIMEOUT, send(state.clone(), transport, mail)));
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
            Err(_) if now >= created_at + GIVE_UP_AFTER => outbox::mark_failed(state, id, Reason::GaveUp).await,
            Err(reason) => outbox::schedule_retry(state, id, attempts, reason, now + backoff(attempts)).await,
        }
    };
    match (recorded.await, outcome) {
        (Ok(()), Ok(())) => tracing::info!(mail = %id, attempts, "an email was sent"),
        (Ok(()), Err(reason)) => tracing::warn!(mail = %id, attempts, %reason, "an email was not sent"),
        (Err(fault), _) => {
            tracing::error!(mail = %id, attempts, %fault, "the outcome of an email could not be recorded")
        }
    }
}

async fn send(state: AppState, transport: Transport, mail: ClaimedMail) -> Result<(), Reason> {
    let letter: Letter = serde_json::from_value(mail.letter.0).map_err(|error| {
        tracing::error!(mail = %mail.id, %error, "a letter cannot be read");
        Reason::OurFault
    })?;
    let secret = match mail.sealed_secret {
        None => None,
        Some(sealed) => Some(MailSecret::unseal(&state, mail.id, &sealed).ok_or(Reason::SecretLost)?),
    };
    let content = render(&letter, &state.config.base_url, secret.as_ref())?;
    let mail =
        ReadyMail { id: mail.id, to: mail.recipient, to_name: mail.recipient_name, reply_to: mail.reply_to, content };
    transport.send(&state, mail).await
}
