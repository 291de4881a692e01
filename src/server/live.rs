//! Notifies open pages of changes. An event holds a kind and an id, never content; pages fetch what they may see.
//!
//! A channel carries events within the process. One task sends them to other processes, batched over 20 milliseconds.
//! No product transaction contains a NOTIFY, which would hold a lock on the whole database until the commit
//! (docs/adr/0004-outbox.md has the figures).

use super::{AppState, Cx, Fault};
use crate::base::{AccountId, FlowId};
use axum::{
    Extension,
    extract::{Query, State},
    response::sse::{Event as SseEvent, KeepAlive, Sse},
};
use futures::Stream;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, mpsc},
    time::MissedTickBehavior,
};

const CHANNEL: &str = "accord_live";
const RECHECK: Duration = Duration::from_secs(15);
const BATCH_PERIOD: Duration = Duration::from_millis(20);

/// A change that open pages are notified of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The sources of a flow changed: added, turned on or off, connected, email sent.
    FlowSources { account_id: AccountId, flow_id: FlowId },
    /// This process is stopping, so its streams must end. Never sent to other processes.
    Stopping,
}

#[derive(Debug, Clone)]
pub struct Live {
    local: broadcast::Sender<Event>,
    remote: mpsc::UnboundedSender<Event>,
    outbox: Arc<std::sync::Mutex<Option<mpsc::UnboundedReceiver<Event>>>>,
}

impl Default for Live {
    fn default() -> Self {
        let (remote, outbox) = mpsc::unbounded_channel();
        Self { local: broadcast::channel(256).0, remote, outbox: Arc::new(std::sync::Mutex::new(Some(outbox))) }
    }
}

impl Live {
    /// Sends the event to the pages of this process immediately and to other processes shortly after. Having no
    /// listener is not an error.
    pub fn publish(&self, event: Event) {
        let _no_listener = self.local.send(event.clone());
        let _no_relay = self.remote.send(event);
    }

    /// Ends the streams of this process.
    pub fn close(&self) {
        let _no_listener = self.local.send(Event::Stopping);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.local.subscribe()
    }
}

/// Relays events between processes while it is polled. `serve` and `worker` start it once.
pub async fn relay(state: &AppState) -> Result<(), sqlx::Error> {
    let outbox = state.live.outbox.lock().ok().and_then(|mut outbox| outbox.take());
    let Some(mut outbox) = outbox else { return Ok(()) };
    let process_id = super::ids::random_bytes::<8>().map(|byte| format!("{byte:02x}")).concat();
    let mut listener = PgListener::connect_with(&state.pool).await?;
    listener.listen(CHANNEL).await?;
    let mut batch: Vec<Event> = Vec::new();
    let mut ticks = tokio::time::interval(BATCH_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Some(event) = outbox.recv() => if !batch.contains(&event) { batch.push(event) },
            _ = ticks.tick(), if !batch.is_empty() => {
                // A NOTIFY holds up to 8000 bytes; forty events stay well below that.
                for events in std::mem::take(&mut batch).chunks(40) {
                    let text = serde_json::to_string(&(&process_id, events)).unwrap_or_default();
                    sqlx::query!("select pg_notify($1, $2)", CHANNEL, text).execute(&state.pool).await?;
                }
            }
            notification = listener.recv() => {
                let notification = notification?;
                if let Ok((from, events)) = serde_json::from_str::<(String, Vec<Event>)>(notification.payload())
                    && from != process_id
                {
                    for event in events {
                        let _no_listener = state.live.local.send(event);
                    }
                }
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct StreamQuery {
    flow: FlowId,
}

/// `GET /live?flow=…`: one stream per open page. Before each event and every 15 seconds we check that the viewer may
/// still see the flow; if not, the stream ends.
pub async fn stream(
    State(state): State<AppState>,
    Extension(cx): Extension<Cx>,
    Query(query): Query<StreamQuery>,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, super::form::ErrorResponse> {
    check_access(&cx, query.flow).await?;
    let receiver = state.live.subscribe();
    let ticks = tokio::time::interval_at(tokio::time::Instant::now() + RECHECK, RECHECK);
    let events =
        futures::stream::unfold((receiver, ticks, cx, query.flow), |(mut receiver, mut ticks, cx, flow)| async move {
            loop {
                let event_name = tokio::select! {
                    event = receiver.recv() => match event {
                        Ok(Event::FlowSources { flow_id, .. }) if flow_id == flow => Some("sources"),
                        // The receiver fell behind and missed events, so have the page fetch again.
                        Err(broadcast::error::RecvError::Lagged(_)) => Some("sources"),
                        Ok(Event::Stopping) | Err(broadcast::error::RecvError::Closed) => return None,
                        Ok(_) => continue,
                    },
                    _ = ticks.tick() => None,
                };
                check_access(&cx, flow).await.ok()?;
                if let Some(event_name) = event_name {
                    let event = SseEvent::default().event(event_name).data("changed");
                    return Some((Ok(event), (receiver, ticks, cx, flow)));
                }
            }
        });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(RECHECK)))
}

/// `GET /dev/reload`: a silent stream that ends with the process. A development page reloads when it can reconnect
/// (`web/document.rs`).
pub async fn reload(
    State(state): State<AppState>,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, super::form::ErrorResponse> {
    if !state.config.reload {
        return Err(Fault::NOT_FOUND.into());
    }
    let until_stop = futures::stream::unfold(state.live.subscribe(), |mut receiver| async move {
        while !matches!(receiver.recv().await, Ok(Event::Stopping) | Err(broadcast::error::RecvError::Closed)) {}
        None
    });
    Ok(Sse::new(until_stop).keep_alive(KeepAlive::new().interval(RECHECK)))
}

async fn check_access(cx: &Cx, flow: FlowId) -> Result<(), Fault> {
    let viewer = cx.viewer()?;
    let may = sqlx::query_scalar!(
        r#"select exists (
               select from flows f
               join members m on m.account_id = f.account_id
               join sessions s on s.user_id = m.user_id
               where f.id = $1 and s.id = $2 and s.expires_at > now()
           ) as "may!""#,
        flow as _,
        viewer.session()? as _,
    )
    .fetch_one(&cx.state.pool)
    .await?;
    if may {
        cx.note(super::Claim::Account(crate::accounts::model::Permission::See));
        Ok(())
    } else {
        Err(Fault::NOT_FOUND)
    }
}
