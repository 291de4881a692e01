//! Callers that send slowly, or open connections and send nothing. These tests use real connections.

use crate::support::{TestApp, stage::Stage};
use accord::server::{capacity::CapacityLimits, listener};
use futures::future::join_all;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

struct Served {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

/// Serves the application with a time limit that is over soon for a caller who never continues.
async fn serve(app: &TestApp, connections: usize, head: Duration) -> Served {
    let listening = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listening.local_addr().unwrap();
    let limits = CapacityLimits { connections, head, ..app.state.config.capacity };
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(listener::serve(listening, app.router(), limits, stopped));
    Served { address, stop, serving }
}

const SOON: Duration = Duration::from_millis(200);
const NEVER: Duration = Duration::from_secs(600);

impl Served {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// Everything until the server closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is reset instead of closed has ended too.
    let _closed_or_reset = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

const REQUEST: &str = "GET /health/live HTTP/1.1\r\nHost: accord.example\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_connection_without_a_complete_head_is_closed() {
    let app = TestApp::start().await;
    let served = serve(&app, 100, SOON).await;
    let starts = ["", "GET", "GET / HTTP/1.1\r\nHost: accord.example\r\nX-Half: ", "POST /x HTTP/1.1\r\n"];
    let closed = join_all(starts.map(async |start| rest(served.send(start).await).await)).await;
    assert!(closed.iter().all(|text| !text.contains("200 OK")), "{closed:?}");
    assert!(rest(served.send(REQUEST).await).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_kept_connection_without_a_further_request_is_closed() {
    let app = TestApp::start().await;
    let served = serve(&app, 100, SOON).await;
    let text = rest(served.send(&REQUEST.replace("close", "keep-alive")).await).await;
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
}

#[tokio::test]
async fn a_body_that_stops_gets_408_in_the_format_of_its_path() {
    let app = TestApp::start_with(&[("BODY_TIMEOUT", "1")]).await;
    let served = serve(&app, 100, NEVER).await;
    let bodies =
        ["/signin", "/api/v1/flows", "/flows/5f0c0e2d1c9d440000000001/sources/5f0c0e2d1c9d440000000002/submit"];
    let responses = join_all(bodies.map(async |path| {
        let head = format!("POST {path} HTTP/1.1\r\nHost: accord.example\r\nContent-Length: 10\r\n\r\n123");
        rest(served.send(&head).await).await
    }));
    for text in responses.await {
        assert!(text.starts_with("HTTP/1.1 408 Request Timeout"), "{text}");
        assert!(text.contains("took too long to arrive"), "{text}");
    }
}

#[tokio::test]
async fn connections_that_do_nothing_keep_nobody_out() {
    let app = TestApp::start().await;
    let served = serve(&app, 5, NEVER).await;
    let idle = join_all((0..20).map(|_| served.send("GET / HTTP/1.1\r\n"))).await;
    assert!(rest(served.send(REQUEST).await).await.starts_with("HTTP/1.1 200 OK"));
    drop(idle);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let app = TestApp::start().await;
    let served = serve(&app, 100, NEVER).await;
    for head in [format!("X-Long: {}\r\n", "x".repeat(80 * 1024)), "X-Many: x\r\n".repeat(200)] {
        let text = rest(served.send(&REQUEST.replace("Connection", &format!("{head}Connection"))).await).await;
        assert!(text.starts_with("HTTP/1.1 431 "), "{text}");
    }
}

#[tokio::test]
async fn a_running_request_is_finished_when_the_server_stops() {
    let stage = Stage::pending().await;
    let served = serve(&stage.app, 100, NEVER).await;
    let mut locked = stage.app.state.pool.begin().await.unwrap();
    sqlx::query("select from flow_sources for update").execute(&mut *locked).await.unwrap();
    let path = accord::base::paths::submit(stage.flow, stage.source);
    let head = format!("POST {path} HTTP/1.1\r\nHost: accord.example\r\nContent-Length: 0\r\n\r\n");
    let waiting = served.send(&head).await;
    waits_for_a_lock(&stage.app).await;
    served.stop.send(true).unwrap();
    locked.commit().await.unwrap();
    let text = rest(waiting).await;
    assert!(text.starts_with("HTTP/1.1 403 Forbidden"), "{text}");
    served.serving.await.unwrap();
    assert!(TcpStream::connect(served.address).await.is_err(), "no longer listening");
}

#[tokio::test]
async fn a_lead_can_be_announced_come_in_chunks_and_follow_an_error() {
    let (stage, _) = Stage::connected().await;
    let served = serve(&stage.app, 100, NEVER).await;
    let path = accord::base::paths::submit(stage.flow, stage.source);
    let head = |more: &str| format!("POST {path} HTTP/1.1\r\nHost: accord.example\r\n{more}\r\n\r\n");
    let mut stream = served.send(&head("Content-Length: 5\r\nExpect: 100-continue")).await;
    let mut interim = [0; 12];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100");
    let chunked = head("Content-Type: application/json\r\nTransfer-Encoding: chunked");
    let broken = head("Content-Type: application/json\r\nContent-Length: 1");
    let last = head("Connection: close\r\nContent-Length: 5");
    let rest_of_all = format!("st=CA{broken}{{{chunked}3\r\n{{\"s\r\n8\r\nt\":\"CA\"}}\r\n0\r\n\r\n{last}st=CA");
    stream.write_all(rest_of_all.as_bytes()).await.unwrap();
    let text = rest(stream).await;
    let statuses: Vec<_> = text.split("HTTP/1.1 ").skip(1).map(|response| &response[..3]).collect();
    assert_eq!(statuses, ["201", "400", "201", "201"], "{text}");
    assert_eq!(stage.leads().await, 3);
}

async fn waits_for_a_lock(app: &TestApp) {
    while app.count("pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'").await == 0 {
        tokio::task::yield_now().await;
    }
}
