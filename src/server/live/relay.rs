//! Sends live events to other processes and receives theirs, batched over 20 milliseconds. While the database is away,
//! events wait in a queue of limited length. After each reconnection pages fetch again, because events of other
//! processes were lost.

use super::Event;
use crate::server::{AppState, Fault};
use sqlx::postgres::{PgListener, PgNotification};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, MissedTickBehavior, interval, interval_at, sleep},
};

const CHANNEL: &str = "accord_live";
const BATCH_PERIOD: Duration = Duration::from_millis(20);
/// Maximum events that wait for the relay. Of more, other processes learn only that they missed some.
const MAX_WAITING: usize = 1_024;
/// A NOTIFY holds up to 8000 bytes; forty events stay well below that.
const EVENTS_PER_NOTIFY: usize = 40;
/// How often the relay sends itself a message. If none comes back, the connection is broken without an error.
const ECHO_PERIOD: Duration = Duration::from_secs(30);
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Events on their way to other processes.
#[derive(Debug, Clone)]
pub(super) struct Outbox {
    sender: mpsc::Sender<Event>,
    receiver: Arc<Mutex<mpsc::Receiver<Event>>>,
    /// True if an event found the queue full.
    overflowed: Arc<AtomicBool>,
}

impl Default for Outbox {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        Self { sender, receiver: Arc::new(Mutex::new(receiver)), overflowed: Arc::default() }
    }
}

impl Outbox {
    pub(super) fn add(&self, event: Event) {
        if self.sender.try_send(event).is_err() {
            self.overflowed.store(true, Ordering::Relaxed);
        }
    }
}

/// Relays events between processes until the task is aborted. `serve` and `worker` start it once. It reconnects with
/// backoff, and logs once when the connection is lost and once when it is back.
pub async fn relay(state: &AppState) {
    let process_id = crate::server::ids::random_bytes::<8>().map(|byte| format!("{byte:02x}")).concat();
    let outbox = state.live.outbox.clone();
    let mut outgoing = Outgoing {
        receiver: &mut *outbox.receiver.lock().await,
        overflowed: &outbox.overflowed,
        batch: Vec::new(),
        process_id,
    };
    let (mut wait, mut is_lost) = (FIRST_WAIT, false);
    loop {
        let error = match listen(state).await {
            Ok(listener) => {
                if is_lost {
                    tracing::info!("live events are relayed again");
                    state.live.send_locally(Event::Missed);
                }
                (wait, is_lost) = (FIRST_WAIT, false);
                run(state, listener, &mut outgoing).await
            }
            Err(error) => error.into(),
        };
        if !is_lost {
            tracing::warn!(%error, "live events are not relayed; reconnecting");
            is_lost = true;
        }
        sleep(wait).await;
        wait = LONGEST_WAIT.min(wait * 2);
    }
}

async fn listen(state: &AppState) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(&state.pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// The events that other processes do not have yet. They stay here over a reconnection.
struct Outgoing<'o> {
    receiver: &'o mut mpsc::Receiver<Event>,
    overflowed: &'o AtomicBool,
    batch: Vec<Event>,
    process_id: String,
}

impl Outgoing<'_> {
    fn add(&mut self, event: Event) {
        if !self.batch.contains(&event) {
            self.batch.push(event);
        }
    }

    async fn send(&mut self, state: &AppState) -> Result<(), sqlx::Error> {
        if self.overflowed.swap(false, Ordering::Relaxed) {
            self.add(Event::Missed);
        }
        while !self.batch.is_empty() {
            let count = self.batch.len().min(EVENTS_PER_NOTIFY);
            notify(state, &self.process_id, &self.batch[..count]).await?;
            self.batch.drain(..count);
        }
        Ok(())
    }
}

async fn notify(state: &AppState, process_id: &str, events: &[Event]) -> Result<(), sqlx::Error> {
    let text = serde_json::to_string(&(process_id, events)).unwrap_or_default();
    sqlx::query!("select pg_notify($1, $2)", CHANNEL, text).execute(&state.pool).await?;
    Ok(())
}

/// Relays until the connection is lost; returns why.
async fn run(state: &AppState, mut listener: PgListener, outgoing: &mut Outgoing<'_>) -> Fault {
    let mut ticks = interval(BATCH_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut echoes = interval_at(Instant::now() + ECHO_PERIOD, ECHO_PERIOD);
    let mut awaits_echo = false;
    loop {
        let is_full = outgoing.batch.len() >= MAX_WAITING;
        let sent = tokio::select! {
            Some(event) = outgoing.receiver.recv(), if !is_full => {
                outgoing.add(event);
                continue;
            }
            _ = ticks.tick(), if !outgoing.batch.is_empty() => outgoing.send(state).await,
            _ = echoes.tick() => {
                if awaits_echo {
                    return Fault::Broken("no message came back".to_owned());
                }
                awaits_echo = true;
                notify(state, &outgoing.process_id, &[]).await
            }
            // Unlike `recv`, this does not reconnect in silence.
            received = listener.try_recv() => match received {
                Ok(Some(notification)) => {
                    awaits_echo &= !receive(state, &notification, &outgoing.process_id);
                    continue;
                }
                Ok(None) => return Fault::Broken("the connection was closed".to_owned()),
                Err(error) => Err(error),
            },
        };
        if let Err(error) = sent {
            return error.into();
        }
    }
}

/// Passes on the events of another process. True if the message is our own.
fn receive(state: &AppState, notification: &PgNotification, process_id: &str) -> bool {
    let Ok((from, events)) = serde_json::from_str::<(String, Vec<Event>)>(notification.payload()) else {
        return false;
    };
    if from == process_id {
        return true;
    }
    for event in events {
        state.live.send_locally(event);
    }
    false
}
