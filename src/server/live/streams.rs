//! The event streams of open pages. A person has at most eight; one more ends the oldest, because pages that are hidden
//! or have lost their connection are older than the one that was just opened.

use super::Event;
use crate::{
    base::{FlowId, UserId},
    server::{AppState, Cx, Fault, form::ErrorResponse},
};
use axum::{
    Extension,
    extract::{Query, State},
    http::HeaderMap,
    response::sse::{Event as SseEvent, KeepAlive, Sse},
};
use futures::Stream;
use serde::Deserialize;
use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{broadcast, oneshot},
    time::{Instant, Interval, interval_at, sleep_until},
};

/// Maximum streams of a person in this process.
const MAX_STREAMS: usize = 8;
const RECHECK: Duration = Duration::from_secs(15);
/// Minimum time between two events of a stream, each of which costs a query. Events in between become one.
const EVENT_PERIOD: Duration = Duration::from_millis(250);
/// How long a stream waits after a failed check.
const RETRY_PERIOD: Duration = Duration::from_secs(2);
/// When a browser opens a stream again that was ended in favor of a newer one.
const REOPEN_PERIOD: Duration = Duration::from_secs(60);

type Streams = HashMap<UserId, VecDeque<(u64, oneshot::Sender<()>)>>;

/// The streams of this process by person, the oldest first, each with the sender that ends it.
#[derive(Debug, Clone, Default)]
pub(super) struct Seats(Arc<Mutex<(u64, Streams)>>);

/// A stream's place among those of its person.
struct Seat {
    seats: Seats,
    user_id: UserId,
    number: u64,
    ended: oneshot::Receiver<()>,
}

impl Seats {
    /// Adds a stream, and ends the oldest of the person if there are too many.
    fn take(&self, user_id: UserId) -> Seat {
        let (sender, ended) = oneshot::channel();
        let mut all = self.lock();
        let (count, streams) = &mut *all;
        *count += 1;
        let own = streams.entry(user_id).or_default();
        own.push_back((*count, sender));
        if own.len() > MAX_STREAMS
            && let Some((_, oldest)) = own.pop_front()
        {
            let _already_gone = oldest.send(());
        }
        Seat { seats: self.clone(), user_id, number: *count, ended }
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Streams)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut all = self.seats.lock();
        let streams = &mut all.1;
        if let Some(own) = streams.get_mut(&self.user_id) {
            own.retain(|(number, _)| *number != self.number);
            if own.is_empty() {
                streams.remove(&self.user_id);
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct StreamQuery {
    flow: FlowId,
}

/// `GET /live?flow=…`: one stream per open page. Before each event and every 15 seconds we check that the viewer may
/// still see the flow; if not, the stream ends. A browser that opens the stream again fetches again, because it missed
/// what happened meanwhile.
pub async fn stream(
    State(state): State<AppState>,
    Extension(cx): Extension<Cx>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, ErrorResponse> {
    check_access(&cx, query.flow).await?;
    let start = Instant::now();
    let watch = Watch {
        seat: state.live.seats.take(cx.viewer()?.user_id),
        receiver: state.live.subscribe(),
        rechecks: interval_at(start + RECHECK, RECHECK),
        cx,
        flow: query.flow,
        is_opening: true,
        is_ended: false,
        has_changed: headers.contains_key("last-event-id"),
        next_event_at: start,
    };
    let events = futures::stream::unfold(watch, |mut watch| async {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(RECHECK)))
}

/// What one stream waits for.
struct Watch {
    cx: Cx,
    flow: FlowId,
    seat: Seat,
    receiver: broadcast::Receiver<Event>,
    rechecks: Interval,
    is_opening: bool,
    is_ended: bool,
    has_changed: bool,
    next_event_at: Instant,
}

impl Watch {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<SseEvent> {
        if self.is_ended {
            return None;
        }
        if std::mem::take(&mut self.is_opening) {
            // The browser repeats this id when it opens the stream again. It is no event of the page.
            return Some(SseEvent::default().id("open"));
        }
        loop {
            tokio::select! {
                biased;
                _ = &mut self.seat.ended => {
                    self.is_ended = true;
                    return Some(SseEvent::default().retry(REOPEN_PERIOD));
                }
                () = sleep_until(self.next_event_at), if self.has_changed => {
                    if self.may_go_on(EVENT_PERIOD).await? {
                        self.has_changed = false;
                        return Some(SseEvent::default().event("sources").data("changed"));
                    }
                }
                _ = self.rechecks.tick() => {
                    self.may_go_on(Duration::ZERO).await?;
                }
                event = self.receiver.recv() => match event {
                    Ok(Event::FlowSources { flow_id, .. }) => self.has_changed |= flow_id == self.flow,
                    // Events were lost, so have the page fetch again.
                    Ok(Event::Missed) | Err(broadcast::error::RecvError::Lagged(_)) => self.has_changed = true,
                    Ok(Event::Stopping) | Err(broadcast::error::RecvError::Closed) => return None,
                },
            }
        }
    }

    /// Checks the access, and sets when the next event may follow. False if the check failed on our side, so that the
    /// stream tries again; `None` if the viewer may no longer see the flow.
    async fn may_go_on(&mut self, pause: Duration) -> Option<bool> {
        let checked = check_access(&self.cx, self.flow).await;
        let pause = match &checked {
            Ok(()) => pause,
            Err(Fault::Expected(_)) => return None,
            Err(_) => RETRY_PERIOD,
        };
        self.next_event_at = self.next_event_at.max(Instant::now() + pause);
        Some(checked.is_ok())
    }
}

/// `GET /dev/reload`: a silent stream that ends with the process. A development page reloads when it can reconnect
/// (`web/document.rs`).
pub async fn reload(
    State(state): State<AppState>,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, ErrorResponse> {
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
        cx.note(crate::server::Claim::Account(crate::accounts::model::Permission::See));
        Ok(())
    } else {
        Err(Fault::NOT_FOUND)
    }
}
