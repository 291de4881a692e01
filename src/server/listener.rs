//! Accepts connections and serves HTTP/1.1 on them, until the process stops.
//!
//! A connection that sends no request within the time limit is closed, also between two requests. If the maximum is
//! open, a new connection replaces the oldest one without a request, so connections that do nothing never keep anyone
//! out.

use super::capacity::CapacityLimits;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request},
    response::Response,
};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// Maximum bytes of a request's head; longer ones get 431.
const MAX_HEAD: usize = 64 * 1024;
/// How long a caller may take to receive the next bytes of a response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause after a failed accept, for example because the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stopped` is true, then lets running requests finish.
pub async fn serve(listener: TcpListener, router: Router, limits: CapacityLimits, mut stopped: watch::Receiver<bool>) {
    let (graceful, connections) = (GracefulShutdown::new(), Connections::new(limits.connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_header_size(MAX_HEAD);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _stop_or_gone = stopped.wait_for(|stopped| *stopped) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Without a place, the stream is dropped, which closes it.
                if let Some(place) = connections.admit() {
                    tokio::spawn(serve_connection(
                        stream,
                        peer,
                        router.clone(),
                        http.clone(),
                        place,
                        graceful.watcher(),
                    ));
                }
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    http: http1::Builder,
    place: Place,
    watcher: Watcher,
) {
    // Only costs time if it fails.
    let _without_delay = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let connection = place.connection.clone();
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let busy = Busy::new(&connection);
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = router.clone().oneshot(request);
        async move {
            let response: Response = response.await?;
            Ok::<_, Infallible>(response.map(|body| BusyBody { body, _busy: busy }))
        }
    });
    let serving = watcher.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
    tokio::select! {
        // Errors are those of the caller: a broken connection, or a request that is not HTTP.
        _result = serving => {}
        () = connection.replaced.notified() => {}
    }
}

/// The open connections, oldest first.
#[derive(Debug)]
struct Connections {
    max: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    last_id: u64,
    by_id: BTreeMap<u64, Arc<Connection>>,
}

#[derive(Debug, Default)]
struct Connection {
    /// True from the head of a request to the end of its response.
    busy: AtomicBool,
    /// Notified when another connection takes its place.
    replaced: Notify,
}

/// The place of an open connection, free again when dropped.
struct Place {
    connections: Arc<Connections>,
    id: u64,
    connection: Arc<Connection>,
}

impl Connections {
    fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, open: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection, if necessary that of the oldest without a request. `None` if all have one.
    fn admit(self: &Arc<Self>) -> Option<Place> {
        let mut open = self.open();
        if open.by_id.len() >= self.max {
            let oldest = open.by_id.iter().find(|(_, connection)| !connection.busy.load(Ordering::Acquire));
            let id = oldest.map(|(id, _)| *id)?;
            open.by_id.remove(&id)?.replaced.notify_one();
        }
        open.last_id += 1;
        let (id, connection) = (open.last_id, Arc::<Connection>::default());
        open.by_id.insert(id, connection.clone());
        Some(Place { connections: self.clone(), id, connection })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open().by_id.remove(&self.id);
    }
}

/// Marks a connection as busy until it is dropped.
struct Busy(Arc<Connection>);

impl Busy {
    fn new(connection: &Arc<Connection>) -> Self {
        connection.busy.store(true, Ordering::Release);
        Self(connection.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
    }
}

/// A response body whose connection is busy until the body was sent.
struct BusyBody {
    body: Body,
    _busy: Busy,
}

impl HttpBody for BusyBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_replaced(place: &Place) -> bool {
        use futures::FutureExt;
        place.connection.replaced.notified().now_or_never().is_some()
    }

    #[test]
    fn a_new_connection_replaces_the_oldest_without_a_request() {
        let connections = Connections::new(2);
        let (first, second) = (connections.admit().unwrap(), connections.admit().unwrap());
        let busy = Busy::new(&first.connection);
        let third = connections.admit().unwrap();
        assert_eq!((is_replaced(&first), is_replaced(&second), is_replaced(&third)), (false, true, false));
        let _busy_too = Busy::new(&third.connection);
        assert!(connections.admit().is_none(), "all have a request");
        drop(busy);
        assert!(connections.admit().is_some());
        assert!(is_replaced(&first));
    }

    #[test]
    fn a_closed_connection_leaves_its_place() {
        let connections = Connections::new(1);
        drop(connections.admit());
        let place = connections.admit().unwrap();
        assert!(!is_replaced(&place));
        assert_eq!(connections.open().by_id.len(), 1);
    }
}
