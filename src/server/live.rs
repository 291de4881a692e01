//! Tells open pages that something changed: kind and id, never content. Pages fetch what they may see.
//!
//! Within the process by a channel; to the other processes by a notice that one task sends for all that was announced in
//! twenty milliseconds. No product transaction contains a NOTIFY: it would take a lock of the whole database through
//! commit (docs/adr/0004-outbox.md has the figures).

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
const GATHER: Duration = Duration::from_millis(20);

/// What open pages can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Something about the sources of a flow: added, switched, converted, mail sent.
    FlowSources { account_id: AccountId, flow_id: FlowId },
    /// This process stops: its streams end, so that it can. Never leaves the process.
    Stopping,
}

#[derive(Debug, Clone)]
pub struct Live {
    here: broadcast::Sender<Event>,
    away: mpsc::UnboundedSender<Event>,
    outbox: Arc<std::sync::Mutex<Option<mpsc::UnboundedReceiver<Event>>>>,
}

impl Default for Live {
    fn default() -> Self {
        let (away, outbox) = mpsc::unbounded_channel();
        Self { here: broadcast::channel(256).0, away, outbox: Arc::new(std::sync::Mutex::new(Some(outbox))) }
    }
}

impl Live {
    /// To the pages of this process at once, to the others in a moment. Nobody listening is no fault.
    pub fn publish(&self, event: Event) {
        let _nobody_here = self.here.send(event.clone());
        let _no_relay = self.away.send(event);
    }

    /// Ends the streams of this process.
    pub fn close(&self) {
        let _nobody_here = self.here.send(Event::Stopping);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.here.subscribe()
    }
}

/// Carries events between processes for as long as it is polled; started once by `serve` and `worker`.
pub async fn relay(state: &AppState) -> Result<(), sqlx::Error> {
    let outbox = state.live.outbox.lock().ok().and_then(|mut outbox| outbox.take());
    let Some(mut outbox) = outbox else { return Ok(()) };
    let me = super::ids::random_bytes::<8>().map(|byte| format!("{byte:02x}")).concat();
    let mut listener = PgListener::connect_with(&state.pool).await?;
    listener.listen(CHANNEL).await?;
    let mut gathered: Vec<Event> = Vec::new();
    let mut beat = tokio::time::interval(GATHER);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Some(event) = outbox.recv() => if !gathered.contains(&event) { gathered.push(event) },
            _ = beat.tick(), if !gathered.is_empty() => {
                // A notice holds 8000 bytes; forty events are well below.
                for some in std::mem::take(&mut gathered).chunks(40) {
                    let text = serde_json::to_string(&(&me, some)).unwrap_or_default();
                    sqlx::query!("select pg_notify($1, $2)", CHANNEL, text).execute(&state.pool).await?;
                }
            }
            notice = listener.recv() => {
                let notice = notice?;
                if let Ok((from, events)) = serde_json::from_str::<(String, Vec<Event>)>(notice.payload())
                    && from != me
                {
                    for event in events {
                        let _nobody_here = state.live.here.send(event);
                    }
                }
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct Watch {
    flow: FlowId,
}

/// `GET /live?flow=…`: one stream per open page. Whether the viewer may still see the flow is asked of the database before
/// each event and every 15 seconds; the stream ends when not.
pub async fn stream(
    State(state): State<AppState>,
    Extension(cx): Extension<Cx>,
    Query(watch): Query<Watch>,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, super::form::Refused> {
    may_watch(&cx, watch.flow).await?;
    let receiver = state.live.subscribe();
    let beat = tokio::time::interval_at(tokio::time::Instant::now() + RECHECK, RECHECK);
    let events =
        futures::stream::unfold((receiver, beat, cx, watch.flow), |(mut receiver, mut beat, cx, flow)| async move {
            loop {
                let news = tokio::select! {
                    event = receiver.recv() => match event {
                        Ok(Event::FlowSources { flow_id, .. }) if flow_id == flow => Some("sources"),
                        // Too slow to follow: whatever was missed, fetch again.
                        Err(broadcast::error::RecvError::Lagged(_)) => Some("sources"),
                        Ok(Event::Stopping) | Err(broadcast::error::RecvError::Closed) => return None,
                        Ok(_) => continue,
                    },
                    _ = beat.tick() => None,
                };
                may_watch(&cx, flow).await.ok()?;
                if let Some(news) = news {
                    return Some((Ok(SseEvent::default().event(news).data("changed")), (receiver, beat, cx, flow)));
                }
            }
        });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(RECHECK)))
}

/// `GET /dev/reload`: says nothing and ends with the process. A page of development that finds it again after it was gone
/// loads itself anew (`web/document.rs`).
pub async fn reload(
    State(state): State<AppState>,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, super::form::Refused> {
    if !state.config.reload {
        return Err(Fault::NOT_FOUND.into());
    }
    let until_stop = futures::stream::unfold(state.live.subscribe(), |mut receiver| async move {
        while !matches!(receiver.recv().await, Ok(Event::Stopping) | Err(broadcast::error::RecvError::Closed)) {}
        None
    });
    Ok(Sse::new(until_stop).keep_alive(KeepAlive::new().interval(RECHECK)))
}

async fn may_watch(cx: &Cx, flow: FlowId) -> Result<(), Fault> {
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
