//! What this process takes on at a time, and how long it waits for a caller. A caller that is slow, or many callers at
//! once, cannot use up what everyone else needs.
//!
//! A request is read completely before its handler runs, so a slow sender holds neither a place among the running
//! requests nor a database connection.

use super::{config::ConfigProblem, share::Shares};
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Maximum bytes of a body. Handlers reject longer ones, each in its own format.
pub const MAX_BODY: usize = 1 << 20;
/// Bodies up to this size are read without a place among the large ones: 4,000 of them are 256 MiB at most.
const SMALL_BODY: usize = 64 * 1024;
/// Larger bodies being read at a time.
const LARGE_BODIES: usize = 64;

/// The configured limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapacityLimits {
    /// Open connections.
    pub connections: usize,
    /// Running requests.
    pub requests: usize,
    /// How long the head of a request may take, and how long a connection may be idle.
    pub head: Duration,
    /// How long the next bytes of a body may take.
    pub body: Duration,
}

impl CapacityLimits {
    /// Reads `MAX_CONNECTIONS`, `MAX_REQUESTS`, `HEADER_TIMEOUT` and `BODY_TIMEOUT`.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigProblem> {
        let number = |name, default, max| ConfigProblem::number(variable, name, default, max);
        Ok(Self {
            connections: number("MAX_CONNECTIONS", 4_000, 1_000_000)?,
            requests: number("MAX_REQUESTS", 512, 100_000)?,
            head: Duration::from_secs(number("HEADER_TIMEOUT", 10, 600)? as u64),
            body: Duration::from_secs(number("BODY_TIMEOUT", 10, 600)? as u64),
        })
    }
}

/// Pieces of a body that may be small, and the average bytes of a piece beyond that many. Each costs about a microsecond,
/// so a megabyte in chunks of one byte took a second (`make hostile`).
const SMALL_PIECES: usize = 4_096;
const PIECE: usize = 64;

/// Time limits that are not configured.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// Maximum duration of reading a body, however steadily it arrives.
    whole_body: Duration,
    /// How long a request waits for a place before it is refused.
    queue: Duration,
    /// How long it waits for other requests of the same caller.
    share: Duration,
    /// Maximum duration of a handler until it responds. Streams begin to respond immediately.
    handler: Duration,
}

const TIMES: Times = Times {
    whole_body: Duration::from_secs(60),
    queue: Duration::from_secs(2),
    share: Duration::from_secs(10),
    handler: Duration::from_secs(30),
};

/// Why a request is refused before its handler runs, or given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Its body stopped arriving, or takes too long.
    SlowBody,
    /// The connection broke.
    BrokenBody,
    /// The body comes in too many tiny pieces.
    TinyPieces,
    /// Too many requests are running.
    Full,
    /// Its handler takes too long.
    SlowHandler,
}

impl Refused {
    pub fn status(self) -> StatusCode {
        match self {
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenBody | Self::TinyPieces => StatusCode::BAD_REQUEST,
            Self::Full | Self::SlowHandler => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Self::SlowBody => "The request took too long to arrive. Send it again.",
            Self::BrokenBody => "The request did not arrive completely. Send it again.",
            Self::TinyPieces => "The request arrived in too many small pieces. Send larger chunks.",
            Self::Full => "Accord is busy. Try again in a moment.",
            Self::SlowHandler => "This took too long. Try again in a moment.",
        }
    }

    /// `Retry-After`, if the same request can succeed later.
    pub fn headers(self) -> Vec<(HeaderName, HeaderValue)> {
        let is_later = self.status().is_server_error();
        is_later.then_some((header::RETRY_AFTER, HeaderValue::from_static("2"))).into_iter().collect()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let content_type = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        let mut response = (self.status(), content_type, self.sentence()).into_response();
        response.headers_mut().extend(self.headers());
        response
    }
}

/// The places of this process.
#[derive(Debug, Clone)]
pub struct Capacity {
    limits: CapacityLimits,
    times: Times,
    running: Arc<Semaphore>,
    shares: Shares,
    large_bodies: Arc<Semaphore>,
}

impl Capacity {
    pub fn new(limits: CapacityLimits) -> Self {
        Self {
            limits,
            times: TIMES,
            running: Arc::new(Semaphore::new(limits.requests)),
            shares: Shares::default(),
            large_bodies: Arc::new(Semaphore::new(LARGE_BODIES)),
        }
    }

    /// Reads the request's body, waits for a place within the caller's share and runs the handler. Without a network
    /// the caller has no share.
    pub async fn run<F: Future>(
        &self,
        network: Option<IpAddr>,
        request: Request,
        handler: impl FnOnce(Request) -> F,
    ) -> Result<F::Output, Refused> {
        let (parts, body) = request.into_parts();
        let length = parts.headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let body = if length.is_some_and(|length| length > MAX_BODY as u64) {
            // Not read: as many zeros are just as much too long.
            Body::from(vec![0; MAX_BODY + 1])
        } else {
            timeout(self.times.whole_body, self.receive(body)).await.map_err(|_| Refused::SlowBody)??
        };
        let _share = match network {
            Some(network) => timeout(self.times.share, self.shares.take(network)).await.map_err(|_| Refused::Full)?,
            None => None,
        };
        let place = timeout(self.times.queue, self.running.acquire()).await.map_err(|_| Refused::Full)?;
        let _place = place.map_err(|_| Refused::Full)?;
        timeout(self.times.handler, handler(Request::from_parts(parts, body))).await.map_err(|_| Refused::SlowHandler)
    }

    /// Reads a body up to one byte more than [`MAX_BODY`], by which handlers recognise that it is too long.
    async fn receive(&self, body: Body) -> Result<Body, Refused> {
        let (mut frames, mut read, mut pieces) = (body.into_data_stream(), Vec::new(), 0);
        let mut place: Option<OwnedSemaphorePermit> = None;
        while read.len() <= MAX_BODY {
            let Some(bytes) = timeout(self.limits.body, frames.next()).await.map_err(|_| Refused::SlowBody)? else {
                break;
            };
            let bytes = bytes.map_err(|_| Refused::BrokenBody)?;
            if place.is_none() && read.len() + bytes.len() > SMALL_BODY {
                let taken = timeout(self.times.queue, self.large_bodies.clone().acquire_owned()).await;
                place = Some(taken.map_err(|_| Refused::Full)?.map_err(|_| Refused::Full)?);
            }
            pieces += 1;
            if pieces > SMALL_PIECES && read.len() < pieces * PIECE {
                return Err(Refused::TinyPieces);
            }
            read.extend_from_slice(&bytes[..bytes.len().min(MAX_BODY + 1 - read.len())]);
        }
        Ok(Body::from(Bytes::from(read)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use std::convert::Infallible;

    /// One running request; what never happens is given up after milliseconds.
    fn capacity() -> Capacity {
        let soon = Duration::from_millis(50);
        let limits = CapacityLimits { connections: 1, requests: 1, head: soon, body: 2 * soon };
        let times = Times { whole_body: 3 * soon, queue: soon, share: soon, handler: 4 * soon };
        Capacity { times, ..Capacity::new(limits) }
    }

    fn chunks(count: usize, size: usize) -> Body {
        Body::from_stream(stream::iter((0..count).map(move |_| Ok::<_, Infallible>(vec![b'x'; size]))))
    }

    /// A body that stops after this many bytes.
    fn unfinished(size: usize) -> Body {
        let start = stream::iter([Ok::<_, Infallible>(vec![b'x'; size])]);
        Body::from_stream(start.chain(stream::pending()))
    }

    async fn length(request: Request) -> usize {
        axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap().len()
    }

    #[tokio::test]
    async fn a_body_arrives_complete_and_a_long_one_is_cut_after_the_limit() {
        for (body, expected) in [
            (Body::empty(), 0),
            (chunks(3, 10), 30),
            (chunks(16, 64 * 1024), MAX_BODY),
            (chunks(17, 64 * 1024), MAX_BODY + 1),
            (chunks(1000, 64 * 1024), MAX_BODY + 1),
        ] {
            assert_eq!(capacity().run(None, Request::new(body), length).await, Ok(expected));
        }
    }

    #[tokio::test]
    async fn a_body_in_tiny_pieces_is_refused_unless_it_is_short() {
        assert_eq!(capacity().run(None, Request::new(chunks(SMALL_PIECES, 1)), length).await, Ok(SMALL_PIECES));
        assert_eq!(capacity().run(None, Request::new(chunks(10_000, PIECE + 1)), length).await, Ok(650_000));
        assert_eq!(capacity().run(None, Request::new(chunks(10_000, 1)), length).await, Err(Refused::TinyPieces));
    }

    #[tokio::test]
    async fn a_body_that_announces_too_much_is_not_read() {
        let request = Request::builder().header("content-length", MAX_BODY + 1).body(unfinished(1)).unwrap();
        assert_eq!(capacity().run(None, request, length).await, Ok(MAX_BODY + 1));
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_is_given_up() {
        assert_eq!(capacity().run(None, Request::new(unfinished(1)), length).await, Err(Refused::SlowBody));
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let drops = stream::repeat_with(|| Ok::<_, Infallible>("x")).then(async |drop| {
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop
        });
        assert_eq!(capacity().run(None, Request::new(Body::from_stream(drops)), length).await, Err(Refused::SlowBody));
    }

    #[tokio::test]
    async fn a_request_without_a_place_is_refused_and_a_slow_body_takes_none() {
        let capacity = capacity();
        let slow_body = capacity.run(None, Request::new(unfinished(1)), length);
        let slow_handler = capacity.run(None, Request::default(), |_| std::future::pending::<usize>());
        let third = capacity.run(None, Request::default(), length);
        let results = tokio::join!(slow_body, slow_handler, third);
        assert_eq!(results, (Err(Refused::SlowBody), Err(Refused::SlowHandler), Err(Refused::Full)));
        assert_eq!(capacity.run(None, Request::default(), length).await, Ok(0), "the places are free again");
    }

    #[tokio::test]
    async fn a_flood_of_one_caller_leaves_room_for_another() {
        let capacity = Capacity {
            limits: CapacityLimits { requests: 100, ..capacity().limits },
            running: Arc::new(Semaphore::new(100)),
            ..capacity()
        };
        let [flood, other] = [1, 2].map(|number: u32| Some(IpAddr::V4(number.into())));
        assert_eq!(capacity.run(other, Request::default(), length).await, Ok(0));
        let slow = || capacity.run(flood, Request::default(), |_| std::future::pending::<usize>());
        let others = async { capacity.run(other, Request::default(), length).await };
        let (flooded, others) = tokio::join!(futures::future::join_all((0..20).map(|_| slow())), others);
        assert_eq!(others, Ok(0));
        let ran = flooded.iter().filter(|result| **result == Err(Refused::SlowHandler)).count();
        assert!(ran < flooded.len(), "{ran}");
        assert!(flooded.iter().all(|result| matches!(result, Err(Refused::SlowHandler | Refused::Full))));
    }

    #[tokio::test]
    async fn many_large_bodies_leave_room_for_small_ones() {
        let capacity = capacity();
        let large = (0..=LARGE_BODIES).map(|_| capacity.run(None, Request::new(unfinished(SMALL_BODY + 1)), length));
        let small = capacity.run(None, Request::new(chunks(1, SMALL_BODY)), length);
        let (results, small) = tokio::join!(futures::future::join_all(large), small);
        assert_eq!(small, Ok(SMALL_BODY));
        assert_eq!(results.iter().filter(|result| **result == Err(Refused::Full)).count(), 1);
        assert_eq!(results.iter().filter(|result| **result == Err(Refused::SlowBody)).count(), LARGE_BODIES);
    }
}
