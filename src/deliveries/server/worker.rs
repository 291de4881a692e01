//! Sends leads to their destinations, each at least once: if the worker is killed after the answer and before the mark,
//! the lead is sent again under the same `webhook-id`. Each destination has few places, so that a slow one delays only
//! its own leads.

use super::{
    client::{Attempted, Client, TIMEOUT},
    headers, letters,
    payload::SentLead,
    queries::work::{self, Claimed, Outcome, Places},
    secret,
};
use crate::{
    accounts::server::queries as accounts,
    base::{AccountId, DeliveryId},
    deliveries::model::Progress,
    flows::server::queries::list_fields,
    leads::model::field_text,
    rules::standard_field,
    server::{
        AppState, Fault, Tx,
        backoff::backoff,
        clock,
        mail::{self, Outgoing},
    },
};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use std::collections::{BTreeMap, HashMap};
use time::{Duration, OffsetDateTime};
use tokio::{sync::watch, task::JoinSet, time as timer};

/// Leads that a process sends at a time: to one destination, to one that does not answer, and in all.
const PLACES: Places = Places { each: 8, failing: 1, all: 256 };
/// Leads that are claimed at once. Their content is in memory until they are sent.
const MAX_CLAIMED: i64 = 64;
/// We also poll, for what becomes due and for what other processes have stored.
const POLL_INTERVAL: timer::Duration = timer::Duration::from_secs(1);
/// How long a lead is tried.
const GIVE_UP_AFTER: Duration = Duration::hours(24);
/// How long a delivery fails before the Admins are told.
const ALERT_AFTER: Duration = Duration::hours(1);
/// Longer waits that a destination asks for are shortened to this.
const MAX_RETRY_AFTER: Duration = Duration::hours(6);

/// Sends until stopped, then finishes what is being sent. No error ends it.
pub async fn run(state: AppState, mut stop: watch::Receiver<bool>) {
    let mut sending = Sending::default();
    while !*stop.borrow() {
        sending.claim(&state).await;
        tokio::select! {
            changed = stop.changed() => if changed.is_err() { break },
            finished = sending.wait(), if !sending.tasks.is_empty() => sending.finish(&state, finished).await,
            () = state.deliveries_queued.notified() => {}
            () = timer::sleep(POLL_INTERVAL) => {}
        }
    }
    while !sending.tasks.is_empty() {
        let finished = sending.wait().await;
        sending.finish(&state, finished).await;
    }
}

/// One round: sends what is due and waits for it. Returns the number of attempts.
pub async fn deliver_due(state: &AppState) -> Result<usize, Fault> {
    let mut sending = Sending::default();
    let claimed = sending.try_claim(state).await?;
    while !sending.tasks.is_empty() {
        let finished = sending.wait().await;
        sending.finish(state, finished).await;
    }
    Ok(claimed)
}

/// What this process sends now.
#[derive(Default)]
struct Sending {
    tasks: JoinSet<Outcome>,
    /// The delivery of each task, because a panic has no outcome.
    of_task: HashMap<tokio::task::Id, DeliveryId>,
    busy: BTreeMap<DeliveryId, i32>,
}

impl Sending {
    async fn claim(&mut self, state: &AppState) {
        if let Err(fault) = self.try_claim(state).await {
            tracing::error!(%fault, "what is to be delivered cannot be read");
        }
    }

    /// Claims what is due and begins to send it. Returns how many there were.
    async fn try_claim(&mut self, state: &AppState) -> Result<usize, Fault> {
        let free = PLACES.all - i64::try_from(self.tasks.len()).unwrap_or(i64::MAX);
        if free <= 0 {
            return Ok(0);
        }
        let (deliveries, leads): (Vec<_>, Vec<_>) = self.busy.iter().map(|(id, leads)| (*id, *leads)).unzip();
        let now = state.now().await?;
        let places = Places { all: free.min(MAX_CLAIMED), ..PLACES };
        let claimed = work::claim(state, (&deliveries, &leads), places, now).await?;
        let count = claimed.len();
        for lead in claimed {
            let delivery = lead.delivery_id;
            *self.busy.entry(delivery).or_default() += 1;
            let task = self.tasks.spawn(attempt(state.clone(), lead, now));
            self.of_task.insert(task.id(), delivery);
        }
        Ok(count)
    }

    /// What has finished: one attempt, and all others that finished meanwhile.
    async fn wait(&mut self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let mut next = self.tasks.join_next_with_id().await;
        while let Some(joined) = next {
            let (task, outcome) = match joined {
                Ok((task, outcome)) => (task, Some(outcome)),
                Err(panic) => (panic.id(), None),
            };
            if let Some(delivery) = self.of_task.remove(&task)
                && let Some(leads) = self.busy.get_mut(&delivery)
            {
                *leads -= 1;
                if *leads == 0 {
                    self.busy.remove(&delivery);
                }
            }
            outcomes.extend(outcome);
            next = self.tasks.try_join_next_with_id();
        }
        outcomes
    }

    /// Records what came of attempts. If that fails, the leads become due again.
    async fn finish(&mut self, state: &AppState, outcomes: Vec<Outcome>) {
        if let Err(fault) = record(state, &outcomes).await {
            tracing::error!(%fault, attempts = outcomes.len(), "the outcome of deliveries could not be recorded");
        }
    }
}

async fn record(state: &AppState, outcomes: &[Outcome]) -> Result<(), Fault> {
    if outcomes.is_empty() {
        return Ok(());
    }
    work::mark(state, outcomes, state.now().await?).await?;
    for outcome in outcomes.iter().filter(|outcome| outcome.attempted.is_gone() && outcome.request.is_none()) {
        turn_off(state, outcome.delivery_id).await?;
    }
    Ok(())
}

/// Turns off a delivery whose destination is gone, and tells the Admins.
async fn turn_off(state: &AppState, id: DeliveryId) -> Result<(), Fault> {
    let cx = state.system().await?;
    cx.write(id, |tx, id| {
        Box::pin(async move {
            let now = tx.now();
            let reason = "Its server answered 410: it is gone for good.";
            let Some(off) = work::turn_off(tx, id, reason, now).await? else { return Ok(()) };
            let letter = letters::gone(off.flow_id, id, &off.name, &off.flow_name);
            tell_admins(tx, off.account_id, letter).await
        })
    })
    .await
}

async fn tell_admins(tx: &mut Tx, account_id: AccountId, letter: mail::Letter) -> Result<(), Fault> {
    for admin in accounts::list_admins(tx, account_id).await? {
        let mail =
            Outgoing { to: admin.email, to_name: admin.name, reply_to: None, letter: letter.clone(), secret: None };
        mail::queue(tx, mail).await?;
    }
    Ok(())
}

/// Tells the Admins of a delivery that has failed for an hour, once, and cleans up. Returns 0 if nothing is left.
pub async fn run_due(state: &AppState) -> Result<usize, Fault> {
    let cx = state.system().await?;
    cx.write((), |tx, ()| {
        Box::pin(async move {
            let now = tx.now();
            let told = tell_of_ailing(tx, now).await?;
            Ok(usize::from(told) + work::clean(tx, now).await?)
        })
    })
    .await
}

async fn tell_of_ailing(tx: &mut Tx, now: OffsetDateTime) -> Result<bool, Fault> {
    let Some(ailing) = work::claim_ailing(tx, now - ALERT_AFTER, now).await? else { return Ok(false) };
    let since = clock::display_time(ailing.failing_since, now).absolute;
    let why = ailing.last.as_deref().unwrap_or("No answer");
    let letter = letters::failing(ailing.flow_id, ailing.id, &ailing.name, &ailing.flow_name, &since, why);
    tell_admins(tx, ailing.account_id, letter).await?;
    Ok(true)
}

/// Sends a lead once, and decides how it goes on.
async fn attempt(state: AppState, claimed: Claimed, at: OffsetDateTime) -> Outcome {
    let lead = match claimed.test {
        true => sample(&state, &claimed, at).await,
        false => sent_lead(&claimed),
    };
    let (attempted, request) = match prepare(&state, &claimed, lead, at) {
        Prepared::Post(headers, body) => {
            let request = claimed.test.then(|| body.clone());
            (post(&state, &claimed, headers, body).await, request)
        }
        Prepared::Erased => {
            let erased = Attempted::refused("The data of this lead was erased.");
            return outcome(&claimed, at, erased, None, Progress::Canceled);
        }
        Prepared::Unreadable => (Attempted::refused("The secrets of this delivery can't be read."), None),
    };
    let is_over = claimed.test || at >= claimed.since + GIVE_UP_AFTER;
    let progress = match attempted.is_success() {
        true => Progress::Delivered,
        false if is_over => Progress::Failed,
        false => Progress::Waiting,
    };
    outcome(&claimed, at, attempted, request, progress)
}

async fn post(state: &AppState, claimed: &Claimed, headers: HeaderMap, body: String) -> Attempted {
    match Client::of(state).as_ref() {
        Some(client) => client.post(&claimed.url, headers, body).await,
        None => Attempted::refused("Accord can't deliver at the moment."),
    }
}

fn outcome(
    claimed: &Claimed,
    at: OffsetDateTime,
    attempted: Attempted,
    request: Option<String>,
    progress: Progress,
) -> Outcome {
    let ended = at + attempted.duration;
    let asked = attempted.retry_after.and_then(|wait| Duration::try_from(wait).ok()).unwrap_or_default();
    let wait = backoff(claimed.attempts - claimed.earlier).max(asked.min(MAX_RETRY_AFTER));
    Outcome {
        delivery_id: claimed.delivery_id,
        lead_id: claimed.lead_id,
        number: claimed.attempts,
        progress,
        next_at: ended + wait,
        at,
        attempted,
        request,
    }
}

enum Prepared {
    Post(HeaderMap, String),
    Erased,
    /// `SECRET_KEY` has changed.
    Unreadable,
}

fn prepare(state: &AppState, claimed: &Claimed, lead: Option<SentLead>, at: OffsetDateTime) -> Prepared {
    let Some(lead) = lead else { return Prepared::Erased };
    let body = lead.body(claimed.format);
    match signed(state, claimed, &body, at) {
        Some(headers) => Prepared::Post(headers, body),
        None => Prepared::Unreadable,
    }
}

fn signed(state: &AppState, claimed: &Claimed, body: &str, at: OffsetDateTime) -> Option<HeaderMap> {
    let id = claimed.delivery_id;
    let sealed = std::iter::once(&claimed.sealed_secret).chain(&claimed.sealed_previous);
    let secrets = sealed.map(|sealed| secret::unseal(state, id, sealed)).collect::<Option<Vec<_>>>()?;
    let (webhook_id, timestamp) = (secret::webhook_id(id, claimed.lead_id), at.unix_timestamp());
    let signature = secret::sign(&secrets, &webhook_id, timestamp, body)?;
    let mut headers = headers::reveal(state, id, &claimed.headers)?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(claimed.format.content_type()));
    for (name, value) in
        [("webhook-id", webhook_id), ("webhook-timestamp", timestamp.to_string()), ("webhook-signature", signature)]
    {
        headers.insert(name, HeaderValue::from_str(&value).ok()?);
    }
    Some(headers)
}

/// None if the lead has no data any longer.
fn sent_lead(claimed: &Claimed) -> Option<SentLead> {
    let Claimed { lead_id: id, flow_id, test, source_id, .. } = *claimed;
    let fields = claimed.fields.as_ref()?.as_object()?;
    let fields = fields.iter().map(|(name, field)| (name.clone(), field_text(field).into_owned())).collect();
    Some(SentLead { id, flow_id, source_id, received_at: claimed.received_at?, test, fields })
}

/// A lead with an example of each field of the flow.
async fn sample(state: &AppState, claimed: &Claimed, at: OffsetDateTime) -> Option<SentLead> {
    let Claimed { lead_id: id, flow_id, .. } = *claimed;
    let names = match state.pool.acquire().await {
        Ok(mut conn) => list_fields(&mut conn, flow_id).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let example = |name: &String| standard_field(name).and_then(|field| field.examples.first()).copied();
    let fields = names.iter().map(|name| (name.clone(), example(name).unwrap_or_default().to_owned())).collect();
    Some(SentLead { id, flow_id, source_id: None, received_at: at, test: true, fields })
}

/// An attempt ends before another worker may claim its lead.
const _: () = assert!((TIMEOUT.as_secs() as i64) < work::LEASE.whole_seconds());
